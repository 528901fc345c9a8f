"""
What a page is made of, so that it is known again: its title, where its links lead, what it says, what it loads.

A portal's page changes every day in its news and hardly ever in its menus, its addresses and its files. Everything is a number of
32 bits, of lists only some are kept: a page that is known takes 5 kB, and none of its words can be read out of it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from urllib.parse import urljoin, urlsplit
from zlib import crc32

from probes.markup import read_markup, title_of
from probes.page_parts import readable
from probes.spelling import folded

MOST_KEPT = 256
"""Of each list; the smallest numbers, so that the same ones are kept of lists that are nearly the same."""
MOST_READ = 32 * 1024
LONGEST_TITLE = 200
_TO_BE_TOLD = 5
"""Links, or runs of words, from which a list says what a page is."""
_AGAIN = 0.3
"""Such a share of what was known must be there again."""
_EMPTIED = 0.25
"""A page that says less than such a share of what it said has lost its main part, whatever menu is left."""
_TELLS_A_LOT = 100
"""Words from which a page can be emptied."""
_STILL_SAID = 0.7
_ABROAD = 0.4
"""Where such a share of the links leads to hosts that the known page did not lead to, and less than _STILL_SAID of its words is
there, it is another's."""
MOST_HOSTS = 32
_WORDS_AT_ONCE = 3
_LIKE = 2.0
"""A page of the same title is taken for the same at a glance where it is at most so many times as long, or as short."""

_LINK = re.compile(r"<a\s[^<>]{0,500}?\bhref\s{0,9}=\s{0,9}[\"']?([^\"'\s<>]{1,500})", re.IGNORECASE)
_FILE = re.compile(
    r"<(?:script|link|img)\s[^<>]{0,500}?\b(?:src|href)\s{0,9}=\s{0,9}[\"']?([^\"'\s<>]{1,500})", re.IGNORECASE
)
_OFFICES = (
    *("bộ", "sở", "ban", "cục", "vụ", "viện", "trung tâm", "trường"),
    *("tỉnh", "thành phố", "quận", "huyện", "thị xã", "thị trấn", "phường", "xã", "đặc khu"),
)
_OFFICE = re.compile(rf"(?<!\S)({'|'.join(map(folded, _OFFICES))}) ([^\s,;:.|/()–-]+)")
"""In a folded title, what an office or its place is, and the first word of its name."""
_CHANGING = re.compile(r"[0-9a-f]{6,}|\d+", re.IGNORECASE)  # numbers of news, digests of builds, sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What one look tells of a page: title folded, characters of what was looked at."""

    title: str
    length: int

    def names_another(self, known: "Glance") -> bool:
        """Tell whether the title names another office or place than the known one's: one design, another agency's page."""
        mine, theirs = _offices_in(self.title), _offices_in(known.title)
        return any(mine[kind].isdisjoint(theirs[kind]) for kind in mine.keys() & theirs.keys())


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """
    What a page is made of.

    glance: at the same sort of text each time (raw HTML, or what is drawn). links: where they lead, without numbers and queries.
    words: runs of three. files: scripts, style sheets, pictures. hosts: of the links, with how many lead there. said:
    number of words.
    """

    glance: Glance
    links: frozenset[int]
    words: frozenset[int]
    files: frozenset[int]
    hosts: Mapping[int, int] = field(default_factory=dict)
    said: int = 0

    def resembles(self, known: "Features") -> bool:
        """
        Tell whether this is the page that is known.

        What it leads to and says tells, where the known one said enough; the title and what it loads tell of a shell, whose text
        scripts write. A title alone tells of nothing else: a login in the place of the home page mostly has the same.
        """
        if self.glance.names_another(known.glance):
            return False
        telling = [
            _share(mine, theirs)
            for mine, theirs in ((self.links, known.links), (self.words, known.words))
            if len(theirs) >= _TO_BE_TOLD
        ]
        if telling:
            return max(telling) >= _AGAIN and not self._has_lost_its_main_part(known)
        if _share(self.files, known.files) >= _AGAIN and known.files:
            return True
        return bool(known.glance.title) and _alike(self.glance.title, known.glance.title)

    def _has_lost_its_main_part(self, known: "Features") -> bool:
        """Tell whether nothing but the menu is left of the known page, with nothing or somebody else's offers beside it."""
        if known.said >= _TELLS_A_LOT and self.said < _EMPTIED * known.said:
            return True
        if len(known.words) < _TO_BE_TOLD or _share(self.words, known.words) >= _STILL_SAID:
            return False
        abroad = sum(count for host, count in self.hosts.items() if host not in known.hosts)
        return bool(known.hosts) and abroad >= max(_TO_BE_TOLD, _ABROAD * sum(self.hosts.values()))

    def kept(self) -> "Features":
        """Return as much of it as is kept."""
        return Features(
            glance=self.glance,
            links=_smallest(self.links),
            words=_smallest(self.words),
            files=_smallest(self.files),
            hosts=self.hosts,
            said=self.said,
        )


