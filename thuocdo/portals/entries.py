"""The shape of the registry's YAML, entry by entry: what a person may write in portals/*.yaml."""

import re
from collections.abc import Mapping
from datetime import date
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from thuocdo.model import Block, Confidence, ServiceLevel
from thuocdo.yamlfile import Strict

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CODE = re.compile(r"\d\.\d{6}")  # the national number alone, without the tail that names a receiving agency
_HOST_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)


def _good_id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError("an id is made of lowercase letters, digits and single hyphens between them")
    return value


def _good_code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise ValueError('a procedure code is one digit, a dot and six digits, in quotes: "1.001193"')
    return value


def _good_url(value: str) -> str:
    """Accept http(s) addresses of a host; refuse what would send a probe elsewhere, or a secret into a log."""
    if any(character.isspace() or not character.isprintable() for character in value):
        raise ValueError("an address holds no spaces; write them as %20")
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError as exc:
        raise ValueError(f"no valid address ({exc})") from exc
    if parts.scheme not in ("http", "https"):
        raise ValueError("an address begins with http:// or https://")
    if "@" in parts.netloc:
        raise ValueError("an address holds no user name or password; remove them (and change that password)")
    if not _is_host(parts.hostname or ""):
        raise ValueError("the host name of the address is missing or no valid name")
    return value


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return all(_HOST_LABEL.fullmatch(label) for label in host.split("."))
    return True


def _good_networks(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("networks are a list: [10.1.0.0/16]")  # noqa: TRY004 - pydantic asks for it
    return tuple(_network(one) for one in value)


def _network(value: Any) -> str:
    try:
        return str(ip_network(value if isinstance(value, str) else ""))
    except ValueError as exc:
        raise ValueError(
            f"'{value}' is no network; write it as 10.1.0.0/16 or fd00:1::/32, with no bits set behind its length"
        ) from exc


Id = Annotated[str, AfterValidator(_good_id)]
Code = Annotated[str, AfterValidator(_good_code)]
Url = Annotated[str, AfterValidator(_good_url)]
Networks = Annotated[tuple[str, ...], BeforeValidator(_good_networks)]
Entries = Annotated[list[Any], BeforeValidator(lambda value: [] if value is None else value)]
"""A list, perhaps empty, of entries that are checked one by one, so that a mistake in one hides none in the others."""


class Valid(Strict):
    """Anything with a validity; both days are inclusive, a day left out is open."""

    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError(f"valid_from {self.valid_from} is after valid_to {self.valid_to}; swap or correct them")
        return self


class AgencyEntry(Valid):
    """A ministry, province or national body with its portals. owner: who gets its alerts; left out = the agency itself."""

    id: Id
    block: Block
    name_vi: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    region: str = ""
    owner: Id | None = None
    successor: str | None = None
    source: str = ""
    portals: Entries = Field(default_factory=list)


class PortalEntry(Valid):
    """
    A portal under its agency; validity that is left out is the agency's.

    ip_version: the http kind asks over this one, and never over the other. networks: inside, that its probes may go to all the
    same (labs and tests).
    """

    id: Id
    homepage_url: Url
    confidence: Confidence
    confirmed: bool = False
    name_vi: str = ""
    name_en: str = ""
    family: str = "unknown"
    successor: str | None = None
    source: str = ""
    expected_text: str = ""
    ip_version: Literal[4, 6] = 4
    networks: Networks = ()
    eforms: Entries = Field(default_factory=list)


class EformEntry(Valid):
    """The eForm of one procedure on a portal; validity that is left out is the portal's."""

    procedure: str
    url: Url
    journey: str
    variables: Mapping[str, str] = Field(default_factory=dict)


class ProcedureEntry(Strict):
    """An administrative procedure."""

    code: Code
    name_vi: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    level: ServiceLevel | None = None
    source: str = ""


class MandateEntry(Valid):
    """Written permission to go beyond gentle anonymous probing of one portal; never open-ended."""

    id: Id
    portal: str
    granted_by: str = Field(min_length=1)
    document: str = Field(min_length=1)
    valid_from: date
    valid_to: date
    robots_exempt: bool = False
    browser_interval_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    load_requests_per_second: float = Field(default=0.0, ge=0, allow_inf_nan=False)


class FileEntry(Strict):
    """One file of the registry; any of the keys may be left out."""

    agencies: Entries = Field(default_factory=list)
    procedures: Entries = Field(default_factory=list)
    mandates: Entries = Field(default_factory=list)
