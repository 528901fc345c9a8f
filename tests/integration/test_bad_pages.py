"""Every page of the failure list, in a browser that others share: the probe ends, no neighbour suffers, nothing is left."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
import pytest_asyncio

from probes import homepage
from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.evidence import EvidencePolicy
from probes.tools import Tools
from testbed.bad_pages.gallery import BAD_PAGES, Gallery, sample
from testbed.bad_pages.page import BadPage
from thuocdo.core.model import Block, Evidence, Job, Observation, Outcome, Reason, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: the failure list is NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

HOST = "portal.test"
DEADLINE_SECONDS = 5.0
HEALTHY_SECONDS = 30.0
CALM_SECONDS = (12.0, 24.0, 48.0)  # for a page that stood out while others pressed the machine: alone, and with time
GRACE_SECONDS = 100.0
"""What still runs so long after its deadline hangs; all else is how little of this machine it gets, which no test judges."""
MEMORY_MEGABYTES = 500
AT_ONCE = 6

OURS_TO_BEAR = {Reason.BROWSER_UNAVAILABLE, Reason.PROBER_SATURATED}
"""What a neighbour may say instead of being right: the browser died under it, or this machine was pressed."""


class NoEvidence:
    """Forgets evidence at once."""

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        digest = hashlib.sha256(content).hexdigest()
        return Evidence(kind=kind, sha256=digest, media_type=media_type, size_bytes=len(content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One browser and the gallery that it visits."""

    browser: Browser
    gallery: Gallery
    normal: Observation
    temporary: Path
    entries: int
    tasks: int

    async def look(self, url: str, deadline_seconds: float, *, full_evidence: bool = False) -> Observation:
        async with asyncio.timeout(deadline_seconds + GRACE_SECONDS):
            return await look(self.browser, url, deadline_seconds, full_evidence=full_evidence)

    async def see(self, page: BadPage, deadline_seconds: float = DEADLINE_SECONDS) -> Observation:
        return await self.look(self.gallery.url(page), deadline_seconds, full_evidence=True)  # what hurts most


async def look(browser: Browser, url: str, deadline_seconds: float, *, full_evidence: bool = False) -> Observation:
    unused = cast("Any", None)
    tools = Tools(
        http=unused, robots=unused, browser=browser, evidence=NoEvidence(), evidence_policy=EvidencePolicy(0),
        journeys={}, profiles=PROFILES, user_agent="ThuocDo", versions={},
    )  # fmt: skip
    target = Target(id="p.home", role=TargetRole.HOMEPAGE, url=url, agency_id="a", portal_id="p", block=Block.PROVINCE)
    job = Job(
        target=target, kind="homepage", vantage_id="local", profile="desktop",
        scheduled_at=datetime(2026, 1, 1, tzinfo=UTC), deadline_seconds=deadline_seconds, full_evidence=full_evidence,
    )  # fmt: skip
    return await homepage.probe(job, tools)


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of temporary files for the browser alone, so that what it leaves can be seen."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", None)
        yield folder


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def scene(temporary: Path) -> AsyncIterator[Scene]:
    async with Gallery(HOST) as gallery:
        settings = BrowserSettings(trusted_keys=gallery.trusted_keys, memory_megabytes=MEMORY_MEGABYTES)
        browser = await Browser.launch(settings, hosts={HOST: "127.0.0.1"}, user_agent="ThuocDo")
        try:
            normal = await look(browser, gallery.healthy_url, 10)
            yield Scene(
                browser=browser,
                gallery=gallery,
                normal=normal,
                temporary=temporary,
                entries=len(list(temporary.iterdir())),
                tasks=len(asyncio.all_tasks()),
            )
        finally:
            await browser.close()


