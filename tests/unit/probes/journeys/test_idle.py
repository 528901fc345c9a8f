"""How much of a span of a walk is ours."""

import pytest

from probes.journeys.idle import Idle


@pytest.mark.parametrize(
    ("spans", "ours"),
    [
        ([], 0.0),
        ([(104.0, 110.0)], 6.0),
        ([(90.0, 110.0)], 10.0),  # of what rested before only the time since
        ([(90.0, 99.0)], 0.0),
        ([(104.0, 131.0)], 0.0),  # done after the end
        ([(104.0, 110.0), (104.0, 110.5)], 6.5),  # the page did not move in between
        ([(104.0, 110.5), (104.0, 110.0)], 6.5),
        ([(104.0, 110.0), (112.0, 113.0)], 7.0),
        ([(102.0, 103.0), (101.0, 110.0)], 9.0),
    ],
)
def test_each_second_counts_once(spans: list[tuple[float, float]], ours: float) -> None:
    idle = Idle()
    for span in spans:
        idle.add(*span)
    assert idle.between(100.0, 130.0) == ours
