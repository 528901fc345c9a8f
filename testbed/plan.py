"""
Who is in the fleet and what is wrong with whom: a pure function of the seed.

Home pages' and eForms' times are spread geometrically within each block, so that neighbours in a ranking differ by at least
10 % and the order of the truth can be told from measurements.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from testbed.agencies import AGENCIES, SimulatedAgency
from testbed.faults import Fault, Wall
from testbed.fields import LARGEST, SMALLEST
from thuocdo.core.model import Block, Procedure, ServiceLevel

__all__ = ["Barriers", "EFormPlan", "Fault", "HomePlan", "PortalPlan", "Unit", "Wall", "plan_fleet"]

DOMAIN = "thuocdo.test"
HOME_SECONDS = (0.35, 3.2)
ENTRY_RATIO = 0.4
"""Time until the entry can be used, against the form's own time, which follows."""

FORM_SECONDS = (0.35, 3.0)
HOME_RESOURCES = (42, 78)
HOME_BYTES = (550_000, 2_400_000)

Barriers = Mapping[str, int]
"""Planted accessibility barriers: axe rule -> places."""

_FAULTS = {
    Block.MINISTRY: (
        Fault.FORBIDDEN,
        Fault.MAINTENANCE_200,
        Fault.EXPIRED_CERTIFICATE,
        Fault.HANG,
        Fault.REDIRECT,
        Fault.UNKNOWN_HOST,
    ),
    Block.PROVINCE: (
        Fault.NOTICE,
        Fault.MAINTENANCE_503,
        Fault.TOO_MANY_REQUESTS,
        Fault.SERVER_ERROR,
        Fault.BURSTS_OF_ERRORS,
        Fault.PLAIN_TEXT,
        Fault.REFUSED,
        Fault.FULL_BACKLOG,
        Fault.OTHER_CONTENT,
        Fault.ENDLESS,
        Fault.CRASH,
        Fault.ROBOTS_ALL,
    ),
}
_WALLS = {Block.MINISTRY: (Wall.VNEID, Wall.CAPTCHA), Block.PROVINCE: (Wall.LOGIN, Wall.NEVER_READY, Wall.ROBOTS)}
_LOADS = frozenset({Fault.NONE, Fault.BURSTS_OF_ERRORS})
"""Faults under which a home page loads and is timed."""

_FAMILY_NAMES = ("testbed-wizard", "testbed-spa", "testbed-legacy")

