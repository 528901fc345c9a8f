import pytest

from docs.drawing.units import shown


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (0.74279, "suffix:giây", 2, "0.74 giây"),
        (88.4, "suffix:ngày", 0, "88 ngày"),
        (6604.0, "dthms", None, "01:50:04"),
        (196604.0, "dthms", None, "54:36:44"),
        (1795331400000.0, "time:HH:mm DD/MM/YYYY", None, "14:10 22/11/2026"),
        (1795331400000.0, "time:HH:mm DD/MM", None, "14:10 22/11"),
        (0.9941, "percentunit", 2, "99.41 %"),
        (-6.87, "percentunit", 0, "-687 %"),
        (12345.0, "short", None, "12.3 K"),
        (7.0, "short", None, "7"),
        (200.0, "none", None, "200"),
        (1536.0, "bytes", None, "1.5 KiB"),
    ],
)
def test_a_value_reads_as_grafana_writes_it(value, unit, decimals, text):
    assert shown(value, unit, decimals) == text
