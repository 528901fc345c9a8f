"""The files that a round is measured and ranked by, as they were when it began: gathered once, laid out where needed."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import RoundFile
from thuocdo.core.portals.files import COMMUNES

REGISTRY, CRITERIA, SCHEDULE, PLAN = "registry", "criteria", "schedule.yaml", "plan.yaml"
"""What they are called in a round's own folder."""


def frozen_files(registry_dir: Path, criteria_dir: Path, schedule: Path, plan: Path | None = None) -> list[RoundFile]:
    """
    Return the files in force, by path.

    Raises:
        ConfigurationError: one cannot be read.
    """
    named = {
        **_named(REGISTRY, registry_dir),
        **_named(f"{REGISTRY}/{COMMUNES}", registry_dir / COMMUNES),
        **_named(CRITERIA, criteria_dir),
        SCHEDULE: schedule,
        **({PLAN: plan} if plan else {}),
    }
    try:
        return [RoundFile(path=path, body=file.read_bytes()) for path, file in sorted(named.items())]
    except OSError as exc:
        raise ConfigurationError(f"{exc.filename}: cannot be read: {exc.strerror}") from exc


def files_digest(files: Iterable[RoundFile]) -> str:
    """Return the SHA-256 of some files: of a line `<SHA-256 of the file>  <path>` for each, by path, as sha256sum writes them."""
    lines = (f"{hashlib.sha256(one.body).hexdigest()}  {one.path}\n" for one in sorted(files, key=lambda one: one.path))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@contextmanager
def laid_out(files: Sequence[RoundFile]) -> Iterator[Path]:
    """
    Give a folder that holds some files for a while.

    Raises:
        ConfigurationError: a path leads out of the folder, or the disk takes no more.
    """
    with ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thuocdo-round-")))
            for one in files:
                path = folder / _within(one.path)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(one.body)
        except OSError as exc:
            where = tempfile.gettempdir()
            raise ConfigurationError(f"{where}: the files of the round cannot be laid out ({exc.strerror})") from exc
        yield folder


def file_of(files: Iterable[RoundFile], path: str) -> RoundFile | None:
    """Return one of some files by its path, None where it is not there."""
    return next((one for one in files if one.path == path), None)


def _named(name: str, folder: Path) -> dict[str, Path]:
    return {f"{name}/{file.name}": file for file in folder.glob("*.yaml")}


def _within(path: str) -> PurePosixPath:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\\" in path:
        raise ConfigurationError(f"'{path}' is no path within a round's folder")
    return pure
