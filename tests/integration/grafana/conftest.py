"""A real Prometheus that knows eight hours of a small fleet, told by the real exporter."""

import itertools
import math
import random
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from docs.drawing.asking import Prometheus
from exporters.operations import OperationsSnapshot, WindowAvailability
from exporters.prometheus import render_metrics
from exporters.ranks import ShownRanking
from exporters.text import text_of
from thuocdo.core.config import bundled
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import (
    AgentState,
    Block,
    Conditions,
    Incident,
    IncidentScope,
    IncidentState,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    Reason,
    Target,
    TargetRole,
)
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.scorecard import RankedAgency, Ranking, Scorecard

END = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
HOURS = 6
STEP = timedelta(minutes=3)
VANTAGES = ("ha-noi-vnpt", "tp-hcm-viettel")
AGENCIES = {
    "bo-noi-vu": (Block.MINISTRY, "", "national-2026"),
    "bo-tu-phap": (Block.MINISTRY, "", "nop-ho-so"),
    "bo-y-te": (Block.MINISTRY, "", "aspnet"),
    "can-tho-2025": (Block.PROVINCE, "Đồng bằng sông Cửu Long", "igate-new"),
    "da-nang-2025": (Block.PROVINCE, "Duyên hải Nam Trung Bộ", "igate-new"),
    "hue-2025": (Block.PROVINCE, "Bắc Trung Bộ", "igate-legacy"),
    "lao-cai-2025": (Block.PROVINCE, "Trung du và miền núi phía Bắc", "opencps"),
}
CALLED = {"bo-noi-vu": "Bộ Nội vụ", "bo-tu-phap": "Bộ Tư pháp", "bo-y-te": "Bộ Y tế", "can-tho-2025": "Thành phố Cần Thơ",
          "da-nang-2025": "Thành phố Đà Nẵng", "hue-2025": "Thành phố Huế", "lao-cai-2025": "Lào Cai"}  # fmt: skip
DOWN, SLOW, CARED_FOR = "lao-cai-2025.home", "hue-2025.home", "bo-y-te.home"
REPLACED, BROKEN = "can-tho-2025.home", "da-nang-2025.home"
SEEN_IN_PART = "bo-noi-vu.home"
"""Ok, failed for an hour, and blocked from the other vantage point."""
TOO_LITTLE_MEASURED = "can-tho-2025"
VARIABLES = {"agency": "hue-2025", "target": SEEN_IN_PART, "criteria_set": "survey-2023"}
"""What boards that show one thing are set to."""


def targets():
    found = {}
    for agency, (block, region, family) in AGENCIES.items():
        common = {"agency_id": agency, "portal_id": agency, "block": block, "region": region, "family": family}
        for role, name in ((TargetRole.HOMEPAGE, "home"), (TargetRole.EFORM, "eform")):
            target = Target(id=f"{agency}.{name}", role=role, url=f"https://{agency}.example.vn/", **common)
            found[target.id] = target
    return found


def pace(agency, at):
    """How slow a portal is: slower by day, and Huế ever slower since five hours ago."""
    daily = 1 + 0.3 * math.sin(at.timestamp() / 86400 * 2 * math.pi)
    worse = max(0.0, 5 - (END - at) / timedelta(hours=1)) if agency == "hue-2025" else 0.0
    return (0.7 + list(AGENCIES).index(agency) / 8) * daily * (1 + worse / 4)


