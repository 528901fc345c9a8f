"""
A world of our own in the page and its own frames, where we look at the document and the page's scripts cannot reach us.

There the page's own scripts cannot break us (patched prototypes, a loader that swallows modules, an axe of their own), and no
content-security policy applies. axe-core, stage.js and the list of what is never pressed (`thuocdo.acts`) stand in it. Third
parties' frames are left alone: they are not the agency's to mend.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Self

from playwright.async_api import Error

from probes import forbidden_acts
from probes.accessibility.scripts import script
from probes.chromium.cdp import CdpSession

MOST_FRAMES = 20
"""Frames that are looked into; a page with more has the rest left out, which its attributes say."""

_NAME = "thuocdo-stage"  # not the collector's (probes.chromium.navigation)
_INHERITED_ORIGIN = "://"  # Chromium's way to say about:blank and srcdoc, which belong to their parent


class WorldError(Exception):
    """A script of ours threw; caught where acts and engine are played."""


class IsolatedWorld:
    """
    Our world in one document. It goes with its document: after a navigation open another.

    frames: ids of the main frame and of the frames under it that belong to the same origin, the main frame first, at most
    MOST_FRAMES. left_out: number of own frames beyond them.
    """

    def __init__(self, session: CdpSession, contexts: Mapping[str, int], left_out: int = 0) -> None:
        self._session = session
        self._contexts = contexts
        self.left_out = left_out

    @classmethod
    async def open(cls, session: CdpSession) -> Self:
        """
        Make our world in the own frames of the page.

        Raises:
            WorldError, Error: the main document took none; a frame that goes away meanwhile is left out.

        """
        tree = (await session.send("Page.getFrameTree"))["frameTree"]
        own = list(_own_frames(tree, tree["frame"]["securityOrigin"]))
        contexts: dict[str, int] = {}
        for frame in own[:MOST_FRAMES]:
            try:
                contexts[frame] = await cls._enter(session, frame)
            except (Error, WorldError):
                if frame == own[0]:
                    raise
        return cls(session, contexts, left_out=len(own) - len(contexts))

    @classmethod
    async def _enter(cls, session: CdpSession, frame: str) -> int:
        made = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": _NAME})
        context = int(made["executionContextId"])
        await _evaluate(
            session, context, f"{_axe_source()};{_stage_script()};thuocdo.acts = {forbidden_acts.script()};''"
        )
        return context

    @property
    def frames(self) -> tuple[str, ...]:
        """Ids of the frames, the main one first."""
        return tuple(self._contexts)

    @property
    def context(self) -> int:
        """The browser's number of our world in the main frame."""
        return self._contexts[self.frames[0]]

    async def ask(self, function: str, argument: object = None, *, frame: str | None = None) -> Any:
        """
        Call a function in our world.

        Args:
            function: source of a JavaScript function of one argument, may be async; what it returns must be JSON.
            argument: JSON. frame: one of `frames`; None = the main frame.

        Raises:
            WorldError: it threw.
            Error: Playwright's, where the page is lost or went elsewhere.

        """
        call = f"(async () => JSON.stringify(await ({function})({json.dumps(argument)})) ?? 'null')()"
        return json.loads(await _evaluate(self._session, self._contexts[frame or self.frames[0]], call))

    async def accessible(self, number: int, *, frame: str) -> Sequence[Mapping[str, Any]]:
        """
        Return what the browser tells assistive technology of an element that is kept in our world (stage.js).

        Raises:
            Error: Playwright's, where the page is lost or went elsewhere.

        """
        expression = f"thuocdo.kept({number})"
        found = await self._session.send(
            "Runtime.evaluate", {"contextId": self._contexts[frame], "expression": expression}
        )
        element = found["result"].get("objectId")
        if element is None:
            return ()
        told = await self._session.send(
            "Accessibility.getPartialAXTree", {"objectId": element, "fetchRelatives": False}
        )
        nodes: Sequence[Mapping[str, Any]] = told["nodes"]
        return nodes


async def _evaluate(session: CdpSession, context: int, expression: str) -> str:
    answer = await session.send(
        "Runtime.evaluate",
        {"contextId": context, "expression": expression, "awaitPromise": True, "returnByValue": True},
    )
    if "exceptionDetails" in answer:
        details = answer["exceptionDetails"]
        raise WorldError(str(details.get("exception", {}).get("description", details["text"])).splitlines()[0])
    return str(answer["result"]["value"])


def _own_frames(tree: Mapping[str, Any], origin: str) -> Iterator[str]:
    if tree["frame"]["securityOrigin"] not in (origin, _INHERITED_ORIGIN):
        return
    yield tree["frame"]["id"]
    for child in tree.get("childFrames", ()):
        yield from _own_frames(child, origin)


@cache
def _axe_source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@cache
def _stage_script() -> str:
    return ";".join(script(name).strip() for name in ("stage.js", "positions.js"))
