import asyncio
import gzip
import json
import re
import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from fastapi import Request

from exporters.modules import ALIASES, misfit
from thuocdo.core.errors import (
    AgentAwayError,
    AgentBrokeError,
    ConfigurationError,
    StoreUnavailableError,
    UnknownTargetError,
)
from thuocdo.core.in_force import IN_FORCE, renewed, settings_left_in_force
from thuocdo.core.model import Block, Observation, Outcome, Reason, Target, TargetRole
from thuocdo.core.reloading import Reload, ReloadWatch, tell_reload
from thuocdo.store import MeasurementQuery
from thuocdo.store.measurements import Measurements
from thuocdo.web import flights, operations, site


@pytest.fixture
def own(tmp_path, make_site, probe_now):
    """An application of a test's own, that it may spoil."""
    made = make_site(tmp_path, probe_now)
    yield made
    made.store.close()


@pytest.mark.parametrize(
    "target",
    ["da-nang-2025.home", "https://dichvucong.danang.example.vn/", "https://dichvucong.danang.example.vn"],
)
def test_a_live_probe_takes_an_id_or_the_registered_address_with_or_without_its_final_slash(served, target):
    answer = served.client.get(f"/probe?target={target}&module=http")
    assert answer.status == 200
    assert "probe_success 1.0" in answer.text


def test_slow_modules_answer_from_the_last_stored_result(served):
    answer = served.client.get("/probe?target=da-nang-2025.home&module=homepage")
    assert answer.status == 200
    assert "thuocdo_homepage_load_seconds 0.954" in answer.text
    assert "thuocdo_measurement_timestamp_seconds 1.79533050004e+09" in answer.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ["target: missing", "module: missing", "accessibility, eform, homepage, http"]),
        ("target=da-nang-2025.home", ["module: missing"]),
        ("module=http", ["target: missing", "bo-tu-phap.home"]),
        ("target=da-nang-2025.hom&module=http", ["did you mean 'da-nang-2025.home'?"]),
        ("target=da-nang-2025.home&module=htp", ["did you mean 'http'?"]),
        ("target=https://example.com/&module=http", ["is not registered"]),
        ("target=https://dichvucong.danang.example.vn/admin&module=http", ["is not registered"]),
        ("target=da-nang-2025.home&module=eform", ["role eform"]),
        ("target=bo-mo.home&module=http", ["is not probed", "confirmed: true"]),
    ],
)
def test_a_probe_that_cannot_be_made_is_a_400_that_says_why(served, query, words):
    answer = served.client.get(f"/probe?{query}")
    assert answer.status == 400
    for word in words:
        assert word in answer.text


def test_a_module_without_a_stored_result_is_a_503_and_no_zero(tmp_path, make_site):
    made = make_site(tmp_path, filled=False)
    answer = made.client.get("/probe?target=da-nang-2025.home&module=homepage")
    assert answer.status == 503
    assert "probe_success" not in answer.text


def test_a_probe_without_its_agent_is_a_503(tmp_path, make_site):
    async def away(_):
        raise AgentAwayError("the HTTP agent does not answer")

    answer = make_site(tmp_path, away).client.get("/probe?target=da-nang-2025.home&module=http")
    assert (answer.status, answer.text) == (503, "the HTTP agent does not answer\n")


def test_prometheus_discovers_what_probe_can_be_asked_for(served):
    answer = served.client.get("/sd/targets")
    assert answer.headers["content-type"] == "application/json"
    found = {entry["targets"][0]: entry["labels"] for entry in json.loads(answer.text)}
    assert "bo-mo.home" not in found  # its address is not confirmed
    assert found["da-nang-2025.home"] == {
        "__param_target": "da-nang-2025.home",
        "__param_module": "http",
        "__meta_thuocdo_url": "https://dichvucong.danang.example.vn/",
        "target": "da-nang-2025.home",
        "agency": "da-nang-2025",
        "block": "province",
        "region": "Duyên hải Nam Trung Bộ và Tây Nguyên",
        "family": "unknown",
        "owner": "da-nang-2025",
        "parent": "",
    }
    [form] = json.loads(served.client.get("/sd/targets?module=eform").text)
    assert form["targets"] == ["da-nang-2025.eform-1.001193"]
    assert served.client.get("/sd/targets?module=htp").status == 400


