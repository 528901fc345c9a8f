"""
Verifies the package of a sealed round, on a machine that has nothing but this program: no network, store, registry or settings.

It never stops at the first thing that is wrong: what was done to a package is best seen by all that it broke.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.x509 import Certificate
from pydantic import TypeAdapter, ValidationError

from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError, SealedPackageError, StoreError, StoreUnavailableError, ThuocdoError
from thuocdo.core.model import Assessment, Round
from thuocdo.core.profiles import PROFILES
from thuocdo.rounds.documents import OBJECTIONS
from thuocdo.sealing.container import opened
from thuocdo.sealing.findings import Findings, Tampering, Verified
from thuocdo.sealing.frozen import COMMITMENT, PLAN, ROUND, Frozen, changed_since, read_frozen, round_from_json
from thuocdo.sealing.instants import InstantChecks, draw_in
from thuocdo.sealing.keys import PublicKey
from thuocdo.sealing.manifest import NAME, RoundManifest, digest_of, read_round_manifest, versions
from thuocdo.sealing.record_checks import RecordChecks, read_checkpoints
from thuocdo.sealing.results import RESULTS, RoundResults, commitment_of
from thuocdo.sealing.seal_checks import (
    MOST_WHOLE_BYTES,
    check_files,
    check_previous,
    check_signature,
    check_token,
    small_file,
)
from thuocdo.sealing.sealing import ASSESSMENTS
from thuocdo.store import Store

_ASSESSMENTS = TypeAdapter(list[Assessment])
_WHY = {
    "registry_digest": "the registry is not the one that the round froze when it began: other agencies or targets are ranked",
    "criteria_digest": "the criteria set is not the one that the round froze when it began: other rules were put in its place",
    "schedule_digest": "the schedule is not the one that the round froze when it began",
}
_WHERE = {
    "registry_digest": f"{PLAN}/registry",
    "criteria_digest": f"{PLAN}/criteria",
    "schedule_digest": f"{PLAN}/schedule.yaml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """
    What whoever verifies got elsewhere than from the package.

    keys: public keys of those who seal. roots: certificates that time-stamp servers lead to. previous: the package of the round
    before, or of the one that is corrected; None = it is not compared.
    """

    keys: Sequence[PublicKey] = ()
    roots: Sequence[Certificate] = ()
    previous: Path | None = None


def verify(path: Path, trusted: Trusted) -> Verified:
    """
    Verify a package.

    Args:
        path: its folder, or its zip.
        trusted: see Trusted.

    Returns:
        What was found; nothing that a package holds raises an error.

    Raises:
        ConfigurationError: there is nothing at a path, or the disk has no room to open it.
        StoreError: this machine's disk fails.
    """
    try:
        with opened(path) as folder:
            return _Verifying(folder, trusted).run()
    except SealedPackageError as exc:
        findings = Findings()
        findings.report(Tampering.NO_PACKAGE, path.name, str(exc))
        return Verified(findings=findings.all())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    """What counts for a ranking of an objection."""

    agency_id: str
    leaves_out: bool


_DECISIONS = TypeAdapter(tuple[_Decision, ...])


class _Verifying:
    """One verification of an opened package."""

    def __init__(self, folder: Path, trusted: Trusted) -> None:
        self._folder = folder
        self._trusted = trusted
        self._findings = Findings()

    def run(self) -> Verified:
        """Check everything, in the order in which one thing rests on another."""
        found = self._manifest()
        if found is None:
            return Verified(findings=self._findings.all())
        content, manifest = found
        check_files(self._folder, manifest, self._findings)
        round_ = self._round(manifest)
        frozen = self._frozen(round_) if round_ else None
        listed = frozen.keys if frozen else ()
        signed = check_signature(self._folder, content, manifest, listed, self._trusted.keys, self._findings)
        stamp = check_token(self._folder, content, manifest, self._trusted.roots, self._findings)
        if self._trusted.previous:
            check_previous(manifest, _manifest_in(self._trusted.previous), self._findings)
        if round_:
            self._check_seed(manifest, round_)
        checkpoints = read_checkpoints(self._folder, manifest, listed, self._trusted.keys, self._findings)
        draw = draw_in(self._folder, round_, manifest.seed) if round_ and manifest.seed else None
        instants = InstantChecks(draw, self._findings) if draw else None
        seen = instants.seen if instants else lambda _: None
        checks = RecordChecks(self._folder, manifest, checkpoints, self._findings, seen)
        is_recomputed = self._measured(manifest, round_, frozen, checks)
        drawn_again = instants.run() if instants else None
        return Verified(
            findings=self._findings.all(),
            manifest=manifest,
            manifest_sha256=digest_of(content),
            signed=signed,
            stamp=stamp,
            records=checks.number,
            checkpoints=len(checkpoints),
            is_recomputed=is_recomputed,
            is_previous_compared=self._trusted.previous is not None,
            instants=drawn_again,
        )

    def _manifest(self) -> tuple[bytes, RoundManifest] | None:
        file = self._folder / NAME
        if not file.is_file():
            self._findings.report(
                Tampering.NO_PACKAGE,
                "",
                f"there is no {NAME} in it: this is no package of a sealed round, or its heart was taken out",
            )
            return None
        content = read_bounded(file, MOST_WHOLE_BYTES)
        try:
            return content, read_round_manifest(content)
        except ValueError as exc:
            self._findings.report(Tampering.NO_PACKAGE, NAME, str(exc))
            return None

    def _round(self, manifest: RoundManifest) -> Round | None:
        where = f"{PLAN}/{ROUND}"
        content = small_file(self._folder, where, self._findings)
        try:
            round_ = round_from_json(content) if content is not None else None
        except ValueError as exc:
            self._findings.report(Tampering.CHANGED_PLAN, where, str(exc))
            return None
        if round_ and round_.id != manifest.round_id:
            self._findings.report(
                Tampering.CHANGED_PLAN, where, f"tells of round '{round_.id}', and '{manifest.round_id}' was sealed"
            )
        return round_

    def _frozen(self, round_: Round) -> Frozen | None:
        try:
            frozen = read_frozen(self._folder / PLAN, round_)
        except ConfigurationError as exc:
            first = exc.problems[0].replace(f"{self._folder}/", "")
            self._findings.report(
                Tampering.CHANGED_PLAN, PLAN, f"cannot be read, so that nothing can be computed by it: {first}"
            )
            return None
        for name in changed_since(frozen, round_):
            self._findings.report(Tampering.CHANGED_PLAN, _WHERE[name], _WHY[name])
        return frozen

    def _check_seed(self, manifest: RoundManifest, round_: Round) -> None:
        committed = round_.settings.get(COMMITMENT)
        revealed = commitment_of(manifest.seed, manifest.round_id) if manifest.seed else None
        if committed == revealed:
            return
        self._findings.report(
            Tampering.OTHER_SEED,
            NAME,
            "the seed is not the one that the round committed to before it began: its instants or draws may have been chosen"
            if manifest.seed
            else "the round committed to a seed before it began, and it is not revealed",
        )

    def _measured(
        self, manifest: RoundManifest, round_: Round | None, frozen: Frozen | None, checks: RecordChecks
    ) -> bool:
        """Go through the records, compute the results again from them, and tell whether they are the same."""
        assessed = self._assessed()
        with TemporaryDirectory(prefix="thuocdo-verify-") as workplace, _store_in(workplace) as store:
            checks.run(store, [one.evidence_sha256 for one in assessed])
            if round_ is None or frozen is None or not self._can_recompute(manifest):
                return False
            try:
                store.rounds.begin(replace(round_, seed=manifest.seed or ""))
                for one in assessed:
                    store.assessments.save(one)
                computing = RoundResults(
                    store,
                    round_,
                    frozen,
                    now=manifest.sealed_at,
                    simulated=manifest.simulated,
                    left_out=self._left_out(),
                )
                computed = computing.file(manifest.profiles, manifest.seed)
            except StoreUnavailableError:
                raise
            except (ValueError, LookupError, ArithmeticError, TypeError, ThuocdoError) as exc:
                self._findings.report(
                    Tampering.NOT_RECOMPUTED,
                    RESULTS,
                    f"cannot be computed from these records ({type(exc).__name__}: {exc})",
                )
                return False
        return self._is_same(computed, manifest)

    def _assessed(self) -> list[Assessment]:
        content = small_file(self._folder, ASSESSMENTS, self._findings)
        try:
            return _ASSESSMENTS.validate_json(content) if content is not None else []
        except ValidationError as exc:
            self._findings.report(
                Tampering.CHANGED_FILE, ASSESSMENTS, f"tells no assessments any more ({exc.error_count()} mistakes)"
            )
            return []

    def _left_out(self) -> frozenset[str]:
        """Return the agencies that decisions on objections left without a rank; none where there are no objections."""
        if not (self._folder / OBJECTIONS).is_file():
            return frozenset()
        content = small_file(self._folder, OBJECTIONS, self._findings)
        try:
            found = _DECISIONS.validate_json(content or b"[]")
        except ValidationError as exc:
            self._findings.report(
                Tampering.CHANGED_FILE, OBJECTIONS, f"tells no objections any more ({exc.error_count()} mistakes)"
            )
            return frozenset()
        return frozenset(one.agency_id for one in found if one.leaves_out)

    def _can_recompute(self, manifest: RoundManifest) -> bool:
        own = versions()
        differing = [name for name in ("method", "times_method") if manifest.versions.get(name) != own[name]]
        unknown = [name for name in manifest.profiles if name not in PROFILES]
        if not differing and not unknown:
            return True
        sealed_by = manifest.versions.get("thuocdo", "?")
        self._findings.report(
            Tampering.NOT_RECOMPUTED,
            RESULTS,
            f"this program ({own['thuocdo']}) computes otherwise than that which sealed ({sealed_by}); verify with that version",
        )
        return False

    def _is_same(self, computed: bytes, manifest: RoundManifest) -> bool:
        content = small_file(self._folder, RESULTS, self._findings)
        if content is None:
            return False  # said already
        if content == computed:
            return True
        own = versions()
        others = [name for name in own if manifest.versions.get(name) != own[name]]
        text = f"these are not the results of these records by these rules: {difference(content, computed)}"
        if others:
            text += f" (versions differ: {', '.join(others)}; verify with those that the manifest names)"
        self._findings.report(Tampering.OTHER_RESULTS, RESULTS, text)
        return False


def difference(told: bytes, computed: bytes) -> str:
    """Return the first place in which two JSON documents differ, with both values."""
    try:
        where, first, second = next(_differences(json.loads(told), json.loads(computed), ""))
    except (ValueError, RecursionError, StopIteration):
        return "it is not written as results are"
    return f"{where or 'the whole'} is {_short(first)}, computed is {_short(second)}"


def _differences(told: Any, computed: Any, where: str) -> Any:
    if isinstance(told, dict) and isinstance(computed, dict):
        for name in sorted(told.keys() | computed.keys()):
            yield from _differences(told.get(name), computed.get(name), f"{where}.{name}".lstrip("."))
    elif isinstance(told, list) and isinstance(computed, list) and len(told) == len(computed):
        for number, (first, second) in enumerate(zip(told, computed, strict=True)):
            yield from _differences(first, second, f"{where}[{number}]")
    elif told != computed or type(told) is not type(computed):
        yield where, told, computed


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _manifest_in(path: Path) -> bytes:
    """Return the manifest of another package; raises ConfigurationError where there is none."""
    if path.name == NAME and path.is_file():
        return read_bounded(path, MOST_WHOLE_BYTES)
    try:
        with opened(path) as folder:
            return read_bounded(folder / NAME, MOST_WHOLE_BYTES)
    except (SealedPackageError, OSError) as exc:
        raise ConfigurationError(
            f"--previous {path}: no package of a sealed round; give its folder, zip or {NAME}"
        ) from exc


def _store_in(workplace: str) -> Store:
    """Return an empty store that goes with its folder."""
    try:
        return Store.open(f"sqlite:///{workplace}/thuocdo.sqlite")
    except StoreError as exc:
        raise StoreError(f"{exc}; or set TMPDIR to a larger disk") from exc
