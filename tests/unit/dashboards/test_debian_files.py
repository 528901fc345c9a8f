"""The files for Debian's Prometheus and Alertmanager: they name what `thuocdo alerts write` writes, as the docs call it."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from dashboards.owners import load_owners
from dashboards.rules import PublicAddresses
from thuocdo.cli.alerts import generated
from thuocdo.core.config import Settings

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "deploy" / "prometheus"
OUT = "/etc/prometheus/thuocdo"


@pytest.fixture
def written(tmp_path):
    """The generated files below a folder in OUT's place; returns that folder."""
    owners = ROOT / "dashboards" / "owners.yaml"
    assert load_owners(owners, frozenset())
    for name, text in generated(PublicAddresses(), owners, frozenset()):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def arguments(name):
    return shlex.split(re.search(r'^ARGS="(.*)"$', (SHIPPED / name).read_text(), re.MULTILINE)[1])


def test_they_name_the_generated_files_and_the_addresses_of_the_settings(written):
    config = yaml.safe_load((SHIPPED / "prometheus.yml").read_text())
    [pattern] = config["rule_files"]
    assert len(list(written.glob(pattern.removeprefix(f"{OUT}/")))) == 2
    web = Settings().web
    assert config["scrape_configs"] == [
        {"job_name": "thuocdo", "static_configs": [{"targets": [f"{web.host}:{web.port}"]}]}
    ]
    given = dict(one.removeprefix("--").split("=") for one in arguments("default-prometheus-alertmanager"))
    assert (written / given["config.file"].removeprefix(f"{OUT}/")).is_file()
    [alertmanager] = config["alerting"]["alertmanagers"]
    assert alertmanager["static_configs"] == [{"targets": [given["web.listen-address"]]}]
    settings = yaml.safe_load((ROOT / "deploy" / "systemd" / "thuocdo.yaml").read_text())
    assert settings["alertmanager_url"] == f"http://{given['web.listen-address']}"


@pytest.mark.parametrize("page", ["operations.md", "operations.vi.md"])
def test_the_docs_write_where_these_files_look_and_copy_each_of_them(page):
    text = (ROOT / "docs" / page).read_text()
    assert f"thuocdo alerts write --out {OUT} " in text
    copied = set(re.findall(r"cp --backup=numbered (\S+) /etc/", text))
    assert copied == {path.name for path in SHIPPED.iterdir()}


def test_prometheus_finds_nothing_wrong(written, tmp_path, require):
    promtool = shutil.which("promtool")
    require(promtool, "promtool", "apt-get install prometheus")
    file = tmp_path / "prometheus.yml"
    file.write_text((SHIPPED / "prometheus.yml").read_text().replace(OUT, str(written)))
    done = subprocess.run([promtool, "check", "config", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "2 rule files found" in done.stdout
