"""
Chromium's DevTools protocol, as much of it as a timed visit needs.

Both Playwright's CDP sessions and our own light ones answer to `Session`, so that what watches a page does not care who drives it.
"""

from collections.abc import Callable
from typing import Any, Protocol


class Session(Protocol):
    """One attached target: commands go, events come. Source: chromedevtools.github.io/devtools-protocol."""

    async def send(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a command and return its result; raises Error of Playwright where the target refuses or is gone."""
        ...

    def on(self, event: str, f: Callable[[dict[str, Any]], Any]) -> Any:
        """Call `f` with the parameters of every such event from now on."""
        ...
