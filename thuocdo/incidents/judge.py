"""
The judge: takes readings in the order of their instants and says which incidents began, changed and ended.

The rules, in the order in which they are asked (figures in rules.py):

1. A reading in planned maintenance, or of a target that is not registered, is passed over. `inconclusive` says nothing of a
   portal, but for `not_the_portal`; `no_connectivity` says something of the vantage point.
2. Where many targets of a vantage point fall together, or its reference pages fail, there is one incident of the vantage
   point. Until it ends, nothing it sees counts for or against a portal; what was already open stays open.
3. A vantage point sees a target down after k of its last n conclusive probes failed, and up again after some ok in a row.
   A gap in the probes ends every streak: it confirms nothing and ends nothing.
4. A target is down when the majority of the vantage points that can be trusted and probed it lately see it down.
5. Where the portals of a family fall together while others stand, there is one incident of the family; portals that fall while
   it lasts join it. An incident that a portal already had stays its own, and the portal is named in the family's as well.
6. A target that answers and does not work (no form opens, no browser can use the page) is broken, unless its portal is down, or
   most targets of the vantage point are (`breakage.py`).
7. A target at whose address quite another page than the known one stands is replaced, unless most targets of the vantage point
   are (`replacement.py`).
8. A target that answers and fails in turn flaps, unless most targets of the vantage point do (`flapping.py`).
9. A target that answers, but slowly for a long while, is degraded, unless most targets of the vantage point became slow. Down
   goes before broken, replaced, flapping and degraded, in this order, within one incident.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import IncidentScope, IncidentState, Outcome, Reading, Reason, Target
from thuocdo.incidents import flapping
from thuocdo.incidents.breakage import BREAKAGE, forget_explained, is_explained, tells_breakage, tells_use
from thuocdo.incidents.falls import TOGETHER_BAD, fallen_from, fallen_of_family, first_detail, is_hit, tells_failure
from thuocdo.incidents.judge_state import Case, ConclusiveProbe, Memory, View, case_key
from thuocdo.incidents.replacement import ANOTHER_PAGE, tells_other_page, tells_page
from thuocdo.incidents.rules import JudgingContext
from thuocdo.incidents.sightings import Concern
from thuocdo.incidents.slowness import fine_since, is_slow, note_slowness, slow_since, take_time

CONFIRMING_ROW = 2
"""Of the failures that confirm, the newest so many come one after the other: a portal that answers again is not called down."""

SHORTEST = timedelta(milliseconds=1)
"""Of an incident: two of one subject never have the same start, by which they are named."""

REMEMBERED = timedelta(days=1)


def judge(memory: Memory, readings: Iterable[Reading], until: datetime, scene: JudgingContext) -> list[Case]:
    """
    Take all readings up to an instant.

    Args:
        memory: what was known; changed in place.
        readings: memory.at <= scheduled_at < until, in order of scheduled_at; none is left out but those yet to come.
        until: the new memory.at.
        scene: targets, rules, maintenance, usual times.

    Returns:
        The cases that ended; those that last are in the memory.
    """
    bench = _Bench(memory, scene)
    bench.dismiss_unregistered()
    for reading in readings:
        bench.take(reading)
    memory.at = max(memory.at, until)
    return bench.ended


class _Bench:
    def __init__(self, memory: Memory, scene: JudgingContext) -> None:
        self.ended: list[Case] = []
        self._memory = memory
        self._scene = scene
        self._rules = scene.rules
        self._failing: dict[str, set[str]] = {}  # vantage point -> targets whose last probe failed

    def take(self, reading: Reading) -> None:
        """Take the next reading."""
        at = reading.key.scheduled_at
        target = self._scene.targets.get(reading.key.target_id)
        if target is None:
            return
        if self._scene.is_excluded(target, at):
            flapping.forget_answers(self._memory, reading.key)
            return
        vantage_id = reading.key.vantage_id
        up_at = back_at = steady_at = None
        if reading.key.kind == answering_kind().name:
            view = self._memory.view(reading)
            if self._watch_line(view, reading):
                up_at = self._watch_portal(view, reading)
                steady_at = flapping.take_answer(self._memory, reading, self._scene, view, up_at)
            elif not tells_other_page(reading) or self._memory.is_lost(vantage_id):
                return
        if not self._memory.is_lost(vantage_id):
            if tells_page(reading):
                back_at = ANOTHER_PAGE.take(self._memory, reading, self._scene)
            if tells_breakage(reading) and is_explained(self._memory, self._scene, target, reading):
                forget_explained(self._memory, reading)
            elif tells_use(reading):
                back_at = BREAKAGE.take(self._memory, reading, self._scene) or back_at
            if reading.seconds is not None:
                take_time(self._memory, reading, self._scene)
        self._conclude(target, reading, steady_at or up_at or back_at or at)

    def dismiss_unregistered(self) -> None:
        """Forget all about targets that are no longer registered; what is stored of their incidents the ledger ends."""
        known = self._scene.targets
        for name, case in [*self._memory.cases.items()]:
            members = case.target_ids if case.scope is not IncidentScope.VANTAGE else ()
            if members and not any(member in known for member in members):
                del self._memory.cases[name]
        seen: list[dict[str, Any]] = [*self._memory.views.values()]
        seen += [*self._memory.wobbles.values()]
        seen += [paces for of_kind in self._memory.paces.values() for paces in of_kind.values()]
        for by_target in seen:
            for name in [name for name in by_target if name not in known]:
                del by_target[name]
        self._memory.ended = {name: at for name, at in self._memory.ended.items() if self._memory.at - at < REMEMBERED}
        for concern in (ANOTHER_PAGE, BREAKAGE):
            concern.forget_unregistered(self._memory, known)
        memory = self._memory
        for names in (memory.down, memory.slow, memory.replaced, memory.broken, memory.flapping):
            names &= set(known)
        self._failing = {
            vantage_id: {name for name, view in views.items() if view.line.bad}
            for vantage_id, views in self._memory.views.items()
        }

    def _watch_line(self, view: View, reading: Reading) -> bool:
        """Add to what is known of the vantage point; tell whether the reading says something of the portal."""
        at, vantage_id = reading.key.scheduled_at, reading.key.vantage_id
        without_line = reading.reason is Reason.NO_CONNECTIVITY
        if reading.outcome is Outcome.INCONCLUSIVE and not without_line:
            return False
        is_ok = reading.outcome is Outcome.OK
        view.line.add(at, self._scene.gap_of(reading.key.target_id), is_ok=is_ok)
        _keep(self._failing.setdefault(vantage_id, set()), reading.key.target_id, belongs=not is_ok)
        if not is_ok:
            view.last_bad = ConclusiveProbe.of(reading)
        case = self._memory.case(IncidentScope.VANTAGE, vantage_id)
        if case is None:
            return (is_ok or not self._lose_vantage(vantage_id, at)) and not without_line
        if is_ok:
            self._regain_vantage(case, at)
        else:
            self._join(case, reading, view)
        return False

    def _fallen_from(self, vantage_id: str, at: datetime, *, least_bad: int) -> dict[str, View]:
        failing = self._failing.get(vantage_id, set())
        return fallen_from(self._memory, self._scene, vantage_id, at, failing=failing, least_bad=least_bad)

    def _lose_vantage(self, vantage_id: str, at: datetime) -> bool:
        """Open the incident of a vantage point if it is due."""
        fallen = self._fallen_from(vantage_id, at, least_bad=TOGETHER_BAD)
        if not fallen:
            return False
        started_at = min(view.line.bad_since or at for view in fallen.values())
        case = self._open(IncidentScope.VANTAGE, vantage_id, "", IncidentState.DOWN, started_at, at)
        for target_id, view in sorted(fallen.items()):
            case.target_ids.append(target_id)
            if view.last_bad is not None:
                case.note(target_id, vantage_id, view.last_bad)
        seen = len(self._memory.views[vantage_id])
        case.change(IncidentState.DOWN, at, f"{len(fallen)} of {seen} targets at once")
        case.detail = case.steps[-1].detail
        for view in self._memory.views[vantage_id].values():
            view.forget()
        for concern in (ANOTHER_PAGE, BREAKAGE):
            concern.forget_rows(self._memory, vantage_id)
        flapping.forget_wobbles(self._memory, vantage_id)
        return True

    def _join(self, case: Case, reading: Reading, view: View) -> None:
        """Count a failure that the vantage point's trouble explains."""
        if view.line.bad < TOGETHER_BAD or view.last_bad is None:
            return
        if reading.key.target_id not in case.target_ids:
            case.target_ids.append(reading.key.target_id)
        case.note(reading.key.target_id, case.subject_id, view.last_bad)

    def _regain_vantage(self, case: Case, at: datetime) -> None:
        """End the incident of a vantage point if enough of its targets answer again."""
        views = self._memory.views[case.subject_id]
        members = [name for name in case.target_ids if name in views]
        heard = [views[name] for name in members if views[name].line.is_fresh(at, self._scene.gap_of(name))]
        back = [view for view in heard if view.line.ok >= self._rules.resolve_ok]
        if 2 * len(heard) < len(members) or len(back) < self._rules.back_share * len(heard):
            return
        self._end(case, min((view.line.ok_since or at for view in back), default=at), at)
        for view in views.values():
            view.forget()

    def _watch_portal(self, view: View, reading: Reading) -> datetime | None:
        """Add to what a vantage point knows of a portal; return since when it is up again where it just came up."""
        at, rules = reading.key.scheduled_at, self._rules
        gap = self._scene.gap_of(reading.key.target_id)
        if not view.own.is_fresh(at, gap):
            view.recent.clear()
        view.own.add(at, gap, is_ok=reading.outcome is Outcome.OK)
        view.recent.append(ConclusiveProbe.of(reading))
        del view.recent[: -rules.of_last]
        if view.is_down:
            if view.own.ok < rules.resolve_ok:
                return None
            view.is_down, view.down_since = False, None
            view.recent.clear()
            return view.own.ok_since
        failures = [mark for mark in view.recent if mark.reason is not None]
        since = min(failures[0].at, view.own.bad_since or at) if failures else at
        in_a_row = rules.of_last if flapping.flaps(self._memory, reading.key) else CONFIRMING_ROW
        is_confirmed = len(failures) >= rules.confirm_failures and view.own.bad >= in_a_row
        is_confirmed = is_confirmed and at - since >= rules.least_span
        # A suspicion is enough to wait for the next reading: it either grows into the vantage point's incident or passes.
        if is_confirmed and not self._fallen_from(reading.key.vantage_id, at, least_bad=1):
            view.is_down, view.down_since = True, since
        return None

    def _conclude(self, target: Target, reading: Reading, resolved_at: datetime) -> None:
        """Hear all vantage points and open, change or end what belongs to a target."""
        at, memory = reading.key.scheduled_at, self._memory
        gap = self._rules.gap_for(target)
        voices = [view for view in memory.views_of(target.id) if view.own.is_fresh(at, gap)]
        if voices:
            _keep(memory.down, target.id, belongs=2 * sum(view.is_down for view in voices) > len(voices))
        for names, verdict in (
            (memory.broken, BREAKAGE.holds(memory, self._scene, target.id, at)),
            (memory.replaced, ANOTHER_PAGE.holds(memory, self._scene, target.id, at)),
            (memory.flapping, flapping.is_flapping(memory, self._scene, target.id, at)),
            (memory.slow, is_slow(memory, self._scene, target.id, at)),
        ):
            if verdict is not None:
                _keep(names, target.id, belongs=verdict)
        family = memory.case(IncidentScope.FAMILY, target.family)
        if family is not None:
            self._follow_family(family, target, at, resolved_at)
        case = memory.case(IncidentScope.TARGET, target.id)
        if case is not None:
            self._follow(case, target, reading, resolved_at)
        elif target.id in memory.down:
            if tells_failure(reading):
                self._fall(target, at)
        elif target.id in memory.broken:
            self._open_as(IncidentState.BROKEN, BREAKAGE.begun_at(memory, target.id), BREAKAGE.note, target, at)
        elif target.id in memory.replaced:
            self._open_as(
                IncidentState.REPLACED, ANOTHER_PAGE.begun_at(memory, target.id), ANOTHER_PAGE.note, target, at
            )
        elif target.id in memory.flapping:
            self._open_as(
                IncidentState.FLAPPING, flapping.flapping_since(memory, target.id), flapping.note_flapping, target, at
            )
        elif target.id in memory.slow:
            self._open_as(IncidentState.DEGRADED, slow_since(memory, target.id), note_slowness, target, at)

    def _fall(self, target: Target, at: datetime) -> None:
        """Let a target that is down belong to its family's incident, or open its own."""
        family = self._memory.case(IncidentScope.FAMILY, target.family)
        if family is None:
            fallen = fallen_of_family(self._memory, self._scene, target.family, at)
            if not fallen:
                self._open_down(target, at)
                return
            started_at = min(self._down_since(member, at) for member in fallen)
            family = self._open(IncidentScope.FAMILY, target.family, "", IncidentState.DOWN, started_at, at)
            for member in fallen:
                self._add_member(family, member)
            portals = len({member.portal_id for member in fallen})
            family.change(IncidentState.DOWN, at, f"{portals} portals of the family at once")
            family.detail = family.steps[-1].detail
        self._add_member(family, target)

    def _add_member(self, family: Case, member: Target) -> None:
        if member.id not in family.target_ids:
            family.target_ids.append(member.id)
            self._note_failures(family, member, least=1)

    def _follow_family(self, case: Case, target: Target, at: datetime, resolved_at: datetime) -> None:
        """End a family's incident if enough of its portals are back; one that fails again after that goes on alone."""
        if target.id not in case.target_ids:
            return
        registered = [self._scene.targets[name] for name in case.target_ids if name in self._scene.targets]
        portals = {member.portal_id for member in registered}
        hit = {member.portal_id for member in registered if is_hit(self._memory, self._scene, member.id, at)}
        if len(hit) > (1 - self._rules.back_share) * len(portals):
            return
        self._end(case, resolved_at, at)

    def _follow(self, case: Case, target: Target, reading: Reading, resolved_at: datetime) -> None:
        """Change or end a target's own incident."""
        at, memory, vantage_id = reading.key.scheduled_at, self._memory, reading.key.vantage_id
        if target.id in memory.down:
            if case.state is not IncidentState.DOWN:
                self._note_failures(case, target)
                case.change(IncidentState.DOWN, at)
                case.detail = first_detail(memory.views_of(target.id)) or case.detail
            elif tells_failure(reading):
                case.note(target.id, vantage_id, ConclusiveProbe.of(reading))
        elif target.id in memory.broken:
            self._follow_seen(case, BREAKAGE, IncidentState.BROKEN, target, reading)
        elif target.id in memory.replaced:
            self._follow_seen(case, ANOTHER_PAGE, IncidentState.REPLACED, target, reading)
        elif target.id in memory.flapping:
            if case.state is not IncidentState.FLAPPING:
                case.change(IncidentState.FLAPPING, at)
            elif tells_failure(reading):
                case.note(target.id, vantage_id, ConclusiveProbe.of(reading))
        elif target.id in memory.slow:
            if case.state is not IncidentState.DEGRADED:
                case.change(IncidentState.DEGRADED, at)
        else:
            self._end(
                case,
                fine_since(self._memory, target.id, at) if case.state is IncidentState.DEGRADED else resolved_at,
                at,
            )

    def _open_down(self, target: Target, at: datetime) -> None:
        started_at = self._down_since(target, at)
        case = self._open(IncidentScope.TARGET, target.id, target.agency_id, IncidentState.DOWN, started_at, at)
        case.target_ids.append(target.id)
        self._note_failures(case, target)
        case.detail = first_detail(self._memory.views_of(target.id))
        case.change(IncidentState.DOWN, at, case.detail)

    def _follow_seen(
        self, case: Case, concern: Concern, state: IncidentState, target: Target, reading: Reading
    ) -> None:
        if case.state is not state:
            concern.note(case, self._memory, target.id)
            case.change(state, reading.key.scheduled_at, case.detail)
        elif concern.is_bad(reading) and not self._memory.is_lost(reading.key.vantage_id):
            case.note(target.id, reading.key.vantage_id, ConclusiveProbe.of(reading), reading.key.kind)

    def _open_as(
        self,
        state: IncidentState,
        since: datetime | None,
        note: Callable[[Case, Memory, str], None],
        target: Target,
        at: datetime,
    ) -> None:
        """Open a target's own incident of another state than down; since None = nobody who can be trusted tells it now."""
        if since is None:
            return
        case = self._open(IncidentScope.TARGET, target.id, target.agency_id, state, since, at)
        case.target_ids.append(target.id)
        note(case, self._memory, target.id)
        case.change(state, at, case.detail)

    def _open(
        self, scope: IncidentScope, subject_id: str, agency_id: str, state: IncidentState, since: datetime, at: datetime
    ) -> Case:
        name = case_key(scope, subject_id)
        case = Case(
            scope=scope,
            subject_id=subject_id,
            agency_id=agency_id,
            state=state,
            worst=state,
            started_at=max(since, self._memory.ended.get(name, since)),
            confirmed_at=at,
        )
        self._memory.cases[name] = case
        return case

    def _end(self, case: Case, ended_at: datetime, at: datetime) -> None:
        case.change(IncidentState.ENDED, at)
        case.ended_at = max(ended_at, case.started_at + SHORTEST)
        name = case_key(case.scope, case.subject_id)
        del self._memory.cases[name]
        self._memory.ended[name] = case.ended_at
        self.ended.append(case)

    def _note_failures(self, case: Case, target: Target, least: int = 0) -> None:
        """Keep the failures by which each vantage point sees a target down; least: also of those that have failed so often."""
        for vantage_id, views in sorted(self._memory.views.items()):
            view = views.get(target.id)
            if view is None or self._memory.is_lost(vantage_id):
                continue
            if view.is_down or (least and view.own.bad >= least):
                for mark in view.recent:
                    if mark.reason is not None:
                        case.note(target.id, vantage_id, mark)

    def _down_since(self, target: Target, at: datetime) -> datetime:
        views = [*self._memory.views_of(target.id)]
        since = [view.down_since for view in views if view.is_down and view.down_since is not None]
        falling = [view.own.bad_since for view in views if view.own.bad and view.own.bad_since is not None]
        return min(since or falling, default=at)


def _keep(names: set[str], name: str, *, belongs: bool) -> None:
    (names.add if belongs else names.discard)(name)
