"""
A day of the drill in virtual time: what takes hours, on the judge's injected clock and by the rules as they ship.

The real judge hears a probe a minute, the real exporter says so, the rules are evaluated every minute; promtool, with
Prometheus' own engine, then says whether the same fires. So holds and windows are the shipped ones: half an hour of a firewall, a
day of coverage and of seldom failures, days of a certificate.
"""

import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.drill.told import Verdict
from benchmarks.notice_days import DAY, MINUTE, PLAIN, Certificate, Days, Episode, Span, Spans
from benchmarks.notice_promtool import difference
from benchmarks.notice_replay import TOLD_ALERTS, Notice, Replay
from benchmarks.notice_verdicts import Truth
from dashboards.alerts import alert
from thuocdo.core.model import Block, Reason, Target, TargetRole

HOUR = 3600.0
STEP_SECONDS = 60.0
CHECKED_EVERY = 10
"""Steps between the instants at which promtool is asked."""

COVERAGE = "CoverageLow"
EFORM = "eform"
_PORTALS = 24
_TOGETHER = ("d14", "d15")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """
    What a virtual case must have told: an alert so many times, first between two instants (seconds).

    target: of which portal's target; empty = of whatever.
    """

    alert: str
    target: str
    times: int
    since: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCase:
    """
    One case of the day.

    episodes: what befalls whom. due: what must be told of these targets, all of it.
    """

    number: str
    what: str
    injected: str
    due: Sequence[Due]
    episodes: Sequence[Episode] = ()
    maintenance: Mapping[str, Span] | None = None

    @property
    def targets(self) -> frozenset[str]:
        """Of whom it is."""
        return frozenset((*(one.target_id for one in self.episodes), *(one.target for one in self.due)))


def _home(portal: str) -> str:
    return f"{portal}.home"


def _episode(portal: str, what: str, *parts: Span, reason: Reason = Reason.TIMEOUT, detail: str = "") -> Episode:
    seconds = 4.6 if what == "slow" else 0.0
    return Episode(
        what=what, target_id=_home(portal), kind=PLAIN, parts=parts, reason=reason, detail=detail, seconds=seconds
    )


def _down(portal: str, begins: float, times: int = 1, within: float = 6 * MINUTE) -> Due:
    return Due(alert="PortalDown", target=_home(portal), times=times, since=begins, until=begins + within)


def _outage(
    number: str, what: str, portal: str, hour: float, minutes: float, reason: Reason, detail: str = ""
) -> DayCase:
    begins = hour * HOUR
    return DayCase(
        number=number,
        what=what,
        injected=_span(begins, begins + minutes * MINUTE),
        due=[_down(portal, begins)],
        episodes=[_episode(portal, "outage", (begins, begins + minutes * MINUTE), reason=reason, detail=detail)],
    )


def _wall(number: str, what: str, portal: str, hours: Span, reason: Reason, *also: Due) -> DayCase:
    begins, ends = hours[0] * HOUR, hours[1] * HOUR
    told = Due(
        alert="PortalUnseen", target=_home(portal), times=1, since=begins + 20 * MINUTE, until=begins + 30 * MINUTE
    )
    return DayCase(
        number=number,
        what=what,
        injected=_span(begins, ends),
        due=[told, *also],
        episodes=[_episode(portal, "wall", (begins, ends), reason=reason)],
    )


def _seldom(portal: str, begins: float, ends: float, every: float) -> Episode:
    """One probe fails every so often; none of it is an outage."""
    number = int((ends - begins) / every)
    parts = tuple((begins + n * every, begins + n * every + STEP_SECONDS) for n in range(number))
    return _episode(portal, "brownout", *parts, reason=Reason.HTTP_ERROR, detail="status 503")


def _span(begins: float, ends: float) -> str:
    return f"{_clock(begins)}-{_clock(ends)}"


def _clock(at: float) -> str:
    return f"{int(at // HOUR):02}:{int(at % HOUR // 60):02}"


