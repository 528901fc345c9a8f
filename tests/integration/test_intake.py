"""From a token to the month board over real HTTP, with every process killed in between, on both engines."""

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml

from tests.unit.declared.conftest import workbook
from thuocdo.store import Store

ROOT = Path(__file__).parents[2]
REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""
GOALS = """
agency: hue
units: [{id: so-x, kind: Sở, name_vi: Sở X, name_en: X}]
goals:
  - {unit: so-x, indicator: online_share, percent: 80, first: 2026-01-01, due: 2026-12-31,
     decision: 1/QĐ, decided_on: 2026-01-02}
"""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE = workbook(["Đơn vị", "Kỳ", "Trực tuyến", "Trực tiếp"], ["Sở X", "10/2026", 90, 10])


@pytest.fixture
def machine(store_url, tmp_path):
    """A machine's settings, a way to start its processes and to give commands."""
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    (tmp_path / "goals").mkdir()
    (tmp_path / "goals" / "hue.yaml").write_text(GOALS, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "data_dir": "data",
        "registry_dir": "portals",
        "goals_dir": "goals",
        "store_url": store_url,
        "web": {"port": port},
    }
    file = tmp_path / "thuocdo.yaml"
    file.write_text(yaml.safe_dump(settings))
    (tmp_path / "data").mkdir()
    base, processes = [sys.executable, "-m", "thuocdo", "--config", str(file)], []

    class Machine:
        address = f"http://127.0.0.1:{port}"
        data = tmp_path / "data"

        def start(self, *command):
            processes.append(subprocess.Popen([*base, *command], cwd=ROOT, stdin=subprocess.DEVNULL))
            return processes[-1]

        def give(self, *command):
            return subprocess.run([*base, *command], cwd=ROOT, capture_output=True, text=True, check=False)

    yield Machine()
    for process in processes:
        process.kill()
        process.wait()


def asked(address, token, content=None, media=XLSX):
    """Return status and JSON of an answer; the service may just be starting."""
    request = Request(address, data=content, headers={"Authorization": f"Bearer {token}", "Content-Type": media})
    for _ in range(600):
        try:
            with urlopen(request) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refused:
            if refused.code != 503:  # the service has come up, and waits for the store
                return refused.code, refused.read()
            time.sleep(0.1)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service never came up")


def killed(process):
    process.kill()
    process.wait()


@pytest.mark.sampled(share=0.5)
def test_what_was_accepted_is_on_the_board_whoever_is_killed(machine, store_url):
    made = machine.give("declared", "token", "--agency", "hue", "--name", "Một cửa", "--by", "An")
    token = re.search(r"tdo_\S+", made.stdout)[0]
    web = machine.start("web")
    status, told = asked(f"{machine.address}/intake/figures?name=thang-10.xlsx", token, TABLE)
    assert (status, told["state"], told["rows"]) == (202, "waiting", 1)
    killed(web)  # at once after its answer
    keep = machine.start("keep")
    with Store.open(store_url) as store:
        while not store.declared.files() and keep.poll() is None:
            time.sleep(0.02)
        killed(keep)  # just taken, its receipt perhaps not yet closed
        machine.start("keep")
        machine.start("web")
        while (found := asked(f"{machine.address}/intake/figures/{told['receipt']}", token)[1])["state"] == "waiting":
            time.sleep(0.1)
        assert found["state"] in ("taken", "known")
        (file,) = store.declared.files()
    assert (file.name, file.entered_by, file.rows[0].where) == ("thang-10.xlsx", "Một cửa", "Số liệu!2")
    assert asked(f"{machine.address}/intake/figures?name=thang-10.xlsx", token, TABLE)[0] == 200
    board = json.loads(machine.give("declared", "board", "2026-10", "--json").stdout)
    ((goal,), (month,)) = board["declared"]["goals"], board["declared"]["months"]
    assert (goal["unit_vi"], goal["percent"], goal["state"]) == ("Sở X", 90.0, "met")
    assert (month["numerator"], month["denominator"]) == (90, 100)
    assert asked(f"{machine.address}/intake/figures", "tdo_" + "x" * 43, TABLE)[0] == 401
    assert machine.give("declared", "withdraw", re.search(r"withdraw (\w+)", made.stdout)[1]).returncode == 0
    assert asked(f"{machine.address}/intake/figures", token, TABLE)[0] == 401
