"""
Puts a backup back: whole or not at all, whenever this is killed.

Everything is unpacked beside the data first, and held against its digests. A note says what is about to be done. Then the
database is replaced in one transaction, which leaves the note's name in it: so whoever comes after a crash knows whether that was
done, and either goes on with the folders, or takes away what was unpacked. Evidence and sealed packages are only ever added to.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import structlog

from thuocdo.agent.folder_lock import owned
from thuocdo.backup.making import (
    EVIDENCE,
    FILES,
    IDENTITY,
    KEYS,
    SEALED,
    SESSIONS,
    STORE,
    files_in_force,
    sync,
)
from thuocdo.backup.manifest import NAME, Manifest, read_manifest
from thuocdo.backup.package import BLOCK_BYTES, Hashing, members
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreError
from thuocdo.store import Store
from thuocdo.store.copies import NAMES, Copies, check
from thuocdo.store.evidence import TEMPORARY
from thuocdo.store.failures import of_file
from thuocdo.store.schema import SCHEMA_REVISION

NOTE = "restore.json"
"""In the data folder, as long as a restore is between its database and its folders."""

RESTORED = "restored"
"""Folder of the data folder that gets registry, criteria, journeys, schedule and maintenance: nothing in force is replaced."""

AGENT_ALIVE = timedelta(seconds=60)
LARGEST_MANIFEST_BYTES = 1 << 28

_STAGING = ".restore-"
_OLD = ".old"
_SWAPPED = (IDENTITY, SESSIONS, KEYS)

_KNOWN = (STORE, FILES, EVIDENCE, SEALED, *_SWAPPED)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back. files: where what people wrote lies now. differing: of these, what is not as in force."""

    manifest: Manifest
    files: Path
    differing: tuple[str, ...]


def check_backup(file: Path, workplace: Path) -> Manifest:
    """
    Look whether a backup could be put back; workplace: an empty folder, which is filled with what it holds.

    Raises:
        ConfigurationError: there is no such file.
        StoreError: it is not whole, spoilt, or newer than this program.
    """
    manifest = _unpacked(file, workplace)
    if manifest.schema_revision > SCHEMA_REVISION:
        raise StoreError(
            f"{file}: its tables have revision {manifest.schema_revision}, this program knows up to {SCHEMA_REVISION}; "
            f"it was made by version {manifest.version}: put it back with that one or a newer one"
        )
    if manifest.engine not in NAMES or not (workplace / STORE / NAMES[manifest.engine]).is_file():
        raise StoreError(f"{file}: no database is in it; use another backup")
    check(manifest.engine, workplace / STORE / NAMES[manifest.engine])
    return manifest


def put_back(settings: Settings, file: Path, now: datetime, *, force: bool = False) -> Restored:
    """
    Put a backup in the place of what is here.

    Args:
        settings: of the installation that it goes into.
        file: a backup.
        now: when this is.
        force: what is here may be replaced.

    Raises:
        ConfigurationError: something is here and must not be replaced; somebody is at work here; the other engine.
        StoreError: the backup is no good, or store or disk do not do it; everything is as it was.
    """
    with ExitStack() as stack:
        for what in ("run", "round"):
            stack.enter_context(owned(settings.data_dir, what))
        finish(settings)
        copies = Copies(settings.store_url)
        _refuse_odd_folders(settings.data_dir)
        if not force:
            _refuse_to_replace(settings, copies)
        _refuse_while_agents_work(copies, now)
        known = copies.revision()
        if copies.engine == "postgresql" and known is not None and known > SCHEMA_REVISION:
            raise ConfigurationError(
                f"{copies.name}: its tables have revision {known}, this program knows up to {SCHEMA_REVISION} and cannot clear "
                "them away; make an empty database and let store_url name it"
            )
        name = uuid4().hex
        staging = settings.data_dir / f"{_STAGING}{name}"
        try:
            staging.mkdir(mode=0o700)
            manifest = check_backup(file, staging)
            if manifest.engine != copies.engine:
                raise ConfigurationError(
                    f"{file}: it holds a store of {manifest.engine}, and store_url names one of {copies.engine}; set store_url "
                    "to one of the same kind"
                )
            _add_missing(staging / EVIDENCE, settings.evidence_dir)
            _add_missing(staging / SEALED, settings.sealed_dir)
            swapped = [IDENTITY, *([SESSIONS] if manifest.sessions else [])]
            swapped += [KEYS] if (staging / KEYS).is_dir() else []  # older backups hold none
            for part in swapped:  # an empty one is no folder in the backup, and replaces all the same
                (staging / part).mkdir(exist_ok=True)
            _synchronise(staging)
            _write_note(settings.data_dir, name, swapped)
            copies.copy_in(staging / STORE / NAMES[copies.engine], name)
        except OSError as exc:
            raise of_file(exc, settings.data_dir, "the backup cannot be put back") from exc
        finally:
            finish(settings)
        with Store.open(settings.store_url):  # brings an older one to the newest revision
            pass
        files = settings.data_dir / RESTORED
        return Restored(manifest=manifest, files=files, differing=tuple(_differing(settings, files)))


def finish(settings: Settings) -> None:
    """
    Go on with a restore that was killed, or take back what it had begun; without one, nothing.

    Whoever owns the folder as `run` or `round` may: a restore at work owns it as both.

    Raises:
        ConfigurationError: another process does so just now.
        StoreError: the store cannot say just now how far it had come.
    """
    folder = settings.data_dir
    if (folder / NOTE).is_file() or any(folder.glob(f"{_STAGING}*")):
        with owned(folder, "restore"):
            _finish(settings, folder)


