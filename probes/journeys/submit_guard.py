"""
Nothing is ever submitted: what stands between a page and every way of sending something.

Three layers, each enough for an ordinary page: a control that could submit is never clicked (`refuses`); every request is decided
upon outside the page before it leaves (probes.chromium.page_gate), where nothing goes that the journey does not lead to; and a
script that runs before the page's own takes away submit(), beacons, sockets and popups (submit_guard.js), so that most of what
would be stopped is never tried. Popups are made impossible by the browser's own --block-new-web-contents.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from playwright.async_api import Locator

from probes import forbidden_acts
from probes.chromium.playwright_page import PlaywrightPage

_SCRIPT = f"({(files('probes.journeys') / 'submit_guard.js').read_text(encoding='utf-8').strip()})({forbidden_acts.script()});"


class SubmitGuard:
    """
    Guards one page, and all frames in it, from its first navigation to its end.

    Args:
        opened: in a fresh context that has not been anywhere.

    clicked_at: the last real click, milliseconds of the page's clock.
    """

    def __init__(self, opened: PlaywrightPage) -> None:
        self._opened = opened
        self.clicked_at: float | None = None

    async def arm(self) -> None:
        """Set the script layer up; must be awaited before the first navigation."""
        session = self._opened.session
        session.on("Runtime.bindingCalled", self._hear)
        await session.send("Runtime.enable")
        await session.send("Runtime.addBinding", {"name": "thuocdoTell"})
        await self._opened.add_script(_SCRIPT)

    async def refuses(self, control: Locator, *, going: bool = False) -> bool:
        """
        Return whether activating this control could send or change something; then it must not be pressed.

        going: a journey means it, which may press what leads on to a form (probes.forbidden_acts).
        """
        return bool(await control.evaluate("(element, going) => window.thuocdoRefuses(element, going)", going))

    async def address_of(self, control: Locator) -> str:
        """
        Return where a control leads that may not be pressed because it sends its form, empty = it is more than a link.

        Of a form that asks for nothing and gets an address, that address is all there is to sending it; it can be opened.
        """
        return str(await control.evaluate("(element) => window.thuocdoOpens(element)"))

    def _hear(self, event: Mapping[str, Any]) -> None:
        if event["name"] != "thuocdoTell":
            return
        try:
            message = json.loads(event["payload"])
            if "stopped" in message:
                self._opened.gate.stopped.append(str(message["stopped"]))
            elif "clicked" in message:
                self.clicked_at = float(message["clicked"])
        except (ValueError, TypeError):
            return  # the page itself called the binding; it may say what it likes
