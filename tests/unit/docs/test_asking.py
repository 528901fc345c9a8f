import pytest

from docs.drawing.asking import Prometheus, filled, legend
from thuocdo.core.errors import ThuocdoError


def test_variables_are_filled_in_every_form_that_grafana_knows():
    given = {"agency": "hue-2025"}
    assert filled('a{agency="$agency"} b{agency=~"${agency}"} c{agency=~"${agency:regex}"}', given) == (
        'a{agency="hue-2025"} b{agency=~"hue-2025"} c{agency=~"hue-2025"}'
    )
    assert filled("rate(x[$__rate_interval])", {}) == "rate(x[10m])"


def test_a_variable_that_the_board_does_not_have_is_a_mistake():
    with pytest.raises(KeyError, match="nowhere"):
        filled("x{a=~'$nowhere'}", {})


def test_series_are_called_by_their_legend_or_their_labels():
    labels = {"__name__": "up", "target": "hue-2025.home", "vantage": "ha-noi"}
    assert legend("{{target}} ({{ vantage }})", labels) == "hue-2025.home (ha-noi)"
    assert legend("", labels) == "hue-2025.home ha-noi"


def test_a_prometheus_that_does_not_answer_is_said_with_its_address():
    from datetime import UTC, datetime

    with pytest.raises(ThuocdoError, match=r"127\.0\.0\.1:9: no answer"):
        Prometheus(url="http://127.0.0.1:9").instant("up", datetime(2026, 11, 22, tzinfo=UTC))
