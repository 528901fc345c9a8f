"""What a light page says of itself, and what follows from that."""

import re
from functools import cached_property, lru_cache

from probes.markup import MOST_CHARACTERS, title_of
from probes.own_words import PageSigns, by_links, is_error_title, signs_in, without_asides
from probes.page_parts import NOTICE_LINKS, NOTICE_TEXT_CHARACTERS, PageParts, readable, spellings, unescaped
from probes.page_signs import MARKS, marks
from probes.spelling import folded

FEW_LINKS = 4
"""A page that has stopped leads to a contact or the parent's site at most; one that goes on leads to more, or has a field."""
MENU_CHARACTERS = 600
"""A page of many links that says no more than that is a menu with a message."""
BEGINNING = 250
"""Characters within which a page says what it is: its title and heading."""

_FIELD = re.compile(r"<(?:input|textarea|select)\b[^<>]{0,500}", re.IGNORECASE)
_NO_FIELD = re.compile(r"type\s{0,9}=\s{0,9}[\"']?(?:hidden|submit|button|image|reset|checkbox|radio)", re.IGNORECASE)
_PASSWORD = re.compile(r"type\s{0,9}=\s{0,9}[\"']?password", re.IGNORECASE)


class Said:
    """What a light page says; a page of much text is a portal's, whatever it says in some place."""

    def __init__(self, document: PageParts) -> None:
        self._document = document
        self.little = len(document.text) < NOTICE_TEXT_CHARACTERS
        self.light = self.little and document.links <= NOTICE_LINKS
        self._signs = _signs_of(document.text) if self.little else _NOTHING
        self._few = document.links <= FEW_LINKS

    def _says(self, name: str) -> bool:
        return name in self._signs.anywhere

    @cached_property
    def _apart(self) -> tuple[PageSigns, PageSigns]:
        """What the page says itself, and by its links; one that leads nowhere speaks of nothing else."""
        if self._document.links <= 1:
            return self._signs, _NOTHING
        source = self._document.source
        own, linked = (readable(unescaped(one), source) for one in by_links(source, NOTICE_TEXT_CHARACTERS))
        return _own_signs_of(own) if own else self._signs, _own_signs_of(linked)

    @property
    def _own(self) -> PageSigns:
        return self._apart[0]

    def _says_itself(self, *names: str) -> bool:
        return any(self._says(name) and name in self._own.anywhere for name in names)

    def _begins_with(self, *names: str) -> bool:
        return any(self._says(name) and name in self._own.at_the_beginning for name in names)

    @cached_property
    def _title(self) -> PageSigns:
        title = unescaped(title_of(self._document.source))
        return _own_signs_of(title) if title else _NOTHING

    def _is_titled(self, *names: str) -> bool:
        """Whether the title says so: then it is no matter what menu is left around."""
        return not self._title.anywhere.isdisjoint(names)

    @cached_property
    def _marks(self) -> frozenset[str]:
        """What the source of a light page is marked with."""
        source = self._document.source[:MOST_CHARACTERS].lower() if self.light else ""
        return frozenset(name for name in MARKS if any(mark in source for mark in marks(name)))

    @property
    def _fields(self) -> list[str]:
        return [one for one in _FIELD.findall(self._document.source) if not _NO_FIELD.search(one)]

    @property
    def _leads_on(self) -> bool:
        """Whether a person can go on here."""
        if not self._few or self._document.links <= 1:
            return not self._few
        return bool(self._fields) or "services" in self._apart[1].anywhere

    @property
    def _is_over(self) -> bool:
        return self._document.links > 1 and self._says("over")

    @property
    def is_challenge(self) -> bool:
        """Whether a firewall wants to know who comes."""
        return "challenge_marks" in self._marks or (self._few and self._says_itself("challenge"))

    @property
    def is_stopped(self) -> bool:
        """Whether the portal is in maintenance now: announced, over, or a piece of news is something else."""
        if not self.little or self._says("over") or not any(map(self._says, ("portal_stopped", "stopped", "stops"))):
            return False
        to_come = self._says("to_come")
        if not self.light and len(self._document.text) >= MENU_CHARACTERS:
            return False
        if self._leads_on:
            return "portal_stopped" in self._own.at_the_beginning and not to_come
        if self._says_itself("stopped"):
            return True
        return self._says_itself("stops") and not (to_come and self._document.links > 1)

    @property
    def is_captcha(self) -> bool:
        """Whether a captcha stands before the page; as a field of a login or a search it stands beside it."""
        if not self.light or not self._few:
            return False
        if self._says_itself("captcha") or "captcha_marks" in self._marks:
            return len(self._fields) <= 1
        fewest = 0 if self._document.links <= 1 else 1
        return self._says_itself("code") and fewest <= len(self._fields) <= 1

    @property
    def instead(self) -> str:
        """What stands there in the place of a page: for people, empty where it is a page."""
        if not self.light:
            return ""
        if self._begins_with("suspended") or (self._few and self._says_itself("suspended")):
            return "the account or the domain is suspended, expired or for sale"
        if (
            "default_marks" in self._marks
            or self._begins_with("default")
            or (self._few and self._begins_with("unbuilt"))
        ):
            return "the server's default page stands in the place of the portal"
        if (self._few and self._begins_with("fault") and not self._is_over) or self._is_titled("fault", "error_titles"):
            return "the page shows an error of the portal's program"
        if (self._few and self._begins_with("missing")) or self._is_titled("missing"):
            return "the page says that there is no such page"
        return ""

    @property
    def sends_elsewhere(self) -> bool:
        """Whether it is a notice that sends people elsewhere."""
        return self._says("sends_elsewhere")

    @property
    def is_login(self) -> bool:
        """Whether there is a login and nothing else; a home page with a login box says more than that."""
        if not self.light or not self._says("log_in"):
            return False
        if not (self._few and "log_in" in self._signs.at_the_beginning) and not self._is_titled("log_in"):
            return False
        fields = self._fields
        return len(fields) <= 3 and any(map(_PASSWORD.search, fields))


_NOTHING = PageSigns()


@lru_cache(maxsize=2048)
def _signs_of(text: str) -> PageSigns:
    """Return what a short text says; the next visit of a page mostly finds the same one."""
    return signs_in(spellings(text), BEGINNING)


@lru_cache(maxsize=2048)
def _own_signs_of(text: str) -> PageSigns:
    """Return what a short text says of its page."""
    said = signs_in([without_asides(one) for one in spellings(text)], BEGINNING)
    return PageSigns(said.anywhere | {"error_titles"}, said.at_the_beginning) if is_error_title(folded(text)) else said
