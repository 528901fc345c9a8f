"""
Frames that a page's own scripts cannot look into: of another origin, sandboxed; and roots that only the browser knows.

Each is asked in its own world; whether a person can get at its fields through the frames around it is asked in those. It costs
some milliseconds a look, and nothing where a page has no such frame.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from playwright.async_api import Error

from probes.chromium.cdp import CdpSession

_ASK = """(asked) => {
  const form = window.thuocdoForm;
  if (!form || parent === window || frameElement) return null;
  if (asked.scan) form.declared();
  return form("", asked);
}"""
_THROUGH = """function (list, proving, frame) {
  if (frame && !this.matches(frame)) return [];
  return window.thuocdoForm ? window.thuocdoForm.passing(this, list, proving) : [];
}"""
_ADOPT = "function () { window.thuocdoForm?.adopt(this); }"
_OURS = "thuocdo"
_MOST_ROOTS = 200


class StrangeFrames:
    """Knows the world of every frame of one page. session: of the page, its Runtime domain enabled."""

    def __init__(self, session: CdpSession) -> None:
        self._session = session
        self._worlds: dict[int, str] = {}

    def watch(self) -> None:
        """Hear of worlds from now on."""
        self._session.on("Runtime.executionContextCreated", self._note)
        self._session.on(
            "Runtime.executionContextDestroyed", lambda event: self._worlds.pop(event["executionContextId"], None)
        )
        self._session.on("Runtime.executionContextsCleared", lambda _: self._worlds.clear())

    async def reports(self, *, frame: str, asked: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """
        Return what the frames say of their forms, as the page's own script does, those with fields only.

        Args:
            frame: CSS selector of the frame in the page that is meant; empty = any.
            asked: of each frame's script.

        """
        found = []
        for world, identity in list(self._worlds.items()):
            with suppress(Error):  # it is on its way to another document
                told = await self._evaluate(world, _ASK, asked)
                if told is None or not (told["list"] or told["barred"] or told["spoilt"] or told["closed"]):
                    continue
                passed = await self._through(identity, told["list"], proving=bool(asked.get("proving")), selector=frame)
                barred = told["barred"] + len(told["list"]) - len(passed)
                found.append({**told, "list": passed, "barred": barred, "fields": len(passed),
                              "required": sum(one["required"] for one in passed)})  # fmt: skip
        return found

    async def everywhere(self, function: str, until: Callable[[Sequence[Any]], bool] | None = None) -> Sequence[Any]:
        """
        Call a function of no arguments in every document; returns what those answer that are not on their way elsewhere.

        until: of what they have answered so far, tells whether no other is asked.
        """
        found: list[Any] = []
        for world in list(self._worlds):
            if until and until(found):
                break
            with suppress(Error):
                found.append(await self._evaluate(world, function))
        return found

    async def adopt_closed_roots(self) -> None:
        """Show the scripts in the page the closed shadow roots that documents declare, which scripts do not get to see."""
        with suppress(Error):
            try:
                document = await self._session.send("DOM.getDocument", {"depth": -1, "pierce": True})
                for node in _closed_roots(document["root"])[:_MOST_ROOTS]:
                    await self._call(await self._resolve({"backendNodeId": node}), _ADOPT)
            finally:
                await self._session.send("Runtime.releaseObjectGroup", {"objectGroup": _OURS})
                await self._session.send("DOM.disable")

    async def _through(
        self, identity: str, fields: Sequence[Any], *, proving: bool, selector: str
    ) -> Sequence[Mapping[str, Any]]:
        """Return those of a frame's fields that can be got at through all frames around it."""
        parents = _parents((await self._session.send("Page.getFrameTree"))["frameTree"])
        try:
            while fields and (parent := parents.get(identity)):
                owner = await self._session.send("DOM.getFrameOwner", {"frameId": identity})
                world = next(world for world, frame in self._worlds.items() if frame == parent)
                element = await self._resolve(
                    {"backendNodeId": owner["backendNodeId"], "executionContextId": world},
                )
                meant = selector if parent not in parents else ""
                fields = await self._call(element, _THROUGH, fields, proving, meant)
                identity = parent
        except StopIteration:
            return []
        finally:
            await self._session.send("Runtime.releaseObjectGroup", {"objectGroup": _OURS})
        return fields

    async def _resolve(self, node: Mapping[str, Any]) -> str:
        told = await self._session.send("DOM.resolveNode", {**node, "objectGroup": _OURS})
        return str(told["object"]["objectId"])

    async def _call(self, element: str, function: str, *arguments: object) -> Any:
        told = await self._session.send(
            "Runtime.callFunctionOn",
            {
                "objectId": element,
                "functionDeclaration": function,
                "arguments": [{"value": one} for one in arguments],
                "returnByValue": True,
            },
        )
        return _value(told)

    async def _evaluate(self, world: int, function: str, asked: object = None) -> Any:
        expression = f"({function})({json.dumps(asked)})"
        return _value(
            await self._session.send(
                "Runtime.evaluate",
                {"expression": expression, "contextId": world, "returnByValue": True, "awaitPromise": True},
            )
        )

    def _note(self, event: Mapping[str, Any]) -> None:
        about = event["context"].get("auxData", {})
        if about.get("isDefault") and "frameId" in about:
            self._worlds[event["context"]["id"]] = about["frameId"]


def _value(told: Mapping[str, Any]) -> Any:
    if "exceptionDetails" in told:
        raise Error(f"it threw: {told['exceptionDetails'].get('text', '')}")
    return told["result"].get("value")


def _parents(tree: Mapping[str, Any]) -> dict[str, str]:
    """Return the frame around each frame, by id; the page's own has none."""
    found: dict[str, str] = {}
    for child in tree.get("childFrames", ()):
        found[child["frame"]["id"]] = tree["frame"]["id"]
        found |= _parents(child)
    return found


def _closed_roots(node: Mapping[str, Any]) -> list[int]:
    """Return the closed shadow roots in a document and the documents of its frames, as backend node ids."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if one.get("shadowRootType") == "closed":
            found.append(one["backendNodeId"])
        waiting += [*one.get("children", ()), *one.get("shadowRoots", ())]
        if "contentDocument" in one:
            waiting.append(one["contentDocument"])
    return found
