"""Whatever is done to a package is found, and told in words of its own."""

import json
import shutil
import warnings
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.unit.sealing.sealed_rounds import CRITERIA, PICTURE, SEALED, new_signer
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.retelling import retold
from thuocdo.sealing import container
from thuocdo.sealing.chain import ChainedAgent, HashChain, measurement_of_record, record_of_measurement
from thuocdo.sealing.container import zipped
from thuocdo.sealing.findings import Tampering
from thuocdo.sealing.manifest import NAME, SealedBefore, read_round_manifest
from thuocdo.sealing.verifying import Trusted, difference, verify

HTTP = "records/ha-noi.http.jsonl"
PICTURE_FILE = f"evidence/{sha256(PICTURE).hexdigest()[:2]}/{sha256(PICTURE).hexdigest()[2:]}"


def found(package: Path, **trusted):
    return {one.tampering: one for one in reversed(verify(package, Trusted(**trusted)).findings)}


def resealed(package: Path, signer, **changes) -> None:
    """Write the manifest anew and sign it, as somebody would who has the key."""
    manifest = replace(read_round_manifest((package / NAME).read_bytes()), **changes)
    files = [
        replace(one, size_bytes=len(content), sha256=sha256(content).hexdigest())
        for one in manifest.files
        for content in [(package / one.path).read_bytes()]
    ]
    content = replace(manifest, files=tuple(files)).to_json()
    (package / NAME).write_bytes(content)
    (package / f"{NAME}.minisig").write_text(signer.sign(content, SEALED, NAME))


def lines(change):
    return lambda content: b"".join(one + b"\n" for one in change(content.splitlines()))


def test_a_whole_package_holds(package):
    verified = verify(package, Trusted())
    assert verified.findings == ()
    assert verified.is_recomputed
    assert (verified.records, verified.checkpoints) == (126, 3)
    assert verified.signed.name == "Trần Thị Lan"
    assert not verified.signed.is_compared


def test_a_zip_is_as_good_as_the_folder(package, tmp_path):
    zipped(package, tmp_path / "round.zip")
    verified = verify(tmp_path / "round.zip", Trusted())
    assert verified.findings == ()
    assert verified.is_recomputed


def test_the_key_that_somebody_got_elsewhere_is_compared(package, signer):
    verified = verify(package, Trusted(keys=[signer.public_key]))
    assert verified.findings == ()
    assert verified.signed.is_compared


def test_it_leaves_the_package_as_it_was(package):
    before = {file: file.read_bytes() for file in package.rglob("*") if file.is_file()}
    verify(package, Trusted())
    assert {file: file.read_bytes() for file in package.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    "name", ["README.txt", "assessments.json", "plan/schedule.yaml", "plan/registry/all.yaml", "ket-qua.json", HTTP]
)
def test_a_flipped_byte_is_found(package, rewritten, name):
    rewritten(name, lambda content: content[:50] + bytes([content[50] ^ 1]) + content[51:])
    findings = found(package)
    assert findings[Tampering.CHANGED_FILE].where == name
    assert "are not those that were sealed" in findings[Tampering.CHANGED_FILE].text


def test_a_flipped_byte_of_the_manifest_breaks_the_signature(package, rewritten):
    rewritten(NAME, lambda content: content.replace(b'"planned":126', b'"planned":127'))
    findings = found(package)
    assert "was changed since it was signed" in findings[Tampering.BROKEN_SIGNATURE].text


def test_a_removed_measurement_is_found(package, rewritten):
    rewritten(HTTP, lines(lambda all_: all_[:-1]))
    assert (
        "it had 42 measurements when it was sealed, and has 41: 1 were removed"
        in found(package)[Tampering.REMOVED_RECORD].text
    )


