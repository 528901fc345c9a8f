"""What runs, as the doctor looks at it: by locks, by what is in the store, and by asking whom the settings name."""

import json
import os
import re
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboards.alerts import ALERTS
from dashboards.owners import reaches_nobody
from dashboards.routes import DEAD_MAN
from probes.net import dns
from probes.net.fault import ExchangeError
from probes.net.trust import REFERENCE_PAGES, Trust
from thuocdo import signs_of_life
from thuocdo.agent.folder_lock import owned
from thuocdo.core.checks import CheckState
from thuocdo.core.config import Settings, bundled
from thuocdo.core.i18n import translator
from thuocdo.core.in_force import renewed
from thuocdo.core.model import AgentState, Reason
from thuocdo.core.setting_groups import VantageSettings, WebSettings
from thuocdo.signs_of_life import running_checks
from thuocdo.store import Store

OK, WARNING, OFF = CheckState


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data", web=WebSettings(port=0))


@pytest.fixture
def at_work(settings, now):
    """A service that began an hour ago."""
    with owned(settings.data_dir, "run"):
        began = now.timestamp() - 3600
        os.utime(settings.data_dir / "run.lock", (began, began))
        yield


@pytest.fixture
def site():
    """Serve with a status and a body; returns the port and a holder of both."""
    holder = {"status": 200, "body": b"ready\n", "asked": []}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self):
            holder["asked"].append(self.path)
            self.send_response(holder["status"])
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(holder["body"])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, holder
    server.shutdown()
    server.server_close()


def found(settings, now):
    """Name -> (state, value), as told in English; every text has its Vietnamese."""
    checks = {check.say(check.name, str): check for check in running_checks(settings, now)}
    for check in checks.values():
        for text in filter(None, (check.name, check.value, check.remedy)):
            assert translator("vi")(text) != text or text in ("{address}: {error}", "{error}", "Alertmanager"), text
        assert bool(check.remedy) == (check.state is not OK)
    return {name: (check.state, check.say(check.value, str)) for name, check in checks.items()}


def agent(settings, seen_at, vantage="local", name="agent-http"):
    with Store.open(settings.store_url) as store:
        store.agents.save(AgentState(agent=name, vantage_id=vantage, pid=1, seen_at=seen_at, started_at=seen_at))


def test_where_nothing_ever_ran_nothing_is_missing(settings, now):
    assert found(settings, now) == {"Reference pages": (OK, "3 configured")}
    assert not settings.data_dir.exists()


def test_a_service_that_is_not_at_work_any_more_is_off_and_its_agents_need_no_word(settings, now):
    with owned(settings.data_dir, "run"):
        pass
    agent(settings, now - timedelta(hours=1))
    assert found(settings, now)["Service"] == (OFF, "`thuocdo run` is not at work here")
    assert not any(name.startswith("Agent") for name in found(settings, now))


def test_files_that_were_edited_and_not_taken_up_are_told_while_a_service_works_by_others(settings, now, tmp_path):
    (tmp_path / "plan.yaml").write_text("windows: []\n")
    edited = settings.model_copy(update={"maintenance": tmp_path / "plan.yaml"})
    name = "Registry, schedule, criteria, maintenance"
    with owned(settings.data_dir, "run"):
        assert name not in found(edited, now), "this service works by no copy"
        renewed(edited, lambda _: None)
        assert found(edited, now)[name] == (OK, "as they are in force")
        (tmp_path / "plan.yaml").write_text("windows: [\n")
        differ = f"{tmp_path / 'plan.yaml'} among them"
        assert found(edited, now)[name] == (WARNING, f"1 not as they are in force, {differ}")
    assert name not in found(edited, now), "whoever starts one reads the files"


@pytest.mark.parametrize(("seconds", "state"), [(5, OK), (60, OK), (61, OFF), (3000, OFF)])
def test_an_agent_is_silent_after_a_minute(settings, now, at_work, seconds, state):
    agent(settings, now - timedelta(seconds=seconds))
    told = found(settings, now)
    assert told["Service"] == (OK, f"at work (pid {os.getpid()})")
    assert told["Agent agent-http (local)"] == (state, f"last sign of life {seconds} s ago")


