"""Is our own line up? Asked only when a probe failed in a way that a broken line would explain as well."""

import asyncio
import time
from collections.abc import Sequence

import aiohttp

from probes.net.client import HttpClient

TIMEOUT_SECONDS = 4.0
KEEP_SECONDS = 5.0


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
            async with asyncio.timeout(TIMEOUT_SECONDS), self._client.session.get(url, allow_redirects=False):
                return True
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False
