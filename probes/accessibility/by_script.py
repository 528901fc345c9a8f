"""
Names and roles that scripts give without an attribute: axe-core reads attributes, people's software what the browser says.

ElementInternals gives a custom element its role and name, `ariaLabelledByElements` hands over elements; both stand in the
browser's own tree for assistive technology. That is asked about such elements before axe-core runs, and it is told. A page
without any costs one look. What such an element lacks is not missed: axe-core chooses what it tests by attributes.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from playwright.async_api import Error

from probes.accessibility.scripts import script
from probes.accessibility.world import IsolatedWorld, WorldError

MOST_ELEMENTS = 100
"""Of a frame; each takes 1 to 2 ms."""

_NOTHING = frozenset({"generic", "none", "presentation"})
_GIVEN = frozenset({"attribute", "relatedElement"})
"""Where a name comes from that axe-core would not find by itself; what stands in an element it reads."""


async def tell_axe(world: IsolatedWorld) -> None:
    """Let axe-core read what scripts have given the elements of all frames."""
    for frame in world.frames:
        with suppress(Error, WorldError):  # the frame is gone, and axe-core reads what is left as it stands
            numbers = await world.ask(script("by_script.js"), MOST_ELEMENTS, frame=frame)
            told = [given(number, await world.accessible(number, frame=frame)) for number in numbers]
            if told:
                await world.ask(script("by_script_told.js"), told, frame=frame)


def given(number: int, nodes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what the browser's tree adds to an element's attributes: {kept, role, name}, "" = nothing."""
    node = nodes[0] if nodes and not nodes[0].get("ignored") else {}
    role = str(node.get("role", {}).get("value", ""))
    name = node.get("name", {})
    sources = (one for one in name.get("sources", ()) if not one.get("superseded") and one.get("value"))
    is_given = next((one.get("type") in _GIVEN for one in sources), False)
    return {
        "kept": number,
        "role": "" if role in _NOTHING else role,
        "name": str(name.get("value", "")) if is_given else "",
    }
