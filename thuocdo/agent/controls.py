"""What a control has to do: drawn at the centre beside the visits that are planned there, measured elsewhere."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schedules.cadence import load_schedule
from schedules.controls import ControlVisit, draw_controls
from schedules.plan import Planner
from thuocdo.agent.planned_rounds import PlannedRounds
from thuocdo.core.clock import HANOI, hanoi_day
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.in_force import settings_in_force
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.core.model import Job, MeasurementKey
from thuocdo.core.portals import Registry, load_registry
from thuocdo.core.profiles import PROFILES
from thuocdo.core.vantages import is_control
from thuocdo.store import Store
from thuocdo.treatment.files import ControlPlan
from thuocdo.treatment.visits import BLOCKS, KIND, PROFILE

LATE = timedelta(minutes=2)
"""A visit that could not begin so soon after its time is left out: it would be compared with another moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnControls:
    """The visits of a control, and the digest of the registry that they were drawn from."""

    visits: list[ControlVisit]
    registry_digest: str


def drawn_controls(settings: Settings, store: Store, days: int, seed: str, now: datetime) -> DrawnControls:
    """
    Draw what a control visits from tomorrow on (Hanoi time).

    Args:
        settings: of the centre.
        store: of the centre; says which rounds are open.
        days: for how many.
        seed: of the draw.
        now: the present instant.

    Raises:
        ConfigurationError: registry or schedule have mistakes, or nothing is compared.
        StoreError: the store cannot be read.
    """
    there = settings_in_force(settings)
    kinds = {name: kind for name, kind in all_kinds().items() if kind.engine is Engine.BROWSER}
    rounds = PlannedRounds(store, kinds, settings.vantage.id)
    rounds.read()
    first = hanoi_day(now) + timedelta(days=1)
    registry = load_registry(there.registry_dir, at=first)
    schedule = load_schedule(there.schedule, all_kinds())
    targets = [one for one in registry.probed_targets() if one.block in BLOCKS]
    jobs: list[Job] = []
    for day in (first + timedelta(days=number) for number in range(days)):
        start = datetime(day.year, day.month, day.day, tzinfo=HANOI)
        planner = Planner(
            targets, schedule, kinds, vantage_id=settings.vantage.id, draws=rounds.draws, all_kinds=all_kinds(), day=day
        )
        jobs += planner.due(start, start + timedelta(days=1))
    begin = datetime(first.year, first.month, first.day, tzinfo=HANOI).astimezone(UTC)
    visits = draw_controls(jobs, KIND, PROFILE, seed, begin)
    if not visits:
        raise ConfigurationError(
            "nothing can be compared: no home page is planned, or visits are too near to one another"
        )
    return DrawnControls(visits=visits, registry_digest=registry.digest)


def control_jobs(settings: Settings, plan: ControlPlan, done: Collection[MeasurementKey], now: datetime) -> list[Job]:
    """
    Return what a control still has to do of a plan, in order.

    Args:
        settings: of the control's machine.
        plan: as it was brought.
        done: keys of what it has measured.
        now: the present instant; what lies before is over.

    Raises:
        ConfigurationError: this machine is no control, its registry is another one, or the plan is over.
    """
    vantage = settings.vantage.id
    if not is_control(vantage):
        raise ConfigurationError(
            f"vantage.id: '{vantage}' is no control; call this machine control-…, such as control-viettel, in settings of its own"
        )
    registry = load_registry(settings.registry_dir, at=hanoi_day(now))
    _check_registry(registry, plan)
    schedule = load_schedule(settings.schedule, all_kinds())
    seconds = [one.deadline_seconds for one in schedule.cadences if one.kind == KIND and PROFILE in one.profiles]
    deadline = PROFILES[PROFILE].deadline_seconds(seconds[0] if seconds else all_kinds()[KIND].deadline_seconds)
    jobs = [
        Job(
            target=registry.target(one.target),
            kind=KIND,
            vantage_id=vantage,
            profile=PROFILE,
            scheduled_at=one.at.astimezone(UTC),
            deadline_seconds=deadline,
            expires_at=one.at.astimezone(UTC) + LATE,
        )
        for one in plan.visits
        if one.at > now
    ]
    if not jobs:
        raise ConfigurationError("the plan is over; draw a new one at the centre by `thuocdo control plan`")
    return sorted((job for job in jobs if job.key not in done), key=lambda job: job.scheduled_at)


def _check_registry(registry: Registry, plan: ControlPlan) -> None:
    unknown = [one.target for one in plan.visits if one.target not in registry.targets]
    if unknown or registry.digest != plan.registry_digest:
        raise ConfigurationError(
            "registry_dir: it is another registry than that of the plan; bring the centre's files, or draw the plan anew"
        )
