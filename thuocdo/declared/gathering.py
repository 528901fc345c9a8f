"""What declared figures and the month board need of this installation."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.in_force import settings_in_force
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Agency, TargetRole
from thuocdo.core.portals import read_registry
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.core.yamlfile import nearest
from thuocdo.declared.board import Measured, MonthBoard, make_board
from thuocdo.declared.goals import load_goals, of_agency
from thuocdo.declared.units import DeclaringAgency
from thuocdo.periods.content import AgencyPeriod
from thuocdo.periods.gathering import period_sources
from thuocdo.periods.period import Period
from thuocdo.periods.reading import read_period
from thuocdo.store import Store


class Declaring:
    """
    Who may declare what, as the files say now.

    Args:
        settings: of the installation.

    Raises:
        ConfigurationError: registry or files of goals have mistakes.
    """

    def __init__(self, settings: Settings) -> None:
        registry = read_registry(settings_in_force(settings).registry_dir).at(None)
        self._agencies: Mapping[str, Agency] = registry.agencies
        self.with_goals = load_goals(settings.goals_dir, registry.agencies)

    def agency(self, agency_id: str) -> DeclaringAgency:
        """
        Return an agency with its units and goals.

        Raises:
            ConfigurationError: it is not registered; the message names the nearest.
        """
        if agency_id not in self._agencies:
            hint = nearest(agency_id, self._agencies)
            raise ConfigurationError(f"--agency: no agency '{agency_id}' is registered{hint}")
        return of_agency(self.with_goals, self._agencies[agency_id])


def read_board(store: Store, settings: Settings, month: Period, agency_ids: Sequence[str], now: datetime) -> MonthBoard:
    """
    Return the board of a month.

    Args:
        store: open.
        settings: of the installation.
        month: a period of one month.
        agency_ids: whose; empty = all that have goals.
        now: when it is made.

    Raises:
        ConfigurationError: nobody has goals, or a file has mistakes.
        StoreError: the store cannot be read.
    """
    declaring = Declaring(settings)
    chosen = [declaring.agency(one) for one in agency_ids] or list(declaring.with_goals.values())
    if not chosen:
        raise ConfigurationError(
            f"{settings.goals_dir}: no agency has goals; write one YAML file per agency there, as docs/declared.md shows"
        )
    content = read_period(store, month, period_sources(settings), now)
    found = {one.agency.id: _measured(one) for one in content.agencies if one.is_measured}
    rows = {one.agency.id: store.declared.in_force(one.agency.id) for one in chosen}
    return make_board(month, chosen, rows, found, now, synthetic=settings.simulated)


def _measured(one: AgencyPeriod) -> Measured:
    """Return what stands beside: how available its home pages were, and the median of the first on a desktop."""
    times = [
        time.seconds
        for target in one.targets
        for time in target.times
        if TargetRole.HOMEPAGE in all_kinds()[time.kind].roles and time.profile == PLAIN_PROFILE
    ]
    return Measured(availability_ratio=one.report.availability_ratio, seconds=times[0] if times else None)
