"""
Where measurements are kept: one SQLite file, or PostgreSQL; evidence lies beside it as files.

What survives: on SQLite (WAL, synchronous=NORMAL) everything committed survives kill -9 of any process; loss of power may take
the last commits but never harms the file. On PostgreSQL the server's own settings decide.
"""

from thuocdo.store.query import MeasurementQuery
from thuocdo.store.rollup_reading import Runs, Sources
from thuocdo.store.runs import Ending, RunGroup, block_floor, block_of
from thuocdo.store.schema import instant_of
from thuocdo.store.store import Store

__all__ = [
    "Ending",
    "MeasurementQuery",
    "RunGroup",
    "Runs",
    "Sources",
    "Store",
    "block_floor",
    "block_of",
    "instant_of",
]
