"""
Many visits in one browser, and the violent ends of a browser's life: nothing piles up.

`make test-long` visits hundreds of times, and judges memory, too: it levels off.
"""

import asyncio
import contextlib
import gc
import hashlib
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, cast

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import environment

from probes import homepage
from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.evidence import EvidencePolicy
from probes.journeys import liveliness
from probes.tools import Tools
from testbed.bad_pages.gallery import BAD_PAGES, Gallery
from thuocdo.core.model import Block, Evidence, Job, Observation, Outcome, Reason, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: its endurance is NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.turns(share=0.5)]

HOST = "portal.test"
NEVER = next(page for page in BAD_PAGES if page.name == "never")
ROUNDS = 4
VISITS, MANY_VISITS = 15, 100  # of the healthy page in every round
BAD_VISITS = 20  # in all rounds together
AT_ONCE = 6
BAD_SECONDS, HEALTHY_SECONDS = 5.0, 20.0
PATIENCE_SECONDS = 10.0
MEMORY_MEGABYTES = 500
FORMS, MANY_FORMS = 36, 300  # opened and typed into in one life
FORMS_AT_ONCE = 4

# A leak of a quarter of a megabyte per visit would show in every round; caches that fill up, and a machine that takes back idle
# memory and gives it again, show in some: the median of the rounds' growth is judged.
GROWTH_MEBIBYTES = 0.25 * MANY_VISITS


