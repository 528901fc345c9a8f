"""Generated files and those that lie there: write what differs, or only say so."""

from collections.abc import Mapping
from pathlib import Path

from thuocdo.cli.context import CliContext
from thuocdo.cli.export import write as write_file
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.portals import read_registry


def known_owners(registry_dir: Path) -> frozenset[str]:
    """Return everybody who owns a registered target, now or ever: whom a file of owners may name."""
    registry = read_registry(registry_dir).at(None)
    return frozenset(target.owner for target in registry.targets.values())


def put(context: CliContext, out: Path, files: Mapping[str, str], *, check: bool) -> int:
    """
    Write the files that are not as they should be, or with `check` only name them.

    Args:
        context: of the command.
        out: folder.
        files: path below it -> text.
        check: whether to write nothing.

    Returns:
        the exit code: 1 where files differ and stay so.

    Raises:
        ConfigurationError: a file cannot be read or written.

    """
    different = [name for name, text in files.items() if _content(out / name) != text]
    for name in different:
        path = out / name
        if check:
            context.console.print(context.translate("differs: {path}").format(path=path), soft_wrap=True)
        else:
            _make_folder(path.parent)
            write_file(str(path), [files[name]])
            context.console.print(context.translate("written: {path}").format(path=path), soft_wrap=True)
    return int(check and bool(different))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ConfigurationError(f"--out: {folder} cannot be made ({exc.strerror}); choose another folder") from exc


def _content(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ConfigurationError(f"--out: {path} cannot be read ({exc.strerror}); choose another folder") from exc