@pytest.mark.parametrize("module", sorted(ALIASES))
def test_the_modules_of_blackbox_exporter_mean_the_http_kind(served, module):
    answer = served.client.get(f"/probe?target=da-nang-2025.home&module={module}")
    found = json.loads(served.client.get(f"/sd/targets?module={module}").text)
    if ALIASES[module].ip_version == 6:
        assert answer.status == 400
        assert "asks over IPv6; 'da-nang-2025.home' is measured over IPv4" in answer.text
        assert found == []
    else:
        assert "probe_success 1.0" in answer.text
        assert {entry["labels"]["__param_module"] for entry in found} == {module}


def test_a_module_that_wants_tls_fits_no_address_without_it():
    address = "http://dichvucong.danang.example.vn/"
    target = Target(
        id="a.home", role=TargetRole.HOMEPAGE, url=address, agency_id="a", portal_id="a", block=Block.PROVINCE
    )
    assert "wants TLS" in misfit("https_2xx", target)
    assert misfit("http_2xx", target) == ""


def test_nothing_is_ever_sent_so_there_is_no_module_that_posts(served):
    answer = served.client.get("/probe?target=da-nang-2025.home&module=http_post_2xx")
    assert answer.status == 400
    assert "no module 'http_post_2xx'" in answer.text


def test_a_probe_is_sent_in_gzip_to_who_takes_it(served):
    answer = served.client.get("/probe?target=da-nang-2025.home&module=http", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert b"probe_success 1.0" in gzip.decompress(answer.body)


def test_health_and_readiness(served):
    assert served.client.get("/-/healthy").text == "ok\n"
    assert served.client.get("/-/ready").status == 200


def test_a_store_that_does_not_answer_is_not_ready_but_healthy(own, monkeypatch):
    def away(_):
        raise StoreUnavailableError("data/thuocdo.sqlite: database is locked; try again")

    monkeypatch.setattr(Measurements, "newest_at", away)
    assert own.client.get("/-/healthy").status == 200
    answer = own.client.get("/-/ready")
    assert answer.status == 503
    assert "the store does not answer just now" in answer.text
    assert "sqlite" not in answer.text
    assert own.client.get("/").status == 503


def test_reload_takes_up_a_new_agency(own):
    file = own.settings.registry_dir / "fleet.yaml"
    file.write_text(file.read_text().replace("name_vi: Huế,", "name_vi: Thành phố Huế,"))
    assert "Thành phố Huế" not in own.client.get("/agencies").text
    answer = own.client.get("/-/reload", method="POST")
    assert (answer.status, answer.text) == (200, "9 targets, 2 criteria sets\n")
    assert "Thành phố Huế" in own.client.get("/agencies").text


def test_reload_with_mistakes_names_all_of_them_and_keeps_what_was_in_force(own):
    file = own.settings.registry_dir / "fleet.yaml"
    file.write_text(
        file.read_text().replace("block: ministry", "block: minstry", 1).replace("confidence: low", "confidenze: low")
    )
    answer = own.client.get("/-/reload", method="POST")
    assert answer.status == 400
    assert "minstry" in answer.text
    assert "confidenze" in answer.text
    assert "Bộ Tư pháp" in own.client.get("/agencies").text


def test_metrics_tell_whether_the_last_reload_succeeded(own):
    file = own.settings.registry_dir / "fleet.yaml"
    good = file.read_text()
    for text, succeeded in ((good, "1.0"), (good.replace("confidence: low", "confidenze: low"), "0.0"), (good, "1.0")):
        file.write_text(text)
        own.client.get("/-/reload", method="POST")
        assert f"thuocdo_config_last_reload_successful {succeeded}" in own.client.get("/metrics").text


def test_metrics_tell_where_the_mistake_is_until_it_is_mended_whoever_reloads(own, monkeypatch):
    monkeypatch.setattr(site, "LOOKED_AT_SECONDS", 0.0)
    monkeypatch.setattr(site, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 60.0))
    file = own.settings.registry_dir / "fleet.yaml"
    good = file.read_text()
    line = good[: good.index("confidence: low")].count("\n") + 1
    file.write_text(good.replace("confidence: low", "confidenze: low", 1))
    own.client.get("/-/reload", method="POST")
    text = own.client.get("/metrics/operations").text
    for suggestion in ("", "confidence"):  # the key is missing, and an unknown one is there
        texts = rf'line="{line}",problem="[^"]+",problem_vi="[^"]+",suggestion="{suggestion}"'
        told = rf'thuocdo_config_problem{{file="fleet.yaml",{texts}}} [12].0'
        assert re.search(told, text)
    file.write_text(good)
    own.client.get("/-/reload", method="POST")
    assert "thuocdo_config_problem{" not in own.client.get("/metrics/operations").text
    # What `thuocdo reload` and SIGHUP tell has whole paths, which are not for everybody.
    tell_reload(own.settings.data_dir, own.now, [f"{file}:7: unknown key 'nme'; did you mean 'name_vi'?"])
    text = own.client.get("/metrics/operations").text
    assert 'thuocdo_config_problem{file="fleet.yaml",line="7",problem="fleet.yaml:7: unknown key' in text
    assert str(own.settings.registry_dir) not in text


