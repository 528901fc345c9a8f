"""docs/imports.md: which room imports which, floor by floor, as the code stands."""

from collections.abc import Mapping, Set
from graphlib import TopologicalSorter

import grimp

PACKAGES = ("thuocdo", "schedules", "probes", "exporters", "dashboards")
_HEAD = """\
# Who imports whom

Written by `make golden` from the imports themselves, those for types included. A floor imports only what stands below it:
were there an arrow back up, or a circle, this page could not be written.

| floor | room | imports |
|---|---|---|
"""


def imports_page() -> str:
    """
    Return the page.

    Raises:
        CycleError: rooms import each other in a circle.
    """
    rooms = imported_rooms()
    floors = floors_of(rooms)
    lines = [
        f"| {floor} | `{room}` | {', '.join(f'`{one}`' for one in sorted(rooms[room]))} |\n"
        for room, floor in sorted(floors.items(), key=lambda each: (-each[1], each[0]))
    ]
    return _HEAD + "".join(lines)


def imported_rooms() -> Mapping[str, Set[str]]:
    """Return the rooms that each room imports; a room is a package of its own, or one of thuocdo."""
    graph = grimp.build_graph(*PACKAGES)
    found: dict[str, set[str]] = {}
    for module in graph.modules:
        rooms = found.setdefault(_room(module), set())
        rooms.update(_room(imported) for imported in graph.find_modules_directly_imported_by(module))
    found.pop("thuocdo", None)  # the package itself holds nothing
    return {room: imported - {room} for room, imported in found.items()}


def floors_of(rooms: Mapping[str, Set[str]]) -> Mapping[str, int]:
    """Return the floor of each room: one above the highest that it imports, the ground is 0."""
    floors: dict[str, int] = {}
    for room in TopologicalSorter(rooms).static_order():
        floors[room] = 1 + max((floors[one] for one in rooms.get(room, ())), default=-1)
    return floors


def _room(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "thuocdo" else parts[0]
