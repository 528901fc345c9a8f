"""The files that docker-compose.yml mounts, read by the real programs."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_prometheus_accepts_its_configuration_and_the_rules_it_names(debian):
    promtool = debian("promtool", "prometheus")
    file = ROOT / "dashboards" / "prometheus" / "prometheus.yml"
    done = subprocess.run([promtool, "check", "config", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


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
