"""Mistakes in what people wrote, as they are told outside of this machine."""

from collections.abc import Sequence
from pathlib import Path

from thuocdo.core.config import Settings

MOST_MISTAKES = 100


def without_folders(problems: Sequence[str], settings: Settings) -> list[str]:
    """Return mistakes by their files' names alone: where those stand on this machine is not for everybody."""
    folders = {
        settings.registry_dir, settings.criteria_dir, settings.journeys_dir, settings.sessions_dir, settings.data_dir,
    }  # fmt: skip
    files = (settings.schedule, settings.maintenance, settings.owners, settings.hosts_file, settings.ca_file)
    folders |= {file.parent for file in files if file}
    folders -= {Path(), Path("/")}
    shown = list(problems)[:MOST_MISTAKES]
    more = len(problems) - len(shown)
    for folder in sorted(map(str, folders), key=len, reverse=True):
        shown = [problem.replace(f"{folder}/", "").replace(folder, Path(folder).name) for problem in shown]
    return [*shown, *([f"… and {more} more; `thuocdo config check` tells all"] if more else [])]
