"""
What follows from what vantage points see of a target: incidents of portals and of families begin, change and end.

Of a portal there is one incident at a time, which ten forms of one host open once:

1. A target that is down, broken, replaced, flapping or slow is a part of its portal's incident; so is its certificate, once that
   runs out soon. The first part opens the incident, each further one joins it, whatever the portal's other targets do.
2. A part takes the worst state that its target is in, and is over when that is in none. The incident's state is its worst part's.
3. The incident begins with its first part and is over when none lasts, at the end of the part that lasted longest.
4. A target that falls with its family belongs to the family's incident and opens no part; a part that it had already stays.
"""

from collections.abc import Callable
from datetime import datetime

from thuocdo.core.model import IncidentAspect, IncidentScope, IncidentState, Reading, Target
from thuocdo.core.model.figures import ending_detail
from thuocdo.incidents import flapping
from thuocdo.incidents.breakage import BREAKAGE
from thuocdo.incidents.case import Case, ConclusiveProbe, Part, case_key, part_key
from thuocdo.incidents.certificates import first_to_end, is_unknown, note_certificate
from thuocdo.incidents.falls import fallen_of_family, first_detail, is_hit, tells_failure
from thuocdo.incidents.judge_state import Memory
from thuocdo.incidents.replacement import ANOTHER_PAGE
from thuocdo.incidents.rules import JudgingContext
from thuocdo.incidents.sightings import Concern
from thuocdo.incidents.slowness import fine_since, is_slow, note_slowness, slow_since

Note = Callable[[Case, Part, Memory], None]
"""Keeps what shows a state, and says it in a part's detail."""