def _finish(settings: Settings, folder: Path) -> None:
    note = folder / NOTE
    try:
        if note.is_file():
            told = json.loads(note.read_bytes())
            name, parts = str(told["restore"]), [part for part in _SWAPPED if part in told["parts"]]
            copies = Copies(settings.store_url)
            is_done = copies.is_put_back(name)
            if is_done:
                _swap(folder, folder / f"{_STAGING}{name}", (*parts, RESTORED))
            note.unlink()
            sync(folder)
            if is_done:
                copies.forget(name)
            log.info("a restore was finished" if is_done else "a restore had not come to the store; all is as before")
        for left in folder.glob(f"{_STAGING}*"):
            shutil.rmtree(left, ignore_errors=True)
    except OSError as exc:
        raise of_file(exc, folder, "a restore that was begun cannot be finished") from exc


def _unpacked(file: Path, staging: Path) -> Manifest:
    """Write what a backup holds into a folder; raises StoreError where it is not to the last byte what its manifest says."""
    found: dict[str, tuple[int, str]] = {}
    manifest: Manifest | None = None
    for name, content in members(file):
        if manifest is not None:
            raise StoreError(f"{file}: something comes after its manifest; use another backup")
        if name == NAME:
            try:
                manifest = read_manifest(content.read(LARGEST_MANIFEST_BYTES))
            except ValueError as exc:
                raise StoreError(f"{file}: {exc}") from exc
            continue
        if name in found or name.partition("/")[0] not in _KNOWN:
            raise StoreError(f"{file}: '{name}' is in it, which no backup holds; use another one")
        reader, place = Hashing(content), staging / name
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with place.open("xb") as out:
            shutil.copyfileobj(reader, out, BLOCK_BYTES)
        place.chmod(0o600)
        found[name] = reader.size_bytes, reader.sha256
    if manifest is None:
        raise StoreError(f"{file}: it was cut short; use another backup")
    promised = {entry.path: (entry.size_bytes, entry.sha256) for entry in manifest.files}
    wrong = sorted(name for name in found.keys() | promised.keys() if found.get(name) != promised.get(name))
    if wrong:
        raise StoreError(
            f"{file}: {len(wrong)} files are not what they were, among them '{wrong[0]}'; use another backup"
        )
    if (staging / FILES).is_dir():
        (staging / FILES).rename(staging / RESTORED)
    return manifest


def _refuse_to_replace(settings: Settings, copies: Copies) -> None:
    there = [copies.name] if not copies.is_empty() else []
    there += [str(settings.data_dir / part) for part in _SWAPPED if _holds(settings.data_dir / part)]
    if there:
        raise ConfigurationError(
            f"{', '.join(there)}: something is there, which a restore replaces; make a backup of it, then say --force"
        )


def _refuse_odd_folders(folder: Path) -> None:
    """Refuse folders that cannot change places with others in one step: links, and disks of their own."""
    for place in (folder / part for part in (*_SWAPPED, RESTORED)):
        if place.is_symlink() or place.is_mount():
            raise ConfigurationError(
                f"{place}: is a link or a disk of its own, so nothing can take its place; make it a plain folder of {folder}"
            )


def _refuse_while_agents_work(copies: Copies, now: datetime) -> None:
    alive = copies.agents_since(now - AGENT_ALIVE) if copies.engine == "postgresql" else []
    if alive:
        names = ", ".join(f"{agent} ({vantage})" for vantage, agent in alive)
        raise ConfigurationError(
            f"{copies.name}: agents write into it, or did a moment ago: {names}; stop them, wait a minute, and try again"
        )


def _add_missing(staged: Path, place: Path) -> None:
    """Move what is not there yet: evidence is named by the digest of its content, and a sealed package is never changed."""
    for path in sorted(staged.rglob("*")):
        if path.is_file():
            target = place / path.relative_to(staged)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                _move(path, target)


def _move(path: Path, target: Path) -> None:
    """Move a file, which appears whole, onto another disk too."""
    try:
        path.replace(target)
    except OSError as exc:
        if exc.errno != errno.EXDEV:
            raise
        fresh = target.with_name(f"{TEMPORARY}{target.name}")
        shutil.copyfile(path, fresh)
        fresh.replace(target)


def _write_note(folder: Path, name: str, parts: Sequence[str]) -> None:
    fresh = folder / f"{_STAGING}{name}" / NOTE
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"restore": name, "parts": list(parts)}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / NOTE)
    sync(folder)


def _swap(folder: Path, staging: Path, parts: Sequence[str]) -> None:
    """Put unpacked folders in their places; what stood there goes with the rest of the staging folder."""
    for part in parts:
        staged, place = staging / part, folder / part
        if not staged.exists():
            continue  # done before the crash
        if place.exists():
            place.rename(staging / f"{part}{_OLD}-{uuid4().hex}")
        staged.rename(place)
    sync(folder)


def _synchronise(folder: Path) -> None:
    """Have all files below a folder on the disk, so that none is empty after the power failed."""
    for base, _, names in os.walk(folder):
        for name in names:
            with (Path(base) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync(Path(base))


def _holds(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _differing(settings: Settings, files: Path) -> Iterator[str]:
    """Yield the names of what people wrote that is not as in force: changed, only in the backup, or only here."""
    in_force = dict(files_in_force(settings))
    backed_up = {path.relative_to(files).as_posix(): path for path in files.rglob("*") if path.is_file()}
    for name in sorted(in_force.keys() | backed_up.keys()):
        one, other = in_force.get(name), backed_up.get(name)
        if one is None or other is None or one.read_bytes() != other.read_bytes():
            yield name
