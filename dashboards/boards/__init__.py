"""The boards: one module each, with a function `board` that makes it in one language."""

from collections.abc import Callable

from dashboards.board import Board
from dashboards.boards import (
    accessibility,
    agency,
    incidents,
    overview,
    prober,
    ranking,
    target,
    vantages,
)
from dashboards.edition import Edition

BOARDS: tuple[Callable[[Edition], Board], ...] = (
    overview.board,
    agency.board,
    target.board,
    ranking.board,
    incidents.board,
    accessibility.board,
    vantages.board,
    prober.board,
)
"""Every board, the one to start from first."""
