"""What people read of an incident: its headline, its parts, and its lines of detail in their own language."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import format_decimal

from thuocdo.core.i18n import Translate
from thuocdo.core.model import Incident, IncidentAspect, IncidentPart, IncidentScope, IncidentState
from thuocdo.core.model.figures import Figures, figures_of
from thuocdo.incidents.ledger import LEDGER_DETAILS
from thuocdo.incidents.part_changes import SomeParts, read_part_changes

_COUNTED = (
    (re.compile(r"^status (\d{3})$"), "HTTP status {}"),
    (re.compile(r"^(\d+) of (\d+) targets at once$"), "{} of {} targets at once"),
    (re.compile(r"^(\d+) portals of the family at once$"), "{} portals of the family at once"),
    (
        re.compile(r"^(\d+) of (\d+) probes failed, in turn with answers$"),
        "{} of {} probes failed, in turn with answers",
    ),
    (
        re.compile(r"^(\d+) of (\d+) probes failed, in turn with answers: status (\d{3})$"),
        "{} of {} probes failed with HTTP status {}, in turn with answers",
    ),
)


def _itself(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """
    Tells one reader.

    translate, lang: of the reader. now: the instant at which it is read. called: gives what people call a target; part_called:
    likewise within its portal. instant: writes an instant.
    """

    translate: Translate
    lang: str
    now: datetime
    instant: Callable[[datetime], str]
    called: Callable[[str], str] = _itself
    part_called: Callable[[str], str] = _itself

    def headline(self, incident: Incident) -> str:
        """Return what happened in one line, of a portal's incident by its worst part; in the past tense once it is over."""
        is_over = incident.state is IncidentState.ENDED
        state, when = (incident.worst, "past") if is_over else (incident.state, "now")
        if incident.scope is not IncidentScope.TARGET:
            line = self.translate(f"incident.{incident.scope}.{when}")
            return line.format(subject=incident.subject_id, number=len(incident.target_ids))
        parts = incident.portal_parts if is_over else incident.lasting_parts
        worst = next((part for part in parts if (part.worst if is_over else part.state) is state), None)
        subject = self.called(worst.target_id if worst else incident.subject_id)
        line = self.translate(f"incident.target.{state}.{when}").format(subject=subject)
        more = len({(part.target_id, part.aspect) for part in parts}) - 1
        if more <= 0:
            return line
        return self.translate("{headline}, with {number} more parts of the portal").format(headline=line, number=more)

    def part(self, part: IncidentPart) -> str:
        """Return what a part is called."""
        return self._part(part.target_id, part.aspect)

    def detail(self, told: Incident | IncidentPart) -> str:
        """Return the line of detail of an incident or a part: what the judge wrote, in the reader's language."""
        return self._figures(figures_of(told)) or self.words(told.detail)

    def words(self, line: str) -> str:
        """Return a line of an incident or of a change: what the judge or the ledger wrote, in the reader's language."""
        if line in LEDGER_DETAILS:
            return self.translate(line)
        changes = read_part_changes(line)
        if changes is not None:
            sections = (
                ("Joined: {parts}", changes.joined),
                ("Fine again: {parts}", changes.left),
                ("Removed from the registry: {parts}", changes.removed),
            )
            told = [self.translate(text).format(parts=self._named(some)) for text, some in sections if some.named]
            return "; ".join([*([self.words(changes.said)] if changes.said else []), *told])
        for pattern, text in _COUNTED:
            if found := pattern.match(line):
                return self.translate(text).format(*found.groups())
        return line

    def _named(self, some: SomeParts) -> str:
        names = [
            self._part(one.target_id, one.aspect)
            + (f" ({self.translate(f'part_state.{one.state}')})" if one.state else "")
            for one in some.named
        ]
        return ", ".join(
            [*names, *([self.translate("and {number} more").format(number=some.more)] if some.more else [])]
        )

    def _part(self, target_id: str, aspect: IncidentAspect) -> str:
        name = self.part_called(target_id)
        return self.translate("part.certificate").format(name=name) if aspect is IncidentAspect.CERTIFICATE else name

    def _figures(self, found: Figures) -> str:
        if found.certificate_ends_at is not None:
            days = (found.certificate_ends_at - self.now).days
            text = (
                "The certificate holds for {days} more days, until {at}"
                if days >= 0
                else "The certificate ran out at {at}"
            )
            return self.translate(text).format(days=days, at=self.instant(found.certificate_ends_at))
        if found.certificate is not None:
            return self.translate(f"certificate_fault.{found.certificate}")
        if found.seconds is not None:
            usual = found.usual_seconds
            text = (
                "It takes {seconds} s, usually {usual} s"
                if usual
                else "It takes {seconds} s, which is poor for anybody"
            )
            numbers = {"seconds": self._number(found.seconds), "usual": self._number(usual or 0.0)}
            return self.translate(text).format(**numbers)
        return ""

    def _number(self, number: float) -> str:
        return str(format_decimal(number, format="0.0", locale=self.lang))
