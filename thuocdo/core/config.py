"""
Settings: from the command line's --config file, the environment (THUOCDO_…), then these defaults; read once at start.

Unknown keys are refused and all mistakes are reported at once. A secret such as the store's address may come from a file:
THUOCDO_STORE_URL_FILE=/run/secrets/store_url.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.setting_groups import (
    ENVIRONMENT_PREFIX,
    BrowserSettings,
    EvidenceSettings,
    GrafanaAddress,
    GrafanaSettings,
    IncidentSettings,
    KeepSettings,
    ReportSettings,
    VantageSettings,
    WebSettings,
    read_secret,
)
from thuocdo.core.shapes import FilePath, HeaderText, Id, Line, Url
from thuocdo.core.yamlfile import Strict, load, nearest

DEFAULT_FILE = Path("thuocdo.yaml")


def bundled(folder: str) -> Path:
    """Return the folder of data that ships with the product: portals, criteria, schedules, scenarios."""
    # Not importlib.resources.as_file: Python 3.11 cannot hand over a folder without __init__.py.
    spec = find_spec(folder)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(f"the bundled folder '{folder}' is missing; install the product again")
    return Path(next(iter(spec.submodule_search_locations)))


class Settings(BaseSettings):
    """
    Everything a process needs to know; never changes while it runs.

    archive_dir: measurements are archived there before they go (`thuocdo archive`); None = they go. owners: who is told of what.
    calendar: which days are worked, by which deadlines of rounds are counted.
    alertmanager_url: where `thuocdo doctor` looks whether Alertmanager answers; empty = it does not look.
    timestamp_url: the time-stamp server (RFC 3161) that sealed rounds are stamped by; empty = none.
    simulated: the registry's portals are a simulated fleet; pages and exports say so, so that nobody takes the figures for real.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    data_dir: FilePath = Path("data")
    archive_dir: FilePath | None = None
    store_url: Line = ""
    registry_dir: FilePath = Field(default_factory=lambda: bundled("portals"))
    criteria_dir: FilePath = Field(default_factory=lambda: bundled("criteria"))
    journeys_dir: FilePath = Field(default_factory=lambda: bundled("scenarios") / "journeys")
    issuing_dir: FilePath = Field(default_factory=lambda: bundled("issuing"))
    goals_dir: FilePath = Field(default_factory=lambda: bundled("goals"))
    schedule: FilePath = Field(default_factory=lambda: bundled("schedules") / "default.yaml")
    maintenance: FilePath = Field(default_factory=lambda: bundled("schedules") / "maintenance.yaml")
    calendar: FilePath = Field(default_factory=lambda: bundled("calendars") / "vn.yaml")
    owners: FilePath | None = None
    criteria_set: Id = "survey-2023"
    lang: Literal["vi", "en"] = "vi"
    log_format: Literal["console", "json"] = "console"
    alertmanager_url: Url | Literal[""] = ""
    timestamp_url: Url | Literal[""] = ""
    contact: HeaderText = "https://github.com/thuocdo/thuocdo"
    simulated: bool = False
    hosts_file: FilePath | None = None
    ca_file: FilePath | None = None
    vantage: VantageSettings = VantageSettings()
    browser: BrowserSettings = BrowserSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    keep: KeepSettings = KeepSettings()
    incidents: IncidentSettings = IncidentSettings()
    report: ReportSettings = ReportSettings()
    web: WebSettings = WebSettings()
    grafana: GrafanaSettings = GrafanaSettings()

    @field_validator("registry_dir", "criteria_dir", "journeys_dir", "issuing_dir", "goals_dir")
    @classmethod
    def _folder_exists(cls, path: Path) -> Path:
        if not path.is_dir():
            raise ValueError(f"folder {path} does not exist; give an existing folder or leave the key out")
        return path

    @field_validator("data_dir", "archive_dir")
    @classmethod
    def _is_no_file(cls, path: Path | None) -> Path | None:
        if path is not None and path.exists() and not path.is_dir():
            raise ValueError(f"{path} is a file; give a folder, which is made where it is missing")
        return path

    @field_validator("schedule", "maintenance", "calendar", "owners", "hosts_file", "ca_file")
    @classmethod
    def _file_exists(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            raise ValueError(f"file {path} does not exist; give an existing file or leave the key out")
        return path

    @model_validator(mode="after")
    def _default_store(self) -> Self:
        if not self.store_url:
            object.__setattr__(self, "store_url", f"sqlite:///{self.data_dir.absolute()}/thuocdo.sqlite")
        return self

    @property
    def user_agent(self) -> str:
        """Who we say we are: honest, with a way to reach us."""
        from thuocdo.core.version import __version__

        return f"ThuocDo/{__version__} (+{self.contact})"

    @property
    def sessions_dir(self) -> Path:
        """Folder of the login sessions that people supplied."""
        return self.data_dir / "sessions"

    @property
    def evidence_dir(self) -> Path:
        """Folder of the evidence files."""
        return self.data_dir / "evidence"

    @property
    def sealed_dir(self) -> Path:
        """Folder of the packages of sealed rounds."""
        return self.data_dir / "sealed"

    @property
    def intake_dir(self) -> Path:
        """Folder of figures that agencies brought and that are to be taken up."""
        return self.data_dir / "intake"

    @property
    def archive_folder(self) -> Path:
        """Folder of the archive, that which `thuocdo archive write` makes where no other is chosen."""
        return self.archive_dir or self.data_dir / "archive"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file: what an operator sets for one run wins over what was written down."""
        if isinstance(env_settings, EnvSettingsSource):
            # THUOCDO_BROWSER is a program, not the settings named `browser`.
            elsewhere = {name.lower() for name in _READ_ELSEWHERE}
            env_settings.env_vars = {k: v for k, v in env_settings.env_vars.items() if k.lower() not in elsewhere}
        return (env_settings, _SecretFileSource(settings_cls), init_settings)


class _SecretFileSource(PydanticBaseSettingsSource):
    """Reads THUOCDO_<NAME>_FILE for every setting, as containers hand over secrets."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Return the content of the file that the environment names for this setting, or None."""
        path = os.environ.get(f"{ENVIRONMENT_PREFIX}{field_name.upper()}_FILE")
        if path is None or field_name.endswith("_file"):
            return None, field_name, False
        try:
            return read_secret(Path(path)), field_name, False
        except (OSError, ValueError) as exc:
            name = f"{ENVIRONMENT_PREFIX}{field_name.upper()}_FILE"
            raise ConfigurationError(
                f"{name}: {path} cannot be read ({exc}); check the path, its rights and that it is UTF-8"
            ) from exc

    def __call__(self) -> dict[str, Any]:
        """Return all settings that came by file."""
        found = ((name, self.get_field_value(info, name)[0]) for name, info in self.settings_cls.model_fields.items())
        return {name: value for name, value in found if value is not None}


class _File(Strict):
    """The shape of thuocdo.yaml, used to report mistakes with their line."""

    data_dir: FilePath | None = None
    archive_dir: FilePath | None = None
    store_url: Line | None = None
    registry_dir: FilePath | None = None
    criteria_dir: FilePath | None = None
    journeys_dir: FilePath | None = None
    issuing_dir: FilePath | None = None
    goals_dir: FilePath | None = None
    schedule: FilePath | None = None
    maintenance: FilePath | None = None
    calendar: FilePath | None = None
    owners: FilePath | None = None
    criteria_set: Id | None = None
    lang: Literal["vi", "en"] | None = None
    log_format: Literal["console", "json"] | None = None
    alertmanager_url: Url | Literal[""] | None = None
    timestamp_url: Url | Literal[""] | None = None
    contact: HeaderText | None = None
    simulated: bool | None = None
    hosts_file: FilePath | None = None
    ca_file: FilePath | None = None
    vantage: VantageSettings | None = None
    browser: BrowserSettings | None = None
    evidence: EvidenceSettings | None = None
    keep: KeepSettings | None = None
    incidents: IncidentSettings | None = None
    report: ReportSettings | None = None
    web: WebSettings | None = None
    grafana: GrafanaAddress | None = None


def load_settings(file: Path | None = None) -> Settings:
    """
    Read the settings: the environment over the given file (or ./thuocdo.yaml where it exists) over the defaults.

    Relative paths in the file are taken from the file's own folder.

    Raises:
        ConfigurationError: every mistake found, one line each.
    """
    path = file or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    values: dict[str, Any] = {}
    if path is not None:
        given = load(path, _File)
        values = given.model_dump(exclude_unset=True)
        for name, value in values.items():
            if isinstance(value, Path) and not value.is_absolute():
                values[name] = (path.absolute().parent / value).resolve()
    _refuse_unknown_environment()
    try:
        return Settings(**values)
    except (SettingsError, RecursionError) as exc:
        raise ConfigurationError(
            f"environment: {exc}; set single values, as in THUOCDO_WEB__PORT=8321, or give JSON"
        ) from exc
    except ValidationError as exc:
        places = [(".".join(map(str, error["loc"])), error["msg"]) for error in exc.errors()]
        raise ConfigurationError([_describe(place, message, path) for place, message in places]) from exc


def _refuse_unknown_environment() -> None:
    known = {f"{ENVIRONMENT_PREFIX}{name.upper()}" for name in Settings.model_fields} | {"THUOCDO_CONFIG"}
    problems = []
    for name in os.environ:
        if name.startswith(ENVIRONMENT_PREFIX):
            base = name.split("__")[0].removesuffix("_FILE") if name not in known else name
            if base not in known and base not in _READ_ELSEWHERE:
                problems.append(f"environment: unknown variable '{name}'{nearest(base, known | _READ_ELSEWHERE)}")
    if problems:
        raise ConfigurationError(problems)


_READ_ELSEWHERE = {
    "THUOCDO_BROWSER", "THUOCDO_HEARTBEAT", "THUOCDO_IN_FORCE", "THUOCDO_READY", "THUOCDO_SESSION", "THUOCDO_SUPERVISED",
}  # fmt: skip
"""Variables that the set-up script, the browser module, the journeys, the supervisor and what is in force read."""


def _describe(place: str, message: str, path: Path | None) -> str:
    return f"{f'{path} or ' if path else ''}environment: {place or 'settings'}: {message.removeprefix('Value error, ')}"
