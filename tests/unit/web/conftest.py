"""A small fleet with everything that a page must be able to show, and a way to ask the application."""

import asyncio
import hashlib
import re
import sqlite3
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from shutil import copyfile, copytree
from types import MappingProxyType
from typing import Any
from unittest.mock import Mock
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from probes.identity.verdict import ANOTHER
from thuocdo.core.config import Settings
from thuocdo.core.model import (
    BEFORE_AND_NOW,
    Acknowledgement,
    AgentState,
    Conditions,
    Evidence,
    Finding,
    FindingNode,
    FindingOutcome,
    HourTally,
    Incident,
    IncidentScope,
    IncidentState,
    Measurement,
    MeasurementKey,
    MissedStarts,
    Observation,
    Outcome,
    PageKind,
    Reason,
    Round,
    StateChange,
    Target,
)
from thuocdo.core.model.figures import slow_detail
from thuocdo.processes.ranker import Ranker
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore
from thuocdo.web.app import create_app
from thuocdo.web.communes import communes
from thuocdo.web.incidents import incidents
from thuocdo.web.pages import pages

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "agency_id": ("da-nang-2025", "hue-2025", "bo-mo", "can-tho-2025", "da-nang-2025-xa-mau", "hue-2025-xa-mau"),
    "target_id": ("can-tho-2025.home",),
    "incident_id": (
        *("target-can-tho", "slow-can-tho", "slow-over", "replaced-can-tho", "replaced-over"),
        *("family-igate", "vantage-ha-noi"),
    ),
}
"""What stands for the parameters in the paths of pages; a page with a new one needs its examples here."""

ASKED = {
    "/": ("criteria=qd473-2024", "criteria=website-2025-communes"),
    "/communes": ("province=da-nang-2025", "page=9"),
    "/agencies/{agency_id}/measurements": ("kind=http",),
    "/method": ("criteria=website-2025",),
    "/incidents": ("agency=can-tho-2025", "agency=bo-tu-phap"),
}
"""What a page may be asked besides: path -> queries."""


def every_page() -> list[str]:
    """Return the addresses of all pages for people, walked from the routes, without their language."""
    found = []
    for route in (*pages(Mock()).routes, *communes(Mock()).routes, *incidents(Mock()).routes):
        if isinstance(route, APIRoute) and not route.include_in_schema:
            names = re.findall(r"{(\w+)}", route.path)
            for values in product(*(EXAMPLES[name] for name in names)):
                path = route.path.format(**dict(zip(names, values, strict=True)))
                found += [path, *(f"{path}?{query}" for query in ASKED.get(route.path, ()))]
    return found


@pytest.fixture(scope="session")
def walked_pages() -> frozenset[str]:
    """Paths of all pages for people."""
    return frozenset(page.partition("?")[0] for page in every_page())


