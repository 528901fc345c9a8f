"""
Dashboards here against those on a server that is not provisioned by file.

With every push a digest of what was sent goes into the dashboard's history as the message of that save. A dashboard whose newest
save has no such message was last saved by a person: it is not overwritten unless somebody insists.
"""

import difflib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from dashboards.board import Json
from dashboards.edition import editions
from dashboards.files import boards, written
from dashboards.provisioning import FOLDERS
from dashboards.server import Found, Server

MESSAGE = "thuocdo grafana push "


class BoardState(StrEnum):
    """
    How a dashboard on the server stands to ours.

    missing: it has none. same: nothing to do. changed: it has an older one of ours. edited: a person saved it last.
    provisioned: it comes from a file on the server, and differs.
    """

    MISSING = "missing"
    SAME = "same"
    CHANGED = "changed"
    EDITED = "edited"
    PROVISIONED = "provisioned"


REFUSED = (BoardState.EDITED, BoardState.PROVISIONED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One dashboard of ours beside the server's. folder: language of its folder."""

    board: Json
    language: str
    found: Found | None
    state: BoardState

    @property
    def uid(self) -> str:
        """Of the dashboard."""
        return str(self.board["uid"])

    def difference(self) -> Iterator[str]:
        """Yield the lines of a unified diff from the server's JSON to ours."""
        there = written(self.found.board).splitlines() if self.found else []
        ours = written(self.board).splitlines()
        yield from difflib.unified_diff(there, ours, f"server/{self.uid}", f"thuocdo/{self.uid}", lineterm="", n=2)


def compare(server: Server, site_url: str) -> Iterator[Compared]:
    """Yield every dashboard of every language beside the server's."""
    for edition in editions(site_url):
        for board in boards(edition):
            found = server.find(str(board["uid"]))
            yield Compared(board=board, language=edition.language, found=found, state=_state(board, found))


def _state(board: Json, found: Found | None) -> BoardState:
    if found is None:
        return BoardState.MISSING
    # A newer Grafana may keep dashboards in another form than it was given: then the message of the save tells.
    if found.board == board or found.message == _message(board):
        return BoardState.SAME
    if found.provisioned:
        return BoardState.PROVISIONED
    return BoardState.CHANGED if found.message.startswith(MESSAGE) else BoardState.EDITED


def push(server: Server, compared: Iterable[Compared], *, force: bool) -> Iterator[tuple[Compared, bool]]:
    """
    Save what is missing or changed.

    Args:
        server: to save on.
        compared: what `compare` found.
        force: whether to overwrite what a person saved, too; what comes from files on the server cannot be.

    Yields:
        every dashboard that was not the same, and whether it was saved.

    """
    for one in compared:
        if one.state is BoardState.SAME:
            continue
        saved = one.state not in REFUSED or (force and one.state is BoardState.EDITED)
        if saved:
            folder_uid = f"thuocdo-{one.language}"
            server.ensure_folder(folder_uid, FOLDERS[one.language])
            version = one.found.version if one.found else None
            server.save(one.board, folder_uid=folder_uid, message=_message(one.board), over_version=version)
        yield one, saved


def _message(board: Json) -> str:
    return MESSAGE + hashlib.sha256(written(board).encode()).hexdigest()[:16]
