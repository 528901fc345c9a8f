"""
Sentences that are made of results, and that never claim more than these hold.

Whoever is called faster, or said to stand before somebody, is so for every pair named at once, at 95 %; where that cannot be
said the sentence says that it cannot.
"""

from collections.abc import Iterable, Sequence
from math import isfinite

from thuocdo.core.formats import Formats
from thuocdo.core.i18n import translator
from thuocdo.core.model import Block
from thuocdo.publication.content import RoundContent, TimesCompared
from thuocdo.publication.tables import places
from thuocdo.publication.texts import fixed_text
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.rank_sets import FEWEST_BLOCKS, FEWEST_DAYS_TOLD
from thuocdo.score.scorecard import RankedAgency
from thuocdo.score.typical_times import TypicalTimes

FORMATS = Formats("vi")

_word = translator("vi")

ABSENT = "–"

MOST_NAMED = 4
"""Names in one sentence; of more only their number is told, and the table has them: a summary has one page."""


def block_called(block: Block) -> str:
    """Return what the agencies of a block are called within a sentence."""
    return fixed_text(f"package.block.{block.value}")


def listed(names: Sequence[str]) -> str:
    """Return names as a list within a sentence; of many the first, and how many more there are."""
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return fixed_text("package.and_more", names=", ".join(names[:MOST_NAMED]), count=len(names) - MOST_NAMED)


def may_be_first(members: Iterable[RankedAgency]) -> list[RankedAgency]:
    """Return those of a block that may have the first place by certain points."""
    return [one for one in members if one.rank == 1]


def ranking_sentences(content: RoundContent, block: Block, *, in_short: bool = False) -> list[str]:
    """Return what the ranking of a block tells: how many have places, who may be first, and, if not in short, who may move."""
    members = content.ranking.blocks[block]
    ranked = [one for one in members if one.rank is not None]
    called = block_called(block)
    if not ranked:
        return [fixed_text("package.ranking.none", block=called)]
    sentences = [fixed_text("package.ranking.count", block=called, ranked=len(ranked), all=len(members))]
    first = may_be_first(ranked)
    names = [
        fixed_text(
            "package.name_and_places",
            name=content.agency_name(one.scorecard.agency_id),
            places=places(one.rank, one.rank_to),
        )
        for one in first
    ]
    if len(first) == len(ranked) > 1:
        sentences.append(fixed_text("package.ranking.nothing_told", block=called))
    elif len(first) == 1 and first[0].rank_to == 1:
        sentences.append(fixed_text("package.ranking.first", name=content.agency_name(first[0].scorecard.agency_id)))
    else:
        sentences.append(fixed_text("package.ranking.may_be_first", names=listed(names)))
    moving = sum(one.may_move for one in ranked)
    if moving and not in_short:
        sentences.append(fixed_text("package.ranking.may_move", count=moving))
    return sentences


def separable(times: TypicalTimes) -> list[tuple[str, tuple[str, ...]]]:
    """Return which others an agency may be said to be faster than, in order; those that are faster than none are not there."""
    names = [one.agency_id for one in times.agencies]
    if not times.tells_order:
        return []
    found = []
    for name, row in zip(names, times.is_before.tolist(), strict=True):
        behind = tuple(other for other, is_behind in zip(names, row, strict=True) if is_behind)
        if behind:
            found.append((name, behind))
    return found


def times_sentences(content: RoundContent, one: TimesCompared) -> list[str]:
    """Return what a comparison of times tells; nobody is called faster than one from whom he cannot be told apart."""
    times, called = one.times, block_called(one.asked.block)
    if not times.tells_order:
        return [_no_order(called)]
    sentences = [
        fixed_text(
            "package.times.window",
            block=called,
            agencies=len(times.agencies),
            blocks=times.blocks,
            days=times.days,
            **_pairs(times),
        ),
        *_who_is_first(content, times),
    ]
    if times.smallest_ratio is not None and isfinite(times.smallest_ratio):
        sentences.append(fixed_text("package.times.smallest_ratio", ratio=FORMATS.fixed(times.smallest_ratio)))
    return sentences


