"""Is our own line up? Asked only when a probe failed in a way that a broken line would explain as well."""

import asyncio
import time
from collections.abc import Sequence

from probes.net.client import FetchOptions, HttpClient
from probes.net.fault import ExchangeError
from probes.net.stopwatch import Stopwatch

TIMEOUT_SECONDS = 4.0
KEEP_SECONDS = 5.0
_WISH = FetchOptions(kept_bytes=0, most_bytes=None, gated=False)  # the head is enough, and nothing is measured


class Connectivity:
    """
    Judges the line of this vantage point by its reference pages.

    Args:
        reference_urls: pages of unrelated, well-kept services; without any the line is taken as up.

    """

    def __init__(self, client: HttpClient, reference_urls: Sequence[str]) -> None:
        self._client = client
        self._urls = tuple(reference_urls)
        self._lock = asyncio.Lock()
        self._known_until = 0.0
        self._up = True

    async def is_up(self) -> bool:
        """Return whether any reference page answers at all, whatever its status; an answer is kept for a few seconds."""
        if not self._urls:
            return True
        async with self._lock:
            if time.monotonic() >= self._known_until:
                self._up = any(await asyncio.gather(*(self._answers(url) for url in self._urls)))
                self._known_until = time.monotonic() + KEEP_SECONDS
            return self._up

    async def _answers(self, url: str) -> bool:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await self._client.get(url, _WISH, Stopwatch(), until=time.monotonic() + TIMEOUT_SECONDS)
        except (ExchangeError, TimeoutError):
            return False
        return True
