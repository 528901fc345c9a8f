"""A round is sealed once, whole or not at all."""

import errno
import json
import os
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from tests.unit.sealing.sealed_rounds import BY_HAND, CRITERIA, PICTURE, SEALED, SEED
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError, ThuocdoError
from thuocdo.score.published import published_ranking
from thuocdo.sealing import sealing
from thuocdo.sealing.canonical import canonical
from thuocdo.sealing.chain import Checkpoint
from thuocdo.sealing.checkpoints import SignedCheckpoint
from thuocdo.sealing.container import zipped
from thuocdo.sealing.frozen import read_frozen
from thuocdo.sealing.manifest import read_round_manifest
from thuocdo.sealing.packages import sealed_package
from thuocdo.sealing.sealing import seal_round
from thuocdo.sealing.verifying import Trusted, verify


def sealed(ready, **changes):
    return seal_round(ready.store, ready.changed(**changes), ready.folder / "packages", ready.signer, now=SEALED)


def listing(folder):
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def test_a_package_holds_what_the_documents_say(package):
    picture, letter = sha256(PICTURE).hexdigest(), sha256(b"a letter").hexdigest()
    assert listing(package) == sorted(
        [
            *("README.txt", "manifest.json", "manifest.json.minisig", "ket-qua.json", "checkpoints.jsonl"),
            *("assessments.json", f"evidence/{letter[:2]}/{letter[2:]}", f"evidence/{picture[:2]}/{picture[2:]}"),
            *("plan/round.json", "plan/schedule.yaml", "plan/keys.json", "plan/registry/all.yaml"),
            *(f"plan/criteria/{name}.yaml" for name in (CRITERIA, BY_HAND)),
            *(f"records/{name}.jsonl" for name in ("ha-noi.http", "ha-noi.browser", "da-nang.http")),
        ]
    )


def test_the_manifest_counts_what_there_is(package):
    manifest = read_round_manifest((package / "manifest.json").read_bytes())
    assert manifest.counts.planned == manifest.counts.done == sum(one.count for one in manifest.chains) == 126
    assert sum(manifest.counts.ended.values()) == 126
    assert set(manifest.counts.excluded) == {"saturated"}
    assert [one.late for one in manifest.chains] == [0, 0, 1]
    assert [one.evidence for one in manifest.chains] == [1, 1, 1]
    assert manifest.seed == SEED
    assert {"python", "numpy", "pandas", "thuocdo", "method", "times_method"} <= set(manifest.versions)


def test_results_are_those_of_the_product(ready, tmp_path):
    made = sealed(ready)
    told = json.loads((made.folder / "ket-qua.json").read_bytes())
    frozen = read_frozen(made.folder / "plan", ready.what.round)
    shown = published_ranking(
        ready.store, frozen.registry.at, frozen.criteria[0], now=SEALED, round_id=ready.what.round.id
    )
    places = {one.scorecard.agency_id: one.rank for members in shown.ranking.blocks.values() for one in members}
    rows = [row for members in told["rankings"][0]["blocks"].values() for row in members]
    assert {row["agency_id"]: row["rank"] for row in rows} == places
    best = {
        max(members, key=lambda row: row["score"] or 0)["agency_id"]
        for members in told["rankings"][0]["blocks"].values()
        if members
    }
    assert best >= {"nhanh", "bo-mot"}
    assert [one["criteria"]["id"] for one in told["rankings"]] == [CRITERIA, BY_HAND]
    assert [(one["block"], one["profile"]) for one in told["times"]] == [
        ("ministry", "desktop"),
        ("province", "desktop"),
    ]
    assert {one["seed"] for one in told["times"]} != {1}


def test_records_stand_in_the_order_of_their_arrival(package):
    lines = (package / "records" / "ha-noi.http.jsonl").read_bytes().splitlines()
    instants = [json.loads(line)["key"]["scheduled_at"] for line in lines]
    assert instants[-1] < instants[-2]
    assert [json.loads(line).get("late") for line in lines] == [None] * (len(lines) - 1) + [True]


def test_the_same_store_gives_the_same_package(ready):
    first = sealed(ready)
    second = seal_round(ready.store, ready.what, ready.folder / "others", ready.signer, now=SEALED)
    assert first.manifest_sha256 == second.manifest_sha256
    assert (first.folder / "manifest.json.minisig").read_bytes() == (
        second.folder / "manifest.json.minisig"
    ).read_bytes()


