"""Checks of the seal itself: the files against the manifest, its signature and token, and the round that it follows."""

from collections.abc import Sequence
from pathlib import Path

from cryptography.x509 import Certificate

from thuocdo.core.bounded import read_bounded
from thuocdo.core.clock import AHEAD, iso
from thuocdo.sealing.container import files_of, shown
from thuocdo.sealing.disk import digest_of_file
from thuocdo.sealing.findings import Findings, Signed, Tampering
from thuocdo.sealing.frozen import KeyRole, ListedKey
from thuocdo.sealing.keys import PublicKey
from thuocdo.sealing.manifest import BESIDE, NAME, SIGNATURE_NAME, TOKEN_NAME, RoundManifest, digest_of
from thuocdo.sealing.sealing import EVIDENCE
from thuocdo.sealing.signing import MOST_BYTES, Signature
from thuocdo.sealing.timestamping import MOST_BYTES as MOST_TOKEN_BYTES
from thuocdo.sealing.timestamping import Stamp, stamp_of

MOST_TOLD = 20
"""Files of one kind of finding that are named; of more it is said how many there are."""


MOST_WHOLE_BYTES = 128 << 20
"""Of a file that is read as a whole; results of a country with all its communes have 10 MB."""


def check_files(folder: Path, manifest: RoundManifest, findings: Findings) -> None:
    """Compare every file of a package with its manifest, both ways."""
    sealed = {one.path: one for one in manifest.files}
    there = set(files_of(folder)) - BESIDE
    for name in _told(sealed.keys() - there, Tampering.MISSING_FILE, findings):
        findings.report(
            Tampering.MISSING_FILE,
            shown(name),
            "was sealed and is missing: somebody took it away, or the package was not copied whole",
        )
    for name in _told(there - sealed.keys(), Tampering.ADDED_FILE, findings):
        findings.report(
            Tampering.ADDED_FILE,
            shown(name),
            "was not there when the round was sealed: somebody put it in, and nobody answers for it",
        )
    for name in sorted(sealed.keys() & there):
        digest = digest_of_file(folder / name)
        address = name.removeprefix(f"{EVIDENCE}/").replace("/", "")
        if name.startswith(f"{EVIDENCE}/") and digest != address:
            findings.report(
                Tampering.SWAPPED_EVIDENCE,
                name,
                "this is not the evidence that measurements name, but something else in its place",
            )
        elif digest != sealed[name].sha256:
            size_bytes = (folder / name).stat().st_size
            findings.report(
                Tampering.CHANGED_FILE,
                name,
                f"was changed since the round was sealed: it had {sealed[name].size_bytes} bytes, and has {size_bytes}"
                if size_bytes != sealed[name].size_bytes
                else f"was changed since the round was sealed: its {size_bytes} bytes are not those that were sealed",
            )


def small_file(folder: Path, name: str, findings: Findings) -> bytes | None:
    """Return the content of a file that is read as a whole; None = it is not there, or too large to be one, which is noted."""
    if not (folder / name).is_file():
        return None
    content = read_bounded(folder / name, MOST_WHOLE_BYTES)
    if len(content) <= MOST_WHOLE_BYTES:
        return content
    findings.report(
        Tampering.CHANGED_FILE, name, f"has more than {MOST_WHOLE_BYTES} bytes, as no such file does: it was not read"
    )
    return None


