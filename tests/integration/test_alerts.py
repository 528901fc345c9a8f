"""
From a portal that stops answering to a notification: real probes, judge, metrics, Prometheus and Alertmanager.

Intervals are seconds here. With those of real life docs/operations.md promises: told within 60 s of the probe that confirms it.
"""

import json
import subprocess
import threading
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from dashboards.notice import template_file
from dashboards.owners import load_owners
from dashboards.routes import GROUP_WAIT, alertmanager_file
from dashboards.rules import PublicAddresses, rule_files
from testbed.monitoring import alertmanager_command, prometheus_command
from testbed.receivers import Receivers
from thuocdo.core.clock import HANOI
from thuocdo.store import Store

PORTALS = 13
FALLS, MAINTAINED, PROBED = "p01", "p02", "p03"
EVALUATIONS = 6
"""So often are rules evaluated before it is said that nothing else came; each interval here is one or two of them."""

SCHEDULE = """
id: alerts-test
cadences: [{kind: http, every_seconds: 1, deadline_seconds: 1, profiles: [desktop]}]
"""
PAGE = ("<html><title>Cổng dịch vụ công</title><body>" + "<p>Nộp hồ sơ trực tuyến, tra cứu kết quả.</p>" * 40).encode()


class Server(ThreadingHTTPServer):
    """Portals are probed in bursts; a full queue would look like portals that are down."""

    request_queue_size = 512


class Portals:
    """Every portal and the reference page, on one port each; a line that is lost refuses all of them."""

    def __init__(self, free_port):
        self.down = {MAINTAINED}
        self.ports = (free_port(), free_port())
        self._servers = []

    def connect(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.headers.get("Host", "").partition(".")[0]
                status = 404 if self.path == "/robots.txt" else 503 if name in outer.down else 200
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(PAGE)))
                self.end_headers()
                self.wfile.write(PAGE)

            def log_message(self, *_):
                pass

        for port in self.ports:
            server = Server(("127.0.0.1", port), Handler)
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            self._servers.append(server)

    def lose_line(self):
        while self._servers:
            server = self._servers.pop()
            server.shutdown()
            server.server_close()


def told_of(receivers, status):
    """(who, alert, when) of every alert with this status, the watchdog aside."""
    return [
        (call.who, one, call.at) for call in receivers.calls for one in call.alerts(status) if call.who != "watchdog"
    ]


def write_settings(folder, portals, web_port):
    names = [f"p{number:02}" for number in range(1, PORTALS + 1)]
    agencies = [
        {
            "id": name, "block": "province", "name_vi": f"Tỉnh {name}", "name_en": name, "source": "test",
            "portals": [{"id": name, "homepage_url": f"http://{name}.vn.example:{portals.ports[0]}/", "confidence": "high"}],
        }
        for name in names
    ]  # fmt: skip
    now = datetime.now(UTC)
    window = {
        "agency": MAINTAINED,
        "from": (now - timedelta(hours=1)).isoformat(),
        "to": (now + timedelta(hours=1)).isoformat(),
        "asked_by": "test",
    }
    team = {
        name: {"webhooks": [{"url": f"{portals.telephones.url}/{name}"}]} for name in ("central", "watchdog", *names)
    }
    files = {
        "registry/fleet.yaml": {"agencies": agencies},
        "maintenance.yaml": {"windows": [window]},
        "schedule.yaml": yaml.safe_load(SCHEDULE),
        "owners.yaml": {
            "central": team.pop("central"),
            "dead_man": team.pop("watchdog"),
            "owners": team,
        },
        "thuocdo.yaml": {
            "data_dir": str(folder / "data"),
            "registry_dir": str(folder / "registry"),
            "maintenance": str(folder / "maintenance.yaml"),
            "schedule": str(folder / "schedule.yaml"),
            "hosts_file": str(folder / "hosts.json"),
            "web": {"port": web_port},
            "vantage": {"id": "ha-noi", "reference_urls": [f"http://127.0.0.1:{portals.ports[1]}/"]},
            "incidents": {"every_seconds": 1},
        },
    }
    (folder / "registry").mkdir()
    (folder / "data").mkdir()
    for name, values in files.items():
        (folder / name).write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    (folder / "hosts.json").write_text(json.dumps({f"{name}.vn.example": "127.0.0.1" for name in names}))
    return frozenset(names)