def test_agents_of_other_machines_are_looked_at_until_they_are_forgotten(settings, now):
    agent(settings, now - timedelta(seconds=100), "hue")
    agent(settings, now - timedelta(days=8), "da-nang")
    told = found(settings, now)
    assert told["Agent agent-http (hue)"] == (OFF, "last sign of life 100 s ago")
    assert "Agent agent-http (da-nang)" not in told


@pytest.mark.parametrize(("ago", "state"), [(10, WARNING), (89, WARNING), (91, OFF)])
def test_a_service_that_has_just_begun_has_time_to_come_up(settings, now, ago, state):
    Store.open(settings.store_url).close()
    with owned(settings.data_dir, "run"):
        began = now.timestamp() - ago
        os.utime(settings.data_dir / "run.lock", (began, began))
        told = found(settings, now)
    assert told["Agents"] == (state, "none gave a sign of life yet")
    assert told["Judge of incidents"] == (state, "has not looked yet")


@pytest.mark.parametrize(("seconds", "state"), [(9, OK), (120, OK), (121, OFF)])
def test_a_judge_that_does_not_look_is_off(settings, now, at_work, seconds, state):
    with Store.open(settings.store_url) as store:
        store.incidents.save_judged_at(now - timedelta(seconds=seconds))
    assert found(settings, now)["Judge of incidents"] == (state, f"last look {seconds} s ago")


def test_pages_of_a_service_at_work_are_asked_for(settings, now, at_work, site):
    port, holder = site
    settings = settings.model_copy(update={"web": WebSettings(port=port, host="0.0.0.0")})
    assert found(settings, now)["Our own pages"] == (OK, f"127.0.0.1:{port} answers")
    assert holder["asked"] == ["/-/ready"]
    holder.update(status=503, body=b"the store is away\n")
    assert found(settings, now)["Our own pages"] == (OFF, f"127.0.0.1:{port}: 503 the store is away")
    holder.update(status=302, asked=[])
    assert found(settings, now)["Our own pages"][0] is OFF
    assert holder["asked"] == ["/-/ready"], "no redirect is followed"


def test_a_port_is_free_or_somebody_else_has_it(settings, now, site):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = socket.socket()
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
        free.close()
        told = found(settings.model_copy(update={"web": WebSettings(port=number)}), now)
        assert told["Our own pages"] == (OK, f"127.0.0.1:{number} is free")
        port = taken.getsockname()[1]
        told = found(settings.model_copy(update={"web": WebSettings(port=port)}), now)
        assert told["Our own pages"] == (OFF, f"127.0.0.1:{port}: Address already in use")


@pytest.fixture
def name_server(monkeypatch):
    """A server that answers with a code, or not at all; returns its address and a holder."""
    monkeypatch.setattr(signs_of_life, "DNS_SECONDS", 0.2)
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    holder = {"code": dns.NOERROR, "root": dns.NOERROR, "asked": []}

    def serve():
        while True:
            try:
                message, sender = line.recvfrom(4096)
            except OSError:
                return
            holder["asked"].append(re.findall(rb"[a-z]+", message[12:].lower()))
            code = holder["code"] if message[12] else holder["root"]
            if code is not None:
                line.sendto(message[:2] + bytes((0x81, 0x80 | code)) + message[4:], sender)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"127.0.0.1:{line.getsockname()[1]}", holder
    line.close()


@pytest.mark.parametrize(
    ("code", "state", "value"),
    [
        (dns.NOERROR, OK, "answers"),
        (dns.NXDOMAIN, OK, "answers"),
        (dns.SERVFAIL, OFF, "SERVFAIL"),
        (dns.REFUSED, OFF, "REFUSED"),
        (None, OFF, "no answer within 0 s"),
    ],
)
def test_name_servers_that_are_configured_are_asked(settings, now, name_server, code, state, value):
    address, holder = name_server
    holder["code"] = code
    vantage = VantageSettings(name_servers=(address,), reference_urls=("https://reference.test/page",))
    told = found(settings.model_copy(update={"vantage": vantage}), now)
    assert told[f"Name server {address}"] == (state, value)
    assert holder["asked"][0][:2] == [b"reference", b"test"]