@pytest.fixture(scope="session")
def examples() -> Mapping[str, tuple[str, ...]]:
    return EXAMPLES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `any_page` runs for every page in both languages."""
    if "any_page" in metafunc.fixturenames:
        asked = [f"{page}{'&' if '?' in page else '?'}lang={lang}" for page in every_page() for lang in ("vi", "en")]
        metafunc.parametrize("any_page", asked)


RUNS = 8

REGISTRY = """
agencies:
  - {id: bo-tu-phap, block: ministry, name_vi: Bộ Tư pháp, name_en: Ministry of Justice, source: test, portals: [
      {id: bo-tu-phap, homepage_url: "https://dichvucong.moj.example.vn/", confidence: high, source: test}]}
  - {id: bo-cong-an, block: ministry, name_vi: Bộ Công an, name_en: Ministry of Public Security, source: test, portals: [
      {id: bo-cong-an, homepage_url: "https://dichvucong.bca.example.vn/", confidence: high, source: test}]}
  - {id: bo-mo, block: ministry, name_vi: Bộ Chưa xác nhận, name_en: Unconfirmed Ministry, source: test, portals: [
      {id: bo-mo, homepage_url: "https://dichvucong.mo.example.vn/", confidence: low, source: test}]}
  - id: da-nang-2025
    block: province
    name_vi: Đà Nẵng
    name_en: Da Nang
    city: true
    region: Duyên hải Nam Trung Bộ và Tây Nguyên
    source: test
    portals:
      - id: da-nang-2025
        homepage_url: https://dichvucong.danang.example.vn/
        confidence: high
        source: test
        eforms:
          - procedure: "1.001193"
            url: https://dichvucong.danang.example.vn/khai-sinh
            journey: testbed-spa
            variables: {agency_name: Đà Nẵng}
  - {id: can-tho-2025, block: province, name_vi: Cần Thơ, name_en: Can Tho, source: test, portals: [
      {id: can-tho-2025, homepage_url: "https://dichvucong.cantho.example.vn/", confidence: high, source: test}]}
  - {id: hue-2025, block: province, name_vi: Huế, name_en: Hue, city: true, source: test, portals: [
      {id: hue-2025, homepage_url: "https://dichvucong.hue.example.vn/", confidence: high, source: test}]}
  - id: da-nang-2025-xa-mau
    block: commune
    parent: da-nang-2025
    code: "00001"
    name_vi: Xã Mẫu
    name_en: Sample Commune
    valid_from: 2025-07-01
    source: test
    portals:
      - {id: da-nang-2025-xa-mau, homepage_url: "https://xamau.danang.example.vn/", confidence: high, source: test}
  - {id: da-nang-2025-xa-cham, block: commune, parent: da-nang-2025, name_vi: Xã Chậm, name_en: Slow Commune,
     valid_from: 2025-07-01, source: test, portals: [
      {id: da-nang-2025-xa-cham, homepage_url: "https://xacham.danang.example.vn/", confidence: high, source: test}]}
  - {id: hue-2025-xa-mau, block: commune, parent: hue-2025, name_vi: Xã Mẫu, name_en: Sample Commune,
     valid_from: 2025-07-01, source: test}
procedures:
  - {code: "1.001193", name_vi: Đăng ký khai sinh, name_en: Birth registration, level: toàn trình, source: test}
