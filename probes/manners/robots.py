"""
robots.txt: asked once per origin and day, respected unless the target has a mandate that exempts it.

A robots.txt that is missing or refused (4xx) allows everything (RFC 9309, 2.3.1.3). One that cannot be fetched because the
portal is down does not stop the probe: that the portal is down is what the probe is there to see.
"""

import asyncio
import time
from urllib.parse import urlsplit

import aiohttp
from protego import Protego

from probes.net.client import HttpClient
from thuocdo.model import Target

TIMEOUT_SECONDS = 5.0
LARGEST_BYTES = 512 * 1024  # RFC 9309, 2.5: a parser reads at least 500 KiB
KEEP_SECONDS = 24 * 3600.0  # RFC 9309, 2.4
KEEP_AFTER_FAULT_SECONDS = 600.0
PRODUCT_TOKEN = "ThuocDo"  # noqa: S105 - the name that robots.txt groups may use for us


class Robots:
    """Answers whether a target may be fetched."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._rules: dict[str, tuple[float, Protego | None]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def allows(self, target: Target) -> bool:
        """Return whether robots.txt of the target's origin lets us fetch the target's address."""
        if target.mandate is not None and target.mandate.robots_exempt:
            return True
        parts = urlsplit(target.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._locks.setdefault(origin, asyncio.Lock()):
            expires_at, rules = self._rules.get(origin, (0.0, None))
            if time.monotonic() >= expires_at:
                rules, keep_seconds = await self._fetch(origin)
                self._rules[origin] = (time.monotonic() + keep_seconds, rules)
        return rules is None or bool(rules.can_fetch(target.url, PRODUCT_TOKEN))

    async def _fetch(self, origin: str) -> tuple[Protego | None, float]:
        try:
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                self._client.session.get(f"{origin}/robots.txt", headers={"Accept-Encoding": "identity"}) as answer,
            ):
                if answer.status >= 500:
                    return None, KEEP_AFTER_FAULT_SECONDS
                if answer.status != 200:
                    return None, KEEP_SECONDS
                text = (await answer.content.read(LARGEST_BYTES)).decode("utf-8", errors="replace")
        except (aiohttp.ClientError, OSError, TimeoutError):
            return None, KEEP_AFTER_FAULT_SECONDS
        return Protego.parse(text), KEEP_SECONDS