_PROCEDURES = {
    Block.MINISTRY: (
        ("3.000333", "Cấp Phiếu lý lịch tư pháp", "Issue of a criminal record certificate"),
        ("1.001456", "Cấp hộ chiếu phổ thông", "Issue of an ordinary passport"),
        ("3.000346", "Cấp đổi giấy phép lái xe", "Exchange of a driving licence"),
        ("2.000200", "Cấp thẻ căn cước", "Issue of an identity card"),
    ),
    Block.PROVINCE: (
        ("1.001193", "Đăng ký khai sinh", "Birth registration"),
        ("1.000894", "Đăng ký kết hôn", "Marriage registration"),
        ("1.004873", "Cấp Giấy xác nhận tình trạng hôn nhân", "Certificate of marital status"),
        ("2.000635", "Cấp bản sao trích lục hộ tịch", "Copy of a civil status extract"),
        ("2.000815", "Chứng thực bản sao từ bản chính", "Certification of copies"),
    ),
}
_HOME_BARRIERS = {
    "image-alt": 6,
    "label": 1,
    "color-contrast": 5,
    "html-has-lang": 1,
    "link-name": 3,
    "button-name": 1,
    "select-name": 1,
    "meta-viewport": 1,
    "list": 1,
}
_EFORM_BARRIERS = {"label": 4, "select-name": 2, "color-contrast": 3, "html-has-lang": 1, "button-name": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An office that takes files, as the choice "Cơ quan thực hiện" lists it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePlan:
    """seconds: injected critical path until load. resources, body_bytes: about how heavy."""

    seconds: float
    resources: int
    body_bytes: int
    barriers: Barriers = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EFormPlan:
    """entry_seconds: until the procedure's page can be used; form_seconds: from asking for the form until its last field can."""

    family: str
    procedure: Procedure
    entry_seconds: float
    form_seconds: float
    fields: int
    wall: Wall = Wall.NONE
    barriers: Barriers = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPlan:
    """One portal of the fleet."""

    agency: SimulatedAgency
    number: int
    home: HomePlan
    eform: EFormPlan
    fault: Fault = Fault.NONE
    redirect_to: str = ""

    @property
    def id(self) -> str:
        """Portal and agency share their id, as in the real registry."""
        return self.agency.id

    @property
    def host(self) -> str:
        """Host name, under the domain of the fleet."""
        return host_of(self.agency)

    @property
    def address(self) -> str:
        """The host's own loopback address."""
        return f"127.77.{1 + (self.agency.block is Block.PROVINCE)}.{self.number}"

    @property
    def name(self) -> str:
        """What the portal calls itself."""
        return f"Cổng Dịch vụ công {self.agency.name_vi}"

    @property
    def address_text(self) -> str:
        """Postal address for the foot of a page (made up)."""
        return f"Số {self.number} đường Trần Hưng Đạo, {self.agency.name_vi}"

    @property
    def units(self) -> tuple[Unit, ...]:
        """Offices that take files."""
        names = (
            ("Văn phòng Bộ", "Bộ phận Một cửa", "Cục Kiểm soát thủ tục hành chính")
            if self.agency.block is Block.MINISTRY
            else ("Sở Tư pháp", "Ủy ban nhân dân phường An Bình", "Ủy ban nhân dân xã Tân Lập")
        )
        prefix = "G" if self.agency.block is Block.MINISTRY else "H"
        return tuple(
            Unit(code=f"{prefix}{self.number:02d}.{index}", name=name) for index, name in enumerate(names, start=1)
        )


def host_of(agency: SimulatedAgency) -> str:
    """Return the host name of an agency's simulated portal."""
    return f"dichvucong.{agency.slug}.{DOMAIN}"


def plan_fleet(seed: int, *, time_scale: float = 1.0) -> tuple[PortalPlan, ...]:
    """
    Return all 51 portals, ministries first.

    Args:
        seed: the same seed gives the same fleet.
        time_scale: every injected delay is multiplied by it, > 0.
    """
    if time_scale <= 0:
        raise ValueError(f"time scale {time_scale} is not above 0; 1 is life-like, 0.1 is quick")
    dice = random.Random(seed)
    return tuple(
        portal for block in (Block.MINISTRY, Block.PROVINCE) for portal in _plan_block(block, dice, time_scale)
    )


def _plan_block(block: Block, dice: random.Random, time_scale: float) -> Iterator[PortalPlan]:
    agencies = [agency for agency in AGENCIES if agency.block is block]
    troubles: list[tuple[Fault, Wall]] = [(fault, Wall.NONE) for fault in _FAULTS[block]]
    troubles += [(Fault.NONE, wall) for wall in _WALLS[block]]
    troubles += [(Fault.NONE, Wall.NONE)] * (len(agencies) - len(troubles))
    dice.shuffle(troubles)
    homes = _homes([fault in _LOADS for fault, _ in troubles], dice, time_scale)
    form_seconds = _spread(
        [fault in _EFORM_WORKS and wall is Wall.NONE for fault, wall in troubles], FORM_SECONDS, dice
    )
    target = next(host_of(agency) for agency, trouble in zip(agencies, troubles, strict=True) if trouble == _HEALTHY)
    procedures = _PROCEDURES[block]
    for number, (agency, (fault, wall)) in enumerate(zip(agencies, troubles, strict=True), start=1):
        seconds = form_seconds[number - 1] * time_scale
        code, name_vi, name_en = procedures[number % len(procedures)]
        level = ServiceLevel.PARTIAL if code == "2.000815" else ServiceLevel.FULL
        yield PortalPlan(
            agency=agency,
            number=number,
            fault=fault,
            redirect_to=target if fault is Fault.REDIRECT else "",
            home=homes[number - 1],
            eform=EFormPlan(
                family="testbed-spa" if wall is Wall.NEVER_READY else _FAMILY_NAMES[number % len(_FAMILY_NAMES)],
                procedure=Procedure(code=code, name_vi=name_vi, name_en=name_en, level=level),
                entry_seconds=round(seconds * ENTRY_RATIO, 4),
                form_seconds=round(seconds, 4),
                fields=dice.randint(SMALLEST, LARGEST),
                wall=wall,
                barriers=_barriers(_EFORM_BARRIERS, dice),
            ),
        )


_HEALTHY = (Fault.NONE, Wall.NONE)
_EFORM_WORKS = _LOADS | {Fault.NOTICE, Fault.ENDLESS, Fault.CRASH}


def _homes(timed: Sequence[bool], dice: random.Random, time_scale: float) -> list[HomePlan]:
    """A slow page is also a heavy one, so that weight widens the distance between neighbours instead of closing it."""
    homes = []
    for seconds in _spread(timed, HOME_SECONDS, dice):
        rank = (seconds - HOME_SECONDS[0]) / (HOME_SECONDS[1] - HOME_SECONDS[0])
        homes.append(
            HomePlan(
                seconds=round(seconds * time_scale, 4),
                resources=round(HOME_RESOURCES[0] + rank * (HOME_RESOURCES[1] - HOME_RESOURCES[0])),
                body_bytes=round(HOME_BYTES[0] + rank * (HOME_BYTES[1] - HOME_BYTES[0])),
                barriers=_barriers(_HOME_BARRIERS, dice),
            )
        )
    return homes


def _spread(timed: Sequence[bool], between: tuple[float, float], dice: random.Random) -> list[float]:
    """Deal geometric steps out to those that are timed, at random; the others get the shortest time."""
    count = sum(timed)
    ratio = (between[1] / between[0]) ** (1 / max(1, count - 1))
    steps = [between[0] * ratio**index for index in range(count)]
    dice.shuffle(steps)
    return [steps.pop() if is_timed else between[0] for is_timed in timed]


def _barriers(known: Barriers, dice: random.Random) -> Barriers:
    """Two pages of five are clean, the others have one to four kinds of barriers."""
    kinds = dice.sample(sorted(known), dice.choice((0, 0, 1, 2, 4)))
    return {rule: dice.randint(1, known[rule]) for rule in sorted(kinds)}