class NoEvidence:
    """Forgets evidence at once."""

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        digest = hashlib.sha256(content).hexdigest()
        return Evidence(kind=kind, sha256=digest, media_type=media_type, size_bytes=len(content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What we and the browser take while no page is open."""

    own_mebibytes: float
    browser_mebibytes: float
    processes: int
    files: int
    threads: int
    tasks: int


async def look(browser: Browser, url: str, deadline_seconds: float = HEALTHY_SECONDS) -> Observation:
    unused = cast("Any", None)
    tools = Tools(
        http=unused, robots=unused, browser=browser, evidence=NoEvidence(), evidence_policy=EvidencePolicy(0),
        journeys={}, profiles=PROFILES, user_agent="ThuocDo", versions={},
    )  # fmt: skip
    target = Target(id="p.home", role=TargetRole.HOMEPAGE, url=url, agency_id="a", portal_id="p", block=Block.PROVINCE)
    job = Job(
        target=target, kind="homepage", vantage_id="local", profile="desktop",
        scheduled_at=datetime(2026, 1, 1, tzinfo=UTC), deadline_seconds=deadline_seconds,
    )  # fmt: skip
    return await homepage.probe(job, tools)


@pytest.fixture
async def gallery() -> AsyncIterator[Gallery]:
    async with Gallery(HOST) as opened:
        yield opened


@pytest.fixture
async def browser(gallery: Gallery) -> AsyncIterator[Browser]:
    settings = BrowserSettings(trusted_keys=gallery.trusted_keys, memory_megabytes=MEMORY_MEGABYTES)
    opened = await Browser.launch(settings, hosts={HOST: "127.0.0.1"}, user_agent="ThuocDo")
    yield opened
    await opened.close()


async def visit_all(browser: Browser, urls: Iterable[tuple[str, float]]) -> list[tuple[str, Observation]]:
    """Visit addresses within their deadlines, some at once; returns the observations as they came."""
    waiting, seen = iter(urls), []

    async def worker() -> None:
        for url, seconds in waiting:
            seen.append((url, await look(browser, url, seconds)))

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return seen


async def footprint(browser: Browser) -> Footprint:
    """Weigh once every renderer has gone."""
    await until(lambda: not of_type("renderer") and not zombies(), "the renderers to go")
    gc.collect()
    us = psutil.Process()
    children = family(browser)
    return Footprint(
        own_mebibytes=mebibytes(us),
        browser_mebibytes=sum(map(mebibytes, children)),
        processes=len(children),
        files=us.num_fds(),
        threads=us.num_threads(),
        tasks=sum(not serves_gallery(task) for task in asyncio.all_tasks()),
    )


def mebibytes(process: psutil.Process) -> float:
    """What a process has for itself: nothing once it has ended, as one of Chromium's may at any time."""
    try:
        return float(process.memory_full_info().uss / 2**20)
    except psutil.NoSuchProcess:
        return 0.0


def serves_gallery(task: asyncio.Task[Any]) -> bool:
    """Whether it is the gallery's own server, which keeps an idle connection for a minute."""
    return str(getattr(task.get_coro(), "__qualname__", "")).startswith("RequestHandler.")


def family(browser: Browser) -> list[psutil.Process]:
    """The processes of one browser and its driver; other tests' servers may be our children too."""
    found: dict[psutil.Process, None] = {}
    for pid in (browser.pid, browser.driver_pid):
        with contextlib.suppress(psutil.NoSuchProcess):  # a life that ends just now
            if pid is not None:
                root = psutil.Process(pid)
                found |= dict.fromkeys((root, *root.children(recursive=True)))
    return list(found)


def of_type(name: str) -> list[psutil.Process]:
    """Our processes of one of Chromium's types."""
    found = psutil.Process().children(recursive=True)
    return [process for process in found if f"--type={name}" in environment.arguments(process)]


async def until(condition: Callable[[], object], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"waited in vain for {what}")


async def come_to(number: range, processes: Callable[[], list[psutil.Process]]) -> None:
    """Wait until there are so many processes: one that is just being forked, or ends, is of no known type."""
    seen: list[psutil.Process] = []

    def counted() -> bool:
        seen[:] = processes()
        return len(seen) in number

    try:
        await until(counted, f"{number} processes")
    finally:
        print(seen)  # shown where it was in vain


def zombies() -> list[psutil.Process]:
    """Our processes that have ended and that nobody took note of; Chromium's zygote takes its time, up to 2 s."""
    return [one for one in psutil.Process().children(recursive=True) if is_zombie(one)]


def is_zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def runs(process: psutil.Process) -> bool:
    return process.is_running() and not is_zombie(process)


async def test_nothing_piles_up_over_many_visits_good_and_bad_and_memory_levels_off(
    browser: Browser, gallery: Gallery, is_whole: bool
) -> None:
    visits = MANY_VISITS if is_whole else VISITS
    gentle = [page for page in BAD_PAGES if not page.takes_browser]
    bad = [(gallery.url(page), BAD_SECONDS) for page in gentle[:: len(gentle) // BAD_VISITS][:BAD_VISITS]]
    random.Random(1).shuffle(bad)
    await visit_all(browser, [(gallery.healthy_url, HEALTHY_SECONDS)] * AT_ONCE)  # what is made once is made
    before = await footprint(browser)
    after, said = [], Counter[object]()
    for number in range(ROUNDS):
        urls = [(gallery.healthy_url, HEALTHY_SECONDS)] * visits + bad[number::ROUNDS]
        random.Random(number).shuffle(urls)
        seen = await visit_all(browser, urls)
        said += Counter(one.reason for url, one in seen if url == gallery.healthy_url)
        after.append(await footprint(browser))
    # A page that pulls down the browser takes its neighbours along: they are inconclusive, never failed.
    assert set(said) <= {None, Reason.BROWSER_UNAVAILABLE}, said
    assert said[Reason.BROWSER_UNAVAILABLE] <= AT_ONCE * browser.restarts_total
    assert browser.restarts_total <= 2
    last = after[-1]
    await come_to(range(before.processes + 1), lambda: family(browser))
    assert last.tasks <= before.tasks, (before, last)
    assert last.files <= before.files + 4, (before, last)
    assert last.threads <= before.threads + 4, (before, last)
    if not is_whole:  # a few visits say nothing of memory
        return
    for growth in (
        [later.own_mebibytes - earlier.own_mebibytes for earlier, later in pairwise(after)],
        [later.browser_mebibytes - earlier.browser_mebibytes for earlier, later in pairwise(after)],
    ):
        assert median(growth) < GROWTH_MEBIBYTES, growth


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("who", ["browser", "driver"])
async def test_kill_in_the_middle_leaves_no_process_and_the_next_visit_is_right(
    browser: Browser, gallery: Gallery, who: str
) -> None:
    await look(browser, gallery.healthy_url)  # some of Chromium's processes come with the first page
    number = (await footprint(browser)).processes
    for restarts in (1, 2):
        pending = [asyncio.create_task(look(browser, gallery.url(NEVER))) for _ in range(2)]
        await until(lambda asked=2 * restarts: gallery.asked[NEVER.name] >= asked, "both pages to be asked for")
        old = family(browser)
        victim = browser.pid if who == "browser" else browser.driver_pid
        assert victim is not None
        os.kill(victim, 9)
        assert {one.reason for one in await asyncio.gather(*pending)} == {Reason.BROWSER_UNAVAILABLE}
        assert (await look(browser, gallery.healthy_url)).outcome is Outcome.OK
        await until(lambda old=old: not any(map(runs, old)), "the old browser's processes to end")
        await come_to(range(number, number + 1), lambda: family(browser))
        assert browser.restarts_total == restarts


async def test_killed_renderer_is_one_pages_crash_alone(browser: Browser, gallery: Gallery) -> None:
    first = asyncio.create_task(look(browser, gallery.url(NEVER)))
    await until(lambda: gallery.asked[NEVER.name], "the page to be asked for")
    (victim,) = of_type("renderer")
    second = asyncio.create_task(look(browser, gallery.healthy_url))
    victim.kill()
    crashed, other = await asyncio.gather(first, second)
    assert (crashed.reason, crashed.detail) == (Reason.PAGE_CRASH, "the page crashed its renderer")
    assert other.outcome is Outcome.OK
    assert browser.restarts_total == 0
    await until(lambda: not zombies(), "the renderers to be reaped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """How many there are of what a guarded life may pile up, while no page is open."""

    processes: int
    files: int
    threads: int
    tasks: int
    listening: int
    lines: int
    driver_files: int
    browser_files: int


def number_of_all(browser: Browser) -> Number:
    life = browser._guarded.present
    assert life is not None
    us = psutil.Process()
    return Number(
        processes=len(environment.processes(life.session)),
        files=us.num_fds(),
        threads=us.num_threads(),
        tasks=sum(not serves_gallery(task) for task in asyncio.all_tasks()),
        listening=sum(one.status == psutil.CONN_LISTEN for one in us.net_connections("inet")),
        lines=len(life.lines),
        driver_files=life.driver.num_fds(),
        browser_files=life.process.num_fds(),
    )


@pytest.mark.timeout(1500)
async def test_nothing_piles_up_over_many_forms_opened_and_typed_into_in_one_life(
    is_whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveliness, "SECONDS", 40.0)  # typing is tried for so long; a busy machine takes its time
    forms = MANY_FORMS if is_whole else FORMS
    async with environment.serving() as server:
        browser = await environment.launch()
        try:

            async def open_some(number: int) -> list[Observation]:
                waiting = iter(range(number))

                async def worker() -> list[Observation]:
                    url = server.url("/good")
                    return [await environment.look(browser, "eform", url, seconds=180, full=True) for _ in waiting]

                return [one for some in await asyncio.gather(*(worker() for _ in range(FORMS_AT_ONCE))) for one in some]

            async def settled() -> Number:
                await until(lambda: not of_type("renderer") and not zombies(), "the renderers to go")
                await until(lambda: not browser._leaving, "the pages to be left")
                return number_of_all(browser)

            await open_some(2 * FORMS_AT_ONCE)
            before, pid = await settled(), browser.guarded_pid
            seen = await open_some(forms)
            after = await settled()
            assert Counter(one.reason for one in seen) == {None: forms}
            assert all("typing_seconds" in one.values for one in seen), "every form was typed into"
            assert (browser.guarded_pid, browser.restarts_total) == (pid, 0), "it was one life"
            assert (after.tasks, after.listening, after.lines) == (before.tasks, before.listening, 0)
            life = browser._guarded.present
            assert life is not None
            await come_to(range(before.processes + 1), lambda: environment.processes(life.session))
            for name in ("files", "threads", "driver_files", "browser_files"):
                assert getattr(after, name) <= getattr(before, name) + FORMS_AT_ONCE, (name, before, after)
            assert server.sent.total() == 0
        finally:
            await browser.close()
