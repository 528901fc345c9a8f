"""What an open round is drawn by: read from the files that it froze, never from those in force."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from schedules.cadence import load_schedule
from schedules.drawing import Draw
from schedules.round_plan import RoundPlan, load_round_plan
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.frozen import PLAN, REGISTRY, SCHEDULE, file_of, laid_out
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Round, RoundFile
from thuocdo.core.portals import load_registry


def plan_in(round_: Round, files: Iterable[RoundFile]) -> RoundPlan:
    """
    Return the plan that a round froze, with the days by which it was extended since.

    Raises:
        ConfigurationError: it is not there, or this version cannot read it.
    """
    frozen = file_of(files, PLAN)
    if frozen is None:
        raise ConfigurationError(f"round '{round_.label}' has no plan: it is a short one")
    with laid_out([replace(frozen, path=f"{round_.id}.yaml")]) as folder:
        plan = load_round_plan(folder / f"{round_.id}.yaml", all_kinds())
    return replace(plan, days=int(round_.settings.get("days", plan.days)))


def draw_of(round_: Round, files: Sequence[RoundFile]) -> Draw:
    """
    Return what the instants of a round are drawn by.

    Raises:
        ConfigurationError: this version cannot read what the round froze.
    """
    plan = plan_in(round_, files)
    with laid_out([one for one in files if one.path == SCHEDULE or one.path.startswith(f"{REGISTRY}/")]) as folder:
        registry = load_registry(folder / REGISTRY, at=plan.first_day)
        schedule = replace(load_schedule(folder / SCHEDULE, all_kinds()), source=f"round '{round_.id}': {SCHEDULE}")
    return Draw(round_id=round_.id, seed=round_.seed, plan=plan, frozen=registry.targets, schedule=schedule)
