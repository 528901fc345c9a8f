"""What the resilience probe makes of a cut line."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from probes import resilience
from probes.journeys.journey_end import JourneyEnd
from probes.journeys.journey_result import JourneyResult
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, Job, Outcome, Reason, Target, TargetRole

RESULT = JourneyResult(reason=None, met=JourneyEnd.FORM, stopped=("POST /luu",))


def test_it_needs_a_mandate_and_is_no_stop_watch() -> None:
    assert all_kinds()["resilience"].needs_mandate
    assert not all_kinds()["resilience"].timed
    assert all_kinds()["resilience"].roles == {TargetRole.EFORM}


@pytest.mark.parametrize(
    ("aftermath", "values"),
    [
        (
            resilience._Aftermath(survived=True, kept=3, typed=3, told="", recovery_seconds=0.4),
            {"survived_ratio": 1.0, "values_kept_ratio": 1.0, "told_ratio": 0.0, "recovery_seconds": 0.4},
        ),
        (
            resilience._Aftermath(survived=True, kept=1, typed=2, told="Mất kết nối"),
            {"survived_ratio": 1.0, "values_kept_ratio": 0.5, "told_ratio": 1.0},
        ),
        (
            resilience._Aftermath(survived=False),
            {"survived_ratio": 0.0, "values_kept_ratio": 0.0, "told_ratio": 0.0},
        ),
        (resilience._Aftermath(survived=True), {"survived_ratio": 1.0, "told_ratio": 0.0}),
    ],
)
def test_losing_what_was_typed_is_a_value_and_no_failure(
    aftermath: resilience._Aftermath, values: dict[str, float]
) -> None:
    observation = resilience._observed(RESULT, aftermath)
    assert observation.outcome is Outcome.OK
    assert observation.values == values
    assert observation.attributes["blocked_submits"] == "1"


async def test_without_a_browser_nothing_is_said_about_the_portal() -> None:
    target = Target(
        id="p.e", role=TargetRole.EFORM, url="https://a.test/", agency_id="p", portal_id="p", block=Block.PROVINCE
    )
    job = Job(
        target=target, kind="resilience", vantage_id="v", profile="desktop",
        scheduled_at=datetime(2026, 1, 1, tzinfo=UTC), deadline_seconds=1,
    )  # fmt: skip
    tools: Any = SimpleNamespace(browser=None)
    assert (await resilience.probe(job, tools)).reason is Reason.BROWSER_UNAVAILABLE


def test_the_deadline_leaves_room_for_every_part():
    parts = resilience.OPEN_SECONDS + resilience.CUT_SECONDS + resilience.AFTER_SECONDS
    assert all_kinds()["resilience"].deadline_seconds == parts + 10