def write_monitoring(folder, owners, web_port, alertmanager_port):
    """Write what `thuocdo alerts write` writes, with seconds for minutes."""
    for name, text in rule_files(PublicAddresses()).items():
        text = text.replace("keep_firing_for: 2m", "keep_firing_for: 2s").replace("interval: 3s", "interval: 1s")
        (folder / name).write_text(text, encoding="utf-8")
    prometheus = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": ["recording.yml", "alerts.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager_port}"]}]}]},
        "scrape_configs": [
            {"job_name": "thuocdo", "static_configs": [{"targets": [f"127.0.0.1:{web_port}"]}]},
            {
                "job_name": "thuocdo-probe",
                "metrics_path": "/probe",
                "scrape_interval": "5s",
                "http_sd_configs": [{"url": f"http://127.0.0.1:{web_port}/sd/targets", "refresh_interval": "2s"}],
                "relabel_configs": [
                    {"source_labels": ["target"], "regex": f"{PROBED}.home", "action": "keep"},
                    {"source_labels": ["__address__"], "target_label": "instance"},
                    {"target_label": "__address__", "replacement": f"127.0.0.1:{web_port}"},
                ],
            },
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(prometheus))
    text = alertmanager_file(load_owners(folder / "owners.yaml", owners))
    text = text.replace(f"group_wait: {GROUP_WAIT}", "group_wait: 1s").replace(
        "group_interval: 1m", "group_interval: 2s"
    )
    (folder / "alertmanager.yml").write_text(text, encoding="utf-8")
    (folder / "thuocdo.tmpl").write_text(template_file(), encoding="utf-8")


@pytest.fixture
def receivers():
    with Receivers() as made:
        yield made


@pytest.fixture
def stage(product, background, debian, receivers, tmp_path):
    prometheus = debian("prometheus", "prometheus")
    alertmanager = debian("prometheus-alertmanager", "prometheus-alertmanager")
    web_port, alertmanager_port, prometheus_port = (product.free_port() for _ in range(3))
    portals = Portals(product.free_port)
    portals.telephones = receivers
    owners = write_settings(tmp_path, portals, web_port)
    write_monitoring(tmp_path, owners, web_port, alertmanager_port)
    for tool, check, file in (
        ("promtool", ["check", "config"], "prometheus.yml"),
        ("amtool", ["check-config"], "alertmanager.yml"),
    ):
        package = "prometheus" if tool == "promtool" else "prometheus-alertmanager"
        subprocess.run([debian(tool, package), *check, file], cwd=tmp_path, check=True, capture_output=True)
    portals.connect()
    for name in (["agent", "http"], ["judge"], ["web"]):
        background(product.command("--config", tmp_path / "thuocdo.yaml", *name), tmp_path / f"{name[0]}.log")
    background(alertmanager_command(alertmanager, tmp_path, alertmanager_port), tmp_path / "alertmanager.log")
    background(prometheus_command(prometheus, tmp_path, prometheus_port), tmp_path / "prometheus.log")
    store = Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite")
    portals.store = store
    portals.prometheus = f"http://127.0.0.1:{prometheus_port}"
    portals.site = f"http://127.0.0.1:{web_port}"
    yield portals
    store.close()
    portals.lose_line()


def ask(prometheus, query):
    with urllib.request.urlopen(
        f"{prometheus}/api/v1/query?{urllib.parse.urlencode({'query': query})}", timeout=300
    ) as answer:
        return json.loads(answer.read())["data"]["result"]