def test_a_removed_measurement_is_found_although_the_manifest_was_made_to_fit(package, rewritten, signer):
    rewritten(HTTP, lines(lambda all_: all_[1:]))
    chain, manifest = HashChain("20261123t080000-abc123", ChainedAgent.named("ha-noi.http")), None
    for line in (package / HTTP).read_bytes().splitlines():
        chain.add(line)
    manifest = read_round_manifest((package / NAME).read_bytes())
    chains = tuple(
        replace(one, count=chain.count, head=chain.head) if one.agent == "ha-noi.http" else one
        for one in manifest.chains
    )
    resealed(package, signer, chains=chains)
    finding = found(package)[Tampering.BROKEN_CHECKPOINT]
    assert "records 1 to 29 are not those that the machine signed on 2026-11-23" in finding.text


def test_more_records_signed_by_the_machine_than_there_are_is_a_removal(package, rewritten):
    rewritten(HTTP, lines(lambda all_: all_[:5]))
    texts = [one.text for one in verify(package, Trusted()).findings if one.tampering is Tampering.REMOVED_RECORD]
    assert any("the machine signed 29 records on 2026-11-23, these are 5" in text for text in texts)


def test_an_inserted_measurement_is_found(package, rewritten):
    def insert(all_):
        other = all_[3].replace(b"T01:", b"T00:")
        return [*all_[:4], other, *all_[4:]] if other != all_[3] else [*all_, all_[3].replace(b'"ok"', b'"ok"')]

    rewritten(HTTP, lines(insert))
    assert "when it was sealed, and has 43: 1 were put in" in found(package)[Tampering.ADDED_RECORD].text


def test_a_measurement_that_stands_twice_is_found(package, rewritten):
    rewritten(HTTP, lines(lambda all_: [*all_, all_[0]]))
    texts = [one.text for one in verify(package, Trusted()).findings if one.tampering is Tampering.ADDED_RECORD]
    assert "of its measurements 1 stand in it twice: one of each was put in" in texts


def test_a_changed_value_is_found_and_so_is_what_it_does_to_the_results(package, rewritten):
    def slower(line):
        measurement, late = measurement_of_record(line)
        seen = measurement.observation
        slow = {name: 3 * number for name, number in seen.values.items()}
        return record_of_measurement(replace(measurement, observation=replace(seen, values=slow)), late=late)

    rewritten("records/ha-noi.browser.jsonl", lines(lambda all_: [slower(one) for one in all_]))
    findings = found(package)
    assert "a measurement was changed, or their order was" in findings[Tampering.CHANGED_RECORD].text
    assert (
        "these are not the results of these records by these rules: rankings[0]."
        in findings[Tampering.OTHER_RESULTS].text
    )


def test_a_changed_order_is_found(package, rewritten):
    rewritten(HTTP, lines(lambda all_: [all_[1], all_[0], *all_[2:]]))
    findings = found(package)
    assert findings[Tampering.CHANGED_RECORD].where == HTTP
    assert Tampering.OTHER_RESULTS not in findings


def test_a_line_that_is_no_record_is_found_with_its_line(package, rewritten):
    rewritten(HTTP, lines(lambda all_: [*all_[:6], b"{}", *all_[7:]]))
    finding = found(package)[Tampering.CHANGED_RECORD]
    assert finding.where == f"{HTTP}:7"
    assert "no record of a measurement" in finding.text


def test_a_record_of_another_agent_is_found(package, rewritten):
    stranger = (package / "records" / "da-nang.http.jsonl").read_bytes().splitlines()[0]
    rewritten(HTTP, lines(lambda all_: [*all_, stranger]))
    texts = [one.text for one in verify(package, Trusted()).findings if one.tampering is Tampering.ADDED_RECORD]
    assert "this measurement belongs to another round, vantage point or engine" in texts


def test_a_mark_that_was_taken_off_is_found(package, rewritten):
    rewritten(HTTP, lines(lambda all_: [one.replace(b'"late":true,', b"") for one in all_]))
    texts = [one.text for one in verify(package, Trusted()).findings if one.tampering is Tampering.CHANGED_RECORD]
    assert any("whether it is late does not go with the checkpoint before it" in text for text in texts)