def glance_at(title: str, length: int) -> Glance:
    """Return what one look tells; title: as it stands."""
    return Glance(title=_folded_title(title), length=length)


@lru_cache(maxsize=4096)
def _folded_title(title: str) -> str:
    return folded(unescape(title))[:LONGEST_TITLE]


@lru_cache(maxsize=4096)
def _offices_in(title: str) -> Mapping[str, frozenset[str]]:
    """Return the first words of names in a folded title, by what is named: {"sở": {"y"}, "tỉnh": {"ví"}}."""
    found = _OFFICE.findall(title)
    return {kind: frozenset(name for other, name in found if other == kind) for kind, _ in found}


def is_alike(seen: Glance, known: Glance) -> bool:
    """Tell whether one look is enough to know a page again: the same title, and about as long."""
    if seen.title != known.title or not seen.title:
        return False
    longer, shorter = max(seen.length, known.length), max(1, min(seen.length, known.length))
    return longer <= _LIKE * shorter


def features_of(html: str, url: str, glance: Glance, text: str | None = None) -> Features:
    """
    Return what a page is made of.

    Args:
        html: its source, of which MOST_READ characters count.
        url: its address.
        glance: at it.
        text: what a person reads; None = as the source says.
    """
    source = html[:MOST_READ]
    read = readable(read_markup(source, MOST_READ).text, source) if text is None else text[:MOST_READ]
    words, title = folded(read).split(), folded(unescape(title_of(source))).split()
    if words[: len(title)] == title:  # it stands before what is drawn, and is looked at by itself
        del words[: len(title)]
    runs = (" ".join(words[at : at + _WORDS_AT_ONCE]) for at in range(max(0, len(words) - _WORDS_AT_ONCE + 1)))
    links = {place for link in _LINK.findall(source) if (place := _place(url, link))}
    hosts = Counter(crc32(place.partition("/")[0].encode("utf-8", "replace")) for place in links)
    return Features(
        glance=glance,
        links=_numbers(links),
        words=_numbers(runs),
        files=_numbers(_place(url, file) for file in _FILE.findall(source)),
        hosts=dict(hosts.most_common(MOST_HOSTS)),
        said=len(words),
    )


def _place(url: str, link: str) -> str:
    """Return where a link leads, without what changes from day to day; empty where it leads nowhere."""
    if link.startswith(("#", "javascript:", "data:")):
        return ""
    try:
        parts = urlsplit(urljoin(url, link))
    except ValueError:
        return ""
    return f"{parts.hostname}{_CHANGING.sub('#', parts.path)}"


def _numbers(texts: Iterable[str]) -> frozenset[int]:
    return frozenset(crc32(text.encode("utf-8", "replace")) for text in texts if text)


def _smallest(numbers: frozenset[int]) -> frozenset[int]:
    return frozenset(sorted(numbers)[:MOST_KEPT])


def _share(mine: frozenset[int], known: frozenset[int]) -> float:
    """Return the share of what is known that is there."""
    return len(mine & known) / len(known) if known else 0.0


def _alike(title: str, known: str) -> bool:
    mine, theirs = set(title.split()), set(known.split())
    return 2 * len(mine & theirs) >= len(mine | theirs)