def groups(pages: Sequence[BadPage]) -> list[tuple[BadPage, ...]]:
    """Pages of different kinds together; those that may pull down the browser among themselves."""
    gentle = [page for page in pages if not page.takes_browser]
    rough = [page for page in pages if page.takes_browser]
    return [
        tuple(some[start :: -(-len(some) // AT_ONCE)])
        for some in (gentle, rough)
        for start in range(-(-len(some) // AT_ONCE))
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each group of the sample, or of all pages."""
    if "group" in metafunc.fixturenames:
        pages = BAD_PAGES if metafunc.config.getoption("--whole") else sample(os.environ["SAMPLE_SEED"])
        metafunc.parametrize("group", groups(pages), ids=lambda group: "+".join(page.name for page in group))


async def test_page_ends_in_time_for_its_reason_and_harms_nobody(scene: Scene, group: tuple[BadPage, ...]) -> None:
    neighbour, *seen = await asyncio.gather(
        scene.look(scene.gallery.healthy_url, HEALTHY_SECONDS), *(scene.see(page) for page in group)
    )
    after = await scene.look(scene.gallery.healthy_url, HEALTHY_SECONDS)
    told = {page.name: (one.reason, one.detail) for page, one in zip(group, seen, strict=True)}
    assert neighbour.outcome is Outcome.OK or neighbour.reason in OURS_TO_BEAR, (neighbour.detail, told)
    assert_normal(after, scene.normal, told)
    await _nothing_is_left(scene)
    for page, one in zip(group, seen, strict=True):
        if one.reason not in page.expected:  # so many at once press this machine; alone it must be right
            one = await see_in_calm(scene, page)
        assert one.reason in page.expected, (page.name, one.reason, one.detail)
        assert one.detail or one.outcome is Outcome.OK, page.name


async def see_in_calm(scene: Scene, page: BadPage) -> Observation:
    """See a page once more, and again with more time where this machine had too little for what it expects."""
    for seconds in CALM_SECONDS:
        seen = await scene.see(page, seconds)
        if seen.reason in page.expected:
            break
    return seen


def assert_normal(seen: Observation, normal: Observation, told: object) -> None:
    assert (seen.outcome, seen.page_kind) == (Outcome.OK, normal.page_kind), (seen.detail, told)
    assert {"load_seconds", "fcp_seconds"} <= seen.values.keys(), told
    for name in ("requests", "failed_requests", "transferred_bytes", "cls_ratio"):
        assert seen.values[name] == normal.values[name], (name, told)


async def _nothing_is_left(scene: Scene) -> None:
    """No renderer, context, file or task of a page that has been visited; the last of them may need a moment to go."""
    left: dict[str, object] = {}
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            while left := await _left(scene):
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"left behind: {left}")


async def _left(scene: Scene) -> dict[str, object]:
    assert scene.browser.pid is not None
    life = scene.browser._timed.present
    assert life is not None
    files = sorted(
        file.name for file in scene.temporary.iterdir()
    )  # as many as at the start: a new browser has new names
    contexts = await life.connection.send("Target.getBrowserContexts")
    found = {
        "renderers": renderers(scene.browser.pid),
        "contexts": contexts["browserContextIds"],
        "pages open": life.pages_open,
        "files": files if len(files) != scene.entries else [],
        "tasks": max(0, len(asyncio.all_tasks()) - scene.tasks),
    }
    return {name: one for name, one in found.items() if one}


def renderers(pid: int) -> list[int]:
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if "--type=renderer" in process.cmdline():
                found.append(process.pid)
        except psutil.NoSuchProcess:
            continue
    return found


async def test_page_that_takes_too_much_memory_is_told_how_much(scene: Scene) -> None:
    page = next(page for page in BAD_PAGES if page.name == "buffer-bomb")
    seen = await see_in_calm(scene, page)
    assert seen.reason is Reason.PAGE_CRASH
    assert f"limit {MEMORY_MEGABYTES} MiB" in seen.detail


async def test_nothing_is_left_of_a_closed_browser(temporary: Path) -> None:
    family = psutil.Process().children(recursive=True)
    files = set(temporary.iterdir())
    async with Gallery(HOST) as gallery:
        browser = await Browser.launch(BrowserSettings(), hosts={HOST: "127.0.0.1"}, user_agent="ThuocDo")
        rough = [
            page for page in BAD_PAGES if page.name in {"loop-workers", "alerts-before-load", "buffer-bomb", "never"}
        ]
        visits = [asyncio.create_task(look(browser, gallery.url(page), 20)) for page in rough]
        await asyncio.sleep(0.5)  # in the middle of it all
        await browser.close()
        seen = await asyncio.gather(*visits)
    assert {one.outcome for one in seen} <= {Outcome.INCONCLUSIVE, Outcome.FAILED}
    assert {one.reason for one in seen if one.outcome is Outcome.FAILED} <= {Reason.PAGE_CRASH}
    assert set(psutil.Process().children(recursive=True)) <= set(family)
    assert set(temporary.iterdir()) == files