def test_counts_that_are_not_those_of_the_records_are_found(package, signer):
    manifest = read_round_manifest((package / NAME).read_bytes())
    resealed(package, signer, counts=replace(manifest.counts, excluded={}))
    findings = found(package)
    assert set(findings) == {Tampering.WRONG_COUNTS}


def test_swapped_evidence_is_found(package, rewritten):
    rewritten(PICTURE_FILE, lambda content: b"quite another page")
    finding = found(package)[Tampering.SWAPPED_EVIDENCE]
    assert finding.where == PICTURE_FILE
    assert "not the evidence that measurements name" in finding.text


def test_swapped_evidence_is_found_although_the_manifest_was_made_to_fit(package, rewritten, signer):
    rewritten(PICTURE_FILE, lambda content: b"quite another page")
    resealed(package, signer)
    assert set(found(package)) == {Tampering.SWAPPED_EVIDENCE}


def test_another_root_of_evidence_is_found(package, signer):
    resealed(package, signer, evidence_root="00" * 32)
    assert "the root of the evidence is another" in found(package)[Tampering.SWAPPED_EVIDENCE].text


def test_changed_assessments_are_found_by_what_they_do(package, rewritten, signer):
    rewritten("assessments.json", lambda content: content.replace(b'"points":81', b'"points":90'))
    resealed(package, signer)
    assert set(found(package)) == {Tampering.OTHER_RESULTS}


def test_a_changed_criteria_set_is_found_although_the_manifest_was_made_to_fit(package, rewritten, signer):
    rewritten(f"plan/criteria/{CRITERIA}.yaml", lambda content: content.replace(b"minimum_runs: ", b"minimum_runs: 1"))
    resealed(package, signer)
    findings = found(package)
    assert "the criteria set is not the one that the round froze" in findings[Tampering.CHANGED_PLAN].text
    assert Tampering.OTHER_RESULTS in findings


def test_a_changed_registry_is_found_although_the_manifest_was_made_to_fit(package, rewritten, signer):
    rewritten("plan/registry/all.yaml", lambda content: content.replace(b"name_vi: nhanh", b"name_vi: cham hon"))
    resealed(package, signer)
    assert "the registry is not the one that the round froze" in found(package)[Tampering.CHANGED_PLAN].text


def test_a_plan_that_cannot_be_read_is_told_and_the_rest_checked(package, rewritten):
    rewritten("plan/registry/all.yaml", lambda content: b"agencies: [")
    verified = verify(package, Trusted())
    texts = [one.text for one in verified.findings if one.tampering is Tampering.CHANGED_PLAN]
    assert any(
        "cannot be read, so that nothing can be computed by it: plan/registry/all.yaml" in text for text in texts
    )
    assert (verified.records, verified.is_recomputed) == (126, False)


def test_another_round_in_the_plan_is_found(package, rewritten):
    rewritten("plan/round.json", lambda content: content.replace(b"abc123", b"abc124"))
    texts = [one.text for one in verify(package, Trusted()).findings if one.tampering is Tampering.CHANGED_PLAN]
    assert any("tells of round '20261123t080000-abc124'" in text for text in texts)


def test_another_seed_is_found(package, signer):
    resealed(package, signer, seed="11" * 32)
    findings = found(package)
    assert "the seed is not the one that the round committed to" in findings[Tampering.OTHER_SEED].text
    assert ".seed is " in findings[Tampering.OTHER_RESULTS].text


def test_a_seed_that_is_not_revealed_is_found(package, signer):
    resealed(package, signer, seed=None)
    assert "it is not revealed" in found(package)[Tampering.OTHER_SEED].text


def test_a_missing_file_is_found(package):
    (package / "assessments.json").unlink()
    findings = found(package)
    assert findings[Tampering.MISSING_FILE].where == "assessments.json"
    assert Tampering.ADDED_FILE not in findings


def test_missing_records_are_found(package):
    (package / HTTP).unlink()
    findings = found(package)
    assert findings[Tampering.MISSING_FILE].where == HTTP
    assert "42 were removed" in findings[Tampering.REMOVED_RECORD].text


