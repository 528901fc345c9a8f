"""
Nothing is ever submitted: what stands between a page and every way of sending something.

Three layers, each enough for an ordinary page: a control that could submit is never clicked (`refuses`); a script that runs
before the page's own takes away submit(), beacons, sockets and popups (submit_guard.js); and every request that is not
GET, HEAD or OPTIONS is aborted in the browser before it leaves, unless the journey names its path as needed to open the form.

Requests are held over CDP `Fetch`, limited to the resource types that can carry a body: Playwright's `page.route` holds all of
them (+40 % CPU, +76 % load time). Frames of other sites may live in processes of their own; each is held at birth
until its requests are watched too. Popups are made impossible by the browser's own --block-new-web-contents.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from importlib.resources import files
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import CDPSession, Error, Locator, Page

from probes import forbidden_acts

READING = frozenset({"GET", "HEAD", "OPTIONS"})
RESOURCE_TYPES = ("Document", "XHR", "Fetch", "Ping", "Other", "CSPViolationReport")
_AWAITED = frozenset({"Document", "XHR", "Fetch"})
"""Of these, a page may need the answer to go on."""

_SCRIPT = f"({(files('probes.journeys') / 'submit_guard.js').read_text(encoding='utf-8').strip()})({forbidden_acts.script()});"
_FETCH = {"patterns": [{"urlPattern": "*", "resourceType": name} for name in RESOURCE_TYPES]}
_ATTACH = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": False}

Send = Callable[[str, dict[str, Any]], Awaitable[Any]]


class SubmitGuard:
    """
    Guards one page, and all frames in it, from its first navigation to its end.

    Args:
        page: in a fresh context that has not been anywhere.
        allowed_posts: globs of paths that may be asked with another method than GET, because the form does not open without.
        may_visit: asked for every address the page itself goes to; False = robots.txt forbids it.

    stopped: what was stopped, in order. let_through: what was asked with another method than GET because the journey names it.
    held_back: those of `stopped` whose answer the page may need to go on, as (time.monotonic(), URL). clicked_at: the last real
    click, milliseconds of the page's clock.
    """

    def __init__(
        self,
        page: Page,
        *,
        allowed_posts: Sequence[str] = (),
        may_visit: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        self._page = page
        self._allowed_posts = tuple(allowed_posts)
        self._may_visit = may_visit
        self._main_frame = ""
        self._form_targets: set[str] = set()
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self.stopped: list[str] = []
        self.let_through: list[str] = []
        self.held_back: list[tuple[float, str]] = []
        self.clicked_at: float | None = None

    async def arm(self) -> CDPSession:
        """Set all layers up; must be awaited before the first navigation. Returns the session, for others to listen on."""
        session = await self._page.context.new_cdp_session(self._page)
        session.on("Fetch.requestPaused", lambda event: self._spawn(self._judge(event, session.send)))
        session.on("Page.frameRequestedNavigation", self._note_form)
        session.on("Runtime.bindingCalled", self._hear)
        session.on("Target.attachedToTarget", lambda event: self._spawn(self._attach(event, session)))
        session.on("Target.receivedMessageFromTarget", lambda event: self._receive(event, session))
        await session.send("Runtime.enable")
        await session.send("Runtime.addBinding", {"name": "thuocdoTell"})
        await session.send("Page.enable")
        self._main_frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        await session.send("Target.setAutoAttach", _ATTACH)
        await session.send("Fetch.enable", _FETCH)
        await self._page.context.add_init_script(_SCRIPT)
        return session

    async def refuses(self, control: Locator, *, going: bool = False) -> bool:
        """
        Return whether activating this control could send or change something; then it must not be pressed.

        going: a journey means it, which may press what leads on to a form (probes.forbidden_acts).
        """
        return bool(await control.evaluate("(element, going) => window.thuocdoRefuses(element, going)", going))

    def _allows(self, url: str, method: str) -> bool:
        if method in READING:
            return url not in self._form_targets
        return any(fnmatchcase(urlsplit(url).path, pattern) for pattern in self._allowed_posts)

    async def _judge(self, event: Mapping[str, Any], send: Send) -> None:
        """Let a held request go, or abort it. When in doubt it stays held, which sends nothing."""
        request, identity = event["request"], {"requestId": event["requestId"]}
        allowed = self._allows(request["url"], request["method"])
        if not allowed:
            self.stopped.append(f"{request['method']} {urlsplit(request['url']).path}")
            if event["resourceType"] in _AWAITED:
                self.held_back.append((time.monotonic(), request["url"]))
        elif request["method"] not in READING:
            self.let_through.append(f"{request['method']} {urlsplit(request['url']).path}")
        elif self._may_visit and event["resourceType"] == "Document" and event["frameId"] == self._main_frame:
            allowed = await self._may_visit(request["url"])
        with suppress(Error):  # the page is gone, and its requests with it
            if allowed:
                await send("Fetch.continueRequest", identity)
            else:
                # "Aborted" leaves the page where it is; "BlockedByClient" would put an error page in its place.
                await send("Fetch.failRequest", {**identity, "errorReason": "Aborted"})

    def _note_form(self, event: Mapping[str, Any]) -> None:
        # A GET form looks like any other navigation once it is a request; the renderer says beforehand what it is.
        if event["reason"] == "formSubmissionGet":
            self._form_targets.add(event["url"])

    def _hear(self, event: Mapping[str, Any]) -> None:
        if event["name"] != "thuocdoTell":
            return
        try:
            message = json.loads(event["payload"])
            if "stopped" in message:
                self.stopped.append(str(message["stopped"]))
            elif "clicked" in message:
                self.clicked_at = float(message["clicked"])
        except (ValueError, TypeError):
            return  # the page itself called the binding; it may say what it likes

    async def _attach(self, event: Mapping[str, Any], session: CDPSession) -> None:
        child = event["sessionId"]
        if event["targetInfo"]["type"] == "iframe":
            await self._tell_child(session, child, "Fetch.enable", _FETCH)
            await self._tell_child(session, child, "Page.enable", {})
            await self._tell_child(session, child, "Target.setAutoAttach", _ATTACH)
        # Workers need no watching of their own: their requests are held with their page's.
        await self._tell_child(session, child, "Runtime.runIfWaitingForDebugger", {})

    async def _tell_child(self, session: CDPSession, child: str, method: str, parameters: dict[str, Any]) -> None:
        message = json.dumps({"id": next(self._numbers), "method": method, "params": parameters})
        with suppress(Error):
            await session.send("Target.sendMessageToTarget", {"sessionId": child, "message": message})

    def _receive(self, event: Mapping[str, Any], session: CDPSession) -> None:
        message = json.loads(event["message"])
        if message.get("method") == "Fetch.requestPaused":

            async def send(method: str, parameters: dict[str, Any]) -> None:
                await self._tell_child(session, event["sessionId"], method, parameters)

            self._spawn(self._judge(message["params"], send))
        elif message.get("method") == "Page.frameRequestedNavigation":
            self._note_form(message["params"])

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
