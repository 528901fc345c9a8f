"""Sends the report of a period to those that the file of owners names: each once, however often it is asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from dashboards.owners import Owners
from thuocdo.core.clock import hanoi_day
from thuocdo.core.errors import ConfigurationError, MailAwayError
from thuocdo.periods.content import PeriodContent
from thuocdo.periods.files import agency_files
from thuocdo.periods.period import Period
from thuocdo.periods.report import period_report
from thuocdo.periods.tables import period_tables
from thuocdo.periods.wording import called, incidents_sentence, marks, measured_sentence, rules, share
from thuocdo.post.mail import Letter, mail_server, send
from thuocdo.publication.packing import PrintsPages, document_files
from thuocdo.publication.plain_workbook import plain_workbook
from thuocdo.publication.texts import fixed_text
from thuocdo.store import Store
from thuocdo.store.sent_letters import SentLetter

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who gets what: subject_id: the agency whose sheet it is, empty = the report of all."""

    subject_id: str
    address: str


def matter_of(period: Period) -> str:
    """Return what letters with the report of a period are kept under."""
    return f"period:{period.name}"


def recipients(owners: Owners, owner_of: Mapping[str, str], content: PeriodContent) -> list[Recipient]:
    """
    Return who gets a report.

    Args:
        owners: the file.
        owner_of: by agency the id of the team that it belongs to.
        content: the period.
    """
    found = [Recipient(subject_id="", address=one.to) for one in owners.central.reports]
    for agency in content.agencies:
        team = owners.owners.get(owner_of.get(agency.agency.id, agency.agency.id))
        found += [Recipient(subject_id=agency.agency.id, address=one.to) for one in team.reports] if team else []
    return found


def unsent(store: Store, period: Period, asked: Iterable[Recipient]) -> list[Recipient]:
    """Return those of some recipients to whom the report did not go out yet."""
    there = {(one.subject_id, one.address) for one in store.sent_letters.of(matter_of(period))}
    return [one for one in asked if (one.subject_id, one.address) not in there]


def send_report(
    store: Store,
    owners: Owners,
    content: PeriodContent,
    asked: Sequence[Recipient],
    printer: PrintsPages | None,
    now: datetime,
) -> list[Recipient]:
    """
    Send a report; what went out is written down at once, so that nothing is sent again but the one letter between.

    Args:
        store: where it is written down.
        owners: says by which mail server.
        content: a period that is over.
        asked: who gets it, and did not yet.
        printer: prints what becomes PDF; None = there are no PDF files.
        now: when this is.

    Returns:
        Those to whom it did not go out; why is in the log.

    Raises:
        ConfigurationError: the period is not over, there is no mail server, or it does not know us.
        MailAwayError: the mail server is not there.
        StoreError: the store cannot be written.
    """
    if not content.is_over:
        raise ConfigurationError(f"period {content.period.name} is not over; its report is sent when it is")
    if owners.smtp is None:
        raise ConfigurationError("smtp: no mail server is named in the file of owners; add smtp there")
    if not asked:
        return []
    left = []
    for one in asked:
        letter = _letter(content, one, printer)  # printing takes a while, in which no server would wait
        with mail_server(owners.smtp) as connection:
            try:
                send(connection, letter, owners.smtp.sender, now)
            except MailAwayError as exc:
                log.error("a report was not sent; it is tried again", to=one.address, cause=str(exc))  # noqa: TRY400
                left.append(one)
                continue
        store.sent_letters.add(
            SentLetter(matter=letter.matter, subject_id=one.subject_id, address=one.address, sent_at=now)
        )
    return left


def is_due(period: Period, working_days: int, deadline: datetime, now: datetime) -> bool:
    """
    Tell whether a report goes out by itself: from its day on, for as many days as a month has.

    Args:
        period: of the report.
        working_days: after the period on which it is sent, 0 = never.
        deadline: the end of that working day.
        now: the present instant.
    """
    days_late = (hanoi_day(now) - hanoi_day(deadline)).days
    return working_days > 0 and period.is_over(now) and 0 <= days_late <= 31


def _letter(content: PeriodContent, one: Recipient, printer: PrintsPages | None) -> Letter:
    period = called(content.period)
    if not one.subject_id:
        name = f"bao-cao-{content.period.name}"
        files = [*document_files(name, period_report(content), printer), (f"{name}.xlsx", _workbook(content))]
        subject, about = fixed_text("period.mail.subject", period=period), ""
    else:
        agency = content.agency(one.subject_id)
        files = [*agency_files(content, one.subject_id, printer, f"{one.subject_id}-{content.period.name}")]
        called_vi = agency.agency.full_name("vi")
        subject = fixed_text("period.mail.agency_subject", period=period, agency=called_vi)
        about = fixed_text(
            "period.mail.agency",
            agency=called_vi,
            availability=share(agency.report.availability_ratio if agency.is_measured else None),
            coverage=share(agency.report.coverage_ratio),
            incidents=len(agency.incidents),
        )
    greeting, text = fixed_text("period.mail.greeting"), fixed_text("period.mail.text", period=period)
    lines = [greeting, *marks(content), text, measured_sentence(content)]
    lines += [about] if about else [incidents_sentence(content)]
    lines += [fixed_text("period.mail.end")]
    return Letter(
        matter=matter_of(content.period),
        subject_id=one.subject_id,
        to=one.address,
        subject=f"[{marks(content)[0]}] {subject}" if marks(content) else subject,
        text="\n\n".join(lines) + "\n",
        attachments=files,
    )


def _workbook(content: PeriodContent) -> bytes:
    title = fixed_text("period.sheet.title", period=called(content.period))
    return plain_workbook(title, [*period_tables(content).values()], rules(content), content.made_at, marks(content))
