"""The dashboards as files: what `thuocdo grafana write` puts into dashboards/, and what `push` sends."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dashboards.board import Json, board_json
from dashboards.boards import BOARDS
from dashboards.edition import Edition, editions


def boards(edition: Edition) -> Iterator[Json]:
    """Yield the JSON of every board of an edition."""
    for make in BOARDS:
        yield board_json(make(edition), edition)


def written(board: Mapping[str, Any]) -> str:
    """Return a dashboard's JSON as text, in an order that does not change."""
    return json.dumps(board, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def dashboard_files(site_url: str) -> Iterator[tuple[str, str]]:
    """Yield (path below the folder, text) of every dashboard in every language."""
    for edition in editions(site_url):
        for board in boards(edition):
            yield f"{edition.language}/{board['uid']}.json", written(board)
