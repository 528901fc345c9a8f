"""Each trick of a portal, met by a real browser, is found in what is stored of it; the days between are generated."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from probes import homepage
from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from testbed.treated import TreatedPortal, TreatedTrick
from tests.integration.test_browser_probes import AGENT, make_tools
from thuocdo.core.model import (
    Agency,
    Block,
    Conditions,
    Job,
    Measurement,
    Observation,
    Outcome,
    Portal,
    Round,
    Target,
    TargetRole,
    TreatmentCause,
)
from thuocdo.core.portals import Registry
from thuocdo.core.setting_groups import BrowserSettings
from thuocdo.store import Store
from thuocdo.treatment.looking import look_at_controls, look_at_rounds
from thuocdo.treatment.visits import visit_of

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: special treatment is NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

START = datetime(2026, 9, 1, 3, tzinfo=UTC)
ROUND = Round(
    id="r",
    label="r",
    started_at=START + timedelta(days=28),
    ended_at=START + timedelta(days=35),
    settings={"type": "official"},
)
NOW = START + timedelta(days=43)
US = frozenset({"127.0.0.1"})
OTHERS = [f"khac-{n}" for n in range(5)]


@pytest.fixture
def open_store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    opened = await Browser.launch(BrowserSettings(), hosts={"portal.test": "127.0.0.1"}, user_agent=AGENT)
    yield opened
    await opened.close()


def target(port: int, name: str = "a") -> Target:
    return Target(
        id=f"{name}.home", role=TargetRole.HOMEPAGE, url=f"http://portal.test:{port}/", agency_id=name, portal_id=name,
        block=Block.PROVINCE, networks=("127.0.0.0/8",),
    )  # fmt: skip


async def seen(browser: Browser, port: int) -> Observation:
    """One real visit."""
    job = Job(
        target=target(port),
        kind="homepage",
        vantage_id="x",
        profile="desktop",
        scheduled_at=START,
        deadline_seconds=30.0,
    )
    tools, _ = make_tools(browser)
    return await homepage.probe(job, tools)


def measured(shown: Observation, at: datetime, name: str = "a", vantage: str = "hn") -> Measurement:
    job = Job(
        target=target(1, name),
        kind="homepage",
        vantage_id=vantage,
        profile="desktop",
        scheduled_at=at,
        deadline_seconds=30.0,
    )
    return Measurement(
        key=job.key, agency_id=name, started_at=at, duration_seconds=1.0, observation=replace(shown, evidence=()),
        conditions=Conditions(),
    )  # fmt: skip


def registry() -> Registry:
    names = ["a", *OTHERS]
    return Registry(
        agencies={name: Agency(id=name, block=Block.PROVINCE, name_vi=name, name_en=name) for name in names},
        portals={name: Portal(id=name, agency_id=name, homepage_url="http://portal.test/") for name in names},
        procedures={},
        targets={f"{name}.home": target(1, name) for name in names},
        digest="0" * 64,
    )


@pytest.mark.parametrize(
    "trick", [TreatedTrick.LIGHTER_IN_ROUND, TreatedTrick.EMPTIED_IN_ROUND, TreatedTrick.NOTICE_IN_ROUND]
)
async def test_a_page_that_is_another_one_in_a_round_is_found(browser, open_store, trick):
    portal = TreatedPortal(trick)
    async with portal.running() as port:
        usual = await seen(browser, port)
        portal.in_round = True
        tricked = await seen(browser, port)
    assert usual.outcome is Outcome.OK
    inside = [START + timedelta(days=day) for day in range(28, 35)]
    outside = [START + timedelta(days=day) for day in (*range(28), *range(35, 43))]
    open_store.measurements.write([measured(usual, at) for at in outside] + [measured(tricked, at) for at in inside])
    assert [one.cause for one in look_at_rounds(open_store, registry(), [ROUND], NOW)] == [TreatmentCause(trick.value)]


@pytest.mark.parametrize(
    "trick",
    [
        TreatedTrick.FASTER_FOR_US,
        TreatedTrick.LIGHTER_FOR_US,
        TreatedTrick.OTHER_TEXT,
        TreatedTrick.OTHER_ANSWER,
        TreatedTrick.NONE,
    ],
)
async def test_an_address_that_is_treated_better_is_found(browser, open_store, trick):
    portal = TreatedPortal(trick, favoured=US)
    async with portal.running() as port:
        ours = await seen(browser, port)
        portal.favoured = frozenset()  # the same visit, from an address that the portal was not told of
        control = await seen(browser, port)
    (said,) = portal.user_agents  # both say who they are, in the same words
    assert AGENT in said
    days = [START + timedelta(days=day) for day in range(12)]
    plain = {"transferred_bytes": 1e6, "requests": 40.0, "ttfb_seconds": 0.5, "load_seconds": 2.0}
    honest = replace(ours, outcome=Outcome.OK, reason=None, values=plain)
    batch = [measured(ours, at) for at in days] + [measured(honest, at, name) for at in days for name in OTHERS]
    open_store.measurements.write(batch)
    controls = [visit_of(measured(control, at + timedelta(minutes=6), vantage="control-x")) for at in days]
    controls += [
        visit_of(measured(honest, at + timedelta(minutes=6), name, "control-x")) for at in days for name in OTHERS
    ]
    found = [one.cause for one in look_at_controls(open_store, registry(), controls, NOW) if one.target_id == "a.home"]
    if trick is TreatedTrick.NONE:
        assert [
            one for one in found if one is not TreatmentCause.FASTER_FOR_US
        ] == []  # two times of one machine may differ
    else:
        assert TreatmentCause(trick.value) in found