def check_signature(
    folder: Path,
    content: bytes,
    manifest: RoundManifest,
    listed: Sequence[ListedKey],
    given: Sequence[PublicKey],
    findings: Findings,
) -> Signed | None:
    """
    Tell whose signature a manifest bears.

    Args:
        folder: of the package.
        content: of the manifest.
        manifest: what it says.
        listed: keys that the plan lists.
        given: keys that whoever verifies got elsewhere.
        findings: take what is wrong.
    """
    signature = _signature(folder / SIGNATURE_NAME, findings)
    if signature is None:
        return None
    seals = {one.key: one.name for one in listed if one.role is KeyRole.SEALS}
    own = PublicKey(manifest.key)
    candidates = [*given, *map(PublicKey, seals), own]
    signer = signature.signer(content, candidates)
    if signer is None:
        _report_unsigned(signature, candidates, findings)
        return None
    if signer != own:
        findings.report(
            Tampering.BROKEN_SIGNATURE,
            NAME,
            f"says that key {own.id} signs it, and key {signer.id} did: it was made for another signature",
        )
    is_foreign = bool(given) and signer not in given
    if is_foreign:
        findings.report(
            Tampering.FOREIGN_SIGNATURE,
            SIGNATURE_NAME,
            f"is by key {signer.id} and not by the one that you gave: this is not sealed by whom you expect",
        )
    if seals and signer.text not in seals:
        findings.report(
            Tampering.FOREIGN_SIGNATURE,
            SIGNATURE_NAME,
            f"is by key {signer.id}, which the plan does not list among those that seal: nobody who may has sealed the round",
        )
    return Signed(key_id=signer.id, name=seals.get(signer.text, ""), is_compared=bool(given) and not is_foreign)


def _report_unsigned(signature: Signature, candidates: Sequence[PublicKey], findings: Findings) -> None:
    """Note that none of the keys made a signature over the manifest as it is."""
    if signature.key_id in {one.id for one in candidates}:
        findings.report(
            Tampering.BROKEN_SIGNATURE,
            NAME,
            "was changed since it was signed: nothing that it says of the package can be trusted",
        )
    else:
        findings.report(
            Tampering.FOREIGN_SIGNATURE,
            SIGNATURE_NAME,
            f"is by key {signature.key_id}, which nobody named: a stranger signed this",
        )


def check_token(
    folder: Path, content: bytes, manifest: RoundManifest, roots: Sequence[Certificate], findings: Findings
) -> Stamp | None:
    """Return what the time-stamp token of a manifest says; None = there is none, or it is wrong."""
    file = folder / TOKEN_NAME
    if not file.is_file():
        return None
    try:
        found = stamp_of(read_bounded(file, MOST_TOKEN_BYTES), content, roots)
    except ValueError as exc:
        findings.report(Tampering.WRONG_STAMP, TOKEN_NAME, f"proves nothing of this manifest: {exc}")
        return None
    if found.at < manifest.sealed_at - AHEAD:
        findings.report(
            Tampering.WRONG_STAMP,
            TOKEN_NAME,
            f"is of {iso(found.at)}, before the round was sealed ({iso(manifest.sealed_at)}): one of the two clocks was wrong",
        )
    return found


def check_previous(manifest: RoundManifest, previous: bytes, findings: Findings) -> None:
    """
    Compare the round, or the package, that a manifest follows with the one that is at hand.

    Args:
        manifest: of the later one.
        previous: content of the earlier manifest.
        findings: take what is wrong.
    """
    digest = digest_of(previous)
    followed = [one.manifest_sha256 for one in (manifest.previous, manifest.correction) if one]
    if not followed:
        findings.report(
            Tampering.BROKEN_CHAIN_OF_ROUNDS,
            NAME,
            "says that no round was sealed before it, and one was: the chain of rounds is broken",
        )
    elif digest not in followed:
        findings.report(
            Tampering.BROKEN_CHAIN_OF_ROUNDS,
            NAME,
            f"follows {', '.join(followed)}, and the package before it is {digest}: one of the two is not what was sealed",
        )


def _told(names: set[str], tampering: Tampering, findings: Findings) -> list[str]:
    """Return the first of names in order; how many more there are is noted."""
    if len(names) > MOST_TOLD:
        findings.report(tampering, "", f"there are {len(names)} such files, of which the first {MOST_TOLD} are named")
    return sorted(names)[:MOST_TOLD]


def _signature(file: Path, findings: Findings) -> Signature | None:
    if not file.is_file():
        findings.report(
            Tampering.NO_SIGNATURE,
            SIGNATURE_NAME,
            "is missing: nobody answers for this package, anybody may have made it",
        )
        return None
    try:
        return Signature.read(read_bounded(file, MOST_BYTES).decode())
    except ValueError as exc:
        findings.report(Tampering.BROKEN_SIGNATURE, SIGNATURE_NAME, f"is no signature: {exc}")
        return None