def test_an_added_file_is_found(package):
    (package / "records" / "hue.http.jsonl").write_bytes(b"")
    finding = found(package)[Tampering.ADDED_FILE]
    assert finding.where == "records/hue.http.jsonl"
    assert "somebody put it in" in finding.text


def test_of_very_many_files_the_first_are_named(package):
    for number in range(30):
        (package / f"more-{number:02}").write_bytes(b"")
    texts = [one.text for one in verify(package, Trusted()).findings if one.tampering is Tampering.ADDED_FILE]
    assert len(texts) == 21
    assert texts[0] == "there are 30 such files, of which the first 20 are named"


def test_a_missing_signature_is_found(package):
    (package / f"{NAME}.minisig").unlink()
    assert "nobody answers for this package" in found(package)[Tampering.NO_SIGNATURE].text


def test_a_signature_of_a_stranger_is_found(package):
    content = (package / NAME).read_bytes()
    (package / f"{NAME}.minisig").write_text(new_signer().sign(content, SEALED, NAME))
    assert "which nobody named: a stranger signed this" in found(package)[Tampering.FOREIGN_SIGNATURE].text


def test_a_stranger_who_seals_it_anew_is_found_by_the_plan(package):
    stranger = new_signer()
    resealed(package, stranger, key=stranger.public_key.text)
    assert "the plan does not list among those that seal" in found(package)[Tampering.FOREIGN_SIGNATURE].text


def test_a_stranger_who_puts_himself_into_the_plan_is_found_by_the_key_from_elsewhere(package, rewritten, signer):
    stranger = new_signer()
    old, new = signer.public_key.text.encode(), stranger.public_key.text.encode()
    rewritten("plan/keys.json", lambda content: content.replace(old, new))
    resealed(package, stranger, key=stranger.public_key.text)
    assert found(package) == {}, "keys in the package prove no more than that its parts agree"
    finding = found(package, keys=[signer.public_key])[Tampering.FOREIGN_SIGNATURE]
    assert "not by the one that you gave" in finding.text


def test_a_manifest_made_for_another_key_is_found(package, signer):
    resealed(package, signer, key=new_signer().public_key.text)
    assert "it was made for another signature" in found(package)[Tampering.BROKEN_SIGNATURE].text


def test_what_is_no_signature_is_found(package):
    (package / f"{NAME}.minisig").write_bytes(b"\xff\xfe no")
    assert "is no signature" in found(package)[Tampering.BROKEN_SIGNATURE].text


@pytest.mark.parametrize(
    ("change", "tampering", "said"),
    [
        (
            lambda one: one.replace('\\"count\\":29', '\\"count\\":28'),
            Tampering.BROKEN_CHECKPOINT,
            "was changed since the machine",
        ),
        (lambda one: "{}", Tampering.BROKEN_CHECKPOINT, "line 1 is no signed checkpoint"),
    ],
)
def test_a_changed_checkpoint_is_found(package, rewritten, change, tampering, said):
    rewritten("checkpoints.jsonl", lines(lambda all_: [change(one.decode()).encode() for one in all_]))
    assert said in found(package)[tampering].text


def test_a_checkpoint_of_a_strangers_machine_is_found(package, rewritten):
    def sign(all_):
        told = [json.loads(one) for one in all_]
        for one in told:
            one["signature"] = new_signer().sign(one["checkpoint"].encode(), SEALED, "x")
        return [json.dumps(one).encode() for one in told]

    rewritten("checkpoints.jsonl", lines(sign))
    assert "which is no machine's of the plan" in found(package)[Tampering.FOREIGN_SIGNATURE].text


def test_other_results_are_found_with_the_first_place_that_differs(package, rewritten, signer):
    rewritten("ket-qua.json", lambda content: content.replace(b'"rank":1,', b'"rank":2,', 1))
    resealed(package, signer)
    findings = found(package)
    assert set(findings) == {Tampering.OTHER_RESULTS}
    assert ".rank is 2, computed is 1" in findings[Tampering.OTHER_RESULTS].text


