"""
One walk of a journey for the person who writes it: in a window to look at where wanted, with Playwright's trace.

The guard, robots.txt and the mandate hold as in a measurement; nothing is stored but the trace, which is not redacted and stays
on this machine.
"""

import asyncio
import difflib
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.async_api import Page

from probes.chromium.executable import find_browser, missing_browser
from probes.chromium.life import Life, arguments
from probes.chromium.line import LineProxy
from probes.chromium.line_addresses import outside, resolver_of
from probes.chromium.playwright_page import PlaywrightPage
from probes.chromium.slowdown import calibrate
from probes.chromium.tab import SetUp
from probes.journeys.journey import open_form
from probes.journeys.journey_file import JourneyStep
from probes.journeys.journey_result import JourneyResult
from probes.journeys.needs import JourneyNeeds
from probes.net.addresses import reach_of
from probes.redaction import kept_words
from probes.spelling import folded
from thuocdo.core import clock
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.model import Job, Reason
from thuocdo.core.setting_groups import BrowserSettings

SLOWER_MILLISECONDS = 400
"""So long each act waits where a person looks on."""

LINGER_SECONDS = 3
"""So long the window then shows where the walk ended."""

MOST_NAMES = 12
_OWNER_ONLY = 0o600
_NAMED = re.compile(r'^\s*- (\w+) "((?:[^"\\]|\\.)*)"', re.MULTILINE)
_LISTS = ("combobox", "listbox")
_BOXES = ("searchbox", "textbox", "combobox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """
    What a walk showed.

    instead: where a step waited in vain for a control, the names of such controls that do stand there, the most alike first;
    behind a login, where a control may bear a citizen's name, known words only.
    """

    result: JourneyResult
    instead: tuple[str, ...] = ()


async def rehearse(
    job: Job,
    tools: JourneyNeeds,
    settings: BrowserSettings,
    *,
    hosts: dict[str, str | None] | None,
    headed: bool,
    trace: Path | None,
) -> Rehearsal:
    """
    Walk the journey of the job's target once.

    Args:
        job: its profile's device is played, on this machine's own line.
        tools: journeys, robots and sessions.
        settings: which browser; a window needs one that is no headless shell.
        hosts: host -> address instead of the resolver, as for Browser.launch.
        headed: show a window and act slowly.
        trace: where to write the trace (zip), or None.

    Raises:
        BrowserUnavailableError: there is none, or it does not start.
        Error: Playwright's own, where the page crashed.

    """
    profile = tools.profiles[job.profile]
    supplied = tools.sessions.get(job.target.portal_id)
    async with _life(settings, headed=headed) as life, _line(job, life, hosts) as line:
        set_up = SetUp(
            profile=profile,
            user_agent=" ".join(filter(None, (life.user_agent, profile.user_agent_suffix, tools.user_agent))),
            line=line,
            storage_state=supplied.state if supplied and not supplied.is_over(clock.now()) else None,
        )
        if profile.phone:
            blank = await life.browser.new_page()
            set_up = replace(set_up, slowdown=await calibrate(await blank.context.new_cdp_session(blank)))
            await blank.context.close()
        opened = await PlaywrightPage.open(life.browser, life.connection, life.gate, set_up, job.deadline_seconds)
        if trace:
            _private_file(trace)
            await opened.page.context.tracing.start(screenshots=True, snapshots=True)
        try:
            result = await open_form(opened, job, tools)
            steps = tools.journeys[job.target.journey or ""].steps
            waited = next((s for s in steps if s.name == result.step and s.name not in result.step_seconds), None)
            instead = await _instead(opened.page, result, waited)
            if set_up.storage_state:
                instead = tuple(dict.fromkeys(map(kept_words, instead)))
            seen = Rehearsal(result=result, instead=instead)
            if headed:
                await asyncio.sleep(LINGER_SECONDS)
            return seen
        finally:
            if trace:
                await opened.page.context.tracing.stop(path=trace)
                trace.chmod(_OWNER_ONLY)
            await opened.close()


@asynccontextmanager
async def _life(settings: BrowserSettings, *, headed: bool) -> AsyncIterator[Life]:
    life = await Life.begin(
        _executable(settings, headed=headed),
        arguments(settings),
        settings.memory_megabytes,
        guarded=True,
        shown_slower_milliseconds=SLOWER_MILLISECONDS if headed else None,
    )
    try:
        yield life
    finally:
        await life.end()


def _private_file(path: Path) -> None:
    """Make a file that nobody else may read before anything stands in it: a trace holds cookies and all that was shown."""
    with suppress(OSError):  # Playwright says it better
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY))
        path.chmod(_OWNER_ONLY)  # one that stood there already


async def _instead(page: Page, result: JourneyResult, step: JourneyStep | None) -> tuple[str, ...]:
    if result.reason is not Reason.FORM_NOT_READY or step is None:
        return ()
    roles: tuple[str, ...]
    if step.follow:
        roles, wanted = (step.follow.role,), step.follow.name
    elif step.choose:
        roles, wanted = _LISTS, step.choose.label
    elif step.search:
        roles, wanted = _BOXES, step.search.label
    else:
        return ()
    standing = _NAMED.findall(await page.locator("body").aria_snapshot())
    names = dict.fromkeys(name.replace('\\"', '"') for role, name in standing if role in roles)

    def unlike(name: str) -> float:
        return -max(difflib.SequenceMatcher(None, folded(name), folded(one)).ratio() for one in wanted)

    return tuple(sorted(names, key=unlike)[:MOST_NAMES])


@asynccontextmanager
async def _line(job: Job, life: Life, hosts: dict[str, str | None] | None) -> AsyncIterator[LineProxy]:
    admit = outside(reach_of(job.target), hosts)
    async with LineProxy.open(None, resolve=resolver_of(hosts), admit=admit, is_held=life.holds) as line:
        life.lines.add(line)
        yield line
        life.lines.discard(line)


def _executable(settings: BrowserSettings, *, headed: bool) -> Path:
    found = find_browser(settings)
    if headed and found and "shell" in found.name:
        whole = shutil.which("chromium") or shutil.which("google-chrome")
        found = Path(whole) if whole else None
    if found is None:
        raise BrowserUnavailableError(
            missing_browser(settings) if not headed else "no Chromium with a window is installed"
        )
    return found
