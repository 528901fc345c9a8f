"""The report of a period: a page of summary first, then availability, times, incidents, causes, maintenance, and the rules."""

from collections.abc import Iterable, Iterator, Sequence

from thuocdo.core.model import Reason
from thuocdo.periods.content import AgencyPeriod, AnnouncedMaintenance, MeasuredTime, PeriodContent, PeriodIncident
from thuocdo.periods.wording import (
    FORMATS,
    availability_sentence,
    budget_told,
    called,
    incidents_sentence,
    lasted,
    marks,
    measured_sentence,
    reason_called,
    rules,
    seconds,
    share,
    state_called,
    told,
    unmeasured_sentence,
)
from thuocdo.publication.document import (
    CellAlign,
    DocumentPart,
    HeadingPart,
    OfficialDocument,
    PageEnd,
    ParagraphKind,
    ParagraphPart,
    TableColumn,
    TablePart,
    numbered,
)
from thuocdo.publication.letter import attached_to, letter_end, letter_head
from thuocdo.publication.texts import fixed_text
from thuocdo.publication.wording import ABSENT

MOST_INCIDENTS = 20
"""Of the longest, in the report of all; the workbook and each agency's own sheet have every one."""

MOST_CAUSES = 10


def period_report(content: PeriodContent) -> OfficialDocument:
    """Return the report of all agencies."""
    return OfficialDocument(
        kind=fixed_text("package.report.kind"),
        title=fixed_text("period.title", period=called(content.period)),
        parts=[
            *_summary(content),
            *numbered(
                [
                    *_availability(content),
                    *_times(content),
                    *_incidents(content),
                    *_causes(content),
                    *_maintenance(content),
                    *_unmeasured(content),
                    *_rules(content),
                ]
            ),
        ],
        made_at=content.made_at,
        marks=marks(content),
        head=letter_head(content.issuer),
        end=letter_end(content.issuer),
    )


def agency_report(content: PeriodContent, agency_id: str) -> OfficialDocument:
    """Return one agency's own sheet, an annex to the report; raises LookupError where it is not in it."""
    one = content.agency(agency_id)
    return OfficialDocument(
        kind=fixed_text("period.annex"),
        title=fixed_text("period.annex.title", agency=one.agency.full_name("vi"), period=called(content.period)),
        parts=[
            *_warnings(content),
            *numbered(
                [
                    *_own_availability(content, one),
                    *_own_times(one),
                    *_own_incidents(content, one),
                    *_own_causes(one),
                    *_own_maintenance(one),
                    *_rules(content),
                ]
            ),
        ],
        made_at=content.made_at,
        marks=marks(content),
        attached_to=attached_to(content.issuer),
    )


def _heading(name: str) -> HeadingPart:
    return HeadingPart(text=fixed_text(f"period.heading.{name}"))


def _column(name: str, share_of_width: float, align: CellAlign = CellAlign.LEFT) -> TableColumn:
    return TableColumn(title=fixed_text(f"period.column.{name}"), share=share_of_width, align=align)


def _figure(name: str, share_of_width: float = 1.0) -> TableColumn:
    return _column(name, share_of_width, CellAlign.RIGHT)


def _warnings(content: PeriodContent) -> Iterator[DocumentPart]:
    if content.synthetic:
        yield ParagraphPart(text=fixed_text("package.warning.synthetic"), kind=ParagraphKind.WARNING)
    if not content.is_over:
        text = fixed_text("period.warning.unfinished", until=FORMATS.instant(content.made_at))
        yield ParagraphPart(text=text, kind=ParagraphKind.WARNING)
    if content.issuer and content.issuer.made_up:
        yield ParagraphPart(text=fixed_text("package.warning.made_up"), kind=ParagraphKind.NOTE)


def _summary(content: PeriodContent) -> Iterator[DocumentPart]:
    yield from _warnings(content)
    yield HeadingPart(text=fixed_text("package.summary"))
    yield ParagraphPart(text=measured_sentence(content))
    yield ParagraphPart(text=availability_sentence(content, content.report, content.before))
    for block, agencies in content.blocks.items():
        yield ParagraphPart(text=_block_sentence(content, told(f"block.{block.value}"), agencies))
    yield ParagraphPart(text=incidents_sentence(content))
    yield ParagraphPart(text=unmeasured_sentence(content))
    yield ParagraphPart(text=fixed_text("period.rule.no_ranking.text"), kind=ParagraphKind.NOTE)
    yield PageEnd()


def _block_sentence(content: PeriodContent, block: str, agencies: Sequence[AgencyPeriod]) -> str:
    measured = [one for one in agencies if one.is_measured]
    reached = sum((one.report.availability_ratio or 0.0) >= content.objective for one in measured)
    return fixed_text(
        "period.block",
        block=block,
        number=FORMATS.number(len(agencies)),
        measured=FORMATS.number(len(measured)),
        reached=FORMATS.number(reached),
        objective=share(content.objective),
    )


