"""The report of a round: a summary of one page first, then places, times, what was not measured, objections, the method."""

from collections.abc import Iterator, Sequence

from thuocdo.core.formats import Formats
from thuocdo.core.i18n import translator
from thuocdo.core.model import Block
from thuocdo.publication.content import RoundContent, TimesCompared
from thuocdo.publication.document import (
    CellAlign,
    DocumentPart,
    DrawingPart,
    HeadingPart,
    OfficialDocument,
    PageEnd,
    ParagraphKind,
    ParagraphPart,
    TableColumn,
    TablePart,
    numbered,
)
from thuocdo.publication.drawing import DrawnPlaces, places_svg
from thuocdo.publication.letter import letter_end, letter_head, marks
from thuocdo.publication.method import method_rows
from thuocdo.publication.tables import places
from thuocdo.publication.texts import fixed_text
from thuocdo.publication.wording import (
    ABSENT,
    block_called,
    coverage_sentence,
    not_counted_sentences,
    objection_sentences,
    ranking_sentences,
    times_in_short,
    times_sentences,
)
from thuocdo.reports.ranking import not_measured
from thuocdo.score.scorecard import RankedAgency

MOST_DRAWN = 80
"""Lines in one drawing: of more none could be read, and the table has them."""

_FORMATS = Formats("vi")
_word = translator("vi")


def report(content: RoundContent) -> OfficialDocument:
    """Return the report of a round."""
    return OfficialDocument(
        kind=fixed_text("package.report.kind"),
        title=fixed_text("package.report.title", round=content.round.label),
        parts=[
            *_summary(content),
            *numbered(
                [
                    *_scope(content),
                    *_rankings(content),
                    *_times(content),
                    *_not_measured(content),
                    *_coverage(content),
                    *_objections(content),
                    *_method(content),
                ]
            ),
        ],
        made_at=content.made_at,
        marks=marks(content),
        head=letter_head(content.issuer),
        end=letter_end(content.issuer),
    )


def warnings(content: RoundContent) -> Iterator[ParagraphPart]:
    """Yield what a reader must know before any figure."""
    for mark, key in (
        (content.synthetic, "package.warning.synthetic"),
        (not content.approved, "package.warning.draft"),
    ):
        if mark:
            yield ParagraphPart(text=fixed_text(key), kind=ParagraphKind.WARNING)
    if content.issuer and content.issuer.made_up:
        yield ParagraphPart(text=fixed_text("package.warning.made_up"), kind=ParagraphKind.NOTE)


def period(content: RoundContent) -> str:
    """Return when it was measured, in Hanoi time."""
    return fixed_text(
        "package.period",
        since=_FORMATS.instant(content.round.started_at),
        until=_FORMATS.instant(content.ended_at),
    )


def _summary(content: RoundContent) -> Iterator[DocumentPart]:
    yield from warnings(content)
    yield HeadingPart(text=fixed_text("package.summary"))
    yield ParagraphPart(text=fixed_text("package.summary.round", round=content.round.label, period=period(content)))
    yield ParagraphPart(text=coverage_sentence(content))
    for block in content.blocks:
        yield ParagraphPart(text=" ".join(ranking_sentences(content, block, in_short=True)))
        if content.compared_times(block):
            yield ParagraphPart(text=times_in_short(content, block))
    yield ParagraphPart(text=" ".join(objection_sentences(content)))
    for overruling in content.overrulings:
        yield ParagraphPart(
            text=fixed_text(
                "package.overruled",
                obstacle=overruling.obstacle,
                by=overruling.by,
                day=f"{overruling.on:%d/%m/%Y}",
                reason=overruling.reason,
            )
        )
    yield PageEnd()


def _scope(content: RoundContent) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("package.scope"))
    yield ParagraphPart(
        text=fixed_text("package.scope.what", criteria=content.criteria.title_vi, period=period(content))
    )
    for key in ("certain", "places", "own_fault"):
        yield ParagraphPart(text=fixed_text(f"package.scope.{key}"))
    if content.criteria.note_vi:
        yield ParagraphPart(text=content.criteria.note_vi)
    if not content.criteria.fully_confirmed:
        yield ParagraphPart(text=fixed_text("package.scope.unconfirmed"), kind=ParagraphKind.NOTE)