def times_in_short(content: RoundContent, block: Block) -> str:
    """Return in a few words what the comparisons of a block tell: for a summary that has room for one page."""
    called = block_called(block)
    comparisons = content.compared_times(block)
    told_of = [one for one in comparisons if one.times.tells_order]
    if not told_of:
        return _no_order(called)
    sentences = [fixed_text("package.times.short_heading", block=called)]
    for one in told_of:
        profile = _word(f"profile.{one.asked.profile}")
        sentences.append(fixed_text("package.times.short", profile=profile, **_pairs(one.times)))
        sentences += _who_is_first(content, one.times)
    return " ".join(sentences)


def _no_order(called: str) -> str:
    return fixed_text("package.times.no_order", block=called, fewest=FEWEST_BLOCKS, days=FEWEST_DAYS_TOLD)


def _pairs(times: TypicalTimes) -> dict[str, str]:
    """Return how many pairs are told apart, of how many there are."""
    number = len(times.agencies)
    apart = sum(len(behind) for _, behind in separable(times))
    return {"apart": FORMATS.number(apart, 0), "pairs": FORMATS.number(number * (number - 1) // 2, 0)}


def _who_is_first(content: RoundContent, times: TypicalTimes) -> list[str]:
    """Return who may have the first place, and how many others the first of all is faster than."""
    pairs = dict(separable(times))
    if not pairs:
        return [fixed_text("package.times.none_apart")]
    first = [agency.agency_id for agency in times.agencies if agency.first == 1]
    if len(first) > 1:
        return [fixed_text("package.times.may_be_first", names=listed([content.agency_name(name) for name in first]))]
    return [
        fixed_text("package.times.faster_than_all", name=content.agency_name(name))
        if len(pairs[name]) == len(times.agencies) - 1
        else fixed_text("package.times.faster_than", name=content.agency_name(name), count=len(pairs[name]))
        for name in first
        if name in pairs
    ]


def coverage_sentence(content: RoundContent) -> str:
    """Return how much of what was planned was measured, over all ranked blocks."""
    covered = [content.covered[name] for name in content.members if name in content.covered]
    planned, taken = sum(one.planned for one in covered), sum(one.taken for one in covered)
    conclusive = sum(one.conclusive for one in covered)
    if not planned:
        return fixed_text("package.coverage.nothing")
    return fixed_text(
        "package.coverage",
        planned=FORMATS.number(planned, 0),
        taken=FORMATS.number(taken, 0),
        conclusive=FORMATS.number(conclusive, 0),
        share=FORMATS.percent(min(conclusive / planned, 1.0)),
    )


def objection_sentences(content: RoundContent) -> list[str]:
    """Return how many objections there were, how long they took, and how many were accepted."""
    if not content.objections:
        return [fixed_text("package.objections.none")]
    decided = content.decided
    sentences = [fixed_text("package.objections.count", count=len(content.objections), decided=len(decided))]
    if content.median_days is not None:
        accepted = sum(one.accepted is True for one in decided)
        sentences.append(
            fixed_text(
                "package.objections.decided",
                days=FORMATS.number(content.median_days, 1),
                accepted=accepted,
                share=FORMATS.percent(accepted / len(decided)),
            )
        )
    return sentences


def not_counted_sentences(content: RoundContent, block: Block) -> list[str]:
    """Return which criteria do not count in a block, and because of whom."""
    found = []
    for criterion_id, agencies in content.ranking.told_not_counted(block).items():
        title = title_of(content.criteria, criterion_id)
        if agencies:
            names = listed([content.agency_name(name) for name in agencies])
            found.append(fixed_text("package.not_counted", block=block_called(block), criterion=title, names=names))
        else:
            found.append(fixed_text("package.not_counted_of_none", block=block_called(block), criterion=title))
    return found


def title_of(criteria: CriteriaSet, criterion_id: str) -> str:
    """Return what a criterion is called; one that the set does not have any more goes by its id."""
    return next((one.title_vi for one in criteria.criteria if one.id == criterion_id), criterion_id)
