from datetime import UTC, datetime, timedelta

import pytest

from docs.drawing.units import shown

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (0.0, "s", None, "0 s"),
        (0.0421, "s", None, "42.1 ms"),
        (1.289, "s", 2, "1.29 s"),
        (-90.0, "s", None, "-1.5 min"),
        (18 * 86400.0, "s", 0, "18 d"),
        (0.9941, "percentunit", 2, "99.41 %"),
        (-6.87, "percentunit", 0, "-687 %"),
        (12345.0, "short", None, "12.3 K"),
        (7.0, "short", None, "7"),
        (200.0, "none", None, "200"),
        (1536.0, "bytes", None, "1.5 KiB"),
        (0.2, "ops", None, "0.2 /s"),
    ],
)
def test_a_value_reads_as_grafana_writes_it(value, unit, decimals, text):
    assert shown(value, unit, decimals, NOW) == text


def test_an_instant_reads_as_how_long_ago_it_was():
    assert shown((NOW - timedelta(hours=4)).timestamp() * 1000, "dateTimeFromNow", None, NOW) == "4 h"
