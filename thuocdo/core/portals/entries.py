"""The shape of the registry's YAML, entry by entry: what a person may write in portals/*.yaml."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from thuocdo.core.model import Block, Confidence, ServiceLevel
from thuocdo.core.shapes import CalendarDay, FilledLine, Id, Line, Url
from thuocdo.core.yamlfile import Strict

_UNIT_CODE = re.compile(r"\d{5}")
_CODE = re.compile(r"\d\.\d{6}")  # the national number alone, without the tail that names a receiving agency


def _good_code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise ValueError('a procedure code is one digit, a dot and six digits, in quotes: "1.001193"')
    return value


def good_unit_code(value: str) -> str:
    """Return a commune's number in the list of administrative units; raises ValueError for what is none."""
    if not _UNIT_CODE.fullmatch(value) or not value.isascii():
        raise ValueError('a code of a commune is five digits, in quotes: "00004"')
    return value


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


Code = Annotated[str, AfterValidator(_good_code)]
UnitCode = Annotated[str, AfterValidator(good_unit_code)]
Networks = Annotated[tuple[str, ...], BeforeValidator(_good_networks)]
Entries = Annotated[list[Any], BeforeValidator(lambda value: [] if value is None else value)]
"""A list, perhaps empty, of entries that are checked one by one, so that a mistake in one hides none in the others."""


class Valid(Strict):
    """Anything with a validity; both days are inclusive, a day left out is open."""

    valid_from: CalendarDay | None = None
    valid_to: CalendarDay | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError(f"valid_from {self.valid_from} is after valid_to {self.valid_to}; swap or correct them")
        return self


class AgencyEntry(Valid):
    """
    A ministry, province, commune or national body with its portals.

    owner: who gets its alerts; left out = the agency itself, or the province of a commune. parent: a commune's province. code: of
    a commune, in the list of administrative units. city: of a province that is a city under central government. region: left
    out of a commune = its province's.
    """

    id: Id
    block: Block
    name_vi: FilledLine
    name_en: FilledLine
    region: Line = ""
    parent: Id | None = None
    code: UnitCode | None = None
    city: bool = False
    owner: Id | None = None
    successor: str | None = None
    source: str = ""
    portals: Entries = Field(default_factory=list)

    @model_validator(mode="after")
    def _stands_where_its_block_does(self) -> Self:
        if self.block is Block.COMMUNE:
            if self.parent is None:
                raise ValueError("a commune has a province; add `parent: <id of the province>`")
            if self.valid_from is None:
                raise ValueError("a commune is one from a day on; add `valid_from` (2025-07-01 for the units of today)")
        else:
            if self.parent is not None:
                raise ValueError("parent is for communes; remove it, or write `block: commune`")
            if self.code is not None:
                raise ValueError("code is for communes; remove it, or write `block: commune`")
        if self.city and self.block is not Block.PROVINCE:
            raise ValueError("city is for provinces that are cities under central government; remove it")
        return self


class PortalEntry(Valid):
    """
    A portal under its agency; validity that is left out is the agency's.

    ip_version: the http kind asks over this one, and never over the other. networks: inside, that its probes may go to all the
    same (labs and tests). allowlisted_since: the day from which the agency says it lets our addresses past its filters.
    """

    id: Id
    homepage_url: Url
    confidence: Confidence
    confirmed: bool = False
    name_vi: Line = ""
    name_en: Line = ""
    family: Id = "unknown"
    successor: str | None = None
    source: str = ""
    expected_text: Line = ""
    ip_version: Literal[4, 6] = 4
    networks: Networks = ()
    allowlisted_since: CalendarDay | None = None
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
    name_vi: FilledLine
    name_en: FilledLine
    level: ServiceLevel | None = None
    source: str = ""


class MandateEntry(Valid):
    """Written permission to go beyond gentle anonymous probing of one portal; never open-ended."""

    id: Id
    portal: str
    granted_by: FilledLine
    document: FilledLine
    valid_from: CalendarDay
    valid_to: CalendarDay
    robots_exempt: bool = False
    browser_interval_seconds: float | None = Field(default=None, gt=0, le=31 * 24 * 3600)
    load_requests_per_second: float = Field(default=0.0, ge=0, le=100_000)


class FileEntry(Strict):
    """One file of the registry; any of the keys may be left out."""

    agencies: Entries = Field(default_factory=list)
    procedures: Entries = Field(default_factory=list)
    mandates: Entries = Field(default_factory=list)
