"""
A sealed round that is committed: every later version, on every Python, must verify it and compute its results again.

`make golden` seals it anew where this version cannot, because methods changed; then rounds that were sealed before are verified
with the version that sealed them, and the changelog says so.
"""

import json
import shutil
from pathlib import Path

from tests.unit.sealing.sealed_rounds import SEALED, new_signer, ready_round
from thuocdo.sealing.canonical import canonical
from thuocdo.sealing.keys import read_public_key
from thuocdo.sealing.sealing import seal_round
from thuocdo.sealing.verifying import Trusted, verify

GOLDEN = Path(__file__).parent / "golden"
PACKAGE, KEY = GOLDEN / "round", GOLDEN / "seals.pub"


def holds() -> bool:
    return PACKAGE.is_dir() and not verify(PACKAGE, Trusted(keys=[read_public_key(KEY)])).findings


def seal_anew(folder: Path) -> None:
    signer = new_signer()
    made = ready_round(folder, signer=signer, machine=new_signer(), blocks=6)
    with made.store as store:
        sealed = seal_round(store, made.what, folder / "packages", signer, now=SEALED)
    shutil.rmtree(GOLDEN, ignore_errors=True)
    GOLDEN.mkdir()
    shutil.copytree(sealed.folder, PACKAGE)
    KEY.write_text(signer.public_key.text + "\n")


def test_the_golden_round_is_verified_and_computed_again(golden, request, tmp_path):
    if request.config.getoption("--renew-golden") and not holds():
        seal_anew(tmp_path)
    verified = verify(PACKAGE, Trusted(keys=[read_public_key(KEY)]))
    assert verified.findings == (), "`make golden` seals it anew; look at why it is needed"
    assert verified.is_recomputed
    assert verified.records == 108


def test_the_golden_results_are_canonical_to_the_last_digit():
    content = (PACKAGE / "ket-qua.json").read_bytes()
    assert canonical(json.loads(content)) == content
