"""What goes wrong gives one clear message and the right exit code, and nothing stored is lost."""

import shutil
import socket
from pathlib import Path

import pytest
import yaml

from thuocdo.store import Store

pytestmark = pytest.mark.turns(share=0.5)


@pytest.fixture(autouse=True)
def _in_english(monkeypatch):
    monkeypatch.setenv("THUOCDO_LANG", "en")


def one_message(done, *parts):
    """The program ended with exit code 2 and said what is wrong, without a traceback."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr, done.stderr
    return done.stderr


def test_bad_yaml_names_file_line_and_remedy(product, fleet, tmp_path):
    registry = tmp_path / "registry"
    shutil.copytree(fleet.folder / "registry", registry)
    (registry / "extra.yaml").write_text("agencies:\n  - id: x\n   name_vi: [\n")
    settings = fleet.settings(tmp_path, registry_dir=str(registry))
    one_message(product.run("--config", settings, "run"), "extra.yaml", "line")


def test_all_mistakes_of_all_files_come_together(product, fleet, tmp_path):
    registry = tmp_path / "registry"
    shutil.copytree(fleet.folder / "registry", registry)
    (registry / "extra.yaml").write_text(
        "agencies:\n  - id: x\n    block: provinze\n    name_vi: X\n    name_en: X\n    portal: []\n"
    )
    schedule = tmp_path / "schedule.yaml"
    schedule.write_text(
        "id: s\ncadences:\n  - {kind: htp, every_seconds: 60, deadline_seconds: 5, profiles: [desktop]}\n"
    )
    settings = fleet.settings(tmp_path, registry_dir=str(registry), schedule=str(schedule), criteria_set="survey-2032")
    text = one_message(
        product.run("--config", settings, "config", "check"), "extra.yaml", "schedule.yaml", "survey-2023"
    )
    assert "did you mean 'portals'" in text
    assert "did you mean 'http'" in text


def test_an_unknown_setting_names_the_nearest(product, tmp_path):
    path = tmp_path / "thuocdo.yaml"
    path.write_text("data_dirr: x\n")
    one_message(product.run("--config", path, "config", "check"), "thuocdo.yaml:1", "did you mean 'data_dir'")


def test_an_unknown_environment_variable_names_the_nearest(product, fleet, tmp_path):
    settings = fleet.settings(tmp_path)
    done = product.run("--config", settings, "config", "check", env={"THUOCDO_DATADIR": "x"})
    one_message(done, "THUOCDO_DATADIR", "did you mean 'THUOCDO_DATA_DIR'")


def test_an_unknown_target_names_the_nearest(product, fleet, tmp_path):
    settings = fleet.settings(tmp_path)
    one_message(product.run("--config", settings, "portals", "show", "nghe-ann"), "nghe-an")


@pytest.mark.sampled(share=1 / 3)
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "ftp://127.0.0.1/"),
        ("check", "not a url"),
        ("check", "http://127.0.0.1/", "--only", "htpp"),
        ("rank", "--criteria", "survey-2032"),
        ("round", "x", "--runs", "http=many"),
        ("nonsense",),
    ],
)
def test_wrong_usage_is_exit_code_2(product, fleet, tmp_path, arguments):
    settings = fleet.settings(tmp_path)
    done = product.run("--config", settings, *arguments)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_an_occupied_port_is_named(product, fleet, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = fleet.settings(tmp_path, web={"port": port})
        one_message(product.run("--config", settings, "run"), str(port), "THUOCDO_WEB__PORT")


def test_a_corrupt_database_is_named_and_left_alone(product, fleet, tmp_path):
    settings = fleet.settings(tmp_path)
    database = tmp_path / "data" / "thuocdo.sqlite"
    database.parent.mkdir()
    database.write_bytes(b"this is no database, but it is all that somebody has" * 100)
    before = database.read_bytes()
    one_message(product.run("--config", settings, "run"), "thuocdo.sqlite")
    assert database.read_bytes() == before


def test_a_read_only_disk_is_named(product, fleet, tmp_path, tiny_disk):
    mount = tiny_disk("1m", "ro")
    settings = fleet.settings(tmp_path, data_dir=str(mount / "data"))
    one_message(product.run("--config", settings, "run"), str(mount))


def test_a_disk_that_fills_up_loses_nothing_stored_and_goes_on_when_there_is_room(
    product, fleet, tmp_path, tiny_disk, background
):
    mount = tiny_disk("6m")
    settings = fleet.settings(tmp_path, data_dir=str(mount / "data"))
    running = background(
        product.command("--config", settings, "--log-level", "warning", "round", "full", "--runs", "http=8",
                        "--runs", "homepage=0", "--runs", "eform=0", "--runs", "accessibility=0"),
        tmp_path / "log",
    )  # fmt: skip
    database = f"sqlite:///{mount}/data/thuocdo.sqlite"

    def stored():
        store = Store.open(database)
        try:
            return store.measurements.keys()
        finally:
            store.close()

    product.wait_until(lambda: (mount / "data" / "thuocdo.sqlite").exists() and len(stored()) > 5, "measurements")
    before = stored()
    ballast = mount / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    product.wait_until(lambda: "takes no data" in running.text(), "the message about the full disk")
    ballast.unlink()
    running.popen.wait(150)
    assert running.popen.returncode == 0, running.text()[-3000:]
    after = stored()
    assert before < after
    store = Store.open(database)
    assert len(after) >= store.rounds.all()[0].planned
    store.close()


@pytest.mark.timeout(1000)
def test_without_a_browser_http_is_measured_and_one_line_says_what_is_off(product, fleet, tmp_path):
    # One page at a time: several would wait for a moment in which this machine has room, 51 times.
    settings = fleet.settings(tmp_path, browser={"path": "/nonexistent/chromium", "max_pages": 1})
    done = product.run(
        "--config", settings, "--log-level", "warning", "round", "no browser", "--runs", "http=1", "--runs", "homepage=1",
        "--runs", "eform=0", "--runs", "accessibility=0", timeout=900,
        env={"THUOCDO_BROWSER": "/nonexistent/chromium", "PATH": str(Path(shutil.which("sh")).parent)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert "doctor" in done.stdout
    store = Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite")
    try:
        latest = store.measurements.latest()
    finally:
        store.close()
    reasons = {m.observation.reason for m in latest if m.key.kind == "homepage"}
    assert "browser_unavailable" in reasons
    assert not any(m.observation.outcome == "failed" for m in latest if m.key.kind == "homepage")
    assert any(m.observation.outcome == "ok" for m in latest if m.key.kind == "http")


def test_settings_written_by_the_fleet_have_no_unknown_keys(fleet):
    assert set(yaml.safe_load((fleet.folder / "thuocdo.yaml").read_text())) >= {"registry_dir", "hosts_file", "ca_file"}
