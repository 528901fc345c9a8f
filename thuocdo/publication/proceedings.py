"""What people did with a round, as a package tells it: objections with their decisions, overrulings, how long to answer."""

from dataclasses import replace

from thuocdo.core.clock import hanoi_day
from thuocdo.core.i18n import Translate
from thuocdo.core.model import Objection, Round, RoundLogEntry, RoundStep, Ruling
from thuocdo.core.portals import Registry
from thuocdo.publication.content import ReportedObjection, ReportedOverruling, RoundContent
from thuocdo.rounds.facts import called
from thuocdo.rounds.working_days import WorkingCalendar
from thuocdo.store import Store

REPLY_DAYS = "reply_working_days"
"""Of the settings that a planned round froze."""


def with_proceedings(
    content: RoundContent, store: Store, calendar: WorkingCalendar, translate: Translate
) -> RoundContent:
    """
    Return the content of a package with what people did with its round; of a short round there is nothing.

    Raises:
        StoreError: the store cannot be read.
    """
    round_ = content.round
    days = round_.settings.get(REPLY_DAYS)
    log = store.round_log.of(round_.id)
    return replace(
        content,
        objections=tuple(
            _objection(one, round_, content.registry, calendar, translate) for one in store.objections.of(round_.id)
        ),
        overrulings=tuple(_overruling(one, translate) for one in log if one.note.step is RoundStep.OVERRULE),
        reply_days=int(days) if days else content.reply_days,
    )


def _objection(
    one: Objection, round_: Round, registry: Registry, calendar: WorkingCalendar, translate: Translate
) -> ReportedObjection:
    target = registry.targets.get(one.target_id or "")
    is_decided = one.ruling is not None and one.decided_at is not None
    return ReportedObjection(
        number=called(round_, one.number),
        agency_id=one.agency_id,
        target=registry.called(target, "vi") if target else one.target_id or "",
        kind=translate(f"objection.kind.{one.kind.value}"),
        claim=one.claim,
        decision=translate(f"objection.ruling.{one.ruling.value}") if one.ruling else "",
        reason=one.ruling_reason,
        days=calendar.working_days_between(one.received_at, one.decided_at) if one.decided_at else None,
        accepted=one.ruling in (Ruling.ACCEPTED, Ruling.PARTLY) if is_decided else None,
    )


def _overruling(entry: RoundLogEntry, translate: Translate) -> ReportedOverruling:
    kind, _, subject = entry.note.subject.partition(" ")
    return ReportedOverruling(
        obstacle=translate(f"obstacle.{kind}").format(subject=subject),
        by=entry.note.by,
        on=hanoi_day(entry.note.at),
        reason=entry.note.reason,
    )
