"""Whom we visit, and in whose name: what is said before a round begins, and what it does not begin without."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from probes.manners.politeness import is_loopback
from thuocdo.agent.rounds import plan_of
from thuocdo.cli.context import CliContext
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Job, Round, Target, TargetRole
from thuocdo.core.portals import load_registry

NAMED = 4
"""Agencies that are named; who wants them all asks `thuocdo portals list`."""


def is_on_this_machine(settings: Settings, host: str) -> bool:
    """
    Tell whether a host is this machine: by its literal address, or by the map of hosts that all our probes obey.

    With a map, a host that is not in it does not exist: nobody can be visited.
    """
    return _here(settings)(host)


def _here(settings: Settings) -> Callable[[str], bool]:
    """Return what tells whether a host is this machine; the map of hosts is read once."""
    if settings.hosts_file is None:
        return is_loopback
    try:
        address_of = json.loads(settings.hosts_file.read_text(encoding="utf-8")).get
    except (OSError, ValueError, AttributeError):  # opening the runner tells what is wrong with the file
        return lambda _: False
    return lambda host: (address := address_of(host)) is None or is_loopback(str(address))


def refuse_without_contact(settings: Settings) -> None:
    """
    Refuse to visit others as long as nobody says who does: an operator who wonders about us must find a person.

    Raises:
        ConfigurationError: the contact is the one that ships, and portals beyond this machine would be visited.
    """
    if settings.contact != Settings.model_fields["contact"].default:
        return
    is_here = _here(settings)
    targets = load_registry(settings.registry_dir, at=clock.hanoi_day(clock.now())).probed_targets()
    host = next((one.host for one in targets if not is_here(one.host)), None)
    if host is not None:
        raise ConfigurationError(
            f"contact: a round would visit portals of others ({host}, ...) and name nobody whom they can ask; "
            "set 'contact' to a page or an e-mail address of yours"
        )


def say_whom(context: CliContext, begun: Round) -> None:
    """Say whom a round visits, how often, how long, in whose name, and what it cannot measure."""
    settings = context.settings
    registry = load_registry(settings.registry_dir, at=clock.hanoi_day(begun.started_at))
    jobs = plan_of(settings, begun)
    targets = list({job.target.id: job.target for job in jobs}.values())
    agencies = list(dict.fromkeys(one.agency_id for one in targets))
    named = ", ".join(registry.agencies[one].full_name(context.lang) for one in agencies[:NAMED])
    context.announce(
        "Round {label} visits {portals} portals of {agencies} agencies ({names}): {runs}. It takes about {minutes} minutes; "
        "we call ourselves {user_agent}.",
        label=begun.label,
        portals=len({one.portal_id for one in targets}),
        agencies=len(agencies),
        names=named if len(agencies) <= NAMED else f"{named}, …",
        runs=_runs(context, jobs),
        minutes=max(1, round(_length(jobs) / timedelta(minutes=1))),
        user_agent=settings.user_agent,
    )
    without = _portals_without_eform(targets)
    if without:
        context.announce(
            "{number} portals have no eForm in the registry: nothing is measured of their forms.", number=without
        )


def _runs(context: CliContext, jobs: Sequence[Job]) -> str:
    """Return how many visits there are of each kind, as people read it."""
    counted = Counter(job.kind for job in jobs)
    told = context.translate("{kind}: {number} times")
    return ", ".join(
        told.format(kind=context.translate(f"kind.{kind}"), number=counted[kind])
        for kind in all_kinds()
        if counted[kind]
    )


def _length(jobs: Sequence[Job]) -> timedelta:
    return jobs[-1].scheduled_at - jobs[0].scheduled_at


def _portals_without_eform(targets: Sequence[Target]) -> int:
    with_form = {one.portal_id for one in targets if one.role is TargetRole.EFORM}
    return len({one.portal_id for one in targets} - with_form)
