"""Signatures of minisign: whose they are, and of what."""

import shutil
import subprocess

import pytest

from tests.minisign_keys import Holder
from thuocdo.core.model import RoundStep
from thuocdo.rounds.signatures import SignedStatement, verify_minisign

LAN, MINH = Holder("Lan"), Holder("Minh")
STATEMENT = SignedStatement(round_id="r1", label="2026-Q4", step=RoundStep.APPROVE, by="Lan", digest="a" * 64).text()


@pytest.mark.parametrize("is_hashed", [True, False])
def test_a_signature_of_either_kind_is_known(is_hashed):
    verify_minisign(LAN.public_key, STATEMENT, LAN.sign(STATEMENT, is_hashed=is_hashed))


def test_a_statement_says_all_that_is_signed_one_thing_to_a_line():
    given = {
        "round_id": "r1",
        "label": "2026-Q4",
        "by": "Lan",
        "digest": "a" * 64,
        "subject": "2026-Q4/001",
        "reason": "vì",
    }
    text = SignedStatement(step=RoundStep.DECIDE, **given).text().decode()
    assert text.splitlines() == [
        "thuocdo round statement 1",
        "round: r1 (2026-Q4)",
        "step: decide",
        "by: Lan",
        f"sha256: {'a' * 64}",
        "subject: 2026-Q4/001",
        "reason: vì",
    ]
    others = [SignedStatement(step=RoundStep.DECIDE, **given | {name: "other"}).text() for name in given]
    assert len({text.encode(), *others}) == len(given) + 1


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        (MINH.sign(STATEMENT), "it was made with key"),
        (LAN.sign(b"another text"), "it is of another text"),
        (LAN.sign(STATEMENT).replace("timestamp", "timestomp"), "it is of another text"),
        ("", "no signature of minisign"),
        ("one\ntwo\nthree\nfour", "no signature of minisign"),
        (LAN.sign(STATEMENT).replace("RU", "!!"), "no signature of minisign"),
        ("\n".join(LAN.sign(STATEMENT).splitlines()[:3]), "no signature of minisign"),
    ],
)
def test_what_is_not_signed_by_the_key_is_refused(signature, said):
    with pytest.raises(ValueError, match=said):
        verify_minisign(LAN.public_key, STATEMENT, signature)


def test_a_key_that_was_lost_is_not_replaced_within_a_round():
    with pytest.raises(ValueError, match="where one was lost, somebody else whom the plan lists for this signs"):
        verify_minisign(LAN.public_key, STATEMENT, MINH.sign(STATEMENT))


@pytest.mark.skipif(shutil.which("minisign") is None, reason="Debian's minisign is not installed")
def test_the_plain_program_makes_what_we_read_and_reads_what_the_tests_make(tmp_path):
    def minisign(*arguments):
        return subprocess.run(["minisign", *arguments], cwd=tmp_path, capture_output=True, check=False).returncode

    (tmp_path / "text").write_bytes(STATEMENT)
    assert minisign("-GW", "-p", "key.pub", "-s", "key") == 0
    public_key = (tmp_path / "key.pub").read_text().splitlines()[1]
    for kind in ("-Sm", "-Slm"):
        assert minisign(kind, "text", "-s", "key") == 0
        verify_minisign(public_key, STATEMENT, (tmp_path / "text.minisig").read_text())
    for is_hashed in (True, False):
        (tmp_path / "text.minisig").write_text(LAN.sign(STATEMENT, is_hashed=is_hashed))
        assert minisign("-Vm", "text", "-P", LAN.public_key) == 0
