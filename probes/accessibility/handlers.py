"""What a control listens to: the events that scripts handle on it or on what it stands in."""

from typing import Any

from playwright.async_api import Error

from probes.accessibility.stage import ActContext

_ABOVE = "function () { return this.parentNode ?? this.host ?? null; }"
MOST_LEVELS = 40


async def handlers_of(stage: ActContext, number: int) -> tuple[frozenset[str], frozenset[str]]:
    """
    Return the types of event ("click", "keydown") that are listened to.

    Returns:
        What is handled on a kept element or on what it stands in, below the document; and what is handled anywhere, the document
        included. The window is left out, where our own guard listens.

    """
    session = stage.session
    element = await _in_the_pages_world(stage, number)
    near: set[str] = set()
    types: set[str] = set()
    for _ in range(MOST_LEVELS):
        if "objectId" not in element:
            break
        try:
            found = await session.send("DOMDebugger.getEventListeners", {"objectId": element["objectId"]})
            above = await session.send(
                "Runtime.callFunctionOn", {"objectId": element["objectId"], "functionDeclaration": _ABOVE}
            )
        except Error:
            break
        types = {one["type"] for one in found["listeners"]}
        element = above["result"]
        if "objectId" in element:
            near |= types
    return frozenset(near), frozenset(near | types)


async def _in_the_pages_world(stage: ActContext, number: int) -> dict[str, Any]:
    """Return a kept element as the page's own scripts have it: listeners are told for one world only."""
    kept = {"contextId": stage.world.context, "expression": f"thuocdo.kept({int(number)})"}
    ours = (await stage.session.send("Runtime.evaluate", kept))["result"]
    node = (await stage.session.send("DOM.describeNode", {"objectId": ours["objectId"]}))["node"]
    theirs = await stage.session.send("DOM.resolveNode", {"backendNodeId": node["backendNodeId"]})
    return dict(theirs["object"])