def test_other_versions_are_named_where_results_differ(package, rewritten, signer):
    manifest = read_round_manifest((package / NAME).read_bytes())
    rewritten("ket-qua.json", lambda content: content.replace(b'"rank":1,', b'"rank":2,', 1))
    resealed(package, signer, versions={**manifest.versions, "numpy": "1.0"})
    assert "versions differ: numpy; verify with those" in found(package)[Tampering.OTHER_RESULTS].text


def test_a_package_of_another_method_is_not_recomputed_and_does_not_hold(package, signer):
    manifest = read_round_manifest((package / NAME).read_bytes())
    resealed(package, signer, versions={**manifest.versions, "method": "99", "thuocdo": "9.9"})
    findings = found(package)
    assert set(findings) == {Tampering.NOT_RECOMPUTED}
    assert "that which sealed (9.9); verify with that version" in findings[Tampering.NOT_RECOMPUTED].text


def test_a_broken_chain_of_rounds_is_found(package, signer, tmp_path):
    other = shutil.copytree(package, tmp_path / "other")
    finding = found(package, previous=other)[Tampering.BROKEN_CHAIN_OF_ROUNDS]
    assert "says that no round was sealed before it" in finding.text
    resealed(package, signer, previous=SealedBefore(round_id="x", manifest_sha256="ab" * 32))
    finding = found(package, previous=other / NAME)[Tampering.BROKEN_CHAIN_OF_ROUNDS]
    assert f"follows {'ab' * 32}, and the package before it is" in finding.text


def test_a_round_before_that_is_none_is_refused(package, tmp_path):
    with pytest.raises(ConfigurationError, match=r"--previous .*: no package of a sealed round"):
        verify(package, Trusted(previous=tmp_path))


def test_a_folder_without_a_manifest_is_no_package(tmp_path):
    assert "this is no package of a sealed round" in found(tmp_path)[Tampering.NO_PACKAGE].text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json", "it is no JSON"),
        (b"{}", "it is no manifest of a sealed round"),
        (b'{"format":2}', "its format is 2, this program knows 1; update thuocdo"),
    ],
)
def test_a_manifest_that_is_none_is_told(package, content, said):
    (package / NAME).write_bytes(content)
    assert said in found(package)[Tampering.NO_PACKAGE].text


def test_what_is_no_zip_is_no_package(tmp_path):
    file = tmp_path / "x.zip"
    file.write_bytes(b"PK\x03\x04 and no more")
    assert "it is no zip, or one that was cut short" in found(file)[Tampering.NO_PACKAGE].text


def test_a_zip_that_was_cut_short_or_changed_is_told(package, tmp_path):
    file = tmp_path / "x.zip"
    zipped(package, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert "cut short" in found(file)[Tampering.NO_PACKAGE].text
    file.write_bytes(whole[:3000] + bytes([whole[3000] ^ 0xFF]) + whole[3001:])
    assert "changed on the way" in found(file)[Tampering.NO_PACKAGE].text


def test_nothing_at_a_path_is_a_mistake_of_usage(tmp_path):
    with pytest.raises(ConfigurationError, match="there is no such package"):
        verify(tmp_path / "none", Trusted())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../out", "leads out of the package"),
        ("a/../../out", "leads out of the package"),
        ("/etc/out", "leads out of the package"),
        ("C:\\out", "leads out of the package"),
        ("..\\out", "leads out of the package"),
        ("a/" * 20 + "b", "is no name of a package's file"),
        ("x" * 300, "is no name of a package's file"),
        ("a\nb", "is no name of a package's file"),
        ("a\u202eb", "is no name of a package's file"),
    ],
)
def test_a_zip_whose_names_lead_elsewhere_is_refused_before_anything_is_written(tmp_path, monkeypatch, name, said):
    file, work = tmp_path / "x.zip", tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr(container, "TemporaryDirectory", lambda prefix: _Kept(work))
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(zipfile.ZipInfo("manifest.json"), b"{}")
        made.writestr(zipfile.ZipInfo(name), b"x")
    assert said in found(file)[Tampering.NO_PACKAGE].text
    assert list(work.iterdir()) == []
    assert not (tmp_path / "out").exists()


