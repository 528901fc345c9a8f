"""Frames that a page cannot look into, and roots that only the browser shows."""

from typing import Any

from playwright.async_api import Error

from probes.journeys.strange_frames import StrangeFrames, _closed_roots, _parents

TREE = {
    "frame": {"id": "main"},
    "childFrames": [{"frame": {"id": "a"}, "childFrames": [{"frame": {"id": "b"}}]}, {"frame": {"id": "c"}}],
}
FIELD = {"required": True, "at": None}


class Session:
    """Answers as Chromium would where frame `a` holds two fields, of which the page lets through one; `c` is on its way."""

    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {}

    def on(self, event: str, f: Any) -> None:
        self.handlers[event] = f

    async def send(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        asked = params or {}
        if method == "Runtime.evaluate":
            if asked["contextId"] == 3:
                raise Error("Cannot find context")
            told = {"list": [FIELD, FIELD], "barred": 1, "spoilt": 0} if asked["contextId"] == 2 else None
            return {"result": {"value": told}}
        if method == "DOM.resolveNode":
            assert asked["executionContextId"] == 1
            return {"object": {"objectId": "o"}}
        if method == "Runtime.callFunctionOn":
            return {"result": {"value": asked["arguments"][0]["value"][:1]}}
        return {"frameTree": TREE} if method == "Page.getFrameTree" else {"backendNodeId": 5}


async def test_a_strange_frames_fields_count_as_far_as_the_frames_around_let_them() -> None:
    session = Session()
    frames = StrangeFrames(session)
    frames.watch()
    for number, frame in ((1, "main"), (2, "a"), (3, "c")):
        about = {"isDefault": True, "frameId": frame}
        session.handlers["Runtime.executionContextCreated"]({"context": {"id": number, "auxData": about}})
    (report,) = await frames.reports(frame="", asked={"proving": False})
    assert (report["fields"], report["required"], report["barred"]) == (1, 1, 2)
    session.handlers["Runtime.executionContextDestroyed"]({"executionContextId": 2})
    assert await frames.reports(frame="", asked={}) == []


def test_the_frame_around_each_frame_is_known() -> None:
    assert _parents(TREE) == {"a": "main", "b": "a", "c": "main"}


def test_closed_roots_are_found_in_roots_and_frames() -> None:
    inner = {"shadowRootType": "closed", "backendNodeId": 3, "children": []}
    document = {
        "children": [
            {"shadowRoots": [{"shadowRootType": "open", "backendNodeId": 1, "children": [{"shadowRoots": [inner]}]}]},
            {"contentDocument": {"children": [{"shadowRoots": [{"shadowRootType": "closed", "backendNodeId": 2}]}]}},
        ]
    }
    assert sorted(_closed_roots(document)) == [2, 3]
