"""All that people wrote, looked at together: whoever takes any of it up has looked at everything."""

import os
from collections.abc import Callable
from typing import TypeVar

from dashboards.owners import reaches_nobody
from probes.journeys.journey_file import journey_problem, load_journeys
from probes.journeys.session import load_sessions
from probes.net.authorities import check_authority
from probes.net.hosts_map import read_hosts
from probes.net.name_servers import name_server
from schedules.cadence import load_schedule
from schedules.maintenance import load_maintenance
from schedules.plan import Planner
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.portals import Registry, read_registry
from thuocdo.declared.goals import load_goals
from thuocdo.periods.gathering import check_reports
from thuocdo.publication.issuing import check_issuing_bodies
from thuocdo.rounds.working_days import load_calendar
from thuocdo.score.basis import load_criteria_sets
from thuocdo.store.archive_columns import need_pyarrow

Loaded = TypeVar("Loaded")


def check_files(settings: Settings) -> Registry:
    """
    Look at everything that a person wrote; returns the registry of today.

    Raises:
        ConfigurationError: all mistakes of all files together.
    """
    kinds = all_kinds()
    problems: list[str] = []

    def load(read: Callable[[], Loaded]) -> Loaded | None:
        try:
            return read()
        except ConfigurationError as exc:
            problems.extend(exc.problems)
            return None

    today = clock.today()
    registered = load(lambda: read_registry(settings.registry_dir))
    registry = registered.at(today) if registered else None
    schedule = load(lambda: load_schedule(settings.schedule, kinds))
    # Whatever was ever registered may be named: a province that ends must not keep the programs from starting.
    load(lambda: load_maintenance(settings.maintenance, registered.at(None) if registered else None))
    load(lambda: load_calendar(settings.calendar))
    load(lambda: reaches_nobody(settings.owners) if settings.owners else None)
    load(lambda: [name_server(text) for text in settings.vantage.name_servers])
    load(lambda: read_hosts(settings.hosts_file))
    load(lambda: check_authority(settings.ca_file))
    load(lambda: need_pyarrow() if settings.archive_dir else None)
    load(lambda: load_sessions(settings.sessions_dir, os.environ))
    journeys = load(lambda: load_journeys(settings.journeys_dir))
    load(lambda: load_criteria_sets(settings.criteria_dir, settings.criteria_set))
    load(lambda: check_issuing_bodies(settings.issuing_dir))
    load(lambda: check_reports(settings))
    load(lambda: load_goals(settings.goals_dir, registered.at(None).agencies) if registered else None)
    if registry and schedule:
        load(lambda: Planner(registry.probed_targets(), schedule, kinds, vantage_id=settings.vantage.id))
    if registry and journeys is not None:
        found = (journey_problem(target, journeys) for target in registry.targets.values() if target.journey)
        problems += [f"{settings.registry_dir}: {problem}" for problem in found if problem]
    if problems or registry is None:
        raise ConfigurationError(problems)
    return registry
