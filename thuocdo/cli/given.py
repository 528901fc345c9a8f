"""What people give to commands: lines of text, files to write."""

from pathlib import Path

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.shapes import good_line
from thuocdo.core.writing import write_whole


def filled_line(option: str, text: str) -> str:
    """Return one line of plain text; raises ConfigurationError for an empty one, or for what is none."""
    try:
        line = good_line(text.strip())
    except ValueError as exc:
        raise ConfigurationError(f"{option}: {exc}") from exc
    if not line:
        raise ConfigurationError(f"{option}: is empty; say it in a few words")
    return line


def refuse_to_replace(out: Path) -> None:
    """Refuse a file that is there: nothing is overwritten that a person may have filled in."""
    if out.exists():
        raise ConfigurationError(f"--out: {out} is there already; give another name")


def write_new(out: Path, content: bytes, *, is_secret: bool = False) -> None:
    """Write a file of `--out`, which must not be there; is_secret: for its owner alone."""
    refuse_to_replace(out)
    try:
        write_whole(out, content)
        if is_secret:
            out.chmod(0o600)
    except OSError as exc:
        raise ConfigurationError(f"--out: {out} cannot be written ({exc}); check the folder and its rights") from exc
