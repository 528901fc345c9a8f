"""
The judge: takes readings in the order of their instants and says which incidents began, changed and ended.

The rules, in the order in which they are asked (figures in rules.py):

1. A reading in planned maintenance, or of a target that is not registered, is passed over. `inconclusive` says nothing of a
   portal, but for `not_the_portal`; `no_connectivity` says something of the vantage point.
2. Where many targets of a vantage point fall together, or its reference pages fail, there is one incident of the vantage
   point. It ends once most of its members answer, or, where it was the reference pages, are reached. Until then nothing it sees
   counts for or against a portal; what was already open stays open.
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
   goes before broken, replaced, flapping and degraded, in this order.
10. A target whose certificate runs out soon is expiring, beside whatever else it is (`certificates.py`).
11. What becomes of that, an incident of the portal with its parts, `conclusions.py` says.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import IncidentScope, IncidentState, Outcome, Reading, Reason
from thuocdo.incidents import flapping
from thuocdo.incidents.breakage import BREAKAGE, forget_explained, is_explained, tells_breakage, tells_use
from thuocdo.incidents.case import Case, ConclusiveProbe, case_key
from thuocdo.incidents.certificates import take_certificate
from thuocdo.incidents.conclusions import Conclusions
from thuocdo.incidents.falls import TOGETHER_BAD, fallen_from
from thuocdo.incidents.judge_state import Memory, Streak, View
from thuocdo.incidents.replacement import ANOTHER_PAGE, tells_other_page, tells_page
from thuocdo.incidents.rules import JudgingContext
from thuocdo.incidents.slowness import take_time

CONFIRMING_ROW = 2
"""Of the failures that confirm, the newest so many come one after the other: a portal that answers again is not called down."""

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
    return bench.conclusions.ended


class _Bench:
    def __init__(self, memory: Memory, scene: JudgingContext) -> None:
        self.conclusions = Conclusions(memory, scene)
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
        up_at = back_at = steady_at = renewed_at = None
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
            renewed_at = take_certificate(self._memory, reading, self._scene)
        self.conclusions.conclude(target, reading, steady_at or up_at or back_at or at, renewed_at)

    def dismiss_unregistered(self) -> None:
        """Forget all about targets that are no longer registered; what is stored of their incidents the ledger ends."""
        known = self._scene.targets
        for name, case in [*self._memory.cases.items()]:
            if case.scope is IncidentScope.FAMILY and not any(member in known for member in case.target_ids):
                del self._memory.cases[name]
            elif case.scope is IncidentScope.TARGET:
                self._dismiss_parts(name, case)
        seen: list[dict[str, Any]] = [*self._memory.views.values()]
        seen += [*self._memory.wobbles.values(), *self._memory.expiring.values()]
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

    def _dismiss_parts(self, name: str, case: Case) -> None:
        """Let go of the parts whose targets are no longer registered, or another portal's; of the case where none is left."""
        case.fill()
        at, targets, cases = self._memory.at, self._scene.targets, self._memory.cases
        kept = [part for part in case.lasting if part.target_id in targets]
        portal_id = targets[kept[0].target_id].portal_id if kept else ""
        if name != (now_named := case_key(IncidentScope.TARGET, portal_id)):
            del cases[name]
            if not kept:
                return
            moved, case = case, cases.setdefault(now_named, case)
            for part in kept if case is not moved else ():  # it had two: they are one from now on
                case.join(part)
                case.settle(at, joined=part)
        for part in case.lasting:
            target = targets.get(part.target_id)
            if target is None or target.portal_id != portal_id:
                part.end(at)
                case.settle(at, left=part)

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
        reaches = self._reaches(case, reading, view)
        if is_ok or reaches:
            self._regain_vantage(case, at)
        else:
            self._join(case, reading, view)
        return False

    def _reaches(self, case: Case, reading: Reading, view: View) -> bool:
        """
        Tell whether a reading shows that a line which was away is back: the portal answers, or reference pages do.

        A portal that is down when the line comes back would keep it away else, and all others from being judged.
        """
        without_line = case.reasons.get(Reason.NO_CONNECTIVITY, 0)
        if 2 * without_line < sum(case.reasons.values()):
            return False  # it was never the reference pages that failed
        view.reached = view.reached or Streak()
        found = reading.reason is not Reason.NO_CONNECTIVITY
        view.reached.add(reading.key.scheduled_at, self._scene.gap_of(reading.key.target_id), is_ok=found)
        return found

    def _fallen_from(self, vantage_id: str, at: datetime, *, least_bad: int) -> dict[str, View]:
        failing = self._failing.get(vantage_id, set())
        return fallen_from(self._memory, self._scene, vantage_id, at, failing=failing, least_bad=least_bad)

    def _lose_vantage(self, vantage_id: str, at: datetime) -> bool:
        """Open the incident of a vantage point if it is due."""
        fallen = self._fallen_from(vantage_id, at, least_bad=TOGETHER_BAD)
        if not fallen:
            return False
        started_at = min(view.line.bad_since or at for view in fallen.values())
        case = self.conclusions.open(IncidentScope.VANTAGE, vantage_id, IncidentState.DOWN, started_at, at)
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
        """End the incident of a vantage point if enough of its targets answer again, or are reached."""
        views = self._memory.views[case.subject_id]
        members = [name for name in case.target_ids if name in views]
        heard = [views[name] for name in members if views[name].line.is_fresh(at, self._scene.gap_of(name))]
        rows = [view.reached or view.line for view in heard]
        back = [row for row in rows if row.ok >= self._rules.resolve_ok]
        if 2 * len(heard) < len(members) or len(back) < self._rules.back_share * len(heard):
            return
        self.conclusions.end(case, min((row.ok_since or at for row in back), default=at), at)
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


def _keep(names: set[str], name: str, *, belongs: bool) -> None:
    (names.add if belongs else names.discard)(name)
