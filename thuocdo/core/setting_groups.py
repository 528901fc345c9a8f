"""The groups of settings: one part of the program each, with its own defaults."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.shapes import FilePath, Host, Id, Line, Url
from thuocdo.core.yamlfile import Strict

ENVIRONMENT_PREFIX = "THUOCDO_"
MOST_SECRET_BYTES = 64 * 1024


def read_secret(path: Path) -> str:
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
            file = read_secret(self.token_file) if self.token_file else ""
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
    issuer: id of the issuing body, a file of issuing_dir; empty = its places stay blank. remind: of windows for replies to
    rounds agencies are reminded without anybody doing so (else `thuocdo round remind --send`).
    """

    monthly_on_working_day: int = Field(default=0, ge=0, le=20)
    quarterly_on_working_day: int = Field(default=0, ge=0, le=20)
    issuer: Id | Literal[""] = ""
    remind: bool = False
