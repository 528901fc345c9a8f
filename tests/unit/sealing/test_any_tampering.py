"""Whatever a stranger does to a package, verifying it ends with a finding and never with an error."""

import json
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thuocdo.core.errors import ThuocdoError
from thuocdo.sealing import seal_checks
from thuocdo.sealing.chain import record_of_measurement
from thuocdo.sealing.findings import Tampering
from thuocdo.sealing.verifying import Trusted, verify

FEW = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
HTTP = "records/ha-noi.http.jsonl"
NAMES = ("manifest.json", "manifest.json.minisig", "ket-qua.json", "checkpoints.jsonl", "plan/round.json", "plan/keys.json",
         "plan/registry/all.yaml", "assessments.json", HTTP)  # fmt: skip


@pytest.fixture
def spoilt(sealed_once, tmp_path):
    """Return a function that gives a fresh package with another content in one file."""

    def make(name, content):
        folder = tmp_path / "spoilt"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sealed_once.folder, folder)
        (folder / name).write_bytes(content)
        return folder

    return make


@FEW
@given(data=st.data())
def test_any_flipped_bit_anywhere_is_found(sealed_once, spoilt, data):
    name = data.draw(st.sampled_from([one.path for one in sealed_once.manifest.files] + ["manifest.json"]))
    content = bytearray((sealed_once.folder / name).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert verify(spoilt(name, bytes(content)), Trusted()).findings


@FEW
@given(
    name=st.sampled_from(NAMES),
    content=st.binary(max_size=60) | st.sampled_from([b"[]", b"{}", b"null", b"1", b'"x"', b"[" * 9999]),
)
def test_any_other_content_is_found(spoilt, name, content):
    assert verify(spoilt(name, content), Trusted()).findings


@FEW
@given(data=st.data())
def test_any_measurements_in_place_of_the_records_are_found(spoilt, any_measurement, data):
    lines = []
    for one in data.draw(st.lists(any_measurement, max_size=3)):
        try:
            lines.append(record_of_measurement(one, late=False) + b"\n")
        except ThuocdoError:
            continue
    assert verify(spoilt(HTTP, b"".join(lines)), Trusted()).findings


@pytest.mark.parametrize(
    ("name", "member", "value"),
    [
        ("manifest.json", "sealed_at", "2026-11-23T17:30:00"),
        ("manifest.json", "profiles", ["of-tomorrow"]),
        ("manifest.json", "key", "RW"),
        ("manifest.json", "seed", "x"),
        ("manifest.json", "files", []),
        ("plan/round.json", "started_at", "2026-11-23T01:00:00"),
        ("plan/round.json", "ended_at", None),
        ("plan/round.json", "settings", {}),
        ("plan/round.json", "settings", {"criteria_set": "website-2025", "runs": "no json"}),
    ],
)
def test_odd_values_are_found(sealed_once, spoilt, name, member, value):
    told = json.loads((sealed_once.folder / name).read_bytes())
    content = json.dumps(told | {member: value}).encode()
    assert verify(spoilt(name, content), Trusted()).findings


def test_odd_instants_of_records_are_found(sealed_once, spoilt):
    content = (sealed_once.folder / HTTP).read_bytes()
    found = verify(spoilt(HTTP, content.replace(b'Z"', b'"')), Trusted()).findings
    assert any("its instants have no time zone" in one.text for one in found)


def test_assessments_that_no_store_takes_are_found(sealed_once, spoilt):
    content = (sealed_once.folder / "assessments.json").read_bytes()
    found = verify(spoilt("assessments.json", content.replace(b'Z"', b'"')), Trusted()).findings
    assert Tampering.NOT_RECOMPUTED in {one.tampering for one in found}


def test_a_file_too_large_to_be_read_whole_is_not(package, monkeypatch):
    monkeypatch.setattr(seal_checks, "MOST_WHOLE_BYTES", 3000)
    found = {one.where: one.text for one in verify(package, Trusted()).findings}
    assert "as no such file does: it was not read" in found["ket-qua.json"]