def test_the_same_package_gives_the_same_zip(package, tmp_path):
    zipped(package, tmp_path / "a.zip")
    os.utime(package / "README.txt", (1, 1))
    (package / "README.txt").chmod(0o600)
    zipped(package, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with pytest.raises(ConfigurationError, match="is there already"):
        zipped(package, tmp_path / "b.zip")
    assert not [file for file in tmp_path.iterdir() if "unfinished" in file.name]


def test_a_second_sealing_is_refused_and_changes_nothing(ready):
    made = sealed(ready)
    before = (made.folder / "manifest.json").read_bytes()
    with pytest.raises(ConfigurationError, match=r"is sealed already .* correction with its cause"):
        sealed(ready)
    assert (made.folder / "manifest.json").read_bytes() == before
    assert [place.name for place in (ready.folder / "packages").iterdir()] == [ready.what.round.id]


def test_a_correction_names_what_it_corrects_and_why(ready):
    first = sealed(ready)
    second = sealed(ready, cause="Khiếu nại 003 được chấp nhận")
    third = sealed(ready, cause="Sai tên cơ quan")
    assert second.manifest.correction.number == 1
    assert second.manifest.correction.manifest_sha256 == first.manifest_sha256
    assert (third.manifest.correction.number, third.manifest.correction.manifest_sha256) == (2, second.manifest_sha256)
    assert second.folder.name.endswith(".dinh-chinh-1")
    assert second.manifest.previous is None, "a round does not follow itself"
    assert sealed_package(ready.folder / "packages", ready.what.round.id).folder == third.folder
    assert not verify(third.folder, Trusted(previous=second.folder)).findings


def test_what_is_not_sealed_cannot_be_corrected(ready):
    with pytest.raises(ConfigurationError, match=r"is not sealed in .*; seal it before you correct it"):
        sealed(ready, cause="x")


def test_a_round_names_the_one_that_was_sealed_before(ready):
    first = sealed(ready)
    assert first.manifest.previous is None
    other = replace(ready.what.round, id="20261201t080000-def456", label="Đợt 5/2026")
    other = replace(other, settings={k: v for k, v in other.settings.items() if k != "seed_commitment"})
    ready.store.rounds.begin(other)
    second = sealed(ready, round=other, checkpoints=(), seed=None)
    assert second.manifest.previous.manifest_sha256 == first.manifest_sha256
    assert not verify(second.folder, Trusted(previous=first.folder)).findings


def test_a_round_that_runs_is_not_sealed(ready):
    with pytest.raises(ConfigurationError, match="has not ended"):
        sealed(ready, round=replace(ready.what.round, ended_at=None))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": None}, "reveal it to seal the round"),
        ({"seed": "00" * 32}, "committed to another seed"),
    ],
)
def test_the_seed_must_be_the_one_it_committed_to(ready, changes, said):
    with pytest.raises(ConfigurationError, match=said):
        sealed(ready, **changes)


def test_a_seed_of_today_proves_nothing(ready):
    settings = {name: text for name, text in ready.what.round.settings.items() if name != "seed_commitment"}
    with pytest.raises(ConfigurationError, match="committed to no seed"):
        sealed(ready, round=replace(ready.what.round, settings=settings))


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (f"criteria/{CRITERIA}.yaml", b"minimum_runs: ", b"minimum_runs: 1", "criteria_digest"),
        ("registry/all.yaml", b"name_vi: nhanh", b"name_vi: cham hon", "registry_digest"),
        ("schedule.yaml", b"#", b"# ", "schedule_digest"),
    ],
)
def test_files_that_changed_since_the_round_began_are_refused(ready, name, old, new, said):
    frozen = [(one, body.replace(old, new, 1) if one == name else body) for one, body in ready.what.frozen]
    assert frozen != list(ready.what.frozen)
    with pytest.raises(ConfigurationError, match=f"{said} changed since it began"):
        sealed(ready, frozen=frozen)
    assert list((ready.folder / "packages").iterdir()) == []


def test_what_the_store_lost_since_a_checkpoint_is_refused(ready, machine):
    told = ready.what.checkpoints[0].told()
    later = replace(told, count=told.count + 500)
    other = replace(told, head="00" * 32)
    for wrong in (later, other):
        with pytest.raises(
            ThuocdoError, match=r"da-nang\.http: what the store holds is not what the checkpoint of 2026-11-23"
        ):
            sealed(ready, checkpoints=[SignedCheckpoint.made(wrong, machine)])
    assert isinstance(told, Checkpoint)