def cases() -> list[DayCase]:
    """Return the cases of the day."""
    form = Episode(
        what="outage",
        target_id="d05.eform",
        kind=EFORM,
        parts=((4 * HOUR, 9 * HOUR),),
        reason=Reason.HTTP_ERROR,
        detail="status 500",
    )
    lost_line = _episode("d10", "outage", (8.8 * HOUR, 9.6 * HOUR), reason=Reason.CONNECTION_REFUSED)
    maintained = _episode("d12", "outage", (15 * HOUR, 16.5 * HOUR), reason=Reason.HTTP_ERROR, detail="status 503")
    planned = _episode("d13", "outage", (18.1 * HOUR, 18.8 * HOUR), reason=Reason.HTTP_ERROR, detail="status 503")
    return [
        _outage("1", "10 minutes down, the web process is restarted in it", "d01", 1, 10, Reason.CONNECTION_REFUSED),
        _outage("1b", "30 minutes down, nobody judges in it for 4", "d02", 14, 30, Reason.CONNECT_TIMEOUT),
        DayCase(
            number="2",
            what="an hour of flapping",
            injected=_span(2 * HOUR, 3 * HOUR),
            due=[Due(alert="PortalFlapping", target="d03.home", times=1, since=2 * HOUR, until=2.4 * HOUR)],
            episodes=[
                Episode(
                    what="flap",
                    target_id="d03.home",
                    kind=PLAIN,
                    parts=tuple((2 * HOUR + n * 2 * MINUTE, 2 * HOUR + (n * 2 + 1) * MINUTE) for n in range(30)),
                    reason=Reason.TIMEOUT,
                )
            ],
        ),
        DayCase(
            number="3",
            what="two hours of 4.6 s",
            injected=_span(3 * HOUR, 5 * HOUR),
            due=[Due(alert="PortalDegraded", target="d04.home", times=1, since=3 * HOUR, until=3.4 * HOUR)],
            episodes=[_episode("d04", "slow", (3 * HOUR, 5 * HOUR))],
        ),
        DayCase(
            number="4b",
            what="the eForm answers 500 for five hours",
            injected=_span(4 * HOUR, 9 * HOUR),
            due=[Due(alert="PortalBroken", target="d05.eform", times=1, since=4 * HOUR, until=6 * HOUR)],
            episodes=[form],
        ),
        DayCase(
            number="5",
            what="a certificate comes below 21 days, another below 7",
            injected="08:00, 09:00",
            due=[
                Due(alert="CertificateExpiresSoon", target="d17.home", times=1, since=8 * HOUR, until=8.3 * HOUR),
                Due(alert="CertificateExpiresSoon", target="d18.home", times=1, since=0, until=0.3 * HOUR),
                Due(alert="CertificateExpiresVerySoon", target="d18.home", times=1, since=9 * HOUR, until=9.3 * HOUR),
            ],
        ),
        _outage("9", "20 minutes of maintenance that nobody announced", "d06", 5, 20, Reason.MAINTENANCE_PAGE),
        _outage("10", "20 minutes of empty pages", "d21", 10, 20, Reason.CONTENT_MISMATCH),
        _wall("11a", "two hours sent elsewhere", "d07", (20, 22), Reason.REDIRECTED_ELSEWHERE),
        _wall("11b", "two hours of a login in its place", "d08", (20.2, 22.2), Reason.LOGIN_REQUIRED),
        _wall(
            "12",
            "ten hours of a firewall, and the coverage of the day",
            "d09",
            (7, 17),
            Reason.BLOCKED,
            Due(alert=COVERAGE, target="d09.home", times=1, since=17 * HOUR, until=17.5 * HOUR),
        ),
        DayCase(
            number="13",
            what="our line is lost for 20 minutes in an outage",
            injected=_span(9 * HOUR, 9 * HOUR + 20 * MINUTE),
            due=[_down("d10", 8.8 * HOUR)],
            episodes=[lost_line],
        ),
        _outage("15", "down while nothing is scraped for 3 minutes", "d11", 12, 25, Reason.TIMEOUT),
        DayCase(
            number="16",
            what="down while results come 12 minutes late",
            injected=_span(13 * HOUR, 13.5 * HOUR),
            due=[_down("d16", 13 * HOUR, within=14 * MINUTE)],
            episodes=[_episode("d16", "outage", (13 * HOUR, 13.5 * HOUR))],
        ),
        DayCase(
            number="19",
            what="maintenance begins in an outage, which outlasts it by 30 minutes",
            injected=_span(15 * HOUR, 16.5 * HOUR),
            due=[_down("d12", 15 * HOUR, times=2)],
            episodes=[maintained],
            maintenance={"d12": (15.3 * HOUR, 16 * HOUR)},
        ),
        DayCase(
            number="19b",
            what="down within planned maintenance",
            injected=_span(18 * HOUR, 19 * HOUR),
            due=[],
            episodes=[planned],
            maintenance={"d13": (18 * HOUR, 19 * HOUR)},
        ),
        DayCase(
            number="20",
            what="two portals of one owner",
            injected=_span(17 * HOUR, 17.3 * HOUR),
            due=[_down(portal, 17 * HOUR) for portal in _TOGETHER],
            episodes=[_episode(portal, "outage", (17 * HOUR, 17.3 * HOUR)) for portal in _TOGETHER],
        ),
        DayCase(
            number="23",
            what="one probe of eight fails for two hours, none of it an outage",
            injected=_span(19 * HOUR, 21 * HOUR),
            due=[Due(alert="ErrorBudgetBurnFast", target="d19.home", times=1, since=19.3 * HOUR, until=21 * HOUR)],
            episodes=[_seldom("d19", 19 * HOUR, 21 * HOUR, 8 * MINUTE)],
        ),
        DayCase(
            number="24",
            what="a probe fails every 25 minutes, all day",
            injected=_span(2 * HOUR, DAY),
            due=[Due(alert="ErrorBudgetBurnSlow", target="d20.home", times=1, since=5 * HOUR, until=14 * HOUR)],
            episodes=[_seldom("d20", 2 * HOUR, DAY, 25 * MINUTE)],
        ),
        DayCase(number="25", what=f"{', '.join(WELL)} are well", injected="-", due=[]),
    ]


