"""When somebody asked not to be judged: planned maintenance of agencies, portals and targets; schedules/maintenance.yaml."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cronsim import CronSim, CronSimError
from pydantic import Field, field_validator, model_validator

from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Target
from thuocdo.core.portals import Registry
from thuocdo.core.shapes import FilledLine, Instant, Line
from thuocdo.core.yamlfile import Strict, YamlDocument, hinting, read

LONGEST_MINUTES = 7 * 24 * 60
CRON_FIELDS = 5
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindow:
    """
    Planned maintenance, once or again and again.

    agency_id, portal_id, target_ids: whose; exactly one is given. cron, minutes: it begins at every such minute in Hanoi and
    lasts so long. from_at, to_at: it happens once, to exclusive. asked_by, document: who wanted it, and where that stands.
    """

    agency_id: str = ""
    portal_id: str = ""
    target_ids: tuple[str, ...] = ()
    cron: str = ""
    minutes: int = 0
    from_at: datetime | None = None
    to_at: datetime | None = None
    asked_by: str
    document: str = ""

    def holds(self, instant: datetime) -> bool:
        """Tell whether an aware instant lies within it."""
        if self.from_at is not None and self.to_at is not None:
            return self.from_at <= instant < self.to_at
        local = instant.astimezone(HANOI)
        begun = next(CronSim(self.cron, local - timedelta(minutes=self.minutes)), None)
        return begun is not None and begun <= local

    def times(self, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
        """Return when it begins and ends, of each time of which a part lies in a span; aware, in order."""
        if self.from_at is not None and self.to_at is not None:
            return [(self.from_at, self.to_at)] if self.from_at < until and self.to_at > since else []
        length, found = timedelta(minutes=self.minutes), []
        for begun in CronSim(self.cron, (since - length).astimezone(HANOI)):
            if begun >= until:
                break
            found.append((begun, begun + length))
        return found

    def concerns(self, target: Target) -> bool:
        """Tell whether a target is among what is maintained."""
        return target.agency_id == self.agency_id or target.portal_id == self.portal_id or target.id in self.target_ids


def windows_of(target: Target, windows: Iterable[MaintenanceWindow]) -> tuple[MaintenanceWindow, ...]:
    """Return the windows that concern a target."""
    return tuple(window for window in windows if window.concerns(target))


def load_maintenance(path: Path, registry: Registry | None = None) -> tuple[MaintenanceWindow, ...]:
    """
    Read the planned maintenance.

    Args:
        path: the YAML file.
        registry: everything that ever was registered, so that names nobody knows are found; None = names are not looked at.

    Raises:
        ConfigurationError: every mistake, one line each.
    """
    document = read(path)
    file = document.check(_File)
    if file is None:
        raise ConfigurationError(document.problems)
    if registry is not None:
        _check_names(document, file, registry)
    if document.problems:
        raise ConfigurationError(document.problems)
    return tuple(_window(entry) for entry in file.windows)


class _WindowEntry(Strict):
    agency: Line = ""
    portal: Line = ""
    targets: tuple[Line, ...] = ()
    cron: Line = ""
    minutes: int = Field(default=0, ge=0, le=LONGEST_MINUTES)
    from_: Instant | None = Field(default=None, alias="from")
    to: Instant | None = None
    asked_by: FilledLine
    document: Line = ""

    @field_validator("from_", "to")
    @classmethod
    def _in_hanoi(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=HANOI) if value is not None and value.tzinfo is None else value

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        hint = "give minute hour day month weekday, such as 0 22 * * SAT"
        if value and len(value.split()) != CRON_FIELDS:  # a sixth would be seconds
            raise ValueError(f"no cron line; {hint}")
        try:
            if value and next(CronSim(value, SOME_DAY), None) is None:
                raise ValueError(f"a cron line that never comes; {hint}")
        except CronSimError as exc:
            raise ValueError(f"no cron line ({exc}); {hint}") from exc
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if sum(map(bool, (self.agency, self.portal, self.targets))) != 1:
            raise ValueError("give exactly one of agency, portal and targets")
        comes_again = bool(self.cron and self.minutes) and self.from_ is None and self.to is None
        comes_once = bool(self.from_ and self.to) and not self.cron and not self.minutes
        if not comes_again and not comes_once:
            raise ValueError("give either cron and minutes, or from and to")
        if self.from_ and self.to and self.to <= self.from_:
            raise ValueError("it ends before it begins; correct from or to")
        return self


class _File(Strict):
    windows: tuple[_WindowEntry, ...] = ()


def _check_names(document: YamlDocument, file: _File, registry: Registry) -> None:
    known_by: dict[str, Collection[str]] = {
        "agency": registry.agencies,
        "portal": registry.portals,
        "targets": registry.targets,
    }
    hints = {key: hinting(known) for key, known in known_by.items()}
    for index, entry in enumerate(file.windows):
        given = {"agency": (entry.agency,), "portal": (entry.portal,), "targets": entry.targets}
        for key, names in given.items():
            known = known_by[key]
            for name in names:
                if name and name not in known:
                    document.report(("windows", index, key), _unknown(key, name, hints[key]))


def _unknown(key: str, name: str, near: Callable[[str], str]) -> str:
    hint = near(name) or "; `thuocdo portals list --all` shows what is registered"
    return f"unknown {key.removesuffix('s')} '{name}'{hint}"


def _window(entry: _WindowEntry) -> MaintenanceWindow:
    return MaintenanceWindow(
        agency_id=entry.agency,
        portal_id=entry.portal,
        target_ids=entry.targets,
        cron=entry.cron,
        minutes=entry.minutes,
        from_at=entry.from_,
        to_at=entry.to,
        asked_by=entry.asked_by,
        document=entry.document,
    )
