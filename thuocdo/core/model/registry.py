"""Who is measured, and from where: agencies, portals, procedures, mandates, targets, vantage points."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit


class Block(StrEnum):
    """What an agency is; blocks are ranked apart. Communes stand below a province, and are thousands."""

    MINISTRY = "ministry"
    PROVINCE = "province"
    COMMUNE = "commune"
    NATIONAL = "national"


class Confidence(StrEnum):
    """How sure we are that an address belongs to the agency."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class TargetRole(StrEnum):
    """What a target is to its portal."""

    HOMEPAGE = "homepage"
    EFORM = "eform"


class ServiceLevel(StrEnum):
    """Level of an online procedure. Source: NĐ 42/2022/NĐ-CP."""

    FULL = "toàn trình"
    PARTIAL = "một phần"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """
    A ministry, province, commune or national body, for as long as it exists (both dates inclusive, None = open).

    name_vi, name_en: as it calls itself; a commune's is unique within its province alone, so `full_name` is what people are
    shown. parent_id: a commune's province, None of all others. within_vi, within_en: what follows the name of a commune
    ("tỉnh Lào Cai"). code: a commune's number in the list of administrative units, 5 digits, empty where it is not known.
    """

    id: str
    block: Block
    name_vi: str
    name_en: str
    region: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successor_id: str | None = None
    source: str = ""
    parent_id: str | None = None
    code: str = ""
    within_vi: str = ""
    within_en: str = ""

    def full_name(self, language: str) -> str:
        """Return the name that no other agency has at that time: a commune's with its province."""
        name, within = (self.name_vi, self.within_vi) if language == "vi" else (self.name_en, self.within_en)
        return f"{name}, {within}" if within else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """
    What an agency runs under one host.

    name_vi, name_en: empty = it goes by its agency's name. allowlisted_since: from when it lets our addresses
    past its filters, as the agency says; None = it says nothing.
    """

    id: str
    agency_id: str
    homepage_url: str
    name_vi: str = ""
    name_en: str = ""
    family: str = "unknown"
    confidence: Confidence = Confidence.LOW
    confirmed: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    successor_id: str | None = None
    source: str = ""
    allowlisted_since: date | None = None

    @property
    def host(self) -> str:
        """Host name of the home page, without port."""
        return urlsplit(self.homepage_url).hostname or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """An administrative procedure with its national code, such as 1.001193."""

    code: str
    name_vi: str
    name_en: str
    level: ServiceLevel | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """
    Written permission to go beyond gentle anonymous probing of one portal.

    robots_exempt: robots.txt need not be asked. browser_interval_seconds: shortest time between two browser visits of one
    target. load_requests_per_second: the most a load scenario may send, 0 = none.
    """

    id: str
    portal_id: str
    granted_by: str
    document: str
    valid_from: date
    valid_to: date
    robots_exempt: bool = False
    browser_interval_seconds: float | None = None
    load_requests_per_second: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    One thing to probe, with all that a probe needs to know about it.

    expected_text: text that the page must contain, else content_mismatch; empty = no check.
    own_hosts: hosts that count as this agency's, so that a redirect among them is not "elsewhere".
    elsewhere_hosts: hosts of all registered portals (one shared set, own hosts included: ask own_hosts first), so that a
    redirect to another portal is recognised.
    journey: name of the journey in scenarios/journeys that opens the eForm; variables fill its placeholders.
    ip_version: 4 or 6, over which the http kind asks; never silently the other one.
    owner: who gets its alerts.
    networks: CIDR networks inside that its probes may go to all the same (labs and tests); the shipped registry names none.
    parent_id: the province of a commune's target, empty of all others.
    """

    id: str
    role: TargetRole
    url: str
    agency_id: str
    portal_id: str
    block: Block
    region: str = ""
    family: str = "unknown"
    procedure_code: str | None = None
    journey: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    expected_text: str = ""
    ip_version: int = 4
    own_hosts: frozenset[str] = frozenset()
    elsewhere_hosts: frozenset[str] = frozenset()
    probed: bool = True
    mandate: Mandate | None = None
    owner: str = ""
    networks: tuple[str, ...] = ()
    parent_id: str = ""

    @property
    def host(self) -> str:
        """Host name of the address, without port."""
        return urlsplit(self.url).hostname or ""