def value(name, slow, dice):
    """A likely value by its name."""
    if "expiry" in name:
        return END.timestamp() + 86400 * (18 if slow > 1.2 else 80)
    ratio = 0.04 * slow * dice.uniform(0.8, 1.2)
    by_name = {
        "status_code": 200.0,
        "redirects": 1.0,
        "score": max(20.0, 100 - 9 * slow),
        "violations": round(2 * slow),
        "needs_review": round(3 * slow),
        "rules_tested": 60.0,
        "rules_passed": 60 - round(2 * slow),
        "transferred_bytes": 9e5 * slow,
        "body_bytes": 4e4,
        "requests": round(40 * slow),
        "failed_requests": round(slow - 0.6),
        "third_party_hosts": round(2 * slow),
        "javascript_errors": round(slow / 2),
        "fields": 24.0,
        "required_fields": 15.0,
        "cls_ratio": ratio,
    }
    share = {"resolve": 0.02, "connect": 0.03, "tls": 0.06, "processing": 0.25, "transfer": 0.08, "total": 0.44, "lcp": 1.6,
             "fcp": 0.9, "load": 2.4, "speed_index": 1.3, "visually_complete": 2.2, "ttfb": 0.4, "entry": 1.8, "ready": 2.6,
             "first_field": 2.1, "longest_task": 0.12, "tbt": 0.2, "interaction": 0.05}  # fmt: skip
    return by_name.get(name, share.get(name.removesuffix("_seconds"), 0.1) * slow * dice.uniform(0.9, 1.15))


def measured(target, kind, vantage, profile, at, dice):
    down = target.id == DOWN and at > END - timedelta(hours=2)
    blocked = vantage == VANTAGES[1] and target.agency_id == "bo-noi-vu"
    broke = target.id == SEEN_IN_PART and timedelta(hours=3) < END - at < timedelta(hours=4)
    reason = Reason.CONNECT_TIMEOUT if down else Reason.BLOCKED if blocked else Reason.HTTP_ERROR if broke else None
    slow = pace(target.agency_id, at) * (1.4 if vantage == VANTAGES[1] else 1) * (1.5 if profile == "mobile" else 1)
    return Measurement(
        key=MeasurementKey(target_id=target.id, kind=kind.name, vantage_id=vantage, profile=profile, scheduled_at=at),
        agency_id=target.agency_id,
        started_at=at - timedelta(seconds=dice.uniform(5, 55)),
        duration_seconds=5.0 if down else 0.5 * slow,
        observation=Observation(
            outcome=reason.outcome if reason else Outcome.OK,
            reason=reason,
            values={} if reason else {v.name: value(v.name, slow, dice) for v in kind.values},
            attributes={"step_seconds": '{"procedure": 0.9, "apply": 0.6, "form": 1.7}'}
            if kind.name == "eform"
            else {},
        ),
        conditions=Conditions(),
    )


def measurements(known, at, dice):
    applies = {TargetRole.HOMEPAGE: ("http", "homepage", "accessibility"), TargetRole.EFORM: ("eform",)}
    return [
        measured(target, all_kinds()[kind], vantage, profile, at, dice)
        for target in known.values()
        for kind in applies[target.role]
        for vantage in VANTAGES
        for profile in (("desktop", "mobile") if kind == "homepage" else ("desktop",))
    ]


def ranking(at):
    criteria = load_criteria_set(bundled("criteria"), "survey-2023")
    blocks = {}
    for block in (Block.MINISTRY, Block.PROVINCE):
        own = [agency for agency, (of, _, _) in AGENCIES.items() if of is block]
        scores = {agency: max(0.1, 0.95 - 0.12 * pace(agency, at)) for agency in own}
        best = sorted(own, key=lambda agency: -scores[agency])
        ranked = [agency for agency in best if agency != TOO_LITTLE_MEASURED]
        blocks[block] = tuple(
            RankedAgency(
                scorecard=card(agency, block, scores[agency]),
                rank=ranked.index(agency) + 1 if agency in ranked else None,
            )
            for agency in best
        )
    return Ranking(
        criteria=criteria,
        criteria_digest=criteria.digest,
        registry_digest="r",
        method_version="1",
        round_id="2026-11",
        since=None,
        until=None,
        computed_at=END - timedelta(hours=2 if at > END - timedelta(hours=2) else 26),
        first_at=at,
        last_at=at,
        measurements=40,
        runs=30,
        profiles=("desktop",),
        blocks=blocks,
    )