"""

LOAD_SECONDS: Mapping[str, float] = {
    "bo-tu-phap": 1.2,
    "bo-cong-an": 4.5,
    "da-nang-2025": 0.9,
    "can-tho-2025": 2.4,
    "da-nang-2025-xa-mau": 1.4,
    "da-nang-2025-xa-cham": 9.0,
}

FINDINGS = (
    Finding(
        rule="image-alt",
        layer="engine",
        outcome=FindingOutcome.FAILED,
        impact="critical",
        help="Images must have alternative text",
        wcag=("1.1.1",),
        count=12,
        nodes=(
            FindingNode(
                selector="#banner > img", snippet='<img src="b.png"><script>alert(1)</script>', message="Add alt"
            ),
        ),
        help_url="https://example.org/image-alt",
    ),
    Finding(
        rule="color-contrast",
        layer="engine",
        outcome=FindingOutcome.REVIEW,
        impact="serious",
        help="Elements must meet contrast thresholds",
        wcag=("1.4.3",),
        count=3,
    ),
)


DETAILS = {Reason.HTTP_ERROR: "status 503", Reason.BLOCKED: "blocked with status 403, Retry-After: 120"}


def observed(reason: Reason | None = None, **values: float) -> Observation:
    """Return an observation with these values."""
    return Observation(
        outcome=reason.outcome if reason else Outcome.OK,
        reason=reason,
        detail=DETAILS.get(reason, "") if reason else "",
        page_kind=PageKind.PORTAL if reason is None else None,
        values=values,
    )


def measurement(
    target: str,
    kind: str,
    observation: Observation,
    *,
    at: datetime = NOW,
    round_id: str | None = "2026-11",
    saturated: bool = False,
) -> Measurement:
    """Return a measurement of a target `<agency>.<role>`."""
    return Measurement(
        key=MeasurementKey(target_id=target, kind=kind, vantage_id="ha-noi", profile="desktop", scheduled_at=at),
        agency_id=target.partition(".")[0],
        started_at=at + timedelta(milliseconds=40),
        duration_seconds=1.5,
        observation=observation,
        conditions=Conditions(loop_lag_seconds=0.002, cpu_pressure_ratio=0.12, in_flight=3, saturated=saturated),
        round_id=round_id,
    )


def png() -> bytes:
    """Return a small grey picture."""
    width, height = 320, 180

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + bytes([200 - row % 40] * width) for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def http_observation() -> Observation:
    """Return what an ok http probe sees."""
    observation = observed(
        resolve_seconds=0.012,
        connect_seconds=0.021,
        tls_seconds=0.045,
        processing_seconds=0.18,
        transfer_seconds=0.033,
        total_seconds=0.291,
        status_code=200.0,
        body_bytes=48_211.0,
        redirects=1.0,
        certificate_expiry_seconds=1_790_000_000.0,
    )
    attributes = {"tls_version": "TLSv1.3", "http_version": "1.1", "final_host": "example.vn"}
    return Observation(outcome=Outcome.OK, page_kind=PageKind.PORTAL, values=observation.values, attributes=attributes)


def homepage_observation(load: float, evidence: tuple[Evidence, ...] = ()) -> Observation:
    """Return what an ok homepage probe sees."""
    values = {
        "ttfb_seconds": load * 0.2,
        "fcp_seconds": load * 0.4,
        "lcp_seconds": load * 0.7,
        "cls_ratio": 0.031,
        "tbt_seconds": 0.12,
        "longest_task_seconds": 0.09,
        "load_seconds": load,
        "transferred_bytes": 1_650_000.0,
        "requests": 61.0,
        "failed_requests": 0.0,
    }
    return Observation(outcome=Outcome.OK, page_kind=PageKind.PORTAL, values=values, evidence=evidence)


def fill(store: Store, evidence: EvidenceStore) -> None:
    """Store one round of the fleet."""
    screenshot = evidence.save("screenshot", png(), "image/png")
    report = evidence.save("axe", b'{"rules": []}', "application/json")
    batch: list[Measurement] = []
    for run in range(RUNS):
        at = NOW - timedelta(minutes=10 * (RUNS - run))
        for agency, load in LOAD_SECONDS.items():
            home = f"{agency}.home"
            batch.append(measurement(home, "http", http_observation(), at=at))
            load_now = load * (1 + 0.02 * (run % 4))
            batch.append(measurement(home, "homepage", homepage_observation(load_now, (screenshot,)), at=at))
            seen = observed(score=88.0 - load, violations=1.0, needs_review=1.0, rules_tested=40.0, rules_passed=38.0)
            seen = Observation(
                outcome=Outcome.OK,
                values=seen.values,
                findings=FINDINGS,
                evidence=(report,),
                attributes={"unfinished_acts": "engine: time (label, list); zoom: no time was left"},
            )
            batch.append(measurement(home, "accessibility", seen, at=at))
        form = observed(entry_seconds=0.8, ready_seconds=1.9, load_seconds=0.7, fields=34.0, required_fields=12.0)
        batch.append(measurement("da-nang-2025.eform-1.001193", "eform", form, at=at, saturated=run == RUNS - 1))
        batch.append(measurement("hue-2025.home", "http", observed(Reason.BLOCKED), at=at))
        batch.append(measurement("hue-2025.home", "homepage", observed(Reason.BLOCKED), at=at))
    batch.append(measurement("can-tho-2025.home", "http", observed(Reason.HTTP_ERROR, status_code=503.0), at=NOW))
    store.rounds.begin(
        Round(id="2026-11", label="Tháng 11/2026", started_at=NOW - timedelta(hours=2), planned=len(batch))
    )
    store.measurements.write(batch)
    store.rounds.end("2026-11", NOW)
    store.rounds.publish("2026-11", NOW, "Lan")
    store.agents.save(
        AgentState(
            agent="agent-http",
            vantage_id="ha-noi",
            pid=1,
            seen_at=NOW,
            started_at=NOW - timedelta(hours=1),
            probes_total=123,
            missed_starts_total=4,
        )
    )


def fill_incidents(store: Store, evidence: EvidenceStore) -> None:
    """Store an incident of every scope and state, and the tallies of an hour."""
    headers = evidence.save("headers", b"HTTP/1.1 503", "text/plain")
    home = "can-tho-2025.home"
    seen = measurement(home, "http", observed(Reason.HTTP_ERROR)).key
    common = {"started_at": NOW, "confirmed_at": NOW, "measurements": (seen,), "target_ids": (home,)}
    down, slow, ended = IncidentState.DOWN, IncidentState.DEGRADED, IncidentState.ENDED
    replaced = IncidentState.REPLACED
    before, there_now = (evidence.save(kind, png() + kind.encode(), "image/png") for kind in BEFORE_AND_NOW)
    over = {"state": ended, "ended_at": NOW + timedelta(minutes=12)}
    of_target = {"scope": IncidentScope.TARGET, "subject_id": home, "agency_id": "can-tho-2025"}
    why = {"reason": Reason.HTTP_ERROR, "detail": "status 503 <b>", "evidence": (headers,)}
    other = {"reason": Reason.NOT_THE_PORTAL, "detail": f"{ANOTHER}; now titled 'Welcome to nginx!'"}
    fallen = (home, "da-nang-2025.home", "hue-2025.home")
    found = [
        Incident(id="target-can-tho", state=down, worst=down, **of_target, **common, **why),
        Incident(
            id="slow-can-tho",
            state=slow,
            worst=slow,
            **of_target,
            **common,
            detail=slow_detail("http", "ha-noi", 9.0, 0.0),
        ),
        Incident(
            id="replaced-can-tho",
            state=replaced,
            worst=replaced,
            evidence=(before, there_now),
            **of_target,
            **common,
            **other,
        ),
        Incident(id="replaced-over", worst=replaced, evidence=(before,), **of_target, **common, **over, **other),
        Incident(id="slow-over", worst=slow, **of_target, **common, **over),
        Incident(
            id="family-igate",
            scope=IncidentScope.FAMILY,
            subject_id="igate-new",
            worst=down,
            reason=Reason.TIMEOUT,
            **over,
            **common | {"target_ids": fallen, "measurements": (seen,) * 30},
        ),
        Incident(
            id="vantage-ha-noi",
            scope=IncidentScope.VANTAGE,
            subject_id="ha-noi",
            worst=down,
            reason=Reason.NO_CONNECTIVITY,
            **over,
            **common | {"target_ids": (*fallen, "gone.home")},
        ),
    ]
    for one in found:
        change = StateChange(incident_id=one.id, changed_at=NOW, state=one.worst, reason=one.reason, detail=one.detail)
        store.incidents.save(one, change)
    said = Acknowledgement(incident_id="target-can-tho", at=NOW, by="Lan <b>", note="đã gọi nhà mạng")
    store.incidents.acknowledge(said)
    hour = NOW.replace(minute=0)
    store.incidents.save_tallies(
        [HourTally(target_id=home, vantage_id="ha-noi", hour=hour, ok=57, failed=2, inconclusive=1, missed=20)]
    )
    missed = MissedStarts(
        target_id=home,
        kind="http",
        vantage_id="ha-noi",
        profile="desktop",
        hour=hour - timedelta(hours=2),
        agency_id="can-tho-2025",
        missed=1234,
        counted_by="p1",
    )
    old = replace(missed, hour=hour - timedelta(hours=24), missed=5000)
    store.missed.write([missed, replace(missed, kind="homepage", profile="mobile", missed=3), old])
    store.incidents.save_judged_at(NOW)


SCHEDULE = """
id: seldom
cadences:
  - {kind: http, every_seconds: 1800}
  - {kind: homepage, every_seconds: 3600}
  - {kind: eform, every_seconds: 3600}
  - {kind: accessibility, every_seconds: 86400}
