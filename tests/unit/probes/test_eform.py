"""What the eForm probe makes of a journey's result."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.async_api import Error

from probes import eform
from probes.evidence import EvidencePolicy
from probes.journeys.journey_end import JourneyEnd
from probes.journeys.journey_result import FormOpened, JourneyResult
from probes.journeys.liveliness import Liveliness
from probes.journeys.session import LoginSession
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.core.model import Block, Job, Observation, Outcome, Reason, Target, TargetRole
from thuocdo.core.profiles import PROFILES

JOB = Job(
    target=Target(
        id="p.eform-1", role=TargetRole.EFORM, url="https://a.test/", agency_id="p", portal_id="p", block=Block.PROVINCE
    ),
    kind="eform",
    vantage_id="v",
    profile="desktop",
    scheduled_at=datetime(2026, 1, 1, tzinfo=UTC),
    deadline_seconds=1,
)


class Browser:
    """Opens a page that fails as the test says."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def attributes(self, profile: object) -> dict[str, str]:
        return {}

    @asynccontextmanager
    async def driven_page(self, profile: object, **_: object) -> AsyncIterator[None]:
        raise self._fault
        yield


def tools(browser: Browser | None) -> Any:
    return SimpleNamespace(
        browser=browser, profiles=PROFILES, sessions={}, evidence_policy=EvidencePolicy(0), evidence=None, versions={}
    )


def observed(result: JourneyResult, session: LoginSession | None = None) -> Observation:
    made = eform._Opening(full=False, session=session)
    made.result = result
    made.lively = Liveliness(typing_seconds=0.02, choosing_seconds=None)
    return eform._observe(made, JOB.target)


def test_the_kind_is_for_eforms_in_a_browser() -> None:
    kind = all_kinds()["eform"]
    assert (kind.engine, kind.roles) == (Engine.BROWSER, {TargetRole.EFORM})
    names = [value.name for value in kind.values]
    assert {"entry_seconds", "ready_seconds", "first_field_seconds", "typing_seconds", "choosing_seconds"} <= set(names)


async def test_without_a_browser_nothing_is_said_about_the_portal() -> None:
    observation = await eform.probe(JOB, tools(None))
    assert (observation.outcome, observation.reason) == (Outcome.INCONCLUSIVE, Reason.BROWSER_UNAVAILABLE)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (BrowserUnavailableError("the browser died"), Reason.BROWSER_UNAVAILABLE),
        (TimeoutError(), Reason.FORM_NOT_READY),
        (Error("Page crashed"), Reason.PAGE_CRASH),
        (Error("net::ERR_CONNECTION_REFUSED at x"), Reason.CONNECTION_REFUSED),
    ],
)
async def test_a_page_that_is_lost_has_a_reason(fault: Exception, reason: Reason) -> None:
    observation = await eform.probe(JOB, tools(Browser(fault)))
    assert observation.reason is reason


def test_a_ready_form_gives_all_values() -> None:
    form = FormOpened(ready_seconds=1.5, first_field_seconds=0.9, load_seconds=0.4, fields=20, required_fields=8)
    result = JourneyResult(reason=None, met=JourneyEnd.FORM, entry_seconds=0.2, form=form, final_host="a.test")
    observation = observed(result)
    assert observation.outcome is Outcome.OK
    assert observation.attributes["met"] == "form"
    assert observation.values == {
        "entry_seconds": 0.2,
        "ready_seconds": 1.5,
        "first_field_seconds": 0.9,
        "load_seconds": 0.4,
        "fields": 20,
        "required_fields": 8,
        "typing_seconds": 0.02,
    }


def test_what_was_not_seen_is_absent_and_never_zero() -> None:
    form = FormOpened(ready_seconds=1.5, load_seconds=None, fields=20, required_fields=8)
    observation = observed(JourneyResult(reason=None, form=form))
    assert {"load_seconds", "entry_seconds"} & observation.values.keys() == set()


def test_a_login_keeps_the_entry_time_and_counts_what_was_stopped() -> None:
    result = JourneyResult(reason=Reason.LOGIN_REQUIRED, entry_seconds=0.7, stopped=("POST /x", "submit event"))
    observation = observed(result)
    assert observation.outcome is Outcome.INCONCLUSIVE
    assert observation.values == {"entry_seconds": 0.7}
    assert observation.attributes["blocked_submits"] == "2"


def test_the_end_of_a_session_is_told_and_what_it_holds_is_not() -> None:
    session = LoginSession(
        portal_id="p", state={}, expires_at=datetime(2030, 1, 1, tzinfo=UTC), secrets=frozenset({"bi-mat-cua-phien"})
    )
    observation = observed(JourneyResult(reason=Reason.LOGIN_REQUIRED, met=JourneyEnd.LOGIN_OWN), session)
    assert observation.values["session_expiry_timestamp_seconds"] == session.expires_at.timestamp()  # type: ignore[union-attr]
    assert "bi-mat" not in repr(observation)


@pytest.mark.parametrize(
    ("reason", "used", "told"),
    [(None, True, "used"), (Reason.LOGIN_REQUIRED, True, "refused"), (Reason.LOGIN_REQUIRED, False, "expired")],
)
def test_what_became_of_a_session_is_told(reason: Reason | None, used: bool, told: str) -> None:
    session = LoginSession(portal_id="p", state={}, expires_at=None, secrets=frozenset())
    made = eform._Opening(full=False, session=session if used else None, result=JourneyResult(reason=reason))
    assert eform._about_session(session, made) == {"session": told}
    assert eform._about_session(None, made) == {}