class _Kept:
    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        return str(self.folder)

    def __exit__(self, *_):
        pass


@pytest.mark.parametrize("pair", [("a", "a"), ("a", "A"), ("\u00e9", "e\u0301"), ("a", "a/b")])
def test_two_names_of_one_file_are_refused(tmp_path, pair):
    file = tmp_path / "x.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as made:
        warnings.simplefilter("ignore")
        for name in pair:
            made.writestr(zipfile.ZipInfo(name), b"x")
    assert "one could hide the other" in found(file)[Tampering.NO_PACKAGE].text


def test_a_zip_that_was_made_to_burst_is_not_opened(tmp_path):
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", b"\0" * 30_000_000)
    assert "it was made to fill a disk" in found(file)[Tampering.NO_PACKAGE].text


def test_a_zip_of_very_many_files_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(container, "MOST_FILES", 10)
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w") as made:
        for number in range(11):
            made.writestr(f"f{number}", b"")
    assert "it holds more than 10 files" in found(file)[Tampering.NO_PACKAGE].text


def test_a_package_that_the_disk_has_no_room_for_is_a_matter_of_this_machine(package, tmp_path, monkeypatch):
    file = tmp_path / "x.zip"
    zipped(package, file)
    monkeypatch.setattr(container, "SPARE_BYTES", 1 << 60)
    with pytest.raises(ConfigurationError, match=r"no room for the .* bytes of the package; free space, or set TMPDIR"):
        verify(file, Trusted())


def test_links_in_a_zip_or_a_folder_are_refused(package, tmp_path):
    file = tmp_path / "x.zip"
    link = zipfile.ZipInfo("manifest.json")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(link, b"/etc/passwd")
    assert "is a link or a device" in found(file)[Tampering.NO_PACKAGE].text
    (package / "more").symlink_to("/etc/passwd")
    assert "'more' is a link or a device" in found(package)[Tampering.NO_PACKAGE].text


def test_what_encrypts_or_compresses_in_another_way_is_refused(tmp_path):
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as made:
        made.writestr("manifest.json", b"{}")
    assert "is compressed in a way that no package is" in found(file)[Tampering.NO_PACKAGE].text
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("manifest.json", b"{}")
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(bytes(content))
    assert "is encrypted" in found(file)[Tampering.NO_PACKAGE].text


def test_a_line_without_an_end_is_bounded(package, monkeypatch):
    monkeypatch.setattr("thuocdo.sealing.record_checks.MOST_LINE_BYTES", 100)
    texts = [one.text for one in verify(package, Trusted()).findings if one.tampering is Tampering.CHANGED_RECORD]
    assert "a line of more than 100 bytes is no record" in texts


@pytest.mark.parametrize(
    ("told", "computed", "said"),
    [
        (b'{"a":[1,{"b":2}]}', b'{"a":[1,{"b":3}]}', "a[1].b is 2, computed is 3"),
        (b'{"a":1}', b"{}", "a is 1, computed is null"),
        (b"[1]", b"[1,2]", "the whole is [1], computed is [1, 2]"),
        (b'{"a": 1}', b'{"a":1}', "it is not written as results are"),
        (b"no", b"{}", "it is not written as results are"),
        (b'"' + b"x" * 99 + b'"', b"1", 'the whole is "' + "x" * 56 + "…, computed is 1"),
        (b"true", b"1", "the whole is true, computed is 1"),
    ],
)
def test_the_first_difference_is_told(told, computed, said):
    assert difference(told, computed) == said


def test_every_finding_is_told_in_vietnamese(package, rewritten):
    rewritten(HTTP, lines(lambda all_: all_[:-1]))
    [line] = [one.line for one in verify(package, Trusted()).findings if one.tampering is Tampering.REMOVED_RECORD]
    assert retold("vi", line) == f"{HTTP}: lúc niêm phong có 42 kết quả đo, nay có 41: đã bị bớt đi 1"
