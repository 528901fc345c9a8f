"""
An official round from its plan to its publication and a correction, on the command line; another checkout verifies the packages.

What a week would measure is made up after what real probes of the fleet saw, and written as agents write it; the clock is the
test's.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thuocdo import cli
from thuocdo.agent.made_up_round import fill
from thuocdo.agent.planned_rounds import SURE_SECONDS
from thuocdo.core import clock
from thuocdo.core.clock import HANOI
from thuocdo.core.config import load_settings
from thuocdo.core.model import Outcome
from thuocdo.processes.ranker import Ranker
from thuocdo.score.expected import ASSUMED
from thuocdo.sealing import keys
from thuocdo.sealing.signing import Signer
from thuocdo.store import MeasurementQuery, Store

pytestmark = [pytest.mark.timeout(900), pytest.mark.turns(share=0.5)]

PEOPLE = {"Lan": "seals", "Minh": "approves", "Anh": "decides"}
OPENED = datetime(2027, 2, 26, 9, tzinfo=HANOI)
PLAN = """\
id: 2027-q1
label: Quý I năm 2027
type: official
from: 2027-03-01
vantages: [{vantage}]
criteria: survey-2023
loads: {{http: 1, homepage: 1}}
minimum_coverage: 0.5
people:
{people}
"""


@pytest.fixture
def world(fleet, product, tmp_path, monkeypatch):
    """Settings of a fleet that was measured for a minute, a clock that the test moves, and people with keys."""
    monkeypatch.setattr(keys, "_KDF_BYTES", 1 << 20)
    monkeypatch.setattr(keys, "_KDF_OPERATIONS", 1 << 15)
    schedule = Path(product.root) / "schedules" / "default.yaml"
    file = fleet.settings(tmp_path / "run", schedule=str(schedule), simulated=True)
    short = product.run("--config", file, "round", "thử", "--runs", "http=1")
    assert short.returncode == 0, short.stderr
    return World(file, tmp_path, monkeypatch)


class World:
    """People at a command line whose clock stands where the test wants it."""

    def __init__(self, file, folder, monkeypatch):
        self.file, self.folder, self.settings = file, folder, load_settings(file)
        self.now = OPENED
        monkeypatch.setattr(clock, "now", self._tick)
        (folder / "words").write_text("mật khẩu của thử nghiệm\n")
        for name in PEOPLE:
            self.fine("key", "new", folder / name, "--passphrase-file", folder / "words")

    def _tick(self):
        self.now += timedelta(seconds=1)
        return self.now

    def call(self, *arguments):
        return CliRunner().invoke(
            cli.app, ["--config", str(self.file), *map(str, arguments)], env={"COLUMNS": "200"}, catch_exceptions=True
        )

    def fine(self, *arguments):
        result = self.call(*arguments)
        assert result.exit_code == 0, (arguments, result.output, result.exception)
        return " ".join(result.output.split())

    def refused(self, *arguments):
        result = self.call(*arguments)
        assert result.exception is not None, result.output
        return str(result.exception)

    def key_line(self, name):
        return (self.folder / f"{name}.pub").read_text().splitlines()[1]

    def signed(self, *arguments, by):
        """Run a command that is signed: it writes the statement, the person signs it elsewhere, it takes the signature."""
        text = self.folder / "to-sign.txt"
        self.fine(*arguments, "--by", by, "--to-sign", text)
        with Signer.unlocked(self.folder / f"{by}.key", "mật khẩu của thử nghiệm") as signer:
            (self.folder / "signature").write_text(signer.sign(text.read_bytes(), self.now, "to-sign.txt"))
        return self.fine(*arguments, "--by", by, "--signature", self.folder / "signature")

    def seal(self, *more):
        words = ("--passphrase-file", self.folder / "words")
        return self.fine("round", "seal", "2027-q1", "--by", "Lan", "--key", self.folder / "Lan.key", *words, *more)

    def state(self):
        return next(one["state"] for one in json.loads(self.call("rounds", "--json").stdout) if one["id"] == "2027-q1")

    def measure(self):
        """The week of the round: pages take three times as long as the answers that real probes got."""
        with Store.open(self.settings.store_url) as store:
            seen = list(store.measurements.find(MeasurementQuery(kind="http")))
            fill(self.settings, store, store.rounds.get("2027-q1"), [*seen, *map(page_after, seen)], ASSUMED)
            self.now = datetime(2027, 3, 7, 23, tzinfo=HANOI)
            ranker = Ranker(self.settings, store, clock.now, lambda: self.now.timestamp())
            ranker.once()
            self.now += timedelta(seconds=SURE_SECONDS)  # a round ends when the clock has said so for a while
            ranker.once()


def ended(world, name, days):
    """A round of some weeks that is opened, filled by the one truth of the fleet, and over."""
    first = datetime.fromisoformat(days).replace(tzinfo=HANOI)
    plan = world.folder / f"{name}.yaml"
    text = PLAN.partition("people:")[0].format(vantage=world.settings.vantage.id)
    for old, new in (("2027-q1", name), ("Quý I năm 2027", name), ("2027-03-01", days)):
        text = text.replace(old, new)
    plan.write_text(text, encoding="utf-8")
    world.now = first - timedelta(days=2)
    world.fine("round", "open", plan)
    with Store.open(world.settings.store_url) as store:
        seen = [one for one in store.measurements.find(MeasurementQuery(kind="http")) if one.round_id != "aa-1"]
        fill(world.settings, store, store.rounds.get(name), [*seen, *map(page_after, seen)], ASSUMED)
        world.now = first + timedelta(days=6, hours=23)
        ranker = Ranker(world.settings, store, clock.now, lambda: world.now.timestamp())
        ranker.once()
        world.now += timedelta(seconds=SURE_SECONDS)
        ranker.once()
    return [
        one
        for one in json.loads(world.call("times", "--round", name, "--json").stdout)["comparisons"]
        if one["agencies"]
    ]


def test_two_rounds_of_one_truth_contradict_each_other_nowhere(world):
    first, second = ended(world, "aa-1", "2027-03-01"), ended(world, "aa-2", "2027-03-15")
    assert [one["block"] for one in first] == [one["block"] for one in second] != []
    told = 0
    for one, other in zip(first, second, strict=True):
        faster = [
            {(row["agency_id"], name) for row in each["agencies"] for name in row["faster_than"]}
            for each in (one, other)
        ]
        assert {(b, a) for a, b in faster[0]} & faster[1] == set()
        told += len(faster[0] & faster[1])
    assert told  # portals of the fleet are not all alike
    changed = json.loads(world.call("times", "--round", "aa-2", "--changes", "--json").stdout)["comparisons"]
    turns = [row["turn"] for one in changed for row in one["agencies"]]
    assert sum(turn != "untold" for turn in turns) <= len(turns) / 20
    assert {one["before"]["round"] for one in changed} == {"aa-1"}
    assert [one["method_changes"] for one in changed] == [[]] * len(changed)


def page_after(answer):
    """A home page as a browser would have met it where a plain request met this."""
    seen = answer.observation
    values = {"load_seconds": 3 * seen.values["total_seconds"]} if seen.outcome is Outcome.OK else {}
    return replace(
        answer,
        key=replace(answer.key, kind="homepage"),
        observation=replace(seen, values=values, attributes={}, evidence=()),
    )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory, product):
    """Another checkout of the product, as somebody has who wants to verify."""
    folder = tmp_path_factory.mktemp("checkout") / "thuocdo"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{product.root}", str(folder)], check=True)
    return folder


def verified(checkout, package, *more):
    """What the other checkout says of a package, in a folder with nothing in it."""
    told = subprocess.run(
        [sys.executable, "-m", "thuocdo", "round", "verify", str(package), "--json", *map(str, more)],
        cwd=checkout, env=os.environ | {"PYTHONPATH": str(checkout)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.stdout, told.stderr
    return json.loads(told.stdout)


def places(world):
    shown = json.loads(world.call("rank", "--round", "2027-q1", "--format", "json").stdout)
    return {row["agency_id"]: row["rank"] for rows in shown["blocks"].values() for row in rows}


def test_from_the_plan_to_a_correction(world, checkout, tmp_path):
    plan = tmp_path / "2027-q1.yaml"
    people = "\n".join(
        f"  - {{name: {name}, roles: [{role}], key: {world.key_line(name)}}}" for name, role in PEOPLE.items()
    )
    plan.write_text(PLAN.format(vantage=world.settings.vantage.id, people=people), encoding="utf-8")
    assert "7 ngày, mỗi ngày 9 khung hai giờ" in world.fine("round", "plan", plan)
    assert "mã cam kết" in world.fine("round", "open", plan)
    world.measure()
    assert world.state() == "measuring"
    world.refused("round", "draft", "2027-q1", "--by", "Lan")

    world.seal()
    package = world.settings.sealed_dir / "2027-q1"
    world.fine("round", "draft", "2027-q1", "--by", "Lan")
    before = places(world)
    ranked = sorted(name for name, rank in before.items() if rank is not None)
    wrong, slow = ranked[0], ranked[1]
    world.fine("round", "reply", "2027-q1", "--by", "Lan")
    letter = tmp_path / "cong-van.pdf"
    letter.write_bytes(b"%PDF-1.4 cong van\n")
    objection = ("objection", "new", "2027-q1", "--by", "Lan", "--evidence", letter)
    first = world.fine(*objection, "--agency", wrong, "--kind", "wrong_target", "--claim", "cổng đã chuyển địa chỉ")
    assert "Quý I năm 2027/001" in first
    world.fine(*objection, "--agency", slow, "--kind", "value", "--claim", "nhanh hơn số liệu công bố")
    name = "Quý I năm 2027"
    world.signed(
        "objection", "decide", f"{name}/001", "accepted", "--leave-out", "--reason", "đã đối chiếu công văn", by="Anh"
    )
    world.signed("objection", "decide", f"{name}/002", "rejected", "--reason", "63 lần đo đều đúng cổng", by="Anh")
    world.seal("--correct", "Chấp nhận kiến nghị 001")
    world.now += timedelta(days=30)
    world.signed("round", "approve", "2027-q1", by="Minh")
    assert world.state() == "approved"
    world.fine("round", "publish", "2027-q1", "--by", "Lan")
    assert world.state() == "published"
    after = places(world)
    assert after.get(wrong) is None
    assert {name for name, rank in after.items() if rank is not None} == set(ranked) - {wrong}

    world.fine(*objection, "--agency", slow, "--kind", "not_ours", "--claim", "hệ thống của đơn vị khác")
    world.signed("objection", "decide", f"{name}/003", "accepted", "--leave-out", "--reason", "đúng", by="Anh")
    world.seal("--correct", "Chấp nhận kiến nghị 003")
    world.signed("round", "correct", "2027-q1", "--reason", "đo nhầm hệ thống", by="Minh")
    assert world.state() == "corrected"
    assert places(world).get(slow) is None
    assert world.call("round", "log", "--check").exit_code == 0

    lan = ("--key", tmp_path / "Lan.pub")
    packages = [package, *(package.with_name(f"2027-q1.dinh-chinh-{number}") for number in (1, 2))]
    for number, one in enumerate(packages):
        told = verified(checkout, one, *lan)
        assert (told["holds"], told["recomputed"], told["findings"]) == (True, True, []), told
        manifest = json.loads((one / "manifest.json").read_text())
        assert (manifest["correction"] or {}).get("number", 0) == number
    places_sealed = json.loads((packages[2] / "ket-qua.json").read_text())["rankings"][0]["blocks"]
    sealed = {row["agency_id"]: row["rank"] for rows in places_sealed.values() for row in rows}
    assert {name: rank for name, rank in sealed.items() if rank is not None} == {
        name: rank for name, rank in places(world).items() if rank is not None
    }
    record = next((packages[2] / "records").glob("*.jsonl"))
    lines = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join(lines[1:]))
    told = verified(checkout, packages[2], *lan)
    assert told["holds"] is False
    assert {"changed_file", "removed_record"} <= {one["tampering"] for one in told["findings"]}
