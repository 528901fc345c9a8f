"""
The way in for figures that come over HTTP: laid down durably by the web process, taken up by the one that keeps the store.

Pages never write to the store; a file that was accepted lies on the disk before its sender hears so, and waits there for however
long the store is away. A receipt is the digest of what was brought, so that sending twice is the same as once.
"""

import base64
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from thuocdo.core.clock import iso
from thuocdo.core.writing import write_whole
from thuocdo.declared.taking import Brought

MOST_WAITING = 500
"""Files; a machine whose store is away for so long is looked at by somebody."""

KEPT_DAYS = 400
"""Receipts; figures themselves stay in the store."""

_RECEIPT_LETTERS = 40


class ReceiptState(StrEnum):
    """What became of a file that was accepted."""

    WAITING = "waiting"
    TAKEN = "taken"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """
    What an agency can ask for later.

    id: hexadecimal. rows: so many were taken. problems: why it was refused after all, because units or goals have changed.
    """

    id: str
    agency_id: str
    name: str
    received_at: datetime
    state: ReceiptState
    rows: int = 0
    problems: tuple[str, ...] = ()


class Intake:
    """
    The folder of what was accepted; its receipts stay.

    Args:
        folder: `intake` of the data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._waiting = folder / "waiting"
        self._done = folder / "done"

    def accept(self, brought: Brought, agency_id: str, rows: int) -> tuple[Receipt, bool]:
        """
        Lay a file down, so that it outlives this machine's next crash; True: it was not there before.

        Raises:
            OSError: the disk takes nothing; nothing of it stays.
            BlockingIOError: too many wait already.
        """
        name = receipt_id(brought, agency_id)
        if found := self.receipt(name):
            return found, False
        self._waiting.mkdir(parents=True, exist_ok=True)
        if sum(1 for _ in self._waiting.glob("*.json")) >= MOST_WAITING:
            raise BlockingIOError
        document = {
            "agency_id": agency_id,
            "name": brought.name,
            "entered_by": brought.entered_by,
            "received_at": iso(brought.received_at),
            "sheet": brought.sheet,
            "period": brought.period,
            "rows": rows,
            "content": base64.b64encode(brought.content).decode(),
        }
        _write_durably(self._waiting / f"{name}.json", document)
        return _receipt(name, document, ReceiptState.WAITING), True

    def receipt(self, name: str) -> Receipt | None:
        """Return a receipt; None where there is none of that id."""
        if len(name) != _RECEIPT_LETTERS or not set(name) <= set("0123456789abcdef"):
            return None
        for folder in (self._done, self._waiting, self._done):  # it may move while one looks
            document = _read(folder / f"{name}.json")
            if document is not None:
                return _receipt(name, document, ReceiptState(document.get("state", "waiting")))
        return None

    def waiting(self) -> list[tuple[Receipt, Brought]]:
        """Return what waits, in the order in which it came."""
        found = []
        for path in self._waiting.glob("*.json"):
            document = _read(path)
            if document is not None:
                brought = Brought(
                    name=document["name"],
                    content=base64.b64decode(document["content"]),
                    entered_by=document["entered_by"],
                    received_at=datetime.fromisoformat(document["received_at"]),
                    sheet=document["sheet"],
                    period=document["period"],
                )
                found.append((_receipt(path.stem, document, ReceiptState.WAITING), brought))
        return sorted(found, key=lambda one: (one[0].received_at, one[0].id))

    def close(self, receipt: Receipt, state: ReceiptState, rows: int = 0, problems: Sequence[str] = ()) -> None:
        """
        Note what became of a file, then let go of it; done twice it is the same.

        Raises:
            OSError: the disk takes nothing; the file waits.
        """
        self._done.mkdir(parents=True, exist_ok=True)
        document = {
            "agency_id": receipt.agency_id,
            "name": receipt.name,
            "received_at": iso(receipt.received_at),
            "state": state.value,
            "rows": rows,
            "problems": list(problems),
        }
        _write_durably(self._done / f"{receipt.id}.json", document)
        (self._waiting / f"{receipt.id}.json").unlink(missing_ok=True)

    def forget(self, now: datetime) -> int:
        """Let go of receipts that are too old; return how many went."""
        old = [
            path for path in self._done.glob("*.json") if (now.timestamp() - path.stat().st_mtime) > KEPT_DAYS * 86_400
        ]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def receipt_id(brought: Brought, agency_id: str) -> str:
    """Return the id of what is brought: the same bytes for the same period have the same one."""
    told = hashlib.sha256(f"{agency_id}\0{brought.sheet}\0{brought.period}\0".encode())
    told.update(brought.content)
    return told.hexdigest()[:_RECEIPT_LETTERS]


def _receipt(name: str, document: dict[str, Any], state: ReceiptState) -> Receipt:
    return Receipt(
        id=name,
        agency_id=document["agency_id"],
        name=document["name"],
        received_at=datetime.fromisoformat(document["received_at"]),
        state=state,
        rows=document.get("rows", 0),
        problems=tuple(document.get("problems", ())),
    )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):  # gone meanwhile, or spoilt by a disk: the others are taken all the same
        return None
    return found


def _write_durably(path: Path, document: dict[str, Any]) -> None:
    """Write a file whole, and make sure that file and name are on the disk."""
    write_whole(path, json.dumps(document, ensure_ascii=False).encode())
    for one in (path, path.parent):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