WELL = ("d22", "d23", "d24")


ENDING: Mapping[str, float] = {"d17.home": 21 * DAY + 8 * HOUR, "d18.home": 7 * DAY + 9 * HOUR}
"""When certificates run out of which that matters, in seconds."""


class DrillDay(Days):
    """The day, with our own faults in it."""

    def __init__(self) -> None:
        super().__init__(random.Random(1), DAY, _targets())
        for target in self.targets.values():
            for kind in (PLAIN,) if target.role is TargetRole.HOMEPAGE else (EFORM,):
                self.episodes[target.id, kind] = []
        for case in cases():
            for episode in case.episodes:
                self.episodes[episode.target_id, episode.kind].append(episode)
            for portal, span in (case.maintenance or {}).items():
                self.maintenance[_home(portal)] = Spans([span])
        for life in self.episodes.values():
            life.sort(key=lambda one: one.start)
        self.certificates = {name: (Certificate(start=0, end=at, ends_at=at),) for name, at in ENDING.items()}
        self.line_lost = Spans([(9 * HOUR, 9 * HOUR + 20 * MINUTE)])
        self.unprobed = Spans([(11 * HOUR, 11 * HOUR + 20 * MINUTE)])
        self.unscraped = Spans([(12 * HOUR + 8 * MINUTE, 12 * HOUR + 11 * MINUTE)])
        self.late = Spans([(13 * HOUR, 13 * HOUR + 12 * MINUTE)])
        self.unjudged = Spans([(14 * HOUR + 10 * MINUTE, 14 * HOUR + 14 * MINUTE)])
        self.restarts = [HOUR + 5 * MINUTE, 19 * HOUR, 23 * HOUR]