def _rankings(content: RoundContent) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("package.rankings"))
    for block in content.blocks:
        members = content.ranking.blocks[block]
        called = _word(f"block.{block.value}")
        yield HeadingPart(text=called, level=2)
        for sentence in ranking_sentences(content, block):
            yield ParagraphPart(text=sentence)
        yield _ranking_table(content, block, members)
        for sentence in not_counted_sentences(content, block):
            yield ParagraphPart(text=sentence, kind=ParagraphKind.NOTE)
        drawn = [
            DrawnPlaces(
                name=content.agency_name(one.scorecard.agency_id),
                first=one.rank,
                last=one.rank_to,
                best=one.best_rank,
                worst=one.worst_rank,
            )
            for one in members
            if one.rank is not None and one.rank_to is not None
        ]
        yield from drawing(drawn, fixed_text("package.chart.points", block=block_called(block)))


def drawing(drawn: Sequence[DrawnPlaces], caption: str) -> Iterator[DrawingPart]:
    """Yield a drawing of places; none where there is nothing to draw, or too much."""
    if 1 <= len(drawn) <= MOST_DRAWN:
        listed = "; ".join(f"{one.name}: {one.label}" for one in drawn)
        alternative = fixed_text("package.chart.alternative", caption=caption, places=listed)
        yield DrawingPart(svg=places_svg(drawn, alternative), caption=caption, alternative=alternative)


def _ranking_table(content: RoundContent, block: Block, members: Sequence[RankedAgency]) -> TablePart:
    columns = [
        _column("places", 0.9, CellAlign.CENTRE),
        _column("agency", 3.0),
        _column("possible", 0.9, CellAlign.CENTRE),
        _column("score", 0.8, CellAlign.RIGHT),
        _column("interval", 1.3, CellAlign.CENTRE),
        _column("homepage", 1.0, CellAlign.RIGHT),
        _column("availability", 0.9, CellAlign.RIGHT),
        _column("coverage", 0.9, CellAlign.RIGHT),
    ]
    return TablePart(
        caption=fixed_text("package.table.ranking", block=block_called(block)),
        columns=columns,
        rows=[_ranking_row(content, one) for one in members],
        named_by=1,
    )


def _column(name: str, share: float, align: CellAlign = CellAlign.LEFT) -> TableColumn:
    return TableColumn(title=fixed_text(f"package.column.{name}"), share=share, align=align)


def _ranking_row(content: RoundContent, one: RankedAgency) -> list[str]:
    card = one.scorecard
    name = content.agency_name(card.agency_id)
    if one.unranked_reason:
        name = fixed_text("package.unranked", name=name, why=_word(f"unranked.{one.unranked_reason.value}"))
    load = card.summary("homepage.load_seconds")
    ends = [None if end is None else _FORMATS.fixed(end * 100, 1) for end in (card.ci_low, card.ci_high)]
    return [
        places(one.rank, one.rank_to) or ABSENT,
        name,
        places(one.best_rank, one.worst_rank) or ABSENT,
        ABSENT if card.total_ratio is None else _FORMATS.fixed(card.total_ratio * 100, 1),
        "–".join(ends[:1] + ends[1:]) if all(end is not None for end in ends) else ABSENT,  # type: ignore[arg-type]
        ABSENT if load is None or load.value is None else _FORMATS.fixed(load.value),
        share(card.availability_ratio),
        share(card.coverage_ratio),
    ]


def share(ratio: float | None) -> str:
    """Return a ratio in percent, or a dash where there is none."""
    return ABSENT if ratio is None else _FORMATS.percent(ratio)


def _times(content: RoundContent) -> Iterator[DocumentPart]:
    if not content.comparisons:
        return
    yield HeadingPart(text=fixed_text("package.times"))
    yield ParagraphPart(text=fixed_text("package.times.how"))
    for one in content.comparisons:
        called = f"{_word(f'block.{one.asked.block.value}')}: {_word(f'profile.{one.asked.profile}')}"
        yield HeadingPart(text=called, level=2)
        for sentence in times_sentences(content, one):
            yield ParagraphPart(text=sentence)
        yield _times_table(content, one, called)
        not_compared = [content.agency_name(name) for name in sorted(one.times.not_compared)]
        if not_compared:
            yield ParagraphPart(
                text=fixed_text("package.times.not_compared", names=", ".join(not_compared)), kind=ParagraphKind.NOTE
            )
        if one.times.tells_order:
            drawn = [
                DrawnPlaces(name=content.agency_name(agency.agency_id), first=agency.first, last=agency.last)
                for agency in one.times.agencies
            ]
            yield from drawing(drawn, fixed_text("package.chart.times", called=called))


