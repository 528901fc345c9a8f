"""The files that docker-compose.yml mounts, read by the real programs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
