"""What is measured: jobs that are due, what a probe saw, and the conditions it was seen in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import Any, Protocol, Self

from thuocdo.core.model.registry import Target


class Outcome(StrEnum):
    """The conclusion of one probe."""

    OK = "ok"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


class Reason(StrEnum):
    """
    Why a probe did not end ok: a closed set.

    outcome: what a probe that ended for this reason concludes, so that no reason can be added without saying whose fault it is.
    """

    outcome: Outcome

    def __new__(cls, name: str, outcome: Outcome | None = None) -> "Reason":
        """Make a reason; type checkers take `Reason(name)`, which looks one up, for a call of this."""
        if outcome is None:
            raise TypeError(f"reason {name}: say its outcome, too")
        reason = str.__new__(cls, name)
        reason._value_ = name
        reason.outcome = outcome
        return reason

    # The portal's fault.
    DNS_FAILURE = "dns_failure", Outcome.FAILED
    CONNECTION_REFUSED = "connection_refused", Outcome.FAILED
    CONNECT_TIMEOUT = "connect_timeout", Outcome.FAILED
    TLS_ERROR = "tls_error", Outcome.FAILED
    CERTIFICATE_INVALID = "certificate_invalid", Outcome.FAILED
    HTTP_ERROR = "http_error", Outcome.FAILED
    TIMEOUT = "timeout", Outcome.FAILED
    CONTENT_MISMATCH = "content_mismatch", Outcome.FAILED
    MAINTENANCE_PAGE = "maintenance_page", Outcome.FAILED
    FORM_NOT_READY = "form_not_ready", Outcome.FAILED
    PAGE_CRASH = "page_crash", Outcome.FAILED
    TOO_LARGE = "too_large", Outcome.FAILED
    # Ours, or unknowable.
    BLOCKED = "blocked", Outcome.INCONCLUSIVE
    CAPTCHA = "captcha", Outcome.INCONCLUSIVE
    LOGIN_REQUIRED = "login_required", Outcome.INCONCLUSIVE
    NO_CONNECTIVITY = "no_connectivity", Outcome.INCONCLUSIVE
    PROBER_SATURATED = "prober_saturated", Outcome.INCONCLUSIVE
    BROWSER_UNAVAILABLE = "browser_unavailable", Outcome.INCONCLUSIVE
    ROBOTS_DISALLOWED = "robots_disallowed", Outcome.INCONCLUSIVE
    MANDATE_MISSING = "mandate_missing", Outcome.INCONCLUSIVE
    PROTOCOL_UNSUPPORTED = "protocol_unsupported", Outcome.INCONCLUSIVE
    REDIRECTED_ELSEWHERE = "redirected_elsewhere", Outcome.INCONCLUSIVE
    NOT_THE_PORTAL = "not_the_portal", Outcome.INCONCLUSIVE
    PROCEDURE_EXPIRED = "procedure_expired", Outcome.INCONCLUSIVE
    NOT_ONLINE = "not_online", Outcome.INCONCLUSIVE
    INTERNAL_ERROR = "internal_error", Outcome.INCONCLUSIVE


LINE_REASONS = frozenset({Reason.DNS_FAILURE, Reason.CONNECTION_REFUSED, Reason.CONNECT_TIMEOUT, Reason.TIMEOUT})
"""Failures that our own broken line would cause as well: judged against the reference targets before a portal is blamed."""


OWN_REASONS = frozenset(
    {
        Reason.NO_CONNECTIVITY,
        Reason.PROBER_SATURATED,
        Reason.BROWSER_UNAVAILABLE,
        Reason.MANDATE_MISSING,
        Reason.INTERNAL_ERROR,
        Reason.NOT_THE_PORTAL,
        Reason.PROCEDURE_EXPIRED,
        Reason.NOT_ONLINE,
    }
)
"""Why a probe came to no conclusion for something at us, our registry included: no portal may gain or lose by it."""

PASSING_REASONS = frozenset({Reason.NO_CONNECTIVITY, Reason.PROBER_SATURATED, Reason.BROWSER_UNAVAILABLE})
"""Those of ours that may have passed by the next time: such a run is taken again in a round."""

KEPT_OUT_REASONS = frozenset({Reason.BLOCKED, Reason.CAPTCHA, Reason.LOGIN_REQUIRED, Reason.ROBOTS_DISALLOWED})
"""Why a probe came to no conclusion because the portal let it no further: no portal may gain by it."""

LATE_REASONS = frozenset({Reason.CONNECT_TIMEOUT, Reason.TIMEOUT, Reason.FORM_NOT_READY})
"""Failures to be in time, which a prober without CPU would cause as well."""


class PageKind(StrEnum):
    """What a home page turned out to be."""

    PORTAL = "portal"
    NOTICE = "notice"
    REDIRECT = "redirect"
    MAINTENANCE = "maintenance"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """
    One probe that is due: the natural key of the measurement it will give, and its deadline.

    expires_at: a start later than this is a missed start, counted and never caught up; None = the job waits for its turn.
    full_evidence: a person asked for all of it, filmstrip included; else it is taken on failure and now and then.
    """

    target: Target
    kind: str
    vantage_id: str
    profile: str
    scheduled_at: datetime
    deadline_seconds: float
    expires_at: datetime | None = None
    round_id: str | None = None
    full_evidence: bool = False

    @property
    def key(self) -> "MeasurementKey":
        """The natural key of the measurement this job will give."""
        return MeasurementKey(
            target_id=self.target.id,
            kind=self.kind,
            vantage_id=self.vantage_id,
            profile=self.profile,
            scheduled_at=self.scheduled_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A stored file, addressed by its SHA-256. kind: screenshot, axe, …"""

    kind: str
    sha256: str
    media_type: str
    size_bytes: int