def card(agency, block, score):
    return Scorecard(
        agency_id=agency,
        block=block,
        points={},
        not_measured={},
        points_obtained=100 * score,
        measured_points=180.0,
        machine_points=180.0,
        total_ratio=score,
        ci_low=score - 0.04,
        ci_high=score + 0.03,
        level=None,
        summaries={},
        runs=30,
        measurements=40,
        coverage_ratio=0.9 + score / 12,
        availability_ratio=0.98 + score / 60,
        reasons=(),
    )


def agents(at, dice):
    since = END - timedelta(days=9)
    minutes = (at - since) / timedelta(minutes=1)
    return [
        AgentState(
            agent=agent,
            vantage_id=vantage,
            pid=7,
            seen_at=at - timedelta(seconds=3),
            started_at=since,
            loop_lag_seconds=0.002 * (number + 1) * dice.uniform(0.9, 1.2),
            cpu_pressure_ratio=0.03 * (number + 1) * dice.uniform(0.9, 1.2),
            in_flight=number + at.minute // 20,
            queue_length=number + at.hour % 3,
            late_starts_total=int(minutes / 30),
            clock_offset_seconds=0.0006 * (number + 1) * dice.uniform(0.9, 1.2),
            probes_total=int(minutes * 12),
            missed_starts_total=int(minutes / 50),
            saturated_total=int(minutes / 5),
            unsaved=dice.randint(0, 3),
            browser_restarts_total=int(minutes / 400) if agent == "agent-browser" else 0,
        )
        for number, (agent, vantage) in enumerate(itertools.product(("agent-http", "agent-browser"), VANTAGES))
    ]


def exposition(at):
    """Samples of one instant in the text format, each with its time."""
    dice = random.Random(at.timestamp())
    known = targets()
    exposition = render_metrics(
        measurements=measurements(known, at, dice),
        targets=known,
        shown=ShownRanking(criteria_set_id="survey-2023", ranking=ranking(at)),
        agents=agents(at, dice),
        duty=duty(known, at),
        kinds=all_kinds(),
        now=at,
        names={
            target.id: CALLED[target.agency_id] + (": Đăng ký khai sinh" if target.role is TargetRole.EFORM else "")
            for target in known.values()
        },
    )
    text = text_of(exposition).decode()
    return [f"{line} {at.timestamp():.3f}" for line in text.splitlines() if not line.startswith("#")]


def duty(known, at):
    """What there is for those on duty: portals down, replaced, slow; a family, a broken line, and one in planned maintenance."""
    hours = (at - END) / timedelta(hours=1) + 200
    homes = [target for target in known if target.endswith(".home")]
    lost = {home: 0.0004 * number + (0.03 if home == DOWN else 0) for number, home in enumerate(homes, start=1)}
    return OperationsSnapshot(
        incidents=[incident for incident in INCIDENTS if at >= incident.started_at],
        confirmed={IncidentScope.TARGET: int(hours / 3), IncidentScope.VANTAGE: int(hours / 30)},
        judged_at=at - timedelta(seconds=at.minute % 10 + 2),
        in_maintenance=[CARED_FOR] if at > END - timedelta(hours=5) else [],
        judged={
            home: (
                int(hours * 55),
                int(max(0, hours - 198) * 60 if home == DOWN else hours * number / 20),
                int(hours * 2),
                0,
            )
            for number, home in enumerate(homes)
        },
        responses={
            (home, "http"): (tuple(int(hours * each) for each in (20, 25, 6, 3, 0.5, 0.3, 0.2)), 90.0) for home in homes
        },
        availability=[
            WindowAvailability(
                target_id=home,
                window=window,
                availability_ratio=1 - lost[home] * times,
                coverage_ratio=0.99 - lost[home] * 5,
            )
            for home in homes
            for window, times in {"1d": 2.0, "30d": 1.0, "month": 1.2}.items()
        ],
        budgets={home: 1 - lost[home] * 1.2 / 0.005 for home in homes},
        objective_ratio=0.995,
        reloaded_at=END - timedelta(days=2),
    )


