"""The files that docker-compose.yml mounts, read by the real programs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The folder local/ as the service `prepare` makes it."""
    folder = tmp_path_factory.mktemp("local")
    command = [sys.executable, "-m", "thuocdo", "prepare", folder, "--seen-as", "/local"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_prometheus_accepts_its_configuration_and_the_rules_it_names(debian, local):
    promtool = debian("promtool", "prometheus")
    for file in (local / "prometheus" / "prometheus.yml", ROOT / "dashboards" / "prometheus" / "prometheus.yml"):
        done = subprocess.run([promtool, "check", "config", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 rule files found" in done.stdout


def test_alertmanager_accepts_its_configuration_and_the_texts_it_names(debian, local):
    amtool = debian("amtool", "prometheus-alertmanager")
    file = local / "alertmanager" / "alertmanager.yml"
    done = subprocess.run([amtool, "check-config", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 templates" in done.stdout


TOGETHER = """\
import json, os, subprocess, sys, time, urllib.request

folder, python, prometheus, alertmanager = sys.argv[1:]
local, here = f"{folder}/local", "127.0.0.1"
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["mount", "--bind", f"{folder}/hosts", "/etc/hosts"], check=True)
settings = {
    "DATA_DIR": f"{folder}/data",
    "REGISTRY_DIR": f"{local}/portals",
    "OWNERS": f"{local}/owners.yaml",
    "WEB__ALLOWED_HOSTS": '["thuocdo"]',
}
environment = os.environ | {f"THUOCDO_{name}": value for name, value in settings.items()}
log = open(f"{folder}/log", "w")
started = [
    subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    for command in (
        [python, "-m", "thuocdo", "web"],
        [alertmanager, f"--config.file={local}/alertmanager/alertmanager.yml", f"--storage.path={folder}/am",
         "--cluster.listen-address=", f"--web.listen-address={here}:9093"],
        [prometheus, f"--config.file={local}/prometheus/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
         f"--web.listen-address={here}:9090", "--rules.alert.resend-delay=1s"],
    )
]


def ask(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return json.loads(answer.read())
    except (OSError, ValueError):
        return None


told, up = set(), []
for _ in range(160):
    told |= {alert["labels"]["alertname"] for alert in ask(f"http://{here}:9093/api/v2/alerts") or ()}
    found = ask(f"http://{here}:9090/api/v1/query?query=up") or {"data": {"result": []}}
    up = [one["metric"]["job"] for one in found["data"]["result"] if one["value"][1] == "1"]
    if "Watchdog" in told and {"thuocdo", "alertmanager", "prometheus"} <= set(up):
        break
    time.sleep(0.5)
for process in started:
    process.terminate()
for process in started:
    process.wait(20)
print(json.dumps({"told": sorted(told), "up": sorted(up)}))
"""


def test_what_is_prepared_carries_a_sign_of_life_from_our_metrics_to_alertmanager(debian, require, tmp_path, local):
    """The real programs under the names that docker-compose.yml gives them, in a network that leads nowhere."""
    programs = debian("prometheus", "prometheus"), debian("prometheus-alertmanager", "prometheus-alertmanager")
    require(os.geteuid() == 0 and shutil.which("unshare"), "name spaces", "run as root; apt-get install util-linux")
    shutil.copytree(local, tmp_path / "local")
    own = tmp_path / "local" / "prometheus" / "prometheus.yml"
    own.write_text(own.read_text(encoding="utf-8").replace("15s", "1s"), encoding="utf-8")  # nobody is to wait for it
    names = " ".join(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"])
    (tmp_path / "hosts").write_text(f"127.0.0.1 localhost {names}\n")
    isolated = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [*isolated, sys.executable, "-c", TOGETHER, tmp_path, sys.executable, *programs]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "Watchdog" in found["told"], (tmp_path / "log").read_text()[-3000:]
    assert {"thuocdo", "alertmanager", "prometheus"} <= set(found["up"])


def test_nats_finds_its_users_beside_its_configuration(debian, tmp_path):
    server = debian("nats-server", "nats-server")
    folder = tmp_path / "etc" / "nats"
    shutil.copytree(ROOT / "deploy" / "nats", folder)
    users = tmp_path / "run" / "secrets" / "nats_users"
    users.parent.mkdir(parents=True)
    command = [server, "--config", folder / "nats.conf", "-t"]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
    users.write_text('users: [{user: centre, password: "not-a-secret"}]\n')
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