class EvidenceSink(Protocol):
    """Where a probe puts evidence; keeping it is the store's business."""

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        """Store the content (already redacted) and return its address."""
        ...


class FindingOutcome(StrEnum):
    """Whether a finding is a fault, or something a person must look at."""

    FAILED = "failed"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingNode:
    """One place on the page where a rule found something. picture: SHA-256 of its evidence, empty = none."""

    selector: str
    snippet: str = ""
    message: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    What one accessibility rule found on one page.

    count: places found in all; nodes: the first of them. impact: minor, moderate, serious or critical. rule_set: wcag20, wcag21,
    wcag22 or best_practice (WCAG's level AAA is among it); empty in what was stored before there were sets.
    """

    rule: str
    layer: str
    outcome: FindingOutcome
    impact: str
    help: str
    wcag: tuple[str, ...] = ()
    act: tuple[str, ...] = ()
    count: int = 0
    nodes: tuple[FindingNode, ...] = ()
    help_url: str = ""
    rule_set: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """
    What a probe saw, before it is tied to its job.

    reason: None exactly when outcome is ok (`ended` keeps both together). detail: one line for people, without secrets.
    values: numbers named as the kind's specification names them; a value that was not seen is absent, never 0.
    attributes: facts that are no numbers (TLS version, final host, …). tested / not_testable: rule ids (accessibility).
    """

    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    page_kind: PageKind | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    tested: tuple[str, ...] = ()
    not_testable: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @classmethod
    def ended(cls, reason: Reason | None, detail: str = "", **seen: Any) -> Self:
        """
        Return what a probe saw that ended for a reason, None = it ended ok.

        Args:
            reason: brings its outcome along.
            detail: one line for people, without secrets.
            seen: the other fields, as far as anything was seen.

        """
        return cls(outcome=reason.outcome if reason else Outcome.OK, reason=reason, detail=detail, **seen)

    def __post_init__(self) -> None:
        expected = self.reason.outcome if self.reason else Outcome.OK
        if self.outcome is not expected:
            raise ValueError(f"observation: outcome {self.outcome} does not go with reason {self.reason}")
        for name, value in self.values.items():
            if not isfinite(value):
                raise ValueError(f"observation: value '{name}' is {value}; leave out what was not seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """
    The state of the prober while it measured.

    loop_lag_seconds: worst lateness of the event loop during the probe. cpu_pressure_ratio: 0..1, share of time in which
    something waited for a CPU. in_flight: probes running at the start, this one included. lateness_seconds: start after
    schedule; it moves the instant and spoils no time. saturated: the times are suspect and take no part in a score; that the
    portal answered stands.
    """

    loop_lag_seconds: float = 0.0
    cpu_pressure_ratio: float = 0.0
    in_flight: int = 1
    lateness_seconds: float = 0.0
    saturated: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementKey:
    """The natural key: delivering a measurement twice changes nothing."""

    target_id: str
    kind: str
    vantage_id: str
    profile: str
    scheduled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """
    What a probe saw, when, from where, and in which conditions.

    duration_seconds: 0 = no probe was made (manners or robots.txt forbade it), so that there is no duration to tell.
    """

    key: MeasurementKey
    agency_id: str
    started_at: datetime
    duration_seconds: float
    observation: Observation
    conditions: Conditions
    round_id: str | None = None

    @property
    def is_spoilt(self) -> bool:
        """Whether a busy prober took its times; a definite fault of the portal stands as it is."""
        seen = self.observation
        return self.conditions.saturated and (seen.outcome is Outcome.OK or seen.reason is Reason.PROBER_SATURATED)

    @property
    def is_lost_by_us(self) -> bool:
        """Whether it came to nothing for something at us that may have passed by the next time."""
        return self.is_spoilt or self.observation.reason in PASSING_REASONS
