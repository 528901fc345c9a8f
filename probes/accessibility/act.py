"""
What an act is: something a person does on a page to see whether it works for them; and the one list of acts.

A module of this package that has an `ACT` is an act. Each has its rules, and for every rule a text in advice/<act>.yaml.
"""

import asyncio
import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import structlog
from playwright.async_api import Error

import probes.accessibility
from probes.accessibility.barrier import Rule, Verdict
from probes.accessibility.stage import Stage
from probes.accessibility.world import WorldError
from probes.redaction.errors import kept_error

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """
    One act.

    seconds: the most it may take; what it yielded until then stands. order: acts that change the page come later. play: does it,
    and yields the verdict of each of its rules once it is known; it leaves the page as it found it or asks the stage to
    restore it.
    """

    name: str
    rules: tuple[Rule, ...]
    seconds: float
    order: int = 0
    play: Callable[[Stage], AsyncIterator[Verdict]]


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
    return {act.name: act for act in sorted(acts, key=lambda act: (act.order, act.name))}


async def play(act: Act, stage: Stage) -> Played:
    """Play one act within its time; a fault of ours or of the page costs the rules that have no verdict yet, nothing else."""
    verdicts: dict[str, Verdict] = {}
    why = ""
    try:
        async with asyncio.timeout(min(act.seconds, stage.seconds_left)):
            async for verdict in act.play(stage):
                verdicts[verdict.rule] = verdict
    except TimeoutError:
        why = "time"
    except (Error, WorldError) as exc:
        why = kept_error(str(exc)) or type(exc).__name__
        log.debug("an act broke", act=act.name, cause=why)
    untested = tuple(rule.id for rule in act.rules if rule.id not in verdicts)
    return Played(act=act.name, verdicts=tuple(verdicts.values()), untested=untested, why=why if untested else "")


async def play_all(acts: Iterable[Act], stage: Stage, played: list[Played]) -> None:
    """Play acts one after the other and add to `played` what came of each; the page is put back in order between them."""
    for act in acts:
        why = "no time was left"
        if stage.seconds_left > 0:
            why = await _restored(stage)
        if why:
            played.append(Played(act=act.name, verdicts=(), untested=tuple(rule.id for rule in act.rules), why=why))
        else:
            played.append(await play(act, stage))


async def _restored(stage: Stage) -> str:
    """Put the page back in order; returns why that could not be, empty = it is."""
    try:
        await stage.restore()
    except (Error, WorldError, TimeoutError) as exc:
        return f"the page could not be put back in order: {kept_error(str(exc)) or 'time'}"
    return ""
