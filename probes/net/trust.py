"""
Are certificates judged rightly here? What reference pages tell of this machine's clock and of its authorities.

A page whose certificate is refused is told of in the log and in a small file, in a folder that the agents of one machine share,
until somebody trusts it again: as long as it is refused, there is one page less to tell our faults by.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from pydantic import TypeAdapter

from probes.net.destination import host_of
from probes.net.fault import ExchangeError, FlawedCertificateError
from probes.net.told import off_seconds
from thuocdo.core import clock
from thuocdo.core.bounded import read_bounded
from thuocdo.core.writing import write_whole

REFERENCE_PAGES = "reference-pages"
"""Name of the folder, beside what else an installation keeps."""

MOST_OFF_SECONDS = 24 * 3600.0
"""A clock that is farther from what reference pages say is wrong; not each cache tells how old what it holds is."""

NEEDED = 2
"""Hosts whose certificates have a flaw of their own at once: one runs out now and then, two at once do so by our clock."""

_DIGITS = 32
_LARGEST_BYTES = 16 * 1024

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPage:
    """A reference page whose certificate is refused: why, and since when it is known."""

    url: str
    detail: str
    since: datetime


_PAGE = TypeAdapter(RefusedPage)


class Trust:
    """
    What the last look at each reference page said.

    Args:
        folder: where pages that are refused are noted for others to read; None = nowhere.

    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._refused: dict[str, ExchangeError] = {}
        self._trusted: set[str] = set()
        self._off_seconds: dict[str, float] = {}
        self._told: set[str] = set()

    def is_right(self) -> bool:
        """
        Return whether certificates are judged rightly, so that one which is refused is its owner's fault.

        They are not where no page is trusted, and one is refused for what need not be its own fault, or more than one host's.
        """
        return not self._is_misjudging() and not self._is_of_another_day()

    def forget(self, url: str) -> None:
        """Forget what the last look at a page said: it is looked at anew."""
        self._refused.pop(url, None)
        self._trusted.discard(url)
        self._off_seconds.pop(url, None)

    def refused(self, url: str, fault: ExchangeError) -> None:
        """Note that a page's certificate is refused."""
        self._refused[url] = fault
        if url not in self._told:
            self._told.add(url)
            log.warning(
                "the certificate of a reference page is refused; name another page in vantage.reference_urls or, where several "
                "are refused, look at this machine's clock and its authorities",
                reference_url=url,
                cause=fault.detail,
            )
        self._write(url, fault.detail)

    def answered(self, url: str, headers: Mapping[str, str]) -> None:
        """Note that a page answered; over TLS, its certificate was trusted."""
        off = off_seconds(headers, clock.now().timestamp())
        if off is not None:
            self._off_seconds[url] = off
        if url.startswith("https:"):
            self._trusted.add(url)
            self._told.discard(url)
            self._take_back(url)

    def _is_misjudging(self) -> bool:
        if self._trusted:
            return False
        is_ours = any(not isinstance(fault, FlawedCertificateError) for fault in self._refused.values())
        return is_ours or len({host_of(url) for url in self._refused}) >= NEEDED

    def _is_of_another_day(self) -> bool:
        """Tell whether all pages that answered give another day than this machine's clock."""
        return bool(self._off_seconds) and all(off > MOST_OFF_SECONDS for off in self._off_seconds.values())

    def _write(self, url: str, detail: str) -> None:
        if self._folder is None:
            return
        file = self._folder / _name_of(url)
        try:
            if not file.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                write_whole(file, _PAGE.dump_json(RefusedPage(url=url, detail=detail, since=clock.now())))
        except OSError as exc:
            log.debug("a refused reference page cannot be noted", path=str(file), cause=str(exc))

    def _take_back(self, url: str) -> None:
        if self._folder is None:
            return
        file = self._folder / _name_of(url)
        try:
            file.unlink(missing_ok=True)
        except OSError as exc:
            log.debug("the note of a reference page cannot be taken away", path=str(file), cause=str(exc))


def refused_pages(folder: Path) -> tuple[RefusedPage, ...]:
    """Return the reference pages that are noted in a folder; nothing is changed, and what tells nothing is passed over."""
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            page = _PAGE.validate_json(read_bounded(file, _LARGEST_BYTES))
        except (OSError, ValueError, RecursionError):
            continue
        if file.name == _name_of(page.url):
            found.append(page)
    return tuple(found)


def _name_of(url: str) -> str:
    return f"{hashlib.sha256(url.encode(errors='surrogatepass')).hexdigest()[:_DIGITS]}.json"