def _availability(content: PeriodContent) -> Iterator[DocumentPart]:
    yield _heading("availability")
    yield ParagraphPart(text=fixed_text("period.availability.how"))
    columns = [
        _column("agency", 2.8),
        _figure("availability", 1.2),
        _figure("before", 1.2),
        _figure("coverage", 1.1),
        _figure("failed", 0.8),
        _figure("budget", 1.1),
        _figure("down", 1.4),
    ]
    for block, agencies in content.blocks.items():
        yield TablePart(
            caption=fixed_text("period.table.availability", block=told(f"block.{block.value}")),
            columns=columns,
            rows=[
                [
                    _agency_called(one),
                    share(one.report.availability_ratio if one.is_measured else None),
                    share(one.before.availability_ratio),
                    share(one.report.coverage_ratio),
                    FORMATS.number(one.report.failed) if one.report.conclusive else ABSENT,
                    budget_told(one, content.objective) if one.is_measured else ABSENT,
                    lasted(one.down) if one.incidents else ABSENT,
                ]
                for one in agencies
            ],
        )


def _agency_called(one: AgencyPeriod) -> str:
    name = one.agency.full_name("vi")
    return fixed_text("period.taken_over", name=name, successor=one.taken_over_by) if one.taken_over_by else name


def _times(content: PeriodContent) -> Iterator[DocumentPart]:
    rows = [
        [one.agency.full_name("vi"), target.called, *_time_cells(time)]
        for one in content.agencies
        for target in one.targets
        for time in target.times
    ]
    yield from _times_part(rows, [_column("agency", 2.4), _column("target", 2.6)])


def _own_times(one: AgencyPeriod) -> Iterator[DocumentPart]:
    rows = [[target.called, *_time_cells(time)] for target in one.targets for time in target.times]
    yield from _times_part(rows, [_column("target", 3.4)])


def _times_part(rows: Sequence[Sequence[str]], named: Sequence[TableColumn]) -> Iterator[DocumentPart]:
    yield _heading("times")
    if not rows:
        yield ParagraphPart(text=fixed_text("period.no_times"))
        return
    yield ParagraphPart(text=fixed_text("period.times.how"))
    yield TablePart(
        caption=fixed_text("period.table.times"),
        columns=[
            *named,
            _column("what", 2.2),
            _figure("median"),
            _figure("three_quarters"),
            _figure("median_before"),
            _figure("runs", 0.8),
        ],
        rows=rows,
    )


def _time_cells(time: MeasuredTime) -> list[str]:
    what = fixed_text(
        "period.kind_and_profile", kind=told(f"kind.{time.kind}"), profile=told(f"profile.{time.profile}")
    )
    return [
        what,
        seconds(time.seconds),
        seconds(time.three_quarters),
        seconds(time.before),
        FORMATS.number(time.runs),
    ]


def _incidents(content: PeriodContent) -> Iterator[DocumentPart]:
    yield _heading("incidents")
    yield ParagraphPart(text=incidents_sentence(content))
    found = content.incidents[:MOST_INCIDENTS]
    if found:
        yield _incident_table(
            fixed_text("period.table.longest", number=FORMATS.number(len(found))),
            [[content.agency(one.agency_id).agency.full_name("vi"), *_incident_cells(one)] for one in found],
            [_column("agency", 2.4)],
        )


def _own_incidents(content: PeriodContent, one: AgencyPeriod) -> Iterator[DocumentPart]:
    yield _heading("incidents")
    if not one.incidents:
        yield ParagraphPart(text=fixed_text("period.no_incident"))
        return
    number = FORMATS.number(len(one.incidents))
    yield ParagraphPart(text=fixed_text("period.own_incidents", number=number, length=lasted(one.down)))
    rows = [[", ".join(incident.targets), *_incident_cells(incident)] for incident in one.incidents]
    yield _incident_table(fixed_text("period.table.incidents"), rows, [_column("target", 2.4)])
    if any(incident.is_longer for incident in one.incidents):
        yield ParagraphPart(text=fixed_text("period.longer", period=called(content.period)), kind=ParagraphKind.NOTE)


def _incident_table(caption: str, rows: Sequence[Sequence[str]], named: Sequence[TableColumn]) -> TablePart:
    columns = [*named, _column("state", 1.5), _column("why", 2.4), _column("since", 1.4), _column("until", 1.4)]
    return TablePart(caption=caption, columns=[*columns, _figure("length", 1.2)], rows=rows)


def _incident_cells(incident: PeriodIncident) -> list[str]:
    ended = FORMATS.instant(incident.ended_at) if incident.ended_at else fixed_text("period.lasting")
    return [
        state_called(incident),
        reason_called(incident.reason),
        FORMATS.instant(incident.started_at),
        ended,
        lasted(incident.length),
    ]


def _causes(content: PeriodContent) -> Iterator[DocumentPart]:
    yield from _causes_part(content.reasons)