"""
"""Seldom enough that what the fleet was measured is not stale."""

SHIPPED = tuple(sorted(file.stem for file in Settings().criteria_dir.glob("*.yaml")))

SETS = ("survey-2023", "website-2025-communes")
"""One that ranks ministries and provinces, one that ranks communes: what most tests need of the shipped criteria sets."""


def settings_of(folder: Path, *, data: Path | None, simulated: bool, sets: Iterable[str]) -> Settings:
    """Write data, the registry and some of the shipped criteria sets into a folder and return settings that use them."""
    registry, criteria = folder / "registry", folder / "criteria"
    criteria.mkdir()
    for name in sets:
        copyfile(Settings().criteria_dir / f"{name}.yaml", criteria / f"{name}.yaml")
    registry.mkdir()
    (registry / "fleet.yaml").write_text(REGISTRY, encoding="utf-8")
    if data is None:
        (folder / "data").mkdir()
    else:
        copytree(data, folder / "data")
    (folder / "schedule.yaml").write_text(SCHEDULE, encoding="utf-8")
    return Settings(
        data_dir=folder / "data",
        registry_dir=registry,
        criteria_dir=criteria,
        schedule=folder / "schedule.yaml",
        simulated=simulated,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the application answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """Calls the application as a server would, without one."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def get(self, address: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        return asyncio.run(self.call(address, method, headers or {}))

    async def call(
        self,
        address: str,
        method: str = "GET",
        headers: Mapping[str, str] = MappingProxyType({}),
        content: bytes = b"",
    ) -> Answer:
        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (name.lower().encode(), value.encode())
                for name, value in ({"Host": "localhost"} | dict(headers)).items()
            ],
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
        }
        started: dict = {}
        body = bytearray()
        done = asyncio.Event()

        async def receive() -> dict:
            if not started.get("asked"):
                started["asked"] = True
                return {"type": "http.request", "body": content, "more_body": False}
            await done.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    done.set()

        await self.app(scope, receive, send)
        found = {name.decode().lower(): value.decode() for name, value in started["headers"]}
        return Answer(status=started["status"], headers=found, body=bytes(body))


