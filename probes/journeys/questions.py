"""
What a page asks in dialogs of the browser's own while a journey is under way: it is answered with "no".

Playwright dismisses them by itself; here it is only heard that there was one, so that a form which does not come after a "no" of
ours is not called the portal's fault.
"""

import time
from collections.abc import Mapping
from typing import Any

from probes.chromium.cdp import CdpSession

ASKING = frozenset({"confirm", "prompt"})
"""An alert wants no answer, and a page that asks whether it may be left is left."""


class Questions:
    """Hears of the questions of one page. session: of it, its Page domain enabled."""

    def __init__(self, session: CdpSession) -> None:
        self._asked: list[tuple[float, str]] = []
        session.on("Page.javascriptDialogOpening", self._note)

    def __len__(self) -> int:
        """Return how many there were."""
        return len(self._asked)

    def since(self, instant: float) -> bool:
        """Tell whether one was asked after an instant, seconds of time.monotonic()."""
        return any(at >= instant for at, _ in self._asked)

    def told(self) -> str:
        """Return what is to be said of them, for people; nothing where there was none."""
        kinds = ", ".join(dict.fromkeys(f"{kind}()" for _, kind in self._asked))
        return f"; the page asked by {kinds} and was answered no" if kinds else ""

    def _note(self, event: Mapping[str, Any]) -> None:
        if event.get("type") in ASKING:
            self._asked.append((time.monotonic(), event["type"]))
