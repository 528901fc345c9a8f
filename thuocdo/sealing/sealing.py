"""Seals a round: all that was measured, what came of it and by which rules, in one folder, with a signature over all of it."""

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files as resources
from pathlib import Path

from pydantic import TypeAdapter

from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.model import Assessment, Round
from thuocdo.sealing.canonical import canonical
from thuocdo.sealing.checkpoints import CHECKPOINTS, SignedCheckpoint, checkpoints_to_lines
from thuocdo.sealing.container import files_of
from thuocdo.sealing.disk import UNFINISHED, clear, digest_of_file, sync, sync_names, write
from thuocdo.sealing.frozen import COMMITMENT, PLAN, ROUND, Frozen, changed_since, read_frozen, round_to_json
from thuocdo.sealing.manifest import (
    FORMAT,
    NAME,
    SIGNATURE_NAME,
    TOKEN_NAME,
    RoundManifest,
    SealedBefore,
    SealedChain,
    SealedCorrection,
    SealedFile,
    digest_of,
    versions,
)
from thuocdo.sealing.packages import Sealed, place_of, sealed_already, sealed_before
from thuocdo.sealing.records import RecordsWriter, evidence_root
from thuocdo.sealing.results import RESULTS, RoundResults, commitment_of
from thuocdo.sealing.signing import Signer
from thuocdo.sealing.timestamping import stamped
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore
from thuocdo.store.failures import of_file

README, ASSESSMENTS, EVIDENCE = "README.txt", "assessments.json", "evidence"
_ASSESSMENTS = TypeAdapter(list[Assessment])


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSeal:
    """
    What a package is made of, besides what the store holds.

    round: that has ended. frozen: files that it froze when it began, by their paths below `plan`. others: files of other parts,
    by their paths in the package. checkpoints: that were made while it ran. seed: hex, that it committed to; None = to none.
    evidence: the files that records name go along; None = their digests alone. cause: why a sealed round is corrected; empty =
    it is sealed for the first time. simulated: the figures come from the simulated fleet. left_out: ids of agencies that
    decisions on objections left without a rank; the file of objections, which is among the others, says so as well.
    """

    round: Round
    frozen: Sequence[tuple[str, bytes]]
    others: Sequence[tuple[str, bytes]] = ()
    checkpoints: Sequence[SignedCheckpoint] = ()
    seed: str | None = None
    evidence: EvidenceStore | None = None
    cause: str = ""
    simulated: bool = False
    left_out: frozenset[str] = frozenset()


def seal_round(store: Store, what: ToSeal, folder: Path, signer: Signer, *, now: datetime) -> Sealed:
    """
    Seal a round; its package appears in the folder whole or not at all.

    Args:
        store: holds the round and its measurements.
        what: see ToSeal.
        folder: in which packages lie; it is made where it is missing. The one of the round bears the round's id.
        signer: whose signature is the seal.
        now: the present instant.

    Raises:
        ConfigurationError: the round has not ended or is sealed, its files are not those it froze, or the seed is another.
        ThuocdoError: the store does not hold what a checkpoint says.
        StoreUnavailableError: the disk is full, or measurements of the round came meanwhile; nothing is left of the attempt.
        StoreError: store or disk do not do it.
    """
    round_ = what.round
    if round_.ended_at is None:
        raise ConfigurationError(f"round '{round_.label}' has not ended; measure it to its end, then seal it")
    _refuse_seed(what)
    place, correction = place_of(round_, what.cause, folder)
    workplace = folder / f".{place.name}{UNFINISHED}{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        clear(folder)
        workplace.mkdir()
        manifest, lost = _Making(store, what, workplace, now).made(sealed_before(folder, round_.id), correction, signer)
        sync(workplace)
        workplace.rename(place)
        sync_names(folder)
    except OSError as exc:
        if exc.errno in (errno.EEXIST, errno.ENOTEMPTY):  # somebody else was faster
            raise sealed_already(round_, place) from exc
        raise of_file(exc, place, "the round cannot be sealed") from exc
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
    return Sealed(folder=place, manifest=manifest, manifest_sha256=digest_of(manifest.to_json()), lost_evidence=lost)


def stamp(sealed: Sealed, server: str) -> None:
    """
    Get the time-stamp token of a sealed round and put it beside its manifest.

    Raises:
        TimestampAwayError: the server gives none.
        StoreError: it cannot be written.
    """
    token = stamped((sealed.folder / NAME).read_bytes(), server)
    fresh = sealed.folder.parent / f".{sealed.folder.name}{TOKEN_NAME}"
    try:
        write(fresh, token)
        fresh.rename(sealed.folder / TOKEN_NAME)
        sync_names(sealed.folder)
    except OSError as exc:
        raise of_file(exc, sealed.folder, "the time-stamp token cannot be written") from exc


