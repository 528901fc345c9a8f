"""
robots.txt: asked once per origin and day, respected unless the target has a mandate that exempts it.

A robots.txt that is missing or refused (4xx) allows everything (RFC 9309, 2.3.1.3). One that cannot be fetched because the
portal is down does not stop the probe: that the portal is down is what the probe is there to see.

Rules are read and asked in a thread: half a megabyte of them takes two seconds (measured), in pieces that leave turns to others.
Groups that mean other robots are made one before: Protego keeps each rule once for each robot that a group names, so that half a
megabyte of names and rules would fill all memory.
"""

import asyncio
import re
import time
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

import structlog
from protego import Protego

from probes.charset import decoded
from probes.net.addresses import reach_of
from probes.net.client import FetchOptions, HttpClient
from probes.net.coding import unpacked
from probes.net.fault import ExchangeError
from thuocdo.core.model import Target

TIMEOUT_SECONDS = 5.0
LARGEST_BYTES = 512 * 1024  # RFC 9309, 2.5: a parser reads at least 500 KiB
KEEP_SECONDS = 24 * 3600.0  # RFC 9309, 2.4
KEEP_AFTER_FAULT_SECONDS = 600.0
PRODUCT_TOKEN = "ThuocDo"  # noqa: S105 - the name that robots.txt groups may use for us

_GROUP = re.compile(r"\s*user(?:-|\s*+)agent(?:\s*+:|\s)([^#]*)", re.IGNORECASE)
_ANOTHER = "User-agent: another"

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class _Origin:
    """What one robots.txt said. rules: None = all is allowed. verdicts: by address, since matching costs more than asking."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    expires_at: float = 0.0
    rules: Protego | None = None
    verdicts: dict[str, bool] = field(default_factory=dict)


class Robots:
    """Answers whether a target may be fetched."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._origins: dict[str, _Origin] = {}

    async def allows(self, target: Target) -> bool:
        """Return whether robots.txt of the target's origin lets us fetch the target's address."""
        if target.mandate is not None and target.mandate.robots_exempt:
            return True
        address = _origin(target.url)
        origin = self._origins.get(address)
        if origin is None:
            origin = self._origins[address] = _Origin()
        if time.monotonic() >= origin.expires_at:
            async with origin.lock:
                if time.monotonic() >= origin.expires_at:
                    await self._ask(origin, address, target)
        if origin.rules is None:
            return True
        if target.url not in origin.verdicts:
            allowed = await asyncio.to_thread(origin.rules.can_fetch, target.url, PRODUCT_TOKEN)
            origin.verdicts[target.url] = bool(allowed)
            return bool(allowed)
        return origin.verdicts[target.url]

    async def _ask(self, origin: _Origin, address: str, target: Target) -> None:
        rules, keep_seconds = await self._fetch(address, target)
        origin.rules, origin.verdicts = rules, {}
        origin.expires_at = time.monotonic() + keep_seconds

    async def _fetch(self, address: str, target: Target) -> tuple[Protego | None, float]:
        wish = FetchOptions(ip_version=target.ip_version, kept_bytes=LARGEST_BYTES, most_bytes=None, gzip=False)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                until = time.monotonic() + TIMEOUT_SECONDS
                reach = reach_of(target)
                answer = await self._client.follow(f"{address}/robots.txt", wish, [], reach=reach, until=until)
        except (ExchangeError, TimeoutError):
            return None, KEEP_AFTER_FAULT_SECONDS
        if answer.status >= 500:
            return None, KEEP_AFTER_FAULT_SECONDS
        if answer.status != 200:
            return None, KEEP_SECONDS
        body = unpacked(answer.body_head, answer.headers.get("Content-Encoding", ""), LARGEST_BYTES).content
        try:
            return await asyncio.to_thread(Protego.parse, _for_us(decoded(body, ""))), KEEP_SECONDS
        except Exception:  # no robots.txt may keep its portal from being measured by being unreadable
            log.exception("a robots.txt cannot be read, and is as if it were not there", origin=address)
            return None, KEEP_SECONDS


def _for_us(text: str) -> str:
    """Return a robots.txt in which all groups but ours and everybody's are of one robot; where groups begin stays as it was."""
    return "\n".join(map(_line_for_us, text.splitlines()))


def _line_for_us(line: str) -> str:
    group = _GROUP.match(line)
    if group is None:
        return line
    token = group[1].strip().lower()
    name = token.replace("*", "")
    if token in ("", "*"):
        return line
    return f"User-agent: {name}" if name and PRODUCT_TOKEN.lower().startswith(name) else _ANOTHER


@lru_cache(maxsize=4096)
def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