@dataclass(slots=True, kw_only=True)
class Served:
    """A filled store, its settings, a client, and the instant that it is there."""

    settings: Settings
    store: Store
    client: Client = field(init=False)
    now: datetime = NOW

    def rank(self) -> int:
        """Do what the ranker does, and return how many rankings it computed."""
        return Ranker(self.settings, self.store, now=lambda: self.now).once()


def serve(
    folder: Path,
    probe_now: Callable[[Target], Awaitable[Measurement]] | None = None,
    *,
    data: Path | None = None,
    ranked: bool = False,
    simulated: bool = False,
    sets: Iterable[str] = SETS,
    published: bool = True,
) -> Served:
    """
    Return the application over a store of its own.

    data: a folder to copy; None = nothing is stored. published: whether its round is, as it is in the folder. ranked: with what a
    ranker would have computed by now; sets: of criteria.
    """
    settings = settings_of(folder, data=data, simulated=simulated, sets=sets)
    if not published:
        with sqlite3.connect(settings.data_dir / "thuocdo.sqlite") as connection:
            connection.execute("UPDATE rounds SET published_at = NULL")
        connection.close()
    store = Store.open(settings.store_url)
    made = Served(settings=settings, store=store)
    if ranked:
        made.rank()
    made.client = Client(create_app(settings, store=store, probe_now=probe_now, clock=lambda: made.now))
    return made


async def answer_at_once(target: Target) -> Measurement:
    """Answer as the HTTP agent would; Huế blocks us."""
    seen = observed(Reason.BLOCKED) if target.agency_id == "hue-2025" else http_observation()
    return measurement(target.id, "http", seen, at=NOW, round_id=None)


def filled(folder: Path) -> Path:
    """Make of a folder a data folder with one round of the fleet and its incidents; return it."""
    settings = Settings(data_dir=folder)
    with Store.open(settings.store_url) as store:
        evidence = EvidenceStore(settings.evidence_dir)
        fill(store, evidence)
        fill_incidents(store, evidence)
    return folder


@pytest.fixture(scope="session")
def filled_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one round of the fleet and its incidents, to be copied."""
    return filled(tmp_path_factory.mktemp("filled"))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, filled_data: Path) -> Iterator[Served]:
    """One application for all tests that only read."""
    made = serve(tmp_path_factory.mktemp("site"), answer_at_once, data=filled_data, ranked=True, sets=SHIPPED)
    yield made
    made.store.close()


@pytest.fixture
def empty_site() -> Callable[[Path], Served]:
    """Make the application over a store in which nothing is: empty_site(folder)."""
    return serve


@pytest.fixture(scope="session")
def screenshot_sha256() -> str:
    """Address of the screenshot in the store."""
    return hashlib.sha256(png()).hexdigest()


@pytest.fixture(scope="session")
def make_site(filled_data: Path) -> Callable[..., Served]:
    """Return a maker of applications that a test may spoil."""

    def make(folder: Path, *given: Any, filled: bool = True, **named: Any) -> Served:
        return serve(folder, *given, data=filled_data if filled else None, **named)

    return make


@pytest.fixture(scope="session")
def shipped_sets() -> tuple[str, ...]:
    """Ids of all criteria sets that are shipped."""
    return SHIPPED


@pytest.fixture(scope="session")
def probe_now() -> Callable[[Target], Awaitable[Measurement]]:
    return answer_at_once
