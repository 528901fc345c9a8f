"""
Settings: from the command line's --config file, the environment (THUOCDO_…), then these defaults; read once at start.

Unknown keys are refused and all mistakes are reported at once. A secret such as the store's address may come from a file:
THUOCDO_STORE_URL_FILE=/run/secrets/store_url.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.shapes import FilePath, HeaderText, Host, Id, Line, Url
from thuocdo.core.yamlfile import Strict, load, nearest

ENVIRONMENT_PREFIX = "THUOCDO_"
DEFAULT_FILE = Path("thuocdo.yaml")

MOST_SECRET_BYTES = 64 * 1024


def bundled(folder: str) -> Path:
    """Return the folder of data that ships with the product: portals, criteria, schedules, scenarios."""
    # Not importlib.resources.as_file: Python 3.11 cannot hand over a folder without __init__.py.
    spec = find_spec(folder)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(f"the bundled folder '{folder}' is missing; install the product again")
    return Path(next(iter(spec.submodule_search_locations)))


def _secret(path: Path) -> str:
    """Return the text of a file that holds one value; raises OSError or ValueError."""
    content = read_bounded(path, MOST_SECRET_BYTES)
    if len(content) > MOST_SECRET_BYTES:
        raise ValueError(f"it holds more than {MOST_SECRET_BYTES} bytes, which is no secret")
    return content.decode("utf-8").strip()


class VantageSettings(Strict):
    """
    Where this process measures from. Reference pages tell our own line's fault from a portal's.

    name_servers: addresses (host or host:port) the http kind asks, in order; empty = those of /etc/resolv.conf.
    """

    id: Id = "local"
    region: Line = ""
    carrier: Line = ""
    reference_urls: tuple[Url, ...] = (
        "https://www.google.com/generate_204",
        "https://one.one.one.one/",
        "https://vnnic.vn/",
    )
    name_servers: tuple[Line, ...] = ()


class BrowserSettings(Strict):
    """
    The browser and how many pages it may load at once.

    cpu_share: pages are started so far apart that the machine is busy for no more than this share of the time, as long
        as it is they that keep it busy.
    trusted_keys: base64 SHA-256 of public keys whose certificates are accepted without a known CA (private test set-ups).
    memory_megabytes: a page whose process takes more is ended.
    """

    path: FilePath | None = None
    max_pages: int = Field(default=4, ge=1, le=16)
    start_gap_seconds: float = Field(default=0.4, ge=0, le=3600)
    cpu_share: float = Field(default=0.4, gt=0, le=1)
    trusted_keys: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")], ...] = ()
    memory_megabytes: int = Field(default=1500, ge=200, le=1_000_000)


class EvidenceSettings(Strict):
    """
    When evidence is taken besides failures, and how long it is kept.

    every: each so many browser probes of a target, device and line take all of it, the first included; 0 = only on failure.
    keep_days, keep_gigabytes: older files go, and the oldest ones where all together are more.
    """

    every: int = Field(default=20, ge=0, le=1_000_000)
    keep_days: float = Field(default=90.0, gt=0, le=36_500)
    keep_gigabytes: float = Field(default=10.0, gt=0, le=1_000_000)


class KeepSettings(Strict):
    """
    How long measurements are kept; rounds, and what incidents rest on, stay.

    raw_days: each one by itself, whole days in Hanoi. What comes late is counted for 48 hours, so at least 3. rollup_days: what
    they amount to by day, from which rankings and periods are told.
    """

    raw_days: int = Field(default=35, ge=3, le=36_500)
    rollup_days: int = Field(default=1100, ge=3, le=36_500)

    @model_validator(mode="after")
    def _roll_ups_outlive_measurements(self) -> Self:
        if self.rollup_days < self.raw_days:
            raise ValueError(
                f"rollup_days ({self.rollup_days}) is less than raw_days ({self.raw_days}), so a ranking would lose days whose "
                "measurements are still there; raise rollup_days, or lower raw_days"
            )
        return self


class IncidentSettings(Strict):
    """
    When an outage is certain, when it is over, and what is promised; the figures are our own, no official text gives any.

    every_seconds: how often it is judged. confirm_failures, of_last: so many of the last conclusive probes of a target from a
    vantage point must have failed. resolve_ok: so many in a row must be ok. objective: share of probes to be ok in a month.
    """

    every_seconds: float = Field(default=10.0, ge=1, le=300)
    confirm_failures: int = Field(default=3, ge=2, le=10)
    of_last: int = Field(default=5, ge=2, le=20)
    resolve_ok: int = Field(default=2, ge=1, le=10)
    objective: float = Field(default=0.995, gt=0, lt=1)

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.of_last < self.confirm_failures:
            raise ValueError("of_last is less than confirm_failures, so nothing would ever be confirmed; raise of_last")
        return self


class WebSettings(Strict):
    """
    Where pages and metrics are served, and to whom.

    allowed_hosts: names under which the pages may be asked for, besides `host` and those of this machine; others are refused, so
    that no page elsewhere can have its own name lead here. header_seconds: a request's head must be whole by then.
    idle_seconds: a connection without a request is closed by then. most_connections: open at once; what comes beyond is closed.
    """

    host: Host = "127.0.0.1"
    port: int = Field(default=8321, ge=0, le=65535)
    allowed_hosts: tuple[Host, ...] = ()
    header_seconds: float = Field(default=10.0, gt=0, le=3600)
    idle_seconds: int = Field(default=30, ge=1, le=3600)
    most_connections: int = Field(default=256, ge=8, le=100_000)


class GrafanaAddress(Strict):
    """Where a Grafana server is that `thuocdo grafana push` sends dashboards to; empty = none."""

    url: Url | Literal[""] = ""


class GrafanaSettings(GrafanaAddress):
    """
    The server, and the token of one of its service accounts: from the environment only, itself or in a file.

    THUOCDO_GRAFANA__TOKEN, or THUOCDO_GRAFANA__TOKEN_FILE=/run/secrets/grafana_token.
    """

    token: SecretStr = SecretStr("")
    token_file: FilePath | None = None

    def read_token(self) -> str:
        """
        Return the token.

        Raises:
            ConfigurationError: there is none, or its file cannot be read.
        """
        names = f"{ENVIRONMENT_PREFIX}GRAFANA__TOKEN or {ENVIRONMENT_PREFIX}GRAFANA__TOKEN_FILE"
        try:
            file = _secret(self.token_file) if self.token_file else ""
        except (OSError, ValueError) as exc:
            raise ConfigurationError(
                f"{ENVIRONMENT_PREFIX}GRAFANA__TOKEN_FILE: {self.token_file} cannot be read ({exc}); "
                "check the path, its rights and that it is UTF-8"
            ) from exc
        token = self.token.get_secret_value() or file
        if not token:
            raise ConfigurationError(f"environment: no token for Grafana; make a service account there and set {names}")
        return token


class ReportSettings(Strict):
    """
    Reports of periods that go out by themselves, to the mailboxes that the file of owners names.

    monthly_on_working_day, quarterly_on_working_day: on which working day after a month, or a quarter, 0 = not by themselves.
    issuer: id of the issuing body, a file of issuing_dir; empty = its places stay blank.
    """

    monthly_on_working_day: int = Field(default=0, ge=0, le=20)
    quarterly_on_working_day: int = Field(default=0, ge=0, le=20)
    issuer: Id | Literal[""] = ""


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

    @field_validator("registry_dir", "criteria_dir", "journeys_dir", "issuing_dir")
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
            return _secret(Path(path)), field_name, False
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
            f"environment: {exc}; set single values, as in {ENVIRONMENT_PREFIX}WEB__PORT=8321, or give JSON"
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
