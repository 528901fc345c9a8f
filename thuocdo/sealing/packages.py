"""The folder in which the packages of sealed rounds lie: which there are, and where the next one belongs."""

from dataclasses import dataclass
from pathlib import Path

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Round
from thuocdo.core.shapes import good_id
from thuocdo.sealing.manifest import (
    NAME,
    TOKEN_NAME,
    RoundManifest,
    SealedBefore,
    SealedCorrection,
    digest_of,
    read_round_manifest,
)

_CORRECTED = ".dinh-chinh-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A sealed round. folder: of its package. lost_evidence: pieces that are named and whose files are there no more."""

    folder: Path
    manifest: RoundManifest
    manifest_sha256: str
    lost_evidence: int = 0

    @property
    def is_stamped(self) -> bool:
        """Whether a time-stamp token lies beside its manifest."""
        return (self.folder / TOKEN_NAME).is_file()


def sealed_package(folder: Path, round_id: str) -> Sealed | None:
    """
    Return the newest package of a round in a folder, its corrections included; None = it is not sealed there.

    Raises:
        ConfigurationError: there is one whose manifest cannot be read.
    """
    newest: Sealed | None = None
    number = 0
    while (place := _place(folder, round_id, number)).exists():
        newest = _read(place)
        number += 1
    return newest


def place_of(round_: Round, cause: str, folder: Path) -> tuple[Path, SealedCorrection | None]:
    """
    Return where the package of a round belongs, and what it corrects.

    Args:
        round_: that is to be sealed.
        cause: of a correction; empty = it is sealed for the first time.
        folder: in which packages lie.

    Raises:
        ConfigurationError: it is sealed and there is no cause, or there is one and it is not.
    """
    try:
        good_id(round_.id.lower())
    except ValueError as exc:
        raise ConfigurationError(f"round '{round_.id}': {exc}; a package bears the round's id") from exc
    sealed = sealed_package(folder, round_.id)
    if sealed is None:
        if cause:
            raise ConfigurationError(f"round '{round_.label}' is not sealed in {folder}; seal it before you correct it")
        return _place(folder, round_.id, 0), None
    if not cause:
        raise sealed_already(round_, sealed.folder)
    number = sealed.manifest.correction.number + 1 if sealed.manifest.correction else 1
    corrected = SealedCorrection(number=number, cause=cause, manifest_sha256=sealed.manifest_sha256)
    return _place(folder, round_.id, number), corrected


def sealed_already(round_: Round, place: Path) -> ConfigurationError:
    """Return the error of a second sealing."""
    return ConfigurationError(
        f"round '{round_.label}' is sealed already ({place}), and stays as it is; what is wrong with it is put right by a "
        "correction with its cause"
    )


def sealed_before(folder: Path, round_id: str) -> SealedBefore | None:
    """
    Return the round that was sealed last in a folder, other than this one.

    Raises:
        ConfigurationError: the manifest of one cannot be read.
    """
    found = [_read(file.parent) for file in sorted(folder.glob(f"*/{NAME}")) if not file.parent.name.startswith(".")]
    others = [one for one in found if one.manifest.round_id != round_id]
    last = max(others, key=lambda one: one.manifest.sealed_at, default=None)
    return SealedBefore(round_id=last.manifest.round_id, manifest_sha256=last.manifest_sha256) if last else None


def _place(folder: Path, round_id: str, number: int) -> Path:
    return folder / (f"{round_id}{_CORRECTED}{number}" if number else round_id)


def _read(place: Path) -> Sealed:
    try:
        content = (place / NAME).read_bytes()
        return Sealed(folder=place, manifest=read_round_manifest(content), manifest_sha256=digest_of(content))
    except OSError as exc:
        raise ConfigurationError(
            f"{place / NAME}: cannot be read ({exc.strerror}); put the package back from a copy"
        ) from exc
    except ValueError as exc:
        raise ConfigurationError(f"{place / NAME}: {exc}; put the package back from a copy") from exc