def test_what_another_process_was_told_is_taken_up(own, monkeypatch):
    monkeypatch.setattr(site, "LOOKED_AT_SECONDS", 0.0)
    monkeypatch.setattr(site, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 60.0))
    file = own.settings.registry_dir / "fleet.yaml"
    good = file.read_text()
    file.write_text(good.replace("name_vi: Huế,", "name_vi: Thành phố Huế,"))
    assert "Thành phố Huế" not in own.client.get("/agencies").text
    tell_reload(own.settings.data_dir, own.now, ["portals/fleet.yaml:3: unknown key 'nme'"])
    assert "Thành phố Huế" not in own.client.get("/agencies").text
    assert "thuocdo_config_last_reload_successful 0.0" in own.client.get("/metrics").text
    tell_reload(own.settings.data_dir, own.now)
    assert "Thành phố Huế" in own.client.get("/agencies").text
    assert "thuocdo_config_last_reload_successful 1.0" in own.client.get("/metrics").text
    file.write_text(good.replace("confidence: low", "confidenze: low"))
    tell_reload(own.settings.data_dir, own.now)  # it was mended, and spoilt again before this process looked
    assert "Thành phố Huế" in own.client.get("/agencies").text
    assert "thuocdo_config_last_reload_successful 0.0" in own.client.get("/metrics").text


def test_who_reloads_tells_the_other_processes_and_a_mistake_in_the_schedule_is_one(own, monkeypatch):
    def broken(path, _kinds):
        raise ConfigurationError(f"{path}:2: unknown kind 'htp'")

    watch = ReloadWatch(own.settings.data_dir)
    assert own.client.get("/-/reload", method="POST").status == 200
    assert watch.news() == Reload(at=own.now)
    monkeypatch.setattr(site, "load_schedule", broken)
    answer = own.client.get("/-/reload", method="POST")
    assert (answer.status, answer.text) == (400, "schedule.yaml:2: unknown kind 'htp'\nnothing was changed\n")
    assert watch.news() is None


def test_reload_refuses_all_that_the_service_would_refuse_when_it_starts(own):
    """The agents would end with exit code 2 over a form whose journey nobody knows, and a service that restarts as well."""
    file = own.settings.registry_dir / "fleet.yaml"
    good = file.read_text()
    file.write_text(good.replace("journey: testbed-spa", "journey: testbed-sap", 1))
    answer = own.client.get("/-/reload", method="POST")
    assert answer.status == 400
    assert "journey 'testbed-sap' is unknown" in answer.text
    assert settings_left_in_force(own.settings) is None
    file.write_text(good)
    sessions = own.settings.sessions_dir
    sessions.mkdir()
    (sessions / "da-nang.json").write_text("x")
    answer = own.client.get("/-/reload", method="POST")
    assert (answer.status, str(own.settings.data_dir) in answer.text) == (400, False)


def test_pages_that_start_by_what_was_in_force_tell_the_mistakes_of_the_last_reload(own, monkeypatch):
    renewed(own.settings, lambda _: None)
    tell_reload(own.settings.data_dir, own.now, ["portals/fleet.yaml:3: unknown key 'nme'"])
    reads_files = site.Site(own.settings, own.store, lambda: own.now)
    assert reads_files.reload_succeeded, "it has read what people write itself"
    monkeypatch.setenv(IN_FORCE, str(own.settings.data_dir / "in-force"))
    restarted = site.Site(own.settings, own.store, lambda: own.now)
    assert restarted.reload_problems == ("portals/fleet.yaml:3: unknown key 'nme'",)
    tell_reload(own.settings.data_dir, own.now)
    assert restarted.in_force
    assert restarted.reload_succeeded