def test_the_right_people_are_told_once_and_told_when_it_is_over(stage, product, debian):
    telephones = stage.telephones
    product.wait_until(lambda: any(call.who == "watchdog" for call in telephones.calls), "the watchdog's call")
    product.wait_until(lambda: stage.store.measurements.count() > 2 * PORTALS, "two probes of every portal")
    assert told_of(telephones, "firing") == []

    # One portal goes down: its owner alone is told, with cause and links; the one in maintenance is down all the time.
    stage.down.add(FALLS)
    product.wait_until(lambda: told_of(telephones, "firing"), "a notification of the outage")
    [incident] = stage.store.incidents.lasting()
    [(who, alert, at)] = told_of(telephones, "firing")
    assert who == FALLS
    assert alert["labels"] == {
        "alertname": "PortalDown",
        "severity": "critical",
        "target": f"{FALLS}.home",
        "owner": FALLS,
        "agency": FALLS,
        "block": "province",
        "family": "unknown",
    }
    told = alert["annotations"]
    assert told["reason"] == "http_error"
    assert told["status"] == "503"
    assert told["summary"].startswith(f"Tỉnh {FALLS} (http://{FALLS}.vn.example:")
    assert told["summary"].endswith("): cổng ngừng hoạt động")
    assert told["began"] == f"{incident.started_at.astimezone(HANOI):%H:%M:%S %d/%m/%Y}"
    assert told["page_url"] == f"http://127.0.0.1:8321/incidents/{incident.id}"
    assert told["dashboard_url"] == f"http://127.0.0.1:3000/d/thuocdo-target?var-target={FALLS}.home"
    assert told["runbook_url"] == "http://127.0.0.1:8321/runbooks#portaldown"
    with urllib.request.urlopen(f"{stage.site}/runbooks", timeout=300) as answer:
        assert 'id="portaldown"' in answer.read().decode()
    assert at >= incident.confirmed_at  # how soon: the sum of the intervals in docs/operations.md

    # It comes back: its owner is told that it is over.
    stage.down.discard(FALLS)
    product.wait_until(lambda: told_of(telephones, "resolved"), "a notification of the end")
    assert [(who, alert["labels"]["alertname"]) for who, alert, _ in told_of(telephones, "resolved")] == [
        (FALLS, "PortalDown")
    ]
    assert len({alert["fingerprint"] for _, alert, _ in told_of(telephones, "firing")}) == 1
    # With the length and the end of the outage itself, not the alert's.
    [over] = [one for one in stage.store.incidents.all() if one.id == incident.id]
    [(_, alert, _)] = told_of(telephones, "resolved")
    told = alert["annotations"]
    assert told["ended"] == f"{over.ended_at.astimezone(HANOI):%H:%M:%S %d/%m/%Y}"
    assert told["ending"] == "down"
    lasted = int((over.ended_at - over.started_at).total_seconds())
    assert told["length"] == (f"{lasted // 60} phút {lasted % 60} giây" if lasted >= 60 else f"{lasted} giây")

    # Meanwhile: what is scraped is in order, and Prometheus found by itself whom it may probe.
    with urllib.request.urlopen(f"{stage.site}/metrics", timeout=300) as answer:
        text = answer.read()
    checked = subprocess.run([debian("promtool", "prometheus"), "check", "metrics"], input=text, capture_output=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
    probed = f'probe_success{{job="thuocdo-probe",instance="{PROBED}.home",owner="{PROBED}"}} == 1'
    product.wait_until(lambda: ask(stage.prometheus, probed), "a probe of a target that http_sd told of")

    # All portals of the vantage point lose their line: one notification to the central team, none to agencies.
    before = len(told_of(telephones, "firing"))
    assert before == 1
    stage.lose_line()
    product.wait_until(lambda: len(told_of(telephones, "firing")) > before, "a notification of the lost line")
    firing = f'count_over_time(ALERTS{{alertname="VantageDown",alertstate="firing"}}[1m]) >= {EVALUATIONS}'
    product.wait_until(lambda: ask(stage.prometheus, firing), "some more evaluations")
    after = told_of(telephones, "firing")[before:]
    assert [(who, alert["labels"]["alertname"]) for who, alert, _ in after] == [("central", "VantageDown")]
    assert after[0][1]["labels"]["vantage"] == "ha-noi"
    assert after[0][1]["annotations"]["reason"] == "no_connectivity"

    # The line is back: the central team is told so, and nobody is told of anything else.
    stage.connect()
    product.wait_until(lambda: len(told_of(telephones, "resolved")) > 1, "a notification that the line is back")
    [_, (who, alert, _)] = told_of(telephones, "resolved")
    assert (who, alert["labels"]["alertname"]) == ("central", "VantageDown")
    assert {alert["labels"]["alertname"] for _, alert, _ in told_of(telephones, "firing")} == {
        "PortalDown",
        "VantageDown",
    }
    assert len({alert["fingerprint"] for _, alert, _ in told_of(telephones, "firing")}) == 2
