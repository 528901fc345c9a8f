"""The annex of one agency: its own places, points and measurements, what was not measured and why, and how to object."""

from collections.abc import Iterator

from thuocdo.core.formats import Formats
from thuocdo.core.i18n import translator
from thuocdo.publication.content import RoundContent, TargetSummary
from thuocdo.publication.document import (
    CellAlign,
    DocumentPart,
    HeadingPart,
    OfficialDocument,
    ParagraphKind,
    ParagraphPart,
    TableColumn,
    TablePart,
)
from thuocdo.publication.letter import attached_to, marks
from thuocdo.publication.report import period, seconds, share, warnings
from thuocdo.publication.tables import is_counted, places
from thuocdo.publication.texts import fixed_text
from thuocdo.publication.wording import ABSENT, block_called, listed, separable
from thuocdo.score.scorecard import PlacesByDraws, RankedAgency

_FORMATS = Formats("vi")
_word = translator("vi")


def annex(content: RoundContent, agency_id: str) -> OfficialDocument:
    """Return the annex of an agency of a ranked block."""
    place = content.members[agency_id]
    return OfficialDocument(
        kind=fixed_text("package.annex.kind"),
        title=fixed_text("package.annex.title", agency=content.agency_name(agency_id), round=content.round.label),
        parts=[
            *warnings(content),
            *_places(content, place),
            *_times(content, agency_id),
            *_points(content, place),
            *_not_measured(place),
            *_measurements(content, agency_id),
            *_objections(content, agency_id),
            *_how_to_object(content),
        ],
        made_at=content.made_at,
        marks=marks(content),
        attached_to=attached_to(content.issuer),
    )


def _places(content: RoundContent, place: RankedAgency) -> Iterator[DocumentPart]:
    card = place.scorecard
    yield HeadingPart(text=fixed_text("package.annex.places"))
    yield ParagraphPart(text=fixed_text("package.annex.measured", period=period(content)))
    if place.unranked_reason:
        yield ParagraphPart(
            text=fixed_text("package.annex.unranked", why=_word(f"unranked.{place.unranked_reason.value}"))
        )
    else:
        ranked = sum(one.rank is not None for one in content.ranking.blocks[card.block])
        yield ParagraphPart(
            text=fixed_text(
                "package.annex.place",
                places=places(place.rank, place.rank_to),
                ranked=ranked,
                block=block_called(card.block),
            )
        )
    if place.may_move:
        yield ParagraphPart(text=fixed_text("package.annex.may_move", places=places(place.best_rank, place.worst_rank)))
    if place.drawn:
        yield ParagraphPart(text=fixed_text("package.annex.drawn", **_drawn(place.drawn)))
    if card.total_ratio is not None:
        yield ParagraphPart(text=fixed_text("package.annex.score", **_score(place)))
    yield ParagraphPart(
        text=fixed_text(
            "package.annex.shares",
            availability=share(card.availability_ratio),
            coverage=share(card.coverage_ratio),
        )
    )


def _drawn(drawn: PlacesByDraws) -> dict[str, str]:
    return {
        "places": places(drawn.first, drawn.last),
        "own": places(drawn.own_first, drawn.own_last),
        "first": _FORMATS.percent(drawn.among_first),
        "last": _FORMATS.percent(drawn.among_last),
    }


def _score(place: RankedAgency) -> dict[str, str]:
    card = place.scorecard
    low, high = (ABSENT if end is None else _FORMATS.fixed(end * 100, 1) for end in (card.ci_low, card.ci_high))
    return {
        "score": _FORMATS.fixed((card.total_ratio or 0.0) * 100, 1),
        "low": low,
        "high": high,
        "points": _FORMATS.number(card.points_obtained),
        "of": _FORMATS.number(card.counted_points),
    }