def test_where_the_others_cannot_be_told_nothing_changes(own, monkeypatch):
    def full(*_):
        raise StoreUnavailableError("/secret/folder/reload.json: cannot be written")

    monkeypatch.setattr(site, "tell_reload", full)
    file = own.settings.registry_dir / "fleet.yaml"
    file.write_text(file.read_text().replace("name_vi: Huế,", "name_vi: Thành phố Huế,"))
    answer = own.client.get("/-/reload", method="POST")
    assert (answer.status, "secret" in answer.text) == (503, False)
    assert "Thành phố Huế" not in own.client.get("/agencies").text


def test_reload_is_refused_to_other_sites_pages_and_to_get(own):
    assert own.client.get("/-/reload", method="POST", headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    assert own.client.get("/-/reload").status == 405


@pytest.mark.parametrize(
    "asked",
    [
        *("target=http://169.254.169.254/&module=http", "target=http://127.0.0.1/&module=http"),
        *("target=https://dichvucong.danang.example.vn//&module=http", "target=DA-NANG-2025.HOME&module=http"),
        *("target=https://dichvucong.danang.example.vn/khai-sin&module=http", "target=/&module=http"),
        *("target=da-nang-2025.home%00&module=http", "target=da-nang-2025.home&module=http%0A"),
        *("target=%3Cscript%3E&module=http", "target=da-nang-2025.home&module=../http"),
    ],
)
def test_a_probe_of_anything_but_a_registered_target_is_refused(served, asked):
    answer = served.client.get(f"/probe?{asked}")
    assert answer.status == 400
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (AgentAwayError("no HTTP agent listens on this machine"), 503, "no HTTP agent listens"),
        (AgentBrokeError("the HTTP agent broke on the probe"), 502, "the HTTP agent broke"),
        (UnknownTargetError("target 'x' is not in the registry"), 503, "does not know 'da-nang-2025.home' yet"),
    ],
)
def test_an_agent_that_is_away_is_told_from_one_that_broke(tmp_path, make_site, error, status, words):
    async def fail(_):
        raise error

    own = make_site(tmp_path, fail)
    answer = own.client.get("/probe?target=da-nang-2025.home&module=http")
    own.store.close()
    assert answer.status == status
    assert words in answer.text


def test_two_hundred_probes_at_once_are_one(tmp_path, make_site, probe_now):
    asked = []

    async def counted(target):
        asked.append(target.id)
        await asyncio.sleep(0)
        return await probe_now(target)

    own = make_site(tmp_path, counted)

    async def all_at_once():
        address = "/probe?target=da-nang-2025.home&module=http"
        return await asyncio.gather(*(own.client.call(address) for _ in range(200)))

    answers = asyncio.run(all_at_once())
    own.store.close()
    assert {answer.status for answer in answers} == {200}
    assert asked == ["da-nang-2025.home"]


PROBE = "/probe?target=da-nang-2025.home&module=http"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 2.5), ("10", 9.5), ("0.6", 0.3), ("1", 0.5), ("0.000001", 0.0000005), ("1e9", 999_999_999.5)],
)
def test_a_scrape_leaves_half_a_second_for_the_way(header, seconds):
    asked = Request({"type": "http", "headers": [(b"x-prometheus-scrape-timeout-seconds", header.encode())]})
    assert operations._scrape_seconds(asked) == pytest.approx(seconds)


@pytest.mark.parametrize("header", ["", "x", "nan", "inf", "-3", "0", "1e999", "3 s"])
def test_a_scrape_that_says_no_time_has_all_of_it(header):
    asked = Request({"type": "http", "headers": [(b"x-prometheus-scrape-timeout-seconds", header.encode())]})
    assert operations._scrape_seconds(asked) is None
    assert operations._scrape_seconds(Request({"type": "http", "headers": []})) is None