def test_what_comes_while_it_is_sealed_is_not_left_out_silently(ready, monkeypatch, make_measurement):
    late = make_measurement(9, round_id=ready.what.round.id)
    before = sealing.RoundResults.file

    def slow(self, *arguments):
        ready.store.measurements.write([late])
        return before(self, *arguments)

    monkeypatch.setattr(sealing.RoundResults, "file", slow)
    with pytest.raises(StoreUnavailableError, match="came while it was being sealed"):
        sealed(ready)
    assert list((ready.folder / "packages").iterdir()) == []


def test_a_full_disk_leaves_nothing_half(ready, monkeypatch):
    def full(file, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sealing, "write", full)
    with pytest.raises(StoreUnavailableError, match="the round cannot be sealed: No space left on device; free space"):
        sealed(ready)
    assert list((ready.folder / "packages").iterdir()) == []


def test_what_a_killed_attempt_left_goes(ready):
    left = ready.folder / "packages" / ".x.unfinished-999999999"
    left.mkdir(parents=True)
    sealed(ready)
    assert not left.exists()


def test_two_at_once_leave_one_package(ready, monkeypatch):
    other = ready.folder / "packages" / ready.what.round.id
    before = sealing.sync

    def meanwhile(folder):
        (other / "plan").mkdir(parents=True)
        before(folder)

    monkeypatch.setattr(sealing, "sync", meanwhile)
    with pytest.raises(ConfigurationError, match="is sealed already"):
        sealed(ready)


def test_evidence_stays_out_where_it_is_not_asked_for(ready):
    made = sealed(ready, evidence=None)
    assert not (made.folder / "evidence").exists()
    assert made.lost_evidence == 0
    assert not verify(made.folder, Trusted()).findings


def test_evidence_that_is_there_no_more_is_counted(ready):
    ready.evidence.path(sha256(PICTURE).hexdigest()).unlink()
    made = sealed(ready)
    assert made.lost_evidence == 3
    assert not verify(made.folder, Trusted()).findings


def test_files_of_other_parts_are_sealed_with_it(ready):
    made = sealed(ready, others=[("objections.json", b"[]"), ("phu-luc/nhanh.docx", b"x")])
    assert (made.folder / "phu-luc" / "nhanh.docx").read_bytes() == b"x"
    assert not verify(made.folder, Trusted()).findings


@pytest.mark.parametrize("name", ["../out", "plan/round.json", "ket-qua.json"])
def test_files_of_other_parts_take_nobodys_place(ready, name):
    with pytest.raises(ConfigurationError, match="cannot be a file of the package"):
        sealed(ready, others=[(name, b"x")])
    assert not (ready.folder / "out").exists()


def test_assessments_of_other_rounds_and_of_later_take_no_part(ready):
    one, _ = ready.store.assessments.all()
    ready.store.assessments.save(replace(one, round_id=None, entered_at=one.entered_at + timedelta(seconds=1)))
    ready.store.assessments.save(replace(one, entered_at=SEALED + timedelta(seconds=1)))
    made = sealed(ready)
    assert len(json.loads((made.folder / "assessments.json").read_bytes())) == 2
    assert not verify(made.folder, Trusted()).findings


def test_a_kind_of_another_version_is_not_sealed(ready, make_measurement):
    ready.store.measurements.write([make_measurement(1, kind="of-tomorrow", round_id=ready.what.round.id)])
    with pytest.raises(ThuocdoError, match="this version knows no kind 'of-tomorrow'"):
        sealed(ready)


def test_a_round_whose_id_is_no_name_is_refused(ready):
    odd = replace(ready.what.round, id="../x", settings={})
    with pytest.raises(ConfigurationError, match="a package bears the round's id"):
        sealed(ready, round=odd, seed=None)


def test_json_of_the_package_is_canonical(package):
    for name in ("manifest.json", "ket-qua.json", "assessments.json", "plan/round.json", "plan/keys.json"):
        content = (package / name).read_bytes()
        assert canonical(json.loads(content)) == content, name


def test_the_readme_is_vietnamese_first(package):
    text = (package / "README.txt").read_text(encoding="utf-8")
    assert text.index("GÓI NIÊM PHONG") < text.index("PACKAGE OF A SEALED ROUND")


def test_a_round_without_a_measurement_is_sealed_as_such(ready):
    empty = replace(
        ready.what.round, id="20261202t080000-aaa111", label="Đợt trống", settings={"criteria_set": CRITERIA}
    )
    ready.store.rounds.begin(empty)
    made = sealed(ready, round=empty, checkpoints=(), seed=None)
    assert (made.manifest.counts.done, made.manifest.chains, made.manifest.profiles) == (0, (), ())
    verified = verify(made.folder, Trusted())
    assert verified.findings == ()
    assert verified.is_recomputed
