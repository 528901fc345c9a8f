"""
Is our own line up, and was it while a probe went on?

Reference pages are asked when a probe failed in a way that a broken line would explain as well, and now and then while a probe
takes long: it may end just as the line comes back, and then an answer of that moment says nothing. What the kernel tells of the
machine's interfaces is looked at besides (probes.net.own_line).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from probes.net.client import FetchOptions, HttpClient
from probes.net.destination import host_of
from probes.net.fault import ExchangeError, FlawedCertificateError, ForbiddenHopError
from probes.net.own_line import Ways, was_cut, ways_out
from probes.net.stopwatch import Stopwatch
from probes.net.trust import Trust
from thuocdo.core.model import Reason

TIMEOUT_SECONDS = 4.0
KEEP_SECONDS = 5.0
"""For so long the line is taken as down once it was."""

LOOK_SECONDS = 10.0
"""So often the line is looked at while a probe takes long."""

FRESH_SECONDS = 1.0
"""That it is up is known for so long: a portal that is asked in the moments after a loss must not be blamed for it."""

_MOST_SEEN = 200
"""Looks at this machine's ways out that are kept, KEEP_SECONDS apart: more than any probe takes."""

log = structlog.get_logger()

_WISH = FetchOptions(kept_bytes=0, most_bytes=None, gated=False)  # the head is enough, and nothing is measured


class Connectivity:
    """
    Judges the line of this vantage point.

    Args:
        reference_urls: pages of unrelated, well-kept services; without any the line is taken as up.
        ways: tells the ways out of this machine.
        trust: is told what they say of this machine's clock and authorities.

    """

    def __init__(
        self,
        client: HttpClient,
        reference_urls: Sequence[str],
        *,
        ways: Callable[[], Ways] = ways_out,
        trust: Trust | None = None,
    ) -> None:
        self._client = client
        self._urls = tuple(reference_urls)
        self._lock = asyncio.Lock()
        self._known_until = 0.0
        self._up = True
        self._looking: asyncio.Task[bool] | None = None
        self._last_down = float("-inf")
        self._ways = ways
        self._trust = trust or Trust()
        self._refused: set[str] = set()
        self._seen: deque[tuple[float, Ways]] = deque(maxlen=_MOST_SEEN)

    async def is_up(self) -> bool:
        """Return whether any reference page answers at all, whatever its status; an answer is kept for a moment."""
        if not self._urls:
            return True
        async with self._lock:
            if time.monotonic() >= self._known_until:
                began = time.monotonic()
                self._up = any(await asyncio.gather(*(self._answers(url) for url in self._urls)))
                if self._up:
                    self._known_until = began + FRESH_SECONDS
                else:
                    self._last_down = time.monotonic()
                    self._known_until = self._last_down + KEEP_SECONDS
            return self._up

    async def is_served(self) -> bool:
        """Return whether our name servers work: a reference page at an address answers without them."""
        return await self._client.resolver.is_served([host_of(url) for url in self._urls])

    async def is_trusting(self) -> bool:
        """
        Return whether certificates are judged rightly here, so that one which is refused is its owner's fault.

        They are not where the clock of this machine is wrong, its authorities are missing or something stands in its way out and
        shows certificates of its own: then those of reference pages are refused as well.
        """
        await self.is_up()
        return self._trust.is_right()

    def begin(self) -> float:
        """Note that a probe begins, and return the monotonic time; what the machine's ways out were is known from then on."""
        now = time.monotonic()
        if self._urls and (not self._seen or now - self._seen[-1][0] >= KEEP_SECONDS):
            self._seen.append((now, self._ways()))
        return now

    async def keep_looking(self) -> None:
        """Look at the line now and then, until cancelled: for while a probe takes long."""
        while True:
            await self.is_up()
            await asyncio.sleep(LOOK_SECONDS)

    def look_soon(self) -> None:
        """Begin to look at the line now, without waiting for what it says: `is_up` and `was_away` will know it."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self.is_up())

    def was_away(self, since: float) -> bool:
        """Tell whether anything is known of the line's having been away since a monotonic time that `begin` returned."""
        if not self._urls:
            return False
        if self._last_down >= since:
            return True
        before = next((ways for at, ways in reversed(self._seen) if at <= since), None)
        return before is not None and was_cut(before, self._ways())

    async def _answers(self, url: str) -> bool:
        self._trust.forget(url)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = await self._client.get(url, _WISH, Stopwatch(), until=time.monotonic() + TIMEOUT_SECONDS)
        except ForbiddenHopError:
            if url not in self._refused:
                self._refused.add(url)
                log.warning("a reference page leads inside and is not asked; name it by its address", reference_url=url)
            return False
        except TimeoutError:
            return False
        except ExchangeError as exc:
            if exc.reason is Reason.CERTIFICATE_INVALID:
                self._trust.refused(url, exc)
            # The flaw is in a certificate whose issuer is known: the page itself is there, hence the line is up.
            return isinstance(exc, FlawedCertificateError)
        self._trust.answered(url, answer.headers)
        return True