def test_a_scrape_is_answered_in_its_time_and_the_probe_goes_on(tmp_path, make_site, probe_now):
    ended = []

    async def slow(target):
        await let.wait()
        ended.append(target.id)
        return await probe_now(target)

    own = make_site(tmp_path, slow)

    async def scrape_then_wait():
        nonlocal let
        let = asyncio.Event()
        short = {"X-Prometheus-Scrape-Timeout-Seconds": "0.01"}
        early = await own.client.call(PROBE, headers=short)
        let.set()
        return early, await own.client.call(PROBE, headers={"X-Prometheus-Scrape-Timeout-Seconds": "600"})

    let = asyncio.Event()
    early, late = asyncio.run(scrape_then_wait())
    own.store.close()
    assert (early.status, late.status) == (200, 200)
    assert "probe_success 0.0\n" in early.text
    assert 'thuocdo_measurement_outcome{outcome="failed",reason="timeout"} 1.0' in early.text
    assert "probe_success 1.0\n" in late.text
    assert ended == ["da-nang-2025.home"]


def test_a_result_from_the_store_is_told_whatever_time_a_scrape_has(own):
    answer = own.client.get(PROBE.replace("http", "homepage"), headers={"X-Prometheus-Scrape-Timeout-Seconds": "0.01"})
    assert answer.status in (200, 503)
    assert "timeout" not in answer.text


def test_a_host_with_too_many_probes_on_request_says_when_to_come_back(tmp_path, make_site, monkeypatch):
    monkeypatch.setattr(flights, "MOST_WAITING", 0)

    async def never(_):
        raise AssertionError("it was probed")

    own = make_site(tmp_path, never)
    answer = own.client.get("/probe?target=da-nang-2025.home&module=http")
    own.store.close()
    assert answer.status == 429
    assert answer.headers["retry-after"] == "10"
    assert "ask again in 10 s" in answer.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [x]\nb: [*a, *a]\n", "fleet.yaml:1: anchor '&a' is refused"),
        ("agencies: " + "[" * 100_000, "fleet.yaml:1: nested more than 32 deep"),
        ("agencies: " + "{a: " * 3_000, "fleet.yaml:1: nested more than 32 deep"),
        ("agencies:\n  - {id: x}\n", "fleet.yaml:2: "),
    ],
)
def test_a_reload_of_hostile_yaml_changes_nothing_and_tells_no_folder(own, text, words):
    (own.settings.registry_dir / "fleet.yaml").write_text(text)
    answer = own.client.get("/-/reload", method="POST")
    assert answer.status == 400
    assert answer.text.startswith(words)
    assert str(own.settings.registry_dir) not in answer.text
    assert "Bộ Tư pháp" in own.client.get("/agencies").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.test"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "http://[::1"},
        {"Origin": ""},
        {"Origin": "http://localhost@evil.test"},
        {"Sec-Fetch-Site": "none", "Origin": "https://evil.test"},
        {"Sec-Fetch-Site": ""},
    ],
)
def test_a_page_elsewhere_is_known_by_its_origin_where_a_browser_tells_no_more(own, headers):
    """Over plain HTTP no browser sends Sec-Fetch-Site, but to this very machine."""
    answer = own.client.get("/-/reload", method="POST", headers=headers)
    assert answer.status == 403
    assert "another site" in answer.text


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost"}, {"Origin": "HTTPS://LOCALHOST"}])
def test_programs_and_our_own_pages_may_reload(own, headers):
    assert own.client.get("/-/reload", method="POST", headers=headers).status == 200


def test_what_a_clock_that_was_ahead_left_behind_hides_nothing(own, probe_now):
    target = "da-nang-2025.home"
    [newest] = list(
        own.store.measurements.find(MeasurementQuery(target_id=target, kind="http", newest_first=True, limit=1))
    )
    key = replace(newest.key, scheduled_at=newest.key.scheduled_at + timedelta(days=365))
    down = Observation(outcome=Outcome.FAILED, reason=Reason.HTTP_ERROR, detail="from next year")
    own.store.measurements.write([replace(newest, key=key, observation=down)])
    line = f'probe_success{{profile="desktop",target="{target}",vantage="ha-noi"}} 1.0'
    assert line in own.client.get("/metrics").text
    assert "from next year" not in own.client.get("/agencies/da-nang-2025").text
