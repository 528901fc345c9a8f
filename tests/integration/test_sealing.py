"""Sealing from both engines, and verifying as a process that has nothing: no network, settings, store or home."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.sealing.sealed_rounds import SEALED, arrived, new_signer, ready_round
from thuocdo.sealing.sealing import seal_round
from thuocdo.sealing.verifying import Trusted, verify

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "unit" / "sealing" / "golden"


@pytest.fixture
def bare(tmp_path, require):
    """Return a function that verifies in an empty folder, where no packet can leave the process."""
    unshare = shutil.which("unshare")
    works = os.geteuid() == 0 and unshare and subprocess.run([unshare, "--net", "true"], check=False).returncode == 0
    require(works, "a network namespace (root and unshare)", "run as root; apt-get install util-linux")
    folder = tmp_path / "bare"
    folder.mkdir()

    def run(*arguments):
        command = [unshare, "--net", sys.executable, "-m", "thuocdo", "round", "verify", *map(str, arguments)]
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert list(folder.iterdir()) == []
        return done.returncode, done.stdout + done.stderr

    return run


def test_measurements_of_a_round_come_in_the_order_of_their_arrival(store, make_measurement):
    made = [make_measurement(number, round_id="r1" if number % 3 else "r2") for number in (5, 1, 4, 2, 0, 7)]
    store.measurements.write(made[:2])
    store.measurements.write(made[2:])
    assert list(store.measurements.arrived_of_round("r1")) == [one for one in made if one.round_id == "r1"]
    assert list(store.measurements.arrived_of_round("none")) == []


def test_both_engines_give_the_same_package(store, tmp_path):
    signer, machine = new_signer(), new_signer()
    here = ready_round(tmp_path, signer=signer, machine=machine)
    sealed = {}
    with here.store as sqlite:
        store.rounds.begin(here.what.round)
        store.measurements.write(arrived())
        for one in sqlite.assessments.all():
            store.assessments.save(one)
        for name, from_ in (("here", sqlite), ("there", store)):
            sealed[name] = seal_round(from_, here.what, tmp_path / name, signer, now=SEALED)
    assert sealed["here"].manifest_sha256 == sealed["there"].manifest_sha256
    assert not verify(sealed["there"].folder, Trusted(keys=[signer.public_key])).findings


def test_a_process_that_has_nothing_verifies_a_package(bare):
    code, said = bare(GOLDEN / "round", "--key", GOLDEN / "seals.pub")
    assert code == 0, said
    assert "ket-qua.json khớp từng byte" in said


def test_a_process_that_has_nothing_finds_what_was_changed(bare, tmp_path):
    copy = shutil.copytree(GOLDEN / "round", tmp_path / "copy")
    (copy / "plan" / "schedule.yaml").write_bytes(b"x: 1\n")
    code, said = bare(copy)
    assert code == 1, said
    assert "plan/schedule.yaml: đã bị sửa sau khi niêm phong" in said
    assert "lịch đo không phải lịch mà đợt đo đã chốt khi bắt đầu" in said


def test_nothing_to_verify_is_a_mistake_of_usage(bare, tmp_path):
    code, said = bare(tmp_path / "none.zip")
    assert code == 2
    assert "không có gói này" in said
