"""Takes up figures that agencies brought: over HTTP, where they wait as receipts, and as files in a folder."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from thuocdo.core import clock
from thuocdo.core.bounded import read_bounded
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, ThuocdoError
from thuocdo.core.retelling import retold
from thuocdo.core.stopping import Stop
from thuocdo.core.writing import write_whole
from thuocdo.store import Store

if TYPE_CHECKING:
    from thuocdo.declared.gathering import Declaring

EVERY_SECONDS = 5.0
"""Between two looks; a look at an empty folder costs nothing."""

QUIET_SECONDS = 10.0
"""A file in the folder is read when nobody has written to it for so long."""

ENTERED_BY_FOLDER = "thư mục"
"""Who brought a file that somebody laid into the folder; nobody else is known."""

log = structlog.get_logger(__name__)


class TakingIn:
    """
    Takes up what waits.

    Args:
        settings: of this process.
        store: open.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._waiting = settings.intake_dir / "waiting"
        self._drop = settings.intake_dir / "drop"

    def once(self, now: datetime) -> int:
        """
        Take up what waits, and return how many files were taken.

        Raises:
            ConfigurationError: registry or files of goals have mistakes; everything waits.
            StoreError: the store cannot be written; the same.
            OSError: the disk takes nothing; the same, and nothing is taken twice.
        """
        dropped = self._dropped(now)
        if not dropped and not any(self._waiting.glob("*.json")):
            return 0
        from thuocdo.declared.gathering import Declaring  # spreadsheets and documents take a while to import
        from thuocdo.declared.intake import Intake, ReceiptState
        from thuocdo.declared.taking import take

        declaring, intake, taken = Declaring(self._settings), Intake(self._settings.intake_dir), 0
        waiting = intake.waiting()
        for receipt, brought in waiting:
            try:
                found = take(brought, declaring.agency(receipt.agency_id))
            except ConfigurationError as exc:
                intake.close(receipt, ReceiptState.REFUSED, problems=exc.problems)
                log.warning(
                    "figures that were accepted do not fit any more", agency=receipt.agency_id, problem=exc.problems[0]
                )
                continue
            is_new = self._store.declared.add(found.file)
            intake.close(receipt, ReceiptState.TAKEN if is_new else ReceiptState.KNOWN, rows=len(found.file.rows))
            taken += is_new
        if waiting:
            intake.forget(now)  # receipts become more by what comes in alone, so they are looked through with it
        return taken + sum(self._take(path, declaring, now) for path in dropped)

    def _dropped(self, now: datetime) -> list[Path]:
        """Return the files that lie in the folders of agencies and that nobody writes any more."""
        found = []
        for path in sorted(self._drop.glob("*/*")):
            if not path.is_symlink() and path.is_file() and not path.name.startswith((".", "~$")):
                if path.suffix == ".txt" or now.timestamp() - path.stat().st_mtime < QUIET_SECONDS:
                    continue
                found.append(path)
        return found

    def _take(self, path: Path, declaring: "Declaring", now: datetime) -> bool:
        from thuocdo.declared.grid import MOST_BYTES
        from thuocdo.declared.taking import Brought, take

        agency_id = path.parent.name
        try:
            content = read_bounded(path, MOST_BYTES)
            brought = Brought(name=path.name, content=content, entered_by=ENTERED_BY_FOLDER, received_at=now)
            found = take(brought, declaring.agency(agency_id))
        except OSError as exc:
            log.warning(
                "a file of figures cannot be read; mend its rights, or take it away", file=str(path), cause=str(exc)
            )
            return False
        except ConfigurationError as exc:
            _move(path, "refused", [retold(self._settings.lang, one) for one in exc.problems])
            log.warning("a file of figures was refused; why stands beside it", file=str(path), problem=exc.problems[0])
            return False
        is_new = self._store.declared.add(found.file)
        _move(path, "taken")
        return is_new


async def take_in(taking: TakingIn, stop: Stop) -> None:
    """Take up what agencies brought, every few seconds; trouble is told once while it is the same, and tried again."""
    told = ""
    while not stop.is_set():
        try:
            taken = await asyncio.to_thread(taking.once, clock.now())
        except (ThuocdoError, OSError) as exc:
            if told != (told := str(exc)):
                log.error("figures that agencies brought wait; they are taken up once this is mended", cause=told)  # noqa: TRY400
        except Exception:  # whatever a file holds, the store is kept within its limits
            log.exception("figures that agencies brought were not taken up; please report it")
        else:
            told = ""
            if taken:
                log.info("figures that agencies brought were taken up", files=taken)
        await stop.sleep(EVERY_SECONDS)


def _move(path: Path, where: str, problems: Sequence[str] = ()) -> None:
    """Move a file below its folder, beside a text that says what is wrong with it; a name that is there gets a number."""
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    number, new = 1, folder / path.name
    while new.exists():
        number += 1
        new = folder / f"{path.stem}-{number}{path.suffix}"
    if problems:
        write_whole(new.with_name(f"{new.name}.txt"), "\n".join([*problems, ""]).encode())
    path.replace(new)
