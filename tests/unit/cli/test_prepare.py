"""`thuocdo prepare`: what a person changes is filled once, what follows from it is written anew, a mistake changes nothing."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
import yaml
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner

from thuocdo.cli.context import CliContext, Language
from thuocdo.cli.prepare import prepare
from thuocdo.core.config import Settings, bundled
from thuocdo.core.errors import ConfigurationError
from thuocdo.written import check_files

ROOT = Path(__file__).resolve().parents[3]
CENTRAL = "central: {webhooks: [{url: 'http://127.0.0.1:9096/zalo'}]}\ndead_man: {webhooks: [{url: 'http://127.0.0.1:9097/'}]}\n"


@pytest.fixture
def local(tmp_path):
    folder = tmp_path / "local"

    def run(*arguments):
        context = CliContext(config_file=None, lang=Language.VI, log_level="info")
        context.console = Console(file=StringIO(), width=300)
        app = Typer()
        app.command()(prepare)
        done = CliRunner().invoke(app, [str(folder), *arguments], obj=context, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return context.console.file.getvalue()

    run.folder = folder
    return run


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_folder_gets_what_ships_and_the_program_can_run_on_it(local, tmp_path):
    said = local()
    assert said.count("đã đặt bản có sẵn") == 5
    for name in ("portals", "criteria", "schedules"):
        ours = {path.name: path.read_bytes() for path in bundled(name).glob("*.yaml")}
        assert {path.name: path.read_bytes() for path in (local.folder / name).iterdir()} == ours
    settings = Settings(
        data_dir=tmp_path / "data",
        registry_dir=local.folder / "portals",
        criteria_dir=local.folder / "criteria",
        schedule=local.folder / "schedules" / "default.yaml",
        maintenance=local.folder / "schedules" / "maintenance.yaml",
        owners=local.folder / "owners.yaml",
    )
    assert check_files(settings).targets


def test_what_a_person_changed_or_took_out_stays_so(local):
    local()
    (local.folder / "owners.yaml").write_text(CENTRAL)
    (local.folder / "schedules" / "demo.yaml").unlink()
    (local.folder / "schedules" / "maintenance.yaml").write_text("windows: []\n# ours\n")
    said = local()
    assert "đã đặt bản có sẵn" not in said
    assert (local.folder / "owners.yaml").read_text() == CENTRAL
    assert not (local.folder / "schedules" / "demo.yaml").exists()
    assert "# ours" in (local.folder / "schedules" / "maintenance.yaml").read_text()


def test_what_follows_is_written_anew_from_who_is_told(local):
    assert "CẢNH BÁO CHƯA ĐẾN TAY AI" in local()
    (local.folder / "owners.yaml").write_text(CENTRAL)
    (local.folder / "alertmanager" / "alertmanager.yml").write_text("by hand")
    assert "CHƯA ĐẾN TAY AI" not in local()
    config = yaml.safe_load((local.folder / "alertmanager" / "alertmanager.yml").read_text())
    assert config["receivers"][0]["webhook_configs"][0]["url"] == "http://127.0.0.1:9096/zalo"
    points = yaml.safe_load((local.folder / "grafana/provisioning/alerting/contact_points.yaml").read_text())
    assert points["contactPoints"][0]["receivers"][0]["settings"]["url"] == "http://127.0.0.1:9096/zalo"


def test_the_registry_that_lies_there_says_who_owns_what(local):
    local()
    provinces = local.folder / "portals" / "provinces.yaml"
    provinces.write_text(provinces.read_text().replace("da-nang-2025", "da-nang-khac"))
    hook = "{webhooks: [{url: 'http://127.0.0.1:1/'}]}"
    (local.folder / "owners.yaml").write_text(f"{CENTRAL}owners: {{da-nang-khac: {hook}}}\n")
    local()
    assert "owner-da-nang-khac" in (local.folder / "alertmanager" / "alertmanager.yml").read_text()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [("owners.yaml", "central: {}\n", "owners.yaml"), ("portals/national.yaml", "agencies: 1\n", "national.yaml")],
)
def test_with_a_mistake_everything_stays_as_it_was(local, name, text, words):
    local()
    (local.folder / name).write_text(text)
    before = contents(local.folder)
    with pytest.raises(ConfigurationError, match=words):
        local("--site-url", "https://thuocdo.example.vn")
    assert contents(local.folder) == before


def test_boards_lie_where_the_server_sees_them(local):
    local("--seen-as", "/local", "--site-url", "https://thuocdo.example.vn/")
    providers = yaml.safe_load((local.folder / "grafana/provisioning/dashboards/thuocdo.yaml").read_text())["providers"]
    assert [one["options"]["path"] for one in providers] == [
        f"/local/grafana/dashboards/{lang}" for lang in ("vi", "en")
    ]
    assert "https://thuocdo.example.vn" in (local.folder / "grafana/dashboards/vi/thuocdo-overview.json").read_text()


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(local):
    local.folder.write_text("a file")
    with pytest.raises(ConfigurationError, match="must be there and belong to who runs this"):
        local()


def test_in_a_log_for_machines_it_is_a_warning_that_nobody_is_told(tmp_path):
    command = [sys.executable, "-m", "thuocdo", "--log-format", "json", "prepare", str(tmp_path / "local")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in (done.stderr + done.stdout).splitlines() if line.startswith("{")]
    [line] = [one for one in told if one["event"].startswith("ALERTS REACH NOBODY YET")]
    assert line["level"] == "warning"
    assert line["path"].endswith("owners.yaml")
