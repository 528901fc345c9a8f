"""What people read of an incident: its headline, its parts, and its lines of detail in their own language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Self

from babel.numbers import format_decimal

from thuocdo.core.i18n import Translate, translator
from thuocdo.core.model import Incident, IncidentAspect, IncidentPart, IncidentScope, IncidentState, TargetRole
from thuocdo.core.model.figures import figures_in
from thuocdo.core.portals import Registry
from thuocdo.core.retelling import retold
from thuocdo.incidents.part_changes import SomeParts, read_part_changes


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

    @classmethod
    def by_names(cls, registry: Registry, lang: str, *, now: datetime, instant: Callable[[datetime], str]) -> Self:
        """
        Return the wording for a reader who knows targets by their names, not by ids.

        Args:
            registry: everything that ever was in it; what it does not know keeps its id.
            lang, now, instant: as of the wording.
        """
        translate, targets = translator(lang), registry.targets

        def called(target_id: str) -> str:
            target = targets.get(target_id)
            return registry.called(target, lang) if target else target_id

        def part_called(target_id: str) -> str:
            target = targets.get(target_id)
            if target is None:
                return target_id
            is_home = target.role is TargetRole.HOMEPAGE
            return translate("part.page") if is_home else registry.procedure_called(target, lang)

        return cls(translate=translate, lang=lang, now=now, instant=instant, called=called, part_called=part_called)

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

    def words(self, line: str) -> str:
        """Return a line of an incident, a part or a change: what the judge or the ledger wrote, in the reader's language."""
        changes = read_part_changes(line)
        if changes is None:
            return self._said(line)
        sections = (
            ("Joined: {parts}", changes.joined),
            ("Fine again: {parts}", changes.left),
            ("Removed from the registry: {parts}", changes.removed),
        )
        told = [self.translate(text).format(parts=self._named(some)) for text, some in sections if some.named]
        return "; ".join([*([self._said(changes.said)] if changes.said else []), *told])

    def _said(self, line: str) -> str:
        """Return a line that names no parts; what says a figure is worded anew, as numbers and days are written by language."""
        told = list[str]()
        for is_figure, pieces in groupby(line.split("; "), key=lambda piece: bool(self._figure(piece))):
            alike = [*pieces]
            told += map(self._figure, alike) if is_figure else [retold(self.lang, "; ".join(alike))]
        return "; ".join(told)

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

    def _figure(self, line: str) -> str:
        """Return how slow something is, or how long a certificate holds; empty where a line says neither."""
        found = figures_in(line)
        if found.certificate_ends_at is not None:
            days = (found.certificate_ends_at - self.now).days
            text = (
                "The certificate holds for {days} more days, until {at}"
                if days >= 0
                else "The certificate ran out at {at}"
            )
            return self.translate(text).format(days=days, at=self.instant(found.certificate_ends_at))
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