def _targets() -> Iterator[Target]:
    for number in range(1, _PORTALS + 1):
        portal = f"d{number:02}"
        owner = "cntt" if portal in _TOGETHER else portal
        home = Target(
            id=_home(portal),
            role=TargetRole.HOMEPAGE,
            url=f"https://{portal}.drill.test/",
            agency_id=portal,
            portal_id=portal,
            block=Block.PROVINCE,
            owner=owner,
        )
        yield home
        if portal == "d05":
            yield Target(
                id="d05.eform",
                role=TargetRole.EFORM,
                url=f"{home.url}form",
                agency_id=portal,
                portal_id=portal,
                block=home.block,
                owner=owner,
            )


def day_verdicts(promtool: str) -> list[Verdict]:
    """
    Let the day go by, and return what is to be said of each case.

    Args:
        promtool: the program.
    """
    day = DrillDay()
    replay = Replay(day, STEP_SECONDS, alerts=(*TOLD_ALERTS, alert(COVERAGE)), shows_results=True)
    replay.keeps = True
    notices = replay.run()
    found = [verdict_of(case, notices) for case in cases()]
    judged = Truth(day, replay.seen, notices).verdicts(day.length)
    undue = [f"{one.alert} of {one.labels['target']} at {_clock(one.at)}: {why}" for one, why in judged.wrong]
    missed = [f"not told: {one.target_id} from {_clock(one.start)}" for one in judged.missed]
    missed += [f"late: {name} of {target}" for target, _, name in judged.late]
    ours = [one for one in notices if one.alert == "VantageDown"]
    lost = [] if len(ours) == 1 else [f"VantageDown was told {len(ours)} times, not once"]
    found.append(
        Verdict(
            number="26",
            what=f"{len(judged.notices)} notices to owners are due, {len(judged.outages)} outages are told",
            injected="-",
            told=f"{len(judged.wrong)} not due, {len(judged.missed)} missed",
            wrong=[*undue, *missed, *lost],
        )
    )
    with tempfile.TemporaryDirectory(prefix="thuocdo-drill-day-") as folder:
        said = difference(replay, Path(folder), promtool, every=CHECKED_EVERY)
    found.append(
        Verdict(
            number="27",
            what=f"promtool says the same at {len(replay.fired) // CHECKED_EVERY} instants",
            injected="-",
            told=f"{sum(map(bool, replay.fired))} minutes with alerts",
            wrong=[said[:2000]] if said else [],
        )
    )
    return found


def verdict_of(case: DayCase, notices: Sequence[Notice]) -> Verdict:
    """Return what is to be said of a case: that is told of its targets which is due, and nothing else."""
    names = case.targets or {_home(portal) for portal in WELL}
    own = [one for one in notices if one.labels.get("target") in names]
    wrong, due = [], {(one.alert, one.target) for one in case.due}
    for one in case.due:
        told = [notice for notice in own if (notice.alert, notice.labels["target"]) == (one.alert, one.target)]
        if len(told) != one.times:
            wrong.append(f"{one.alert} of {one.target} told {len(told)} times, not {one.times}")
        elif not one.since <= told[0].at <= one.until:
            wrong.append(f"{one.alert} of {one.target} told at {_clock(told[0].at)}, not by {_clock(one.until)}")
    strange = [one for one in own if (one.alert, one.labels["target"]) not in due]
    wrong += [f"told besides: {one.alert} of {one.labels['target']} at {_clock(one.at)}" for one in strange]
    return Verdict(
        number=f"{case.number} (day)",
        what=case.what,
        injected=case.injected,
        told=", ".join(f"{one.alert} {_clock(one.at)}" for one in own),
        over=", ".join(_clock(one.ended_at) for one in own if one.ended_at is not None),
        wrong=wrong,
    )