@pytest.mark.parametrize(("code", "said"), [(dns.SERVFAIL, "SERVFAIL"), (None, "no answer within 0 s")])
def test_a_name_server_that_answers_for_names_but_not_for_the_root_is_told_of(settings, now, name_server, code, said):
    address, holder = name_server
    holder["root"] = code
    vantage = VantageSettings(name_servers=(address,), reference_urls=("http://10.1.2.3/", "https://reference.test/"))
    told = found(settings.model_copy(update={"vantage": vantage}), now)
    assert told[f"Name server {address}"] == (OK, f"answers for names, not for the root ({said})")
    assert holder["asked"][0][:2] == [b"reference", b"test"], "an address is no name to ask for"


@pytest.mark.parametrize("code", [dns.NXDOMAIN, dns.REFUSED])
def test_a_name_server_that_refuses_to_tell_of_the_root_is_at_work(settings, now, name_server, code):
    address, holder = name_server
    holder["root"] = code
    vantage = VantageSettings(name_servers=(address,))
    told = found(settings.model_copy(update={"vantage": vantage}), now)
    assert told[f"Name server {address}"] == (OK, "answers")


def test_one_of_several_name_servers_that_fails_is_a_warning(settings, now, name_server, monkeypatch):
    address, _ = name_server
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        other = f"127.0.0.1:{silent.getsockname()[1]}"
        vantage = VantageSettings(name_servers=(address, other))
        told = found(settings.model_copy(update={"vantage": vantage}), now)
    assert (told[f"Name server {address}"][0], told[f"Name server {other}"][0]) == (OK, WARNING)


def test_nobody_is_asked_where_hosts_are_known_from_a_file(settings, now, name_server, tmp_path):
    address, holder = name_server
    (tmp_path / "hosts").write_text("")
    vantage = VantageSettings(name_servers=(address,))
    told = found(settings.model_copy(update={"vantage": vantage, "hosts_file": tmp_path / "hosts"}), now)
    assert not any(name.startswith("Name server") for name in told)
    assert holder["asked"] == []


def test_without_name_servers_in_the_settings_no_question_is_sent(settings, now, monkeypatch):
    monkeypatch.setattr(signs_of_life, "_dns_trouble", lambda *_: pytest.fail("nobody may be asked"))
    assert "Reference pages" in found(settings, now)


def test_without_reference_pages_a_fault_of_ours_cannot_be_told(settings, now):
    vantage = VantageSettings(reference_urls=())
    told = found(settings.model_copy(update={"vantage": vantage}), now)
    assert told["Reference pages"] == (WARNING, "none configured")


def test_a_reference_page_whose_certificate_probes_found_refused_is_told_of_as_long_as_it_is_configured(settings, now):
    page, other = "https://reference.test/", "https://other.test/"
    trust = Trust(settings.data_dir / REFERENCE_PAGES)
    trust.refused(page, ExchangeError(Reason.CERTIFICATE_INVALID, "certificate refused: certificate has expired"))
    vantage = VantageSettings(reference_urls=(page, other))
    (told,) = [
        check
        for check in running_checks(settings.model_copy(update={"vantage": vantage}), now)
        if check.name.startswith("Reference page")
    ]
    assert told.state is WARNING
    assert told.say(told.name, translator("vi"), "vi") == f"Trang đối chứng {page}"
    assert told.say(told.value, str).startswith("certificate refused: certificate has expired; known since 20")
    assert "vantage.reference_urls" in told.say(told.remedy, translator("vi"), "vi")
    vantage = VantageSettings(reference_urls=(other,))
    assert found(settings.model_copy(update={"vantage": vantage}), now)["Reference pages"] == (OK, "1 configured")
    vantage = VantageSettings(reference_urls=(page, other))
    trust.answered(page, {})
    assert found(settings.model_copy(update={"vantage": vantage}), now)["Reference pages"] == (OK, "2 configured")


