"""
Our visits beside those of a control, which says who it is as we do and comes from another network.

Compared are pairs a few minutes apart. What differs for most portals alike lies between the networks and is taken off; of so many
portals some differ by chance, so the list is cut as Benjamini and Hochberg have it (Journal of the Royal Statistical Society B
57, 1995). Only what is better for us is told: whoever serves us worse gains nothing by it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median

from probes.identity.sketch import likeness
from thuocdo.core.model import Outcome, TreatmentCause
from thuocdo.treatment.visits import TIMES, PageVisit

FEWEST_PAIRS = 10
FEWEST_TARGETS = 5
"""Of fewer the middle difference may be somebody's own: nothing is said of times."""

APART = timedelta(minutes=10)
LEAST_RATIO = 0.2
"""Of logarithms: times that differ by a fifth."""

LEAST_SIZE = 0.3
SAME_SIDE = 0.8
LIKELY = 0.05
LEAST_LIKENESS = 0.8
FEWEST_UNLIKE = 3

_SIZES = ("transferred_bytes", "requests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A visit of ours and one of the control about the same time."""

    ours: PageVisit
    control: PageVisit


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFinding:
    """What the pairs of a target tell. numbers: what it rests on."""

    target_id: str
    cause: TreatmentCause
    numbers: Mapping[str, float]
    pairs: tuple[Pair, ...]


def pairs_of(ours: Iterable[PageVisit], controls: Iterable[PageVisit]) -> Mapping[str, list[Pair]]:
    """Return by target the pairs: each visit of the control with the nearest of ours, none twice, none that failed at us."""
    by_target: dict[str, list[PageVisit]] = {}
    for one in sorted(ours, key=lambda one: one.at):
        if not one.is_ours:
            by_target.setdefault(one.target_id, []).append(one)
    found: dict[str, list[Pair]] = {}
    for control in sorted(controls, key=lambda one: one.at):
        near = by_target.get(control.target_id, [])
        if control.is_ours or not near:
            continue
        best = min(near, key=lambda one: abs(one.at - control.at))
        if abs(best.at - control.at) <= APART:
            near.remove(best)
            found.setdefault(control.target_id, []).append(Pair(ours=best, control=control))
    return found


def findings_of_pairs(pairs: Mapping[str, Sequence[Pair]]) -> list[PairFinding]:
    """Return what differs so that a person should look, by target and cause."""
    enough = {name: some for name, some in pairs.items() if len(some) >= FEWEST_PAIRS}
    found = [*_times(enough), *_sizes(enough)]
    for name, some in enough.items():
        found += [*_texts(name, some), *_answers(name, some)]
    order = list(TreatmentCause)
    return sorted(found, key=lambda one: (one.target_id, order.index(one.cause)))


def surely(likelihoods: Mapping[str, float], share: float = LIKELY) -> set[str]:
    """Return those of some that may be told so that at most a share of them is told by chance."""
    ranked = sorted(likelihoods, key=lambda name: likelihoods[name])
    last = max((at for at, name in enumerate(ranked, 1) if likelihoods[name] <= share * at / len(ranked)), default=0)
    return set(ranked[:last])


def sign_likelihood(positive: int, number: int) -> float:
    """Return how likely so many signs of a number, or more, are by chance alone."""
    return float(sum(math.comb(number, count) for count in range(positive, number + 1)) / 2**number)


def _logs(pairs: Sequence[Pair], value: str) -> list[float]:
    """Return how many times as much the control met, as logarithms, of pairs whose both visits were shown the page."""
    found = []
    for pair in pairs:
        ours, control = pair.ours.values.get(value, 0.0), pair.control.values.get(value, 0.0)
        if pair.ours.is_whole and pair.control.is_whole and ours > 0 and control > 0:
            found.append(math.log(control / ours))
    return found


def _times(pairs: Mapping[str, Sequence[Pair]]) -> Iterable[PairFinding]:
    """Return targets that answer us sooner, beyond what all of them do; of several values the first that tells it."""
    told: dict[str, PairFinding] = {}
    for value in TIMES:
        logs = _logs_of(pairs, value)
        if len(logs) < FEWEST_TARGETS:
            continue
        common = median(median(some) for some in logs.values())
        about = {"is_load": float(value == "load_seconds"), "common_ratio": math.exp(common)}
        sure = _surely_more(logs, common, LEAST_RATIO)
        told = _found(TreatmentCause.FASTER_FOR_US, sure, about, pairs) | told
    return told.values()


def _sizes(pairs: Mapping[str, Sequence[Pair]]) -> Iterable[PairFinding]:
    """Return targets whose page is lighter for us than for the control; no network does that, so nothing is taken off."""
    told: dict[str, PairFinding] = {}
    for value in _SIZES:
        sure = _surely_more(_logs_of(pairs, value), 0.0, LEAST_SIZE)
        told = _found(TreatmentCause.LIGHTER_FOR_US, sure, {"is_requests": float(value == "requests")}, pairs) | told
    return told.values()


def _found(
    cause: TreatmentCause,
    sure: Mapping[str, Mapping[str, float]],
    about: Mapping[str, float],
    pairs: Mapping[str, Sequence[Pair]],
) -> dict[str, PairFinding]:
    return {
        name: PairFinding(target_id=name, cause=cause, numbers={**numbers, **about}, pairs=tuple(pairs[name]))
        for name, numbers in sure.items()
    }


def _logs_of(pairs: Mapping[str, Sequence[Pair]], value: str) -> dict[str, list[float]]:
    """Return `_logs` by target, of those with enough pairs."""
    return {name: found for name, some in pairs.items() if len(found := _logs(some, value)) >= FEWEST_PAIRS}


def _surely_more(logs: Mapping[str, Sequence[float]], common: float, least: float) -> dict[str, dict[str, float]]:
    """Return the numbers of targets where the control surely met more, beyond what all of them did."""
    likelihoods, found = {}, {}
    for name, some in logs.items():
        moved = [one - common for one in some]
        more = sum(one > 0 for one in moved)
        likelihoods[name] = sign_likelihood(more, len(moved))
        if median(moved) > least and more >= SAME_SIDE * len(moved):
            found[name] = {"ratio": math.exp(median(moved)), "pairs": float(len(moved)), "same_side": float(more)}
    sure = surely(likelihoods)
    return {name: numbers for name, numbers in found.items() if name in sure}


def _texts(name: str, pairs: Sequence[Pair]) -> Iterable[PairFinding]:
    known = [
        (one, alike)
        for one in pairs
        if one.ours.is_whole
        and one.control.is_whole
        and (alike := likeness(one.ours.sketch, one.control.sketch)) is not None
    ]
    unlike = [one for one, alike in known if alike < LEAST_LIKENESS]
    # A page that is never the same, not for the control either, tells of chance (offers of the day) and not of who asks.
    if len(known) >= FEWEST_PAIRS and len(unlike) >= max(FEWEST_UNLIKE, 0.2 * len(known)) and not _varies(pairs):
        numbers = {
            "unlike": float(len(unlike)),
            "pairs": float(len(known)),
            "likeness": median(alike for _, alike in known),
        }
        yield PairFinding(target_id=name, cause=TreatmentCause.OTHER_TEXT, numbers=numbers, pairs=tuple(unlike))


def _varies(pairs: Sequence[Pair]) -> bool:
    """Tell whether the control's own visits, one after the other, were shown texts that are hardly alike either."""
    sketches = [one.control.sketch for one in pairs if one.control.is_whole and one.control.sketch]
    alike = [likeness(before, after) or 0.0 for before, after in pairwise(sketches)]
    return bool(alike) and median(alike) < LEAST_LIKENESS


def _answers(name: str, pairs: Sequence[Pair]) -> Iterable[PairFinding]:
    """Yield targets that answered us and refused the control, or sent it elsewhere, again and again."""
    other = [
        one
        for one in pairs
        if one.ours.is_whole
        and (one.control.outcome is not Outcome.OK or (one.control.host and one.control.host != one.ours.host))
    ]
    turned = [one for one in pairs if one.control.is_whole and not one.ours.is_whole]
    # What fails now and then fails for both; only what fails for one of two tells of who asks.
    if len(other) >= FEWEST_UNLIKE and sign_likelihood(len(other), len(other) + len(turned)) < LIKELY / max(
        len(pairs), 1
    ):
        numbers = {"other": float(len(other)), "turned": float(len(turned)), "pairs": float(len(pairs))}
        yield PairFinding(target_id=name, cause=TreatmentCause.OTHER_ANSWER, numbers=numbers, pairs=tuple(other))
