"""A browser whose surroundings fail it: stopped, orphaned, without memory, files, rights. That is never a portal's fault."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from environment import Server, launch, look, processes, serving

from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.chromium.life import Life
from thuocdo.config import BrowserSettings
from thuocdo.model import Observation, Outcome, Reason

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: its surroundings are NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser]

LIMIT_SECONDS = 8.0
ENOUGH_SECONDS = 30.0
PATIENCE_SECONDS = 15.0
KINDS = ("homepage", "eform", "accessibility")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as opened:
        yield opened


@pytest.fixture
async def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    """A browser of which nothing is left once it is closed, whatever was done to it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = set(psutil.Process().children(recursive=True))
    launched = await launch()
    yield launched
    await launched.close()
    await until(lambda: set(psutil.Process().children(recursive=True)) <= before, "the browser's processes to end")
    await until(lambda: not list(tmp_path.iterdir()), "the scratch folders to go")
    await until(lambda: not tasks_of_ours(), f"the tasks to end: {tasks_of_ours()}")


def tasks_of_ours() -> list[str]:
    """What the product or Playwright still does."""
    codes = [getattr(one.get_coro(), "cr_code", None) for one in asyncio.all_tasks()]
    ours = [code for code in codes if code and ("/probes/" in code.co_filename or "/playwright/" in code.co_filename)]
    return [code.co_qualname for code in ours]


async def until(condition: Callable[[], object], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"waited in vain for {what}")


def lives(browser: Browser) -> list[Life]:
    return [one.present for one in (browser._timed, browser._guarded) if one.present]


def session_of(life: Life) -> int:
    return os.getsid(life.process.pid)


def browser_of(life: Life) -> list[psutil.Process]:
    return [life.process]


def driver_of(life: Life) -> list[psutil.Process]:
    return [life.driver]


def renderers_of(life: Life) -> list[psutil.Process]:
    return [one for one in processes(session_of(life)) if "--type=renderer" in one.cmdline()]


def network_of(life: Life) -> list[psutil.Process]:
    return [one for one in processes(session_of(life)) if any("NetworkService" in part for part in one.cmdline())]


def stop(victims: list[psutil.Process]) -> None:
    assert victims
    for victim in victims:
        victim.send_signal(signal.SIGSTOP)


async def look_at_all(browser: Browser, server: Server, path: str, seconds: float) -> list[Observation]:
    return list(await asyncio.gather(*(look(browser, kind, server.url(path), seconds=seconds) for kind in KINDS)))


async def in_the_middle(browser: Browser, server: Server, then: Callable[[Life], None]) -> list[Observation]:
    """Do something to both browsers while a page of each kind is being opened; return what the probes said."""
    pending = asyncio.create_task(look_at_all(browser, server, "/waits", LIMIT_SECONDS))
    await until(lambda: server.asked["/never"] >= len(KINDS), "all pages to be asked for")
    for life in lives(browser):
        then(life)
    # Over their limit by more than closing takes, they would be given up for a fault of our own.
    async with asyncio.timeout(LIMIT_SECONDS + PATIENCE_SECONDS):
        return await pending


async def assert_the_next_are_fine(browser: Browser, server: Server) -> None:
    seen = await look_at_all(browser, server, "/good", ENOUGH_SECONDS)
    assert [(one.outcome, one.detail) for one in seen] == [(Outcome.OK, "")] * len(KINDS)


@pytest.mark.parametrize(
    "whom", [browser_of, driver_of, renderers_of, network_of], ids=["browser", "driver", "renderers", "network"]
)
async def test_what_is_stopped_in_the_middle_costs_a_probe_and_is_replaced(
    whom: Callable[[Life], list[psutil.Process]], server: Server, browser: Browser
) -> None:
    await look_at_all(browser, server, "/good", ENOUGH_SECONDS)
    old = [session_of(life) for life in lives(browser)]
    seen = await in_the_middle(browser, server, lambda life: stop(whom(life)))
    assert [one.reason for one in seen] == [Reason.BROWSER_UNAVAILABLE] * len(KINDS), [one.detail for one in seen]
    await assert_the_next_are_fine(browser, server)
    assert browser.restarts_total == 2
    assert [processes(session) for session in old] == [[], []]
    assert server.sent.total() == 0


@pytest.mark.parametrize("whom", [browser_of, driver_of], ids=["browser", "driver"])
async def test_what_was_stopped_between_two_probes_costs_none(
    whom: Callable[[Life], list[psutil.Process]], server: Server, browser: Browser
) -> None:
    await look_at_all(browser, server, "/good", ENOUGH_SECONDS)
    old = [session_of(life) for life in lives(browser)]
    for life in lives(browser):
        stop(whom(life))
    await assert_the_next_are_fine(browser, server)
    assert browser.restarts_total == 2
    assert [processes(session) for session in old] == [[], []]


async def test_a_browser_that_nobody_took_note_of_ending_is_replaced(server: Server, browser: Browser) -> None:
    """Its parent is stopped, so it stays behind as a zombie; a renderer of it is, too, so it would never end by itself."""
    await look_at_all(browser, server, "/good", ENOUGH_SECONDS)
    old = [session_of(life) for life in lives(browser)]

    def make_zombie(life: Life) -> None:
        parent = life.process.parent()
        assert parent
        stop([parent, *renderers_of(life)])
        life.process.kill()

    seen = await in_the_middle(browser, server, make_zombie)
    assert [one.reason for one in seen] == [Reason.BROWSER_UNAVAILABLE] * len(KINDS), [one.detail for one in seen]
    await assert_the_next_are_fine(browser, server)
    assert browser.restarts_total == 2
    await until(lambda: [processes(session) for session in old] == [[], []], "what the zombie left to end")
