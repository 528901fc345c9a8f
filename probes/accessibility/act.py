"""
What an act is: something a person does on a page to see whether it works for them; and the one list of acts.

A module of this package that has an `ACT` is an act. Each has its rules, and for every rule a text in advice/<act>.yaml.
"""

import asyncio
import importlib
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog
from playwright.async_api import Error

import probes.accessibility
from probes.accessibility.barrier import Rule, Verdict
from probes.accessibility.stage import ActContext
from probes.accessibility.world import WorldError
from probes.languages import LanguagesUnjudgedError
from probes.redaction.errors import kept_error

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """
    One act.

    seconds: the most it may take; what it yielded until then stands. order: acts that change the page come later. play: does it,
    and yields the verdict of each of its rules once it is known; it leaves the page as it found it or asks the stage to
    restore it. read: asks the portal beforehand for what the act needs of it, by GET and without cookies; `play` finds the
    answer in `stage.readings`. presses: it tries the page with keys, controls, pointer or choices, so it is played when nothing
    can leave the page any more, and never in a citizen's session without leave.
    """

    name: str
    rules: tuple[Rule, ...]
    seconds: float
    order: int = 0
    play: Callable[[ActContext], AsyncIterator[Verdict]]
    read: Callable[[ActContext], Awaitable[Any]] | None = None
    presses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of an act. untested: rules without a verdict, and why, empty = the act came to its end."""

    act: str
    verdicts: tuple[Verdict, ...]
    untested: tuple[str, ...] = ()
    why: str = ""


@cache
def all_acts() -> Mapping[str, Act]:
    """Return every act by name, in the order in which they are played."""
    names = sorted(module.name for module in pkgutil.iter_modules(probes.accessibility.__path__))
    modules = (importlib.import_module(f"probes.accessibility.{name}") for name in names)
    acts = [module.ACT for module in modules if hasattr(module, "ACT")]
    return {act.name: act for act in sorted(acts, key=lambda act: (act.presses, act.order, act.name))}


NOT_PRESSED = "a login session stands open, in which nothing is pressed without a mandate"
NOT_READ = "what it reads of the portal did not come"


async def read_all(acts: Iterable[Act], stage: ActContext) -> None:
    """Ask the portal for what the acts need of it, one after the other; an act whose reading breaks has none."""
    for act in acts:
        if act.read is None or stage.seconds_left <= 0 or (act.presses and not stage.may_press):
            continue
        try:
            async with asyncio.timeout(min(act.seconds, stage.seconds_left)):
                stage.readings[act.name] = await act.read(stage)
        except (Error, WorldError, TimeoutError) as exc:
            log.debug("an act could not read", act=act.name, cause=kept_error(str(exc)) or "time")


async def play(act: Act, stage: ActContext) -> Played:
    """Play one act within its time; a fault of ours or of the page costs the rules that have no verdict yet, nothing else."""
    verdicts: dict[str, Verdict] = {}
    why = _barred(act, stage)
    if why:
        return Played(act=act.name, verdicts=(), untested=tuple(rule.id for rule in act.rules), why=why)
    try:
        async with asyncio.timeout(min(act.seconds, stage.seconds_left)):
            async for verdict in act.play(stage):
                verdicts[verdict.rule] = verdict
    except TimeoutError:
        why = "time"
    except (Error, WorldError, LanguagesUnjudgedError) as exc:
        why = kept_error(str(exc)) or type(exc).__name__
        log.debug("an act broke", act=act.name, cause=why)
    untested = tuple(rule.id for rule in act.rules if rule.id not in verdicts)
    return Played(act=act.name, verdicts=tuple(verdicts.values()), untested=untested, why=why if untested else "")


async def play_all(acts: Iterable[Act], stage: ActContext, played: list[Played]) -> None:
    """Play acts one after the other and add to `played` what came of each; the page is put back in order between them."""
    for act in acts:
        if act.presses and stage.may_press:
            stage.shut()
        why = "no time was left"
        if stage.seconds_left > 0:
            why = await _restored(stage)
        if why:
            played.append(Played(act=act.name, verdicts=(), untested=tuple(rule.id for rule in act.rules), why=why))
        else:
            played.append(await play(act, stage))


def _barred(act: Act, stage: ActContext) -> str:
    """Return why an act is not played on this page, empty = it is."""
    if act.presses and not stage.may_press:
        return NOT_PRESSED
    return NOT_READ if act.read and act.name not in stage.readings else ""


async def _restored(stage: ActContext) -> str:
    """Put the page back in order; returns why that could not be, empty = it is."""
    try:
        await stage.restore()
    except (Error, WorldError, TimeoutError) as exc:
        return f"the page could not be put back in order: {kept_error(str(exc)) or 'time'}"
    return ""