class Conclusions:
    """
    Draws them, reading after reading.

    Args:
        memory: what is known; changed in place.
        scene: targets and rules.
    """

    def __init__(self, memory: Memory, scene: JudgingContext) -> None:
        self.ended: list[Case] = []
        self._memory = memory
        self._scene = scene

    def conclude(
        self, target: Target, reading: Reading, resolved_at: datetime, renewed_at: datetime | None = None
    ) -> None:
        """
        Hear all vantage points and open, change or end what belongs to a target.

        Args:
            target: registered.
            reading: of it, taken into the memory already.
            resolved_at: since when the target is fine where this reading shows that it is.
            renewed_at: since when its certificate is another one where this reading shows that it is; None = as the reading.
        """
        at, memory = reading.key.scheduled_at, self._memory
        self._hear(target, at)
        family = memory.case(IncidentScope.FAMILY, target.family)
        if family is not None:
            self._follow_family(family, target, at, resolved_at)
        case = memory.case(IncidentScope.TARGET, target.portal_id)
        part = case.part_of(target.id) if case is not None else None
        if case is not None and part is not None:
            self._follow(case, part, reading, resolved_at)
        elif target.id in memory.down:
            if tells_failure(reading):
                self._fall(target, at)
        elif target.id in memory.broken:
            self._begin(target, IncidentState.BROKEN, BREAKAGE.begun_at(memory, target.id), at, BREAKAGE.note)
        elif target.id in memory.replaced:
            self._begin(target, IncidentState.REPLACED, ANOTHER_PAGE.begun_at(memory, target.id), at, ANOTHER_PAGE.note)
        elif target.id in memory.flapping:
            since = flapping.flapping_since(memory, target.id)
            self._begin(target, IncidentState.FLAPPING, since, at, flapping.note_flapping)
        elif target.id in memory.slow:
            self._begin(target, IncidentState.DEGRADED, slow_since(memory, target.id), at, note_slowness)
        if case is not None or any(target.id in here for here in memory.expiring.values()):
            self._follow_certificate(target, at, renewed_at or at)

    def open(self, scope: IncidentScope, subject_id: str, state: IncidentState, since: datetime, at: datetime) -> Case:
        """Open the case of a family or a vantage point."""
        return self._open(case_key(scope, subject_id), scope, subject_id, "", state, since, at)

    def end(self, case: Case, ended_at: datetime, at: datetime) -> None:
        """End a case."""
        case.end(ended_at, at)
        name = next(name for name, one in self._memory.cases.items() if one is case)
        del self._memory.cases[name]
        self._memory.ended[name] = case.ended_at or ended_at
        self.ended.append(case)

    def _hear(self, target: Target, at: datetime) -> None:
        """Let the vantage points say how a target is; where nobody can be trusted to say, it stays as it was."""
        memory, scene = self._memory, self._scene
        gap = scene.rules.gap_for(target)
        voices = [view for view in memory.views_of(target.id) if view.own.is_fresh(at, gap)]
        if voices:
            _keep(memory.down, target.id, belongs=2 * sum(view.is_down for view in voices) > len(voices))
        for names, verdict in (
            (memory.broken, BREAKAGE.holds(memory, scene, target.id, at)),
            (memory.replaced, ANOTHER_PAGE.holds(memory, scene, target.id, at)),
            (memory.flapping, flapping.is_flapping(memory, scene, target.id, at)),
            (memory.slow, is_slow(memory, scene, target.id, at)),
        ):
            if verdict is not None:
                _keep(names, target.id, belongs=verdict)

    def _fall(self, target: Target, at: datetime) -> None:
        """Let a target that is down belong to its family's incident, or be a part of its portal's."""
        family = self._memory.case(IncidentScope.FAMILY, target.family)
        if family is None:
            fallen = fallen_of_family(self._memory, self._scene, target.family, at)
            if not fallen:
                self._begin(target, IncidentState.DOWN, self._down_since(target, at), at, self._note_down)
                return
            started_at = min(self._down_since(member, at) for member in fallen)
            family = self.open(IncidentScope.FAMILY, target.family, IncidentState.DOWN, started_at, at)
            for member in fallen:
                self._add_member(family, member)
            portals = len({member.portal_id for member in fallen})
            family.change(IncidentState.DOWN, at, f"{portals} portals of the family at once")
            family.detail = family.steps[-1].detail
        self._add_member(family, target)

    def _add_member(self, family: Case, member: Target) -> None:
        if member.id not in family.target_ids:
            family.target_ids.append(member.id)
            self._note_failures(family, member.id, None, least=1)

    def _follow_family(self, case: Case, target: Target, at: datetime, resolved_at: datetime) -> None:
        """End a family's incident if enough of its portals are back; one that fails again after that goes on alone."""
        if target.id not in case.target_ids:
            return
        registered = [self._scene.targets[name] for name in case.target_ids if name in self._scene.targets]
        portals = {member.portal_id for member in registered}
        hit = {member.portal_id for member in registered if is_hit(self._memory, self._scene, member.id, at)}
        if len(hit) > (1 - self._scene.rules.back_share) * len(portals):
            return
        self.end(case, resolved_at, at)

    def _follow(self, case: Case, part: Part, reading: Reading, resolved_at: datetime) -> None:
        """Change or end what a target does to its portal's incident."""
        at, memory, name = reading.key.scheduled_at, self._memory, part.target_id
        if name in memory.down:
            if part.state is not IncidentState.DOWN:
                since = self._down_since(self._scene.targets[name], at)
                self._change(case, part, IncidentState.DOWN, since, at, self._note_down)
            elif tells_failure(reading):
                case.note(name, reading.key.vantage_id, ConclusiveProbe.of(reading), part=part)
        elif name in memory.broken:
            self._follow_seen(case, part, BREAKAGE, IncidentState.BROKEN, reading)
        elif name in memory.replaced:
            self._follow_seen(case, part, ANOTHER_PAGE, IncidentState.REPLACED, reading)
        elif name in memory.flapping:
            if part.state is not IncidentState.FLAPPING:
                begun_at = flapping.flapping_since(memory, name)
                self._change(case, part, IncidentState.FLAPPING, begun_at, at, flapping.note_flapping)
            elif tells_failure(reading):
                case.note(name, reading.key.vantage_id, ConclusiveProbe.of(reading), part=part)
        elif name in memory.slow:
            if part.state is not IncidentState.DEGRADED:
                self._change(case, part, IncidentState.DEGRADED, slow_since(memory, name), at, note_slowness)
        else:
            is_slowness = part.state is IncidentState.DEGRADED
            self._leave(case, part, fine_since(memory, name, at) if is_slowness else resolved_at, at)

    def _follow_seen(self, case: Case, part: Part, concern: Concern, state: IncidentState, reading: Reading) -> None:
        key = reading.key
        if part.state is not state:
            since = concern.begun_at(self._memory, part.target_id)
            self._change(case, part, state, since, key.scheduled_at, concern.note)
        elif concern.is_bad(reading) and not self._memory.is_lost(key.vantage_id):
            case.note(part.target_id, key.vantage_id, ConclusiveProbe.of(reading), key.kind, part)

    def _follow_certificate(self, target: Target, at: datetime, renewed_at: datetime) -> None:
        """Begin, change or end what a target's certificate does to its portal's incident."""
        memory = self._memory
        case = memory.case(IncidentScope.TARGET, target.portal_id)
        part = case.part_of(target.id, IncidentAspect.CERTIFICATE) if case is not None else None
        first = first_to_end(memory, self._scene, target.id, at)
        if case is not None and part is not None:
            if first is not None and part.detail != ending_detail(first.ends_at):
                self._change(case, part, part.state, part.since, at, note_certificate)
            elif first is None and not is_unknown(memory, target.id):
                self._leave(case, part, renewed_at, at)
        elif first is not None:
            state, aspect = IncidentState.EXPIRING, IncidentAspect.CERTIFICATE
            self._begin(target, state, first.since, at, note_certificate, aspect)

    def _begin(
        self,
        target: Target,
        state: IncidentState,
        since: datetime | None,
        at: datetime,
        note: Note,
        aspect: IncidentAspect = IncidentAspect.SERVICE,
    ) -> None:
        """Let a part join its portal's incident, or open it; since None = nobody who can be trusted tells it now."""
        if since is None:
            return
        ended = self._memory.ended
        name, of_part = case_key(IncidentScope.TARGET, target.portal_id), part_key(target.id, aspect)
        # Neither overlaps with what was told before, of the part or of the whole portal.
        since = max(since, ended.get(of_part, since), ended.get(name, since))
        case = self._memory.cases.get(name)
        if case is None:
            case = self._open(name, IncidentScope.TARGET, target.id, target.agency_id, state, since, at)
        part = Part(
            target_id=target.id,
            aspect=aspect,
            state=state,
            worst=state,
            started_at=since,
            confirmed_at=at,
            since=since,
        )
        case.join(part)
        note(case, part, self._memory)
        case.settle(at, joined=part)

    def _change(
        self,
        case: Case,
        part: Part,
        state: IncidentState,
        since: datetime | None,
        at: datetime,
        note: Note,
    ) -> None:
        """Let a part take another state; since None = nobody who can be trusted tells it now."""
        part.become(state, since or at)
        note(case, part, self._memory)
        case.settle(at)

    def _leave(self, case: Case, part: Part, ended_at: datetime, at: datetime) -> None:
        """Let a part be fine again, and the incident end with its last one."""
        part.end(ended_at)
        self._memory.ended[part_key(part.target_id, part.aspect)] = part.ended_at or ended_at
        if case.lasting:
            case.settle(at, left=part)
        else:
            self.end(case, max(one.ended_at for one in case.parts if one.ended_at is not None), at)

    def _open(
        self,
        name: str,
        scope: IncidentScope,
        subject_id: str,
        agency_id: str,
        state: IncidentState,
        since: datetime,
        at: datetime,
    ) -> Case:
        started_at = max(since, self._memory.ended.get(name, since))
        case = Case(
            scope=scope,
            subject_id=subject_id,
            agency_id=agency_id,
            state=state,
            worst=state,
            started_at=started_at,
            confirmed_at=at,
        )
        self._memory.cases[name] = case
        return case

    def _note_down(self, case: Case, part: Part, memory: Memory) -> None:
        self._note_failures(case, part.target_id, part)
        part.detail = first_detail(memory.views_of(part.target_id)) or part.detail

    def _note_failures(self, case: Case, target_id: str, part: Part | None, least: int = 0) -> None:
        """Keep the failures by which each vantage point sees a target down; least: also of those that have failed so often."""
        for vantage_id, views in sorted(self._memory.views.items()):
            view = views.get(target_id)
            if view is None or self._memory.is_lost(vantage_id):
                continue
            if view.is_down or (least and view.own.bad >= least):
                for mark in view.recent:
                    if mark.reason is not None:
                        case.note(target_id, vantage_id, mark, part=part)

    def _down_since(self, target: Target, at: datetime) -> datetime:
        views = [*self._memory.views_of(target.id)]
        since = [view.down_since for view in views if view.is_down and view.down_since is not None]
        falling = [view.own.bad_since for view in views if view.own.bad and view.own.bad_since is not None]
        return min(since or falling, default=at)


def _keep(names: set[str], name: str, *, belongs: bool) -> None:
    (names.add if belongs else names.discard)(name)