def _times(content: RoundContent, agency_id: str) -> Iterator[DocumentPart]:
    """Yield its own sheet: places of this agency looked at alone, which are fewer than those that hold for all at once."""
    rows, sentences = [], []
    for one in content.comparisons:
        agency = next((agency for agency in one.times.agencies if agency.agency_id == agency_id), None)
        if agency is None:
            continue
        profile = _word(f"profile.{one.asked.profile}")
        rows.append(
            [
                profile,
                seconds(agency.seconds),
                seconds(agency.median_seconds),
                places(agency.first, agency.last),
                places(agency.own_first, agency.own_last),
                _FORMATS.percent(agency.failed_ratio),
                str(agency.cells),
            ]
        )
        told_of = dict(separable(one.times))
        behind = [content.agency_name(name) for name in told_of.get(agency_id, ())]
        before = [content.agency_name(name) for name, its in told_of.items() if agency_id in its]
        if not one.times.tells_order:
            sentences.append(fixed_text("package.annex.no_order", profile=profile))
            continue
        sentences.append(
            fixed_text("package.annex.faster", profile=profile, count=len(behind), names=listed(behind))
            if behind
            else fixed_text("package.annex.faster_than_none", profile=profile)
        )
        if before:
            sentences.append(
                fixed_text("package.annex.slower", profile=profile, count=len(before), names=listed(before))
            )
    if not rows:
        return
    yield HeadingPart(text=fixed_text("package.annex.times"))
    yield TablePart(
        caption=fixed_text("package.table.own_times"),
        columns=[
            _column("profile", 2.0),
            _column("typical", 1.1, CellAlign.RIGHT),
            _column("median", 1.1, CellAlign.RIGHT),
            _column("places", 1.0, CellAlign.CENTRE),
            _column("own_places", 1.1, CellAlign.CENTRE),
            _column("failed", 1.0, CellAlign.RIGHT),
            _column("blocks", 0.9, CellAlign.RIGHT),
        ],
        rows=rows,
    )
    yield ParagraphPart(text=fixed_text("package.annex.own_places"), kind=ParagraphKind.NOTE)
    for sentence in sentences:
        yield ParagraphPart(text=sentence)


def _column(name: str, width: float, align: CellAlign = CellAlign.LEFT) -> TableColumn:
    return TableColumn(title=fixed_text(f"package.column.{name}"), share=width, align=align)


def _points(content: RoundContent, place: RankedAgency) -> Iterator[DocumentPart]:
    card = place.scorecard
    rows = []
    for criterion in content.criteria.criteria:
        points, why = card.points.get(criterion.id), card.not_measured.get(criterion.id)
        remarks = []
        if points is None and why:
            remarks.append(_word(f"not_measured.{why.value}"))
        if not is_counted(place, criterion.id):
            remarks.append(fixed_text("package.annex.does_not_count"))
        possible = card.possible_points.get(criterion.id)
        rows.append(
            [
                criterion.title_vi,
                ABSENT if points is None else _FORMATS.fixed(points, 1),
                ABSENT if possible is None else _FORMATS.fixed(possible, 1),
                _FORMATS.number(criterion.points, 1),
                ". ".join(remarks),
            ]
        )
    yield HeadingPart(text=fixed_text("package.annex.points"))
    yield TablePart(
        caption=fixed_text("package.table.points"),
        columns=[
            _column("criterion", 3.2),
            _column("points", 0.8, CellAlign.RIGHT),
            _column("possible_points", 0.9, CellAlign.RIGHT),
            _column("points_of", 0.8, CellAlign.RIGHT),
            _column("remark", 2.2),
        ],
        rows=rows,
    )