class _Making:
    """Makes the package of one round in a folder of its own."""

    def __init__(self, store: Store, what: ToSeal, workplace: Path, now: datetime) -> None:
        self._store = store
        self._what = what
        self._round = what.round
        self._workplace = workplace
        self._now = now

    def made(
        self, previous: SealedBefore | None, correction: SealedCorrection | None, signer: Signer
    ) -> tuple[RoundManifest, int]:
        """Make it; return its manifest, and how many pieces of evidence are lost."""
        frozen = self._write_plan()
        records, chains, lost = self._write_records()
        assessed = self._assessed()
        lost += sum(not self._keep(one.evidence_sha256) for one in assessed)
        computing = RoundResults(
            self._store,
            self._round,
            frozen,
            now=self._now,
            simulated=self._what.simulated,
            left_out=self._what.left_out,
        )
        results = computing.file(records.profiles, self._what.seed)
        counts = records.counting.counts()
        if self._store.measurements.count(self._round.id) != counts.done:
            raise StoreUnavailableError(
                f"round '{self._round.label}': measurements of it came while it was being sealed; seal it again"
            )
        self._write(ASSESSMENTS, canonical(_ASSESSMENTS.dump_python(assessed, mode="json")))
        self._write(RESULTS, results)
        self._write_others()
        manifest = RoundManifest(
            format=FORMAT,
            round_id=self._round.id,
            label=self._round.label,
            sealed_at=self._now,
            simulated=self._what.simulated,
            versions=versions(),
            counts=counts,
            chains=chains,
            evidence_root=evidence_root(chains, [one.evidence_sha256 for one in assessed]),
            profiles=tuple(sorted(records.profiles)),
            seed=self._what.seed,
            previous=previous,
            correction=correction,
            key=signer.public_key.text,
            files=tuple(_files(self._workplace)),
        )
        content = manifest.to_json()
        self._write(NAME, content)
        self._write(SIGNATURE_NAME, signer.sign(content, self._now, NAME).encode())
        return manifest, lost

    def _write_records(self) -> tuple[RecordsWriter, tuple[SealedChain, ...], int]:
        """Write what was measured; return what was counted on the way, the chains, and how many pieces of evidence are lost."""
        checkpoints = [one.told() for one in self._what.checkpoints]
        with RecordsWriter(self._workplace, self._round.id, self._round.planned, checkpoints) as records:
            lost = 0
            for piece in records.write(self._store.measurements.arrived_of_round(self._round.id)):
                lost += not self._keep(piece.sha256)
            return records, records.chains(), lost

    def _write_others(self) -> None:
        self._write(CHECKPOINTS, checkpoints_to_lines(self._what.checkpoints))
        self._write(README, resources("thuocdo.sealing").joinpath("readme.txt").read_bytes())
        for name, content in self._what.others:
            self._write(name, content)

    def _write_plan(self) -> Frozen:
        self._write(f"{PLAN}/{ROUND}", round_to_json(self._round))
        for name, content in self._what.frozen:
            self._write(f"{PLAN}/{name}", content)
        frozen = read_frozen(self._workplace / PLAN, self._round)
        changed = changed_since(frozen, self._round)
        if changed:
            raise ConfigurationError(
                f"round '{self._round.label}': {', '.join(changed)} changed since it began; put the files back as they were, "
                "then seal it"
            )
        return frozen

    def _assessed(self) -> list[Assessment]:
        return [
            one
            for one in self._store.assessments.all()
            if one.round_id == self._round.id and one.entered_at <= self._now
        ]

    def _keep(self, sha256: str) -> bool:
        """Copy a piece of evidence into the package, where that is asked for; return whether it is there."""
        if self._what.evidence is None:
            return True
        found = self._what.evidence.path(sha256)
        if found is None:
            return False
        place = self._workplace / EVIDENCE / sha256[:2] / sha256[2:]
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, place)
        return True

    def _write(self, name: str, content: bytes) -> None:
        file = self._workplace / name
        if not file.resolve().is_relative_to(self._workplace.resolve()) or file.exists():
            raise ConfigurationError(
                f"'{name}' cannot be a file of the package: it leads out of it, or is there already"
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        write(file, content)


def _refuse_seed(what: ToSeal) -> None:
    """Refuse a seed that is not the one the round committed to, and its lack."""
    committed = what.round.settings.get(COMMITMENT)
    if committed is None and what.seed is None:
        return
    if committed is None:
        raise ConfigurationError(
            f"round '{what.round.label}' committed to no seed when it began; seal it without one: a seed of today proves nothing"
        )
    if what.seed is None:
        raise ConfigurationError(
            f"round '{what.round.label}' committed to a seed when it began; reveal it to seal the round"
        )
    if commitment_of(what.seed, what.round.id) != committed:
        raise ConfigurationError(f"round '{what.round.label}' committed to another seed when it began; give that one")


def _files(folder: Path) -> list[SealedFile]:
    return [
        SealedFile(path=name, size_bytes=(folder / name).stat().st_size, sha256=digest_of_file(folder / name))
        for name in sorted(files_of(folder))
    ]