def _times_table(content: RoundContent, one: TimesCompared, called: str) -> TablePart:
    return TablePart(
        caption=fixed_text("package.table.times", called=called),
        columns=[
            _column("places", 0.9, CellAlign.CENTRE),
            _column("agency", 3.2),
            _column("typical", 1.1, CellAlign.RIGHT),
            _column("median", 1.1, CellAlign.RIGHT),
            _column("failed", 1.0, CellAlign.RIGHT),
            _column("blocks", 0.9, CellAlign.RIGHT),
        ],
        rows=[
            [
                places(agency.first, agency.last),
                content.agency_name(agency.agency_id),
                seconds(agency.seconds),
                seconds(agency.median_seconds),
                _FORMATS.percent(agency.failed_ratio),
                str(agency.cells),
            ]
            for agency in one.times.agencies
        ],
        named_by=1,
    )


def seconds(value: float | None) -> str:
    """Return seconds as a cell has them; a dash for what has no end, or is not known."""
    return _FORMATS.fixed(value) if value is not None and value != float("inf") else ABSENT


def _not_measured(content: RoundContent) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("package.not_measured"))
    found = not_measured(content.ranking)
    if not found.reasons and not found.unranked:
        yield ParagraphPart(text=fixed_text("package.not_measured.nothing"))
        return
    yield ParagraphPart(text=fixed_text("package.not_measured.how"))
    if found.unranked:
        yield TablePart(
            caption=fixed_text("package.table.unranked"),
            columns=[_column("why", 2.0), _column("number", 0.7, CellAlign.RIGHT), _column("agencies", 4.0)],
            rows=[
                [
                    _word(f"unranked.{one.unranked_reason}"),
                    str(len(one.agencies)),
                    ", ".join(content.agency_name(name) for name in one.agencies),
                ]
                for one in found.unranked
            ],
        )
    if found.reasons:
        yield TablePart(
            caption=fixed_text("package.table.reasons"),
            columns=[
                _column("reason", 2.6),
                _column("conclusion", 1.6),
                _column("times", 0.8, CellAlign.RIGHT),
                _column("kinds", 2.2),
                _column("number", 0.9, CellAlign.RIGHT),
            ],
            rows=[
                [
                    _word(f"reason.{one.reason}"),
                    _word(f"outcome.{one.outcome}"),
                    _FORMATS.number(one.measurements, 0),
                    ", ".join(_word(f"kind.{kind}") for kind in one.kinds),
                    str(len(one.agencies)),
                ]
                for one in found.reasons
            ],
        )


def _coverage(content: RoundContent) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("package.coverage.heading"))
    yield ParagraphPart(text=coverage_sentence(content))
    covered = [(name, content.covered[name]) for name in content.members if name in content.covered]
    yield TablePart(
        caption=fixed_text("package.table.coverage"),
        columns=[
            _column("agency", 3.4),
            _column("planned", 1.0, CellAlign.RIGHT),
            _column("taken", 1.0, CellAlign.RIGHT),
            _column("conclusive", 1.0, CellAlign.RIGHT),
            _column("share", 1.0, CellAlign.RIGHT),
        ],
        rows=[
            [
                content.agency_name(name),
                _FORMATS.number(one.planned, 0),
                _FORMATS.number(one.taken, 0),
                _FORMATS.number(one.conclusive, 0),
                share(min(one.conclusive / one.planned, 1.0) if one.planned else None),
            ]
            for name, one in covered
        ],
    )


def _objections(content: RoundContent) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("package.objections"))
    for sentence in objection_sentences(content):
        yield ParagraphPart(text=sentence)
    if content.objections:
        yield TablePart(
            caption=fixed_text("package.table.objections"),
            columns=[
                _column("objection", 0.9),
                _column("agency", 1.8),
                _column("claim", 3.0),
                _column("decision", 2.4),
                _column("days", 0.8, CellAlign.RIGHT),
            ],
            rows=[
                [
                    one.number,
                    content.agency_name(one.agency_id),
                    ". ".join(part for part in (one.kind, one.target, one.claim) if part),
                    ". ".join(part for part in (one.decision, one.reason) if part)
                    or fixed_text("package.objections.open"),
                    ABSENT if one.days is None else str(one.days),
                ]
                for one in content.objections
            ],
        )


def _method(content: RoundContent) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("package.method"))
    yield ParagraphPart(text=fixed_text("package.method.how"))
    yield TablePart(
        caption=fixed_text("package.table.method"),
        columns=[_column("about", 1.6), _column("told", 3.4)],
        rows=method_rows(content),
    )