def _own_causes(one: AgencyPeriod) -> Iterator[DocumentPart]:
    yield from _causes_part(one.reasons)


def _causes_part(reasons: Sequence[tuple[Reason, int]]) -> Iterator[DocumentPart]:
    yield _heading("causes")
    if not reasons:
        yield ParagraphPart(text=fixed_text("period.no_cause"))
        return
    yield ParagraphPart(text=fixed_text("period.causes.how"))
    yield TablePart(
        caption=fixed_text("period.table.causes"),
        columns=[_column("why", 3.0), _column("whose", 1.6), _figure("times", 1.0)],
        rows=[
            [reason_called(reason), told(f"outcome.{reason.outcome.value}"), FORMATS.number(number)]
            for reason, number in reasons[:MOST_CAUSES]
        ],
    )


def _maintenance(content: PeriodContent) -> Iterator[DocumentPart]:
    rows = [
        [one.agency.full_name("vi"), *_maintenance_cells(window)]
        for one in content.agencies
        for window in one.maintenance
    ]
    yield from _maintenance_part(rows, content.report.excluded, [_column("agency", 2.4)])


def _own_maintenance(one: AgencyPeriod) -> Iterator[DocumentPart]:
    rows = [_maintenance_cells(window) for window in one.maintenance]
    yield from _maintenance_part(rows, one.report.excluded, [])


def _maintenance_part(
    rows: Sequence[Sequence[str]], excluded: int, named: Sequence[TableColumn]
) -> Iterator[DocumentPart]:
    yield _heading("maintenance")
    yield ParagraphPart(text=fixed_text("period.rule.maintenance.text"))
    if not rows:
        yield ParagraphPart(text=fixed_text("period.no_maintenance"))
        return
    yield ParagraphPart(text=fixed_text("period.excluded", number=FORMATS.number(excluded)))
    yield TablePart(
        caption=fixed_text("period.table.maintenance"),
        columns=[*named, _column("when", 2.6), _column("asked_by", 2.0), _column("document", 2.0)],
        rows=rows,
    )


def _maintenance_cells(window: AnnouncedMaintenance) -> list[str]:
    when = fixed_text(
        "period.once" if window.times == 1 else "period.again",
        since=FORMATS.instant(window.since),
        until=FORMATS.instant(window.until),
        times=FORMATS.number(window.times),
        minutes=FORMATS.number(window.minutes),
    )
    return [when, window.asked_by, window.document or ABSENT]


def _unmeasured(content: PeriodContent) -> Iterator[DocumentPart]:
    yield _heading("unmeasured")
    yield ParagraphPart(text=unmeasured_sentence(content))
    rows = [
        [one.agency.full_name("vi"), share(one.report.coverage_ratio), _why_not(one)]
        for one in content.agencies
        if not one.is_measured
    ]
    if rows:
        yield TablePart(
            caption=fixed_text("period.table.unmeasured"),
            columns=[_column("agency", 3.0), _figure("coverage"), _column("why", 3.4)],
            rows=rows,
        )


def _why_not(one: AgencyPeriod) -> str:
    reasons = [reason_called(reason) for reason, _ in one.reasons[:3]]
    missed = [fixed_text("period.missed", number=FORMATS.number(one.report.missed))] if one.report.missed else []
    return "; ".join([*reasons, *missed]) or fixed_text("period.nothing_due")


def _own_availability(content: PeriodContent, one: AgencyPeriod) -> Iterator[DocumentPart]:
    yield _heading("availability")
    yield ParagraphPart(text=measured_sentence(content))
    yield ParagraphPart(text=availability_sentence(content, one.report, one.before))
    budget = budget_told(one, content.objective)
    if budget != ABSENT:
        text = fixed_text("period.own_budget", objective=share(content.objective), left=budget)
        yield ParagraphPart(text=text)
    if not one.is_measured:
        yield ParagraphPart(text=fixed_text("period.own_unmeasured", why=_why_not(one)), kind=ParagraphKind.NOTE)
    yield TablePart(
        caption=fixed_text("period.table.targets"),
        columns=[
            _column("target", 3.4),
            *(
                _figure(name)
                for name in ("availability", "coverage", "ok", "failed", "inconclusive", "missed", "excluded")
            ),
        ],
        rows=[
            [
                target.called,
                share(target.report.availability_ratio),
                share(target.report.coverage_ratio),
                *(
                    FORMATS.number(number)
                    for number in (
                        target.report.ok,
                        target.report.failed,
                        target.report.inconclusive,
                        target.report.missed,
                        target.report.excluded,
                    )
                ),
            ]
            for target in one.targets
        ],
    )


def _rules(content: PeriodContent) -> Iterable[DocumentPart]:
    yield _heading("rules")
    for name, text in rules(content):
        yield ParagraphPart(text=f"{name}: {text}", kind=ParagraphKind.ITEM)
