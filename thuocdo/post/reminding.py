"""Sends the reminders of a round whose window for replies closes, to each agency's team, by mail and webhook, each once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from dashboards.owners import Owners, Smtp, Team, Webhook
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError, MailAwayError
from thuocdo.core.model import Round
from thuocdo.core.portals import Registry
from thuocdo.post.mail import Letter, mail_server, send
from thuocdo.post.webhook import post
from thuocdo.publication.texts import fixed_text
from thuocdo.rounds.documents import reminder_document
from thuocdo.rounds.reminders import Reminder
from thuocdo.store import Store
from thuocdo.store.sent_letters import SentLetter

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """Ids of agencies: that were told by now, for which nobody is named, and that were not reached."""

    told: tuple[str, ...]
    unknown: tuple[str, ...]
    unreached: tuple[str, ...]


def send_reminders(
    store: Store,
    round_: Round,
    reminder: Reminder,
    owners: Owners,
    owner_of: Mapping[str, str],
    registry: Registry,
    now: datetime,
) -> Reminded:
    """
    Remind agencies; what was taken is written down at once, and not sent again.

    Args:
        store: where it is written down.
        round_: whose window closes.
        reminder: which are to be reminded.
        owners: says where teams are told: its mailboxes for reports, else those for alerts; its webhooks.
        owner_of: by agency the id of the team that it belongs to.
        registry: of the round, for names.
        now: when this is.

    Raises:
        ConfigurationError: the mail server does not know us, or none is named.
        MailAwayError: the mail server is not there.
        StoreError: the store cannot be written.
    """
    found: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for agency_id in reminder.agencies:
        own = replace(reminder, agencies=(agency_id,))
        team = owners.owners.get(owner_of.get(agency_id, agency_id))
        sending = _Sending(store, round_, own, owners.smtp, registry, now)
        found[sending.to(team) if team else None].append(agency_id)
    return Reminded(told=tuple(found[True]), unknown=tuple(found[None]), unreached=tuple(found[False]))


def sent_by_itself() -> str:
    """Return the reason that the log gives for reminders that nobody gave a command for."""
    return fixed_text("remind.by_itself")


class _Sending:
    """Sends a reminder of one agency."""

    def __init__(
        self, store: Store, round_: Round, reminder: Reminder, smtp: Smtp | None, registry: Registry, now: datetime
    ) -> None:
        self._store, self._round, self._reminder = store, round_, reminder
        self._smtp, self._registry, self._now = smtp, registry, now
        (self._agency_id,) = reminder.agencies
        self._matter = f"round:{round_.id}:{reminder.kind.value}"
        sent = store.sent_letters.of(self._matter)
        self._sent = {one.address for one in sent if one.subject_id == self._agency_id}

    def to(self, team: Team) -> bool | None:
        """Send it to a team, and tell whether each of its places has it by now; None = the team has none."""
        mailboxes = team.reports or team.emails
        ways: list[tuple[str, Callable[[], None]]] = [
            *((one.to, partial(self._mail, one.to)) for one in mailboxes),
            *((one.url, partial(self._call, one)) for one in team.webhooks),
        ]
        if not ways:
            return None
        reached = [address in self._sent or self._try(address, way) for address, way in ways]  # each is tried
        return all(reached)

    def _try(self, address: str, way: Callable[[], None]) -> bool:
        try:
            way()
        except MailAwayError as exc:
            log.error("a reminder did not go out; it is tried again", agency=self._agency_id, cause=str(exc))  # noqa: TRY400
            return False
        self._store.sent_letters.add(
            SentLetter(matter=self._matter, subject_id=self._agency_id, address=address, sent_at=self._now)
        )
        return True

    def _mail(self, address: str) -> None:
        if self._smtp is None:
            raise ConfigurationError("smtp: no mail server is named in the file of owners; add smtp there")
        with mail_server(self._smtp) as connection:
            send(connection, self._letter(address), self._smtp.sender, self._now)

    def _call(self, hook: Webhook) -> None:
        post(hook, reminder_document(self._reminder, self._round, self._registry))

    def _letter(self, address: str) -> Letter:
        known = self._registry.agencies.get(self._agency_id)
        label, deadline = self._round.label, f"{self._reminder.deadline.astimezone(HANOI):%d/%m/%Y %H:%M}"
        lines = [
            fixed_text("remind.greeting", agency=known.full_name("vi") if known else self._agency_id),
            fixed_text("remind.text", round=label, deadline=deadline),
            fixed_text("remind.silence"),
            fixed_text("remind.end"),
        ]
        return Letter(
            matter=self._matter,
            subject_id=self._agency_id,
            to=address,
            subject=fixed_text("remind.subject", round=label, deadline=deadline),
            text="\n\n".join(lines) + "\n",
        )
