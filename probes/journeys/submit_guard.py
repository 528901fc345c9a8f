"""
Nothing is ever submitted: what stands between a page and every way of sending something.

Three layers, each enough for an ordinary page: a control that could submit is never clicked (`refuses`); every request is decided
upon outside the page before it leaves (probes.chromium.request_gate), where nothing goes that the journey does not lead to; and a
script that runs before the page's own takes away submit(), beacons, sockets and popups (submit_guard.js), so that most of what
would be stopped is never tried. Popups are made impossible by the browser's own --block-new-web-contents.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from playwright.async_api import Locator

from probes.chromium.playwright_page import PlaywrightPage

SUBMIT_WORDS = (
    "nộp hồ sơ",
    "nộp đơn",
    "nộp tờ khai",
    "nộp phí",
    "gửi",
    "hoàn tất",
    "hoàn thành",
    "xác nhận",
    "thanh toán",
    "ký số",
    "submit",
    "send",
    "confirm",
    "finish",
    "pay",
)
"""Words on controls that send something. A link with an address of its own may carry them: following it only reads."""

_SUBMIT_WORDS = re.compile(rf"(?<!\w)({'|'.join(SUBMIT_WORDS)})(?!\w)", re.IGNORECASE)
_SCRIPT = f"({(files('probes.journeys') / 'submit_guard.js').read_text(encoding='utf-8').strip()})({json.dumps(SUBMIT_WORDS)});"


def sounds_like_submit(label: str) -> bool:
    """Return whether a control with this label would, by its words, send something."""
    return _SUBMIT_WORDS.search(" ".join(unicodedata.normalize("NFC", label).split())) is not None


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
        await self._opened.page.context.add_init_script(_SCRIPT)

    async def refuses(self, control: Locator) -> bool:
        """Return whether activating this control could submit something; then it must not be clicked."""
        return bool(await control.evaluate("element => window.thuocdoRefuses(element)"))

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
