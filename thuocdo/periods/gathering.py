"""What a report needs of this installation: registry, criteria, maintenance, issuing body, and who belongs to whom."""

from collections.abc import Mapping

from dashboards.owners import Owners, load_owners
from schedules.maintenance import load_maintenance
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.in_force import settings_in_force
from thuocdo.core.portals import read_registry
from thuocdo.periods.reading import PeriodSources
from thuocdo.publication.issuing import load_issuing_body
from thuocdo.score.criteria import load_criteria_set


def period_sources(settings: Settings, issuer: str | None = None) -> PeriodSources:
    """
    Return what a period is told by.

    Args:
        settings: of the installation.
        issuer: id of the issuing body; None = that of the settings.

    Raises:
        ConfigurationError: a file has mistakes.
    """
    there = settings_in_force(settings)
    body = issuer if issuer is not None else settings.report.issuer
    return PeriodSources(
        registry=read_registry(there.registry_dir),
        criteria=load_criteria_set(there.criteria_dir, settings.criteria_set),
        maintenance=load_maintenance(there.maintenance),
        objective=settings.incidents.objective,
        issuer=load_issuing_body(settings.issuing_dir, body) if body else None,
        synthetic=settings.simulated,
    )


def who_gets(settings: Settings) -> tuple[Owners, Mapping[str, str]]:
    """
    Return the file of owners, and by agency the id of the team that it belongs to.

    Raises:
        ConfigurationError: no file is named, or it has mistakes.
    """
    if settings.owners is None:
        raise ConfigurationError(
            "owners: no file says who gets reports; name one in the settings, with reports and smtp"
        )
    there = settings_in_force(settings)
    registry = read_registry(there.registry_dir).at(None)  # who has ended, too, gets the report of its last period
    owner_of = {target.agency_id: target.owner for target in registry.targets.values()}
    return load_owners(settings.owners, frozenset(owner_of.values())), owner_of


def check_reports(settings: Settings) -> None:
    """
    Look whether reports that are to go out by themselves can.

    Raises:
        ConfigurationError: nobody would get them, or no issuing body has the id that the settings name.
    """
    wanted = settings.report
    if wanted.issuer:
        load_issuing_body(settings.issuing_dir, wanted.issuer)
    if wanted.monthly_on_working_day or wanted.quarterly_on_working_day:
        owners, _ = who_gets(settings)
        if not any(team.reports for team in (owners.central, *owners.owners.values())):
            raise ConfigurationError(
                f"{settings.owners}: reports go out by themselves, and nobody gets one; add reports, with a mailbox, for "
                "central or an owner"
            )