def test_alertmanager_is_asked_where_it_is_configured(settings, now, site):
    port, holder = site
    url = f"http://127.0.0.1:{port}"
    settings = settings.model_copy(update={"alertmanager_url": url})
    assert found(settings, now)["Alertmanager"] == (OK, f"{url} answers")
    assert found(settings, now)["Way of notices"][0] is OFF, "what is no JSON tells of no alert"
    holder["status"] = 500
    assert found(settings, now)["Alertmanager"][0] is OFF
    settings = settings.model_copy(update={"alertmanager_url": "http://127.0.0.1:1"})
    assert found(settings, now)["Alertmanager"] == (OFF, "http://127.0.0.1:1: Connection refused")


NOBODY = "{webhooks: [{url: 'http://127.0.0.1:9095/alerts'}]}"


@pytest.mark.parametrize(
    ("central", "state", "value"),
    [
        (NOBODY, WARNING, "nobody"),
        ("{webhooks: [{url: 'http://127.0.0.1:9096/zalo'}]}", OK, "as owners.yaml says"),
        ("{webhoks: []}", OFF, "did you mean 'webhooks'"),
    ],
)
def test_that_alerts_reach_nobody_yet_is_told_where_the_settings_name_the_file(
    settings, now, tmp_path, monkeypatch, central, state, value
):
    monkeypatch.chdir(tmp_path)
    Path("owners.yaml").write_text(f"central: {central}\ndead_man: {NOBODY}\n", encoding="utf-8")
    told = found(settings.model_copy(update={"owners": Path("owners.yaml")}), now)["Who is told"]
    assert told[0] == state
    assert value in told[1]
    assert "Who is told" not in found(settings, now)


def test_what_ships_reaches_nobody():
    assert reaches_nobody(bundled("dashboards") / "owners.yaml")


@pytest.mark.parametrize(
    ("told", "state", "value"),
    [
        ([], OFF, "Prometheus sends none of our alerts to Alertmanager"),
        ([("Watchdog", "team-X-mails")], OFF, "Alertmanager has another configuration than ours"),
        ([("Watchdog", DEAD_MAN), ("ProberAbsent", "central")], OFF, "Prometheus does not get our metrics"),
        ([("Watchdog", DEAD_MAN)], OK, "whole, up to Alertmanager"),
    ],
)
def test_the_way_of_a_notice_is_told_by_the_alert_that_never_ends(settings, now, site, told, state, value):
    port, holder = site
    alerts = [{"labels": {"alertname": name}, "receivers": [{"name": receiver}]} for name, receiver in told]
    holder["body"] = json.dumps(alerts).encode()
    settings = settings.model_copy(update={"alertmanager_url": f"http://127.0.0.1:{port}"})
    assert found(settings, now)["Way of notices"] == (state, value)
    asked = parse_qs(urlsplit(holder["asked"][-1]).query)
    assert asked == {"filter": ['alertname=~"Watchdog|ProberAbsent"']}


def test_the_alerts_that_show_the_way_are_those_we_write():
    assert {signs_of_life.WATCHDOG, signs_of_life.ABSENT} <= {alert.name for alert in ALERTS}
    assert signs_of_life.DEAD_MAN == DEAD_MAN


def test_the_doctor_exits_with_1_where_the_service_is_not_at_work(settings, now, monkeypatch):
    from thuocdo import doctor

    monkeypatch.setattr(doctor, "LOOK_SECONDS", 0.02)
    with owned(settings.data_dir, "run"):
        pass
    checks = {check.name: check.state for check in doctor.examine(settings)}
    assert checks["Service"] is OFF
    assert Path(settings.data_dir / "run.lock").exists()