def _not_measured(place: RankedAgency) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("package.annex.not_measured"))
    reasons = place.scorecard.reasons
    if not reasons:
        yield ParagraphPart(text=fixed_text("package.annex.all_measured"))
        return
    yield TablePart(
        caption=fixed_text("package.table.own_reasons"),
        columns=[
            _column("kind", 1.6),
            _column("reason", 1.9),
            _column("times", 0.7, CellAlign.RIGHT),
            _column("next_step", 4.0),
        ],
        rows=[
            [
                _word(f"kind.{one.kind}"),
                _word(f"reason.{one.reason}"),
                _FORMATS.number(one.count, 0),
                _word(f"reason.{one.reason}.explain"),
            ]
            for one in reasons
        ],
    )


def _measurements(content: RoundContent, agency_id: str) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("package.annex.measurements"))
    found = content.of_agency(agency_id)
    if not found:
        yield ParagraphPart(text=fixed_text("package.annex.no_measurements"))
        return
    yield TablePart(
        caption=fixed_text("package.table.endings"),
        columns=[
            _column("target", 2.6),
            _column("kind", 1.6),
            _column("profile", 1.2),
            _column("ok", 0.7, CellAlign.RIGHT),
            _column("failed_runs", 0.7, CellAlign.RIGHT),
            _column("hidden", 0.8, CellAlign.RIGHT),
            _column("spoilt", 0.8, CellAlign.RIGHT),
        ],
        rows=[[*_series(content, one), *_ending(one)] for one in found if one.ok is not None],
    )
    values = [one for one in found if one.ok is None and one.metric in _metrics_read(content)]
    if values:
        yield TablePart(
            caption=fixed_text("package.table.values"),
            columns=[
                _column("target", 2.6),
                _column("metric", 2.2),
                _column("profile", 1.2),
                _column("runs", 0.6, CellAlign.RIGHT),
                _column("middle", 1.0, CellAlign.RIGHT),
                _column("half", 1.6, CellAlign.CENTRE),
            ],
            rows=[_value_row(content, one) for one in values],
        )


def _metrics_read(content: RoundContent) -> set[str]:
    return {one.metric for one in content.criteria.criteria if one.metric}


def _series(content: RoundContent, one: TargetSummary) -> list[str]:
    return [_target(content, one.target_id), _word(f"kind.{one.kind}"), _word(f"profile.{one.profile}")]


def _target(content: RoundContent, target_id: str) -> str:
    target = content.registry.targets.get(target_id)
    if target is None:
        return target_id
    return content.registry.procedure_called(target, "vi") or _word(f"role.{target.role.value}")


def _ending(one: TargetSummary) -> list[str]:
    return [str(number or 0) for number in (one.ok, one.failed, one.hidden, one.spoilt)]


def _value_row(content: RoundContent, one: TargetSummary) -> list[str]:
    return [
        _target(content, one.target_id),
        _FORMATS.called(one.metric),
        _word(f"profile.{one.profile}"),
        str(one.runs),
        ABSENT if one.value is None else _FORMATS.value(one.metric, one.value),
        _FORMATS.interval(one.metric, one.quarter, one.three_quarters),
    ]


def _objections(content: RoundContent, agency_id: str) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("package.annex.objections"))
    own = [one for one in content.objections if one.agency_id == agency_id]
    if not own:
        yield ParagraphPart(text=fixed_text("package.annex.no_objections"))
    for one in own:
        yield ParagraphPart(
            text=fixed_text(
                "package.annex.objection",
                number=one.number,
                claim=". ".join(part for part in (one.kind, one.target, one.claim) if part),
                decision=". ".join(part for part in (one.decision, one.reason) if part)
                or fixed_text("package.objections.open"),
            )
        )


def _how_to_object(content: RoundContent) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("package.annex.how_to_object"))
    if content.reply_days is None:
        yield ParagraphPart(text=fixed_text("package.annex.right"))
    else:
        yield ParagraphPart(text=fixed_text("package.annex.right_in_days", days=content.reply_days))
    yield ParagraphPart(text=fixed_text("package.annex.what_to_send"))
    if content.issuer:
        yield ParagraphPart(text=fixed_text("package.annex.where", contact=content.issuer.contact))
