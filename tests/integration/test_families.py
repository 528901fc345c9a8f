"""Every platform family behind a real nginx, with real form libraries: its own journey, and the generic one."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from probes import eform, resilience
from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.evidence import EvidencePolicy
from probes.journeys.journey_end import JourneyEnd
from probes.journeys.journey_file import load_journeys
from probes.journeys.session import LoginSession
from probes.tools import Tools
from testbed.families.family import AGENCY, PROCEDURE, SESSION_COOKIE, all_families, page
from testbed.families.server import FamilyServer, serve
from thuocdo.core.config import bundled
from thuocdo.core.model import Block, Evidence, Job, Observation, Outcome, Reason, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: the families are NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.turns(share=0.5)]

SCALE = 0.3
PORTAL = "family"
SECRET = "bi-mat-cua-phien-4f9a77"
CCCD, PHONE, EMAIL = "001098765432", "0912 345 678", "nguyen.van.an@thu.example"


class Sink:
    """Keeps evidence for the test to look at."""

    def __init__(self) -> None:
        self.saved: list[tuple[str, bytes]] = []

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        self.saved.append((kind, content))
        return Evidence(kind=kind, sha256="0" * 64, media_type=media_type, size_bytes=len(content))


class Everywhere:
    """robots.txt that allows everything."""

    async def allows(self, target: Target) -> bool:
        return bool(target.url)


@pytest.fixture(scope="module")
def libraries(product: Any, require: Any) -> Path:
    found = product.root / ".cache" / "real_input" / "node_modules"
    require((found / "alpaca").is_dir(), "npm packages of tests/real_input", "scripts/setup_tests.sh")
    return Path(found)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    launched = await Browser.launch(BrowserSettings(), hosts=None, user_agent="ThuocDo/0.1 (+https://contact.test)")
    yield launched
    await launched.close()


def session_for(server: FamilyServer) -> LoginSession:
    host = server.url.removeprefix("http://").partition(":")[0]
    cookie = {"name": SESSION_COOKIE, "value": SECRET, "domain": host, "path": "/", "expires": 4102444800.0,
              "httpOnly": False, "secure": False, "sameSite": "Lax"}  # fmt: skip
    return LoginSession(
        portal_id=PORTAL,
        state={"cookies": [cookie], "origins": []},
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        secrets=frozenset({SECRET}),
    )


def tools_of(browser: Browser, session: LoginSession | None = None, *, every: int = 0) -> Tools:
    return Tools(
        http=cast("Any", None),
        robots=cast("Any", Everywhere()),
        browser=browser,
        evidence=Sink(),
        evidence_policy=EvidencePolicy(every),
        journeys=load_journeys(bundled("scenarios") / "journeys"),
        profiles=PROFILES,
        user_agent="ThuocDo",
        versions={},
        sessions={session.portal_id: session} if session else {},
    )


def job_for(server: FamilyServer, journey: str, *, path: str | None = None, kind: str = "eform") -> Job:
    target = Target(
        id=f"{PORTAL}.eform",
        role=TargetRole.EFORM,
        url=server.entry_url if path is None else server.url + path,
        agency_id="a",
        portal_id=PORTAL,
        block=Block.PROVINCE,
        journey=journey,
        procedure_code=PROCEDURE.code,
        variables=server.portal.variables,
    )
    return Job(
        target=target, kind=kind, vantage_id="v", profile="desktop",
        scheduled_at=datetime(2026, 1, 1, tzinfo=UTC), deadline_seconds=40,
    )  # fmt: skip


def assert_form(seen: Observation, server: FamilyServer) -> None:
    assert seen.outcome is Outcome.OK, seen.detail
    assert seen.attributes["met"] == JourneyEnd.FORM
    assert seen.values["fields"] == server.portal.fields
    assert seen.values["required_fields"] == server.portal.required_fields
    assert 0 < seen.values["first_field_seconds"] <= seen.values["ready_seconds"]
    assert server.submitted == 0


@pytest.mark.sampled(share=0.25)
@pytest.mark.parametrize("name", all_families())
async def test_a_familys_own_journey_opens_its_form_and_times_each_step(
    name: str, browser: Browser, libraries: Path
) -> None:
    async with serve(all_families()[name], libraries, scale=SCALE, nginx=True) as server:
        session = session_for(server) if server.portal.needs_session else None
        seen = await eform.probe(job_for(server, name), tools_of(browser, session, every=1))
        assert_form(seen, server)
        steps = json.loads(seen.attributes["step_seconds"])
        assert {"procedure", "procedure shown", "form"} <= steps.keys()
        assert seen.values["entry_seconds"] > 0
        assert seen.values["typing_seconds"] >= 0
        assert seen.attributes.get("session") == ("used" if session else None)
        assert bool(seen.attributes.get("draft_created")) == bool(server.portal.opening_posts)


@pytest.mark.parametrize("name", [name for name, family in all_families().items() if family.build(1.0).needs_session])
async def test_without_a_session_the_login_is_told_and_the_entry_timed(
    name: str, browser: Browser, libraries: Path
) -> None:
    async with serve(all_families()[name], libraries, scale=SCALE) as server:
        seen = await eform.probe(job_for(server, name), tools_of(browser))
        assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.LOGIN_REQUIRED), seen.detail
        assert seen.attributes["met"] == (JourneyEnd.LOGIN_VNEID if name == "national-2026" else JourneyEnd.LOGIN_OWN)
        assert seen.values["entry_seconds"] > 0
        assert server.submitted == 0


@pytest.mark.sampled(share=0.25)
@pytest.mark.parametrize("name", all_families())
async def test_the_generic_journey_finds_the_form_from_the_home_page(
    name: str, browser: Browser, libraries: Path
) -> None:
    async with serve(all_families()[name], libraries, scale=SCALE) as server:
        session = session_for(server) if server.portal.needs_session else None
        seen = await eform.probe(job_for(server, "generic", path="/"), tools_of(browser, session))
        if server.portal.opening_posts:  # it posts nothing, so a form that needs that stays shut, and it says so
            assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.MANDATE_MISSING)
            assert "a post to /api/ho-so/nhap was held back" in seen.detail
            assert server.submitted == 0
        else:
            assert_form(seen, server)


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize(
    ("text", "reason", "met"),
    [
        ("Thủ tục này đã hết hiệu lực từ ngày 01/7/2025.", Reason.PROCEDURE_EXPIRED, JourneyEnd.EXPIRED),
        ("Thủ tục hành chính này chưa hỗ trợ nộp hồ sơ trực tuyến.", Reason.NOT_ONLINE, JourneyEnd.NOT_ONLINE),
        ("Hệ thống đang được bảo trì, mong quý vị thông cảm.", Reason.MAINTENANCE_PAGE, JourneyEnd.MAINTENANCE),
        ("Vui lòng nhập mã xác nhận để tiếp tục.", Reason.CAPTCHA, JourneyEnd.CAPTCHA),
    ],
)
async def test_what_a_page_says_of_its_procedure_is_told(
    text: str, reason: Reason, met: JourneyEnd, browser: Browser, libraries: Path
) -> None:
    async with serve(all_families()["igate-legacy"], libraries, scale=SCALE) as server:
        cast("dict[str, Any]", server.portal.resources)["/thong-bao"] = page(
            "Thủ tục", f"<h1>Khai sinh</h1><p>{text}</p>"
        )
        seen = await eform.probe(job_for(server, "igate-legacy", path="/thong-bao"), tools_of(browser))
        assert (seen.reason, seen.attributes.get("met")) == (reason, met), seen.detail
        assert len(cast("Sink", tools_of(browser).evidence).saved) == 0


async def test_no_secret_stands_in_any_evidence(browser: Browser, libraries: Path) -> None:
    async with serve(all_families()["igate-new"], libraries, scale=SCALE) as server:
        planted = (
            f"<p>Xin chào {EMAIL}, CCCD {CCCD}, điện thoại {PHONE}</p><input value='{CCCD}'><textarea>{EMAIL}</textarea>"
            f"<script>console.log('token', '{SECRET}', document.cookie, '{CCCD}', '{EMAIL}');"
            f"fetch('/api/ai?cccd={CCCD}&token={SECRET}', {{ headers: {{ 'x-phien': '{SECRET}' }} }})</script>"
        )
        resources = cast("dict[str, Any]", server.portal.resources)
        form = next(path for path in resources if path.startswith("/vi/padsvc/apply-online"))
        old = resources[form]
        resources[form] = page("Kê khai", planted + old.body.decode().partition("<main>")[2].partition("</main>")[0])
        tools = tools_of(browser, session_for(server), every=1)
        seen = await eform.probe(job_for(server, "igate-new"), tools)
    saved = cast("Sink", tools.evidence).saved
    assert seen.outcome is Outcome.OK, seen.detail
    assert {kind for kind, _ in saved} == {"screenshot", "har", "console"}
    for kind, content in saved:
        for secret in (SECRET, CCCD, PHONE, EMAIL, PHONE.replace(" ", "")):
            assert secret.encode() not in content, (kind, secret)
    told = json.dumps([dict(seen.values), dict(seen.attributes), seen.detail])
    assert SECRET not in told


async def test_a_form_that_survives_a_cut_line_and_one_that_does_not(
    browser: Browser, libraries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resilience, "CUT_SECONDS", 6.0)
    async with serve(all_families()["igate-legacy"], libraries, scale=SCALE) as server:
        job = job_for(server, "igate-legacy", kind="resilience")
        seen = await resilience.probe(job, tools_of(browser))
        assert seen.outcome is Outcome.OK, seen.detail
        assert (seen.values["survived_ratio"], seen.values["values_kept_ratio"]) == (1.0, 1.0)
        assert seen.values["told_ratio"] == 0.0
        assert seen.values["recovery_seconds"] >= 0
        restless = (  # tells while the first letters are typed, and takes away again and again what was typed
            "<script>addEventListener('keydown',()=>{document.querySelector('h1').textContent='Mất kết nối, vui lòng thử lại'},"
            "{once:true});setInterval(async()=>{try{await fetch('/api/nhip',{signal:AbortSignal.timeout(1500)})}catch{"
            "document.querySelector('form').reset()}},700)</script>"
        )
        resources = cast("dict[str, Any]", server.portal.resources)
        path = "/dich-vu-cong/tiep-nhan-online/ke-khai"
        body = resources[path].body.decode().partition("<main>")[2].partition("</main>")[0]
        resources[path] = page("Kê khai", body + restless)
        seen = await resilience.probe(job, tools_of(browser))
        assert seen.outcome is Outcome.OK, seen.detail
        assert seen.values["values_kept_ratio"] == 0.0
        assert seen.values["told_ratio"] == 1.0
        assert "Mất kết nối" in seen.attributes["told"]
        assert server.submitted == 0


async def test_the_command_walks_a_journey_and_says_what_it_met(product: Any, libraries: Path, tmp_path: Path) -> None:
    journeys = product.root / "scenarios" / "journeys"
    env = {"THUOCDO_DATA_DIR": str(tmp_path / "data")}

    async def walk(server: FamilyServer, *more: str) -> Any:
        command = ("scenarios", "run", str(journeys / "igate-new.yaml"), "--target", server.entry_url,
                   "--set", f"agency_name={AGENCY}", *more)  # fmt: skip
        return await asyncio.to_thread(product.run, *command, env=env, timeout=300)

    async with serve(all_families()["igate-new"], libraries, scale=SCALE) as server:
        anonymous = await walk(server, "--json")
        assert anonymous.returncode == 1, anonymous.stderr
        assert json.loads(anonymous.stdout)["met"] == JourneyEnd.LOGIN_OWN
        (tmp_path / "session.json").write_text(json.dumps(session_for(server).state), encoding="utf-8")
        done = await walk(server, "--session", str(tmp_path / "session.json"), "--trace", str(tmp_path / "trace.zip"))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "biểu mẫu sẵn sàng" in done.stdout
        assert SECRET not in done.stdout + done.stderr
        trace = (tmp_path / "trace.zip").stat()
        assert trace.st_size > 10_000
        assert trace.st_mode & 0o077 == 0  # it holds the session
        assert server.submitted == 0
    bad = await asyncio.to_thread(
        *(product.run, "--lang", "en", "scenarios", "run", str(journeys / "igate-new.yaml"), "--target", "ftp://x"),
        env=env,
        timeout=300,
    )
    assert (bad.returncode, "no web address" in bad.stderr) == (2, True)


async def test_the_command_names_every_mistake_of_a_journey(product: Any, tmp_path: Path) -> None:
    text = (product.root / "scenarios" / "journeys" / "igate-new.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(
        text.replace("if_present", "if_presnt").replace("entry: procedure shown", "entry: procedur")
    )
    env = {"THUOCDO_DATA_DIR": str(tmp_path / "data")}
    mine = ("scenarios", "check", str(tmp_path / "mine.yaml"))
    done = await asyncio.to_thread(product.run, "--lang", "en", *mine, env=env, timeout=300)
    assert done.returncode == 2
    assert "did you mean 'if_present'" in done.stderr
    fine = await asyncio.to_thread(product.run, "scenarios", "check", env=env, timeout=300)
    assert (fine.returncode, "không có lỗi" in fine.stdout) == (0, True), fine.stderr