def incident(scope, state, subject, started_ago, reason, agency="", detail=""):
    started = END - started_ago
    return Incident(
        id=f"{scope}-{subject}",
        scope=scope,
        subject_id=subject,
        state=state,
        worst=state,
        started_at=started,
        confirmed_at=started,
        agency_id=agency,
        reason=reason,
        detail=detail,
    )


INCIDENTS = (
    incident(
        IncidentScope.TARGET, IncidentState.DOWN, DOWN, timedelta(minutes=110), Reason.CONNECT_TIMEOUT, "lao-cai-2025"
    ),
    incident(
        IncidentScope.TARGET,
        IncidentState.REPLACED,
        REPLACED,
        timedelta(minutes=40),
        Reason.NOT_THE_PORTAL,
        "can-tho-2025",
    ),
    incident(
        IncidentScope.TARGET,
        IncidentState.BROKEN,
        BROKEN,
        timedelta(minutes=15),
        Reason.HTTP_ERROR,
        "da-nang-2025",
        "homepage from ha-noi-vnpt: status 502",
    ),
    incident(
        IncidentScope.TARGET,
        IncidentState.DEGRADED,
        SLOW,
        timedelta(hours=4),
        None,
        "hue-2025",
        "http from ha-noi-vnpt: 4.6 s, usually 1.5 s",
    ),
    incident(IncidentScope.FAMILY, IncidentState.DOWN, "opencps", timedelta(minutes=90), Reason.TIMEOUT),
    incident(IncidentScope.VANTAGE, IncidentState.DOWN, VANTAGES[1], timedelta(minutes=20), Reason.NO_CONNECTIVITY),
)


@pytest.fixture(scope="session")
def prometheus(product, require, tmp_path_factory):
    import shutil

    binary, promtool = shutil.which("prometheus"), shutil.which("promtool")
    require(binary and promtool, "Debian's prometheus", "apt-get install prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    instants = [END - HOURS * timedelta(hours=1) + number * STEP for number in range(HOURS * 20 + 1)]
    instants = [END - timedelta(days=7) + number * STEP for number in range(-3, 3)] + instants
    lines = [line for at in instants for line in exposition(at)]
    (folder / "samples.om").write_text("\n".join([*lines, "# EOF", ""]), encoding="utf-8")
    (folder / "prometheus.yml").write_text("{}")
    subprocess.run(
        [promtool, "tsdb", "create-blocks-from", "openmetrics", folder / "samples.om", folder / "tsdb"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    port = product.free_port()
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [
            binary,
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/tsdb",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=log,
        stderr=log,
    )
    asked = Prometheus(url=f"http://127.0.0.1:{port}")
    product.wait_until(lambda: answers(asked), "a first answer")
    yield asked
    process.terminate()
    process.wait(20)
    log.close()


def answers(asked):
    from thuocdo.core.errors import ThuocdoError

    try:
        return asked.instant("thuocdo_build_info", END)
    except ThuocdoError:
        return None


@pytest.fixture(scope="session")
def end():
    return END


@pytest.fixture(scope="session")
def targets_of():
    """The targets of each agency."""
    return {agency: [target.id for target in targets().values() if target.agency_id == agency] for agency in AGENCIES}


@pytest.fixture(scope="session")
def chosen():
    """What the variables of a board are set to."""

    def of(board):
        names = {variable["name"]: variable for variable in board["templating"]["list"]}
        return {
            name: VARIABLES.get(name, "") if not variable.get("includeAll") else ".*"
            for name, variable in names.items()
        } | {"web": "http://127.0.0.1:8321"}

    return of
