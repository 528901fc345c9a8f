"""What a light page says of itself, and what follows from that."""

import re
from functools import cached_property
from urllib.parse import urlsplit

from probes.error_pages import (
    DEFAULT,
    FAULT,
    FEW_LINKS,
    instead_of_much,
    is_error_class,
    is_program_error,
    only_quotes_fault,
    says_little_else,
)
from probes.markup import MOST_CHARACTERS, title_of
from probes.own_words import (
    BEGINNING,
    NOTHING,
    PageSigns,
    blocks_of,
    by_links,
    headings_of,
    is_heading_of_an_error,
    is_named_by_software,
    is_whole,
    leads_elsewhere,
    own_signs_of,
    says,
    signs_in,
    signs_of,
    ways_on,
    without_asides,
    without_others,
)
from probes.page_fields import asks_for_password, fields_of, forms_with_fields, has_elements, is_letterbox, lets_go_on
from probes.page_parts import (
    DRAWN,
    NOTICE_LINKS,
    NOTICE_TEXT_CHARACTERS,
    PageParts,
    may_show_more,
    readable,
    unescaped,
)
from probes.page_signs import MARKS, is_bare, marks
from probes.server_pages import is_listing, is_program, is_source
from probes.spelling import folded

WAYS_ON = 2
"""Links to other pages of the portal that make a menu, be it a small one."""
MENU_CHARACTERS = 600
"""A page of many links that says no more than that is a menu with a message."""
DEAD_END_CHARACTERS = 500
LABEL_CHARACTERS = 200
FEW_WORDS_CHARACTERS = 60
LABEL_BLOCKS = 4
"""A page that is no more than a label says it in one of its first lines, and not much besides."""

_STATUS = re.compile(r"(?<!\w)[45]\d\d(?!\w)")
_HOST = re.compile(r"(?:[\w-]{1,63}\.){1,5}[a-z]{2,20}(?!\S)")
_SHOWS = re.compile(rf"{DRAWN.pattern}|<(?:link|style|area)\b|\bstyle\s{{0,9}}=|\bbackground\s{{0,9}}=", re.IGNORECASE)
"""What draws without a word, pictures of a style sheet included."""
_WEAK = frozenset(("pause", "trouble", "wall"))
"""Kinds of words that tell nothing where a page has more to offer than them."""


class Said:
    """What a light page says; a page of much text is a portal's, whatever it says in some place."""

    def __init__(self, document: PageParts) -> None:
        self.document = document
        self.little = len(document.text) < NOTICE_TEXT_CHARACTERS
        self.light = self.little and document.links <= NOTICE_LINKS
        self._signs = signs_of(document.text) if self.little else NOTHING
        self._few = document.links <= FEW_LINKS

    def _says(self, name: str) -> bool:
        return name in self._signs.anywhere

    @cached_property
    def _apart(self) -> tuple[PageSigns, PageSigns]:
        """What the page says itself, and by its links; one that leads nowhere speaks of nothing else."""
        if self.document.links <= 1:
            text = folded(self.document.text)
            return (self._without_others if says("others", text) else self._signs), NOTHING
        own, linked = self._by_links
        return own_signs_of(own) if own else self._signs, own_signs_of(linked)

    @cached_property
    def _by_links(self) -> list[str]:
        source = self.document.source
        return [readable(unescaped(one), source) for one in by_links(source, NOTICE_TEXT_CHARACTERS)]

    @property
    def _without_others(self) -> PageSigns:
        blocks = " ; ".join(blocks_of(self.document.source, NOTICE_TEXT_CHARACTERS))
        text = without_others(folded(readable(unescaped(blocks), self.document.source)))
        said = signs_in([text], BEGINNING)
        return PageSigns(said.anywhere & self._signs.anywhere, said.at_the_beginning & self._signs.at_the_beginning)

    @property
    def _own(self) -> PageSigns:
        return self._apart[0]

    def _says_itself(self, *names: str) -> bool:
        return any(self._says(name) and name in self._own.anywhere for name in names)

    def _begins_with(self, *names: str) -> bool:
        return any(self._says(name) and name in self._own.at_the_beginning for name in names)

    @cached_property
    def title(self) -> str:
        """The title as a person reads it; a long page is not searched for fonts of its own, which would cost as much as all."""
        source = self.document.source
        title = unescaped(title_of(source))
        return " ".join((readable(title, source) if self.little else title).split())

    @cached_property
    def body(self) -> str:
        """What is to be read besides the title."""
        return self.document.text.removeprefix(self.title).strip()

    @cached_property
    def _title(self) -> PageSigns:
        return own_signs_of(self.title) if self.title else NOTHING

    def _is_titled(self, *names: str) -> bool:
        """Whether the title says so: then it is no matter what menu is left around."""
        return not self._title.anywhere.isdisjoint(names)

    @cached_property
    def _marks(self) -> frozenset[str]:
        """What the source of a light page is marked with."""
        source = self.document.source[:MOST_CHARACTERS].lower() if self.light else ""
        return frozenset(name for name in MARKS if any(mark in source for mark in marks(name)))

    @property
    def _fields(self) -> list[str]:
        return fields_of(self.document.source)

    @cached_property
    def _leads_on(self) -> bool:
        """Whether a person can go on here."""
        if not self._few or self.document.links <= 1:
            return not self._few
        if not all(map(is_letterbox, self._fields)) or "services" in self._apart[1].anywhere:
            return True
        return self._ways_on >= WAYS_ON

    @cached_property
    def _ways_on(self) -> int:
        return ways_on(self.document.source, urlsplit(self.document.final_url).hostname or "")

    @property
    def _is_over(self) -> bool:
        return self.document.links > 1 and self._says("over")

    @property
    def is_challenge(self) -> bool:
        """Whether a firewall wants to know who comes."""
        if "challenge_marks" in self._marks or ("injected_marks" in self._marks and not self.document.text):
            return True
        if self._says("refused_by_database"):
            return False
        if self._few and self._says_itself("challenge") and self._ways_on < WAYS_ON:
            return True
        return "wall" in self._of_a_dead_end and not self._says("fault")

    @property
    def is_stopped(self) -> bool:
        """Whether the portal is in maintenance now: announced, over, or a piece of news is something else."""
        if self.light and self._begins_with("default") and not self._says("portal_stopped"):
            return False
        if self._is_label("stopped_alone") or (
            "pause" in self._of_a_dead_end and not (self._says("over") or self._is_broken or self._has_ended)
        ):
            return True
        if (
            not self.little
            or self._says("over")
            or self._has_ended
            or not any(map(self._says, ("portal_stopped", "stopped", "stops")))
        ):
            return False
        if self._is_titled("missing"):
            return False
        if self._is_stopped_in_a_menu:
            return True
        to_come = self._says("to_come")
        if not self.light and len(self.document.text) >= MENU_CHARACTERS:
            return False
        if self._leads_on:
            return "portal_stopped" in self._own.at_the_beginning and not (to_come or self._says("partly"))
        if self._says_itself("stopped"):
            return True
        return self._says_itself("stops") and not (to_come and self.document.links > 1)

    @property
    def _has_ended(self) -> bool:
        """Whether the portal is said to have ended, and another one has its place: a notice, and no maintenance."""
        if not self.document.links or not self._says("for_good") or self._says("for_now"):
            return False
        return self._says("sends_elsewhere") or leads_elsewhere(self.document.source)

    @cached_property
    def _of_a_dead_end(self) -> frozenset[str]:
        """What is said by a page of a few lines that leads nowhere, asks nothing and runs nothing; of any other page, nothing."""
        document = self.document
        source = document.source
        if not self.little or document.links > 1 or len(self.body) > DEAD_END_CHARACTERS or self._says("imprint"):
            return frozenset()
        is_error = is_error_class(self.body)
        if self._signs.anywhere.isdisjoint(_WEAK) and not is_error:
            return frozenset()
        if lets_go_on(source, drawn=document.drawn) or document.text.startswith(("{", "[")):
            return frozenset()
        if is_error:
            return frozenset(("trouble",))
        return self._own_of_a_dead_end.anywhere

    @property
    def _own_of_a_dead_end(self) -> PageSigns:
        blocks = " ; ".join(blocks_of(self.document.source, NOTICE_TEXT_CHARACTERS))
        text = readable(unescaped(blocks), self.document.source)
        return signs_in([without_others(without_asides(folded(text)))], BEGINNING)

    @property
    def _is_broken(self) -> bool:
        """Whether an error is named: then what is also said of coming back is no maintenance."""
        return any(
            map(self._says, ("fault", "missing", "suspended", "lapsed", "default", "unbuilt"))
        ) and not self._says("stopped")

    def _is_label(self, name: str) -> bool:
        """Whether the page is hardly more than one of some texts, and leads nowhere."""
        document = self.document
        if not self.little or document.links > 1 or len(self.body) > LABEL_CHARACTERS or self._fields:
            return False
        if not self.body:
            return is_whole(name, folded(self.title)) and (document.drawn or not may_show_more(document.source))
        return is_whole(name, folded(self.body)) or self._has_block(name)

    def _has_block(self, name: str) -> bool:
        """Whether one of the first lines is one of some texts and nothing else."""
        source = self.document.source
        blocks = blocks_of(source, NOTICE_TEXT_CHARACTERS)[bool(self.title) :][:LABEL_BLOCKS]
        return any(is_whole(name, folded(readable(unescaped(one), source))) for one in blocks)

    @property
    def is_captcha(self) -> bool:
        """Whether a captcha stands before the page; as a field of a login or a search it stands beside it."""
        if not self.light or not self._few:
            return False
        if "captcha_marks" in self._marks and not self._fields:
            return not self._leads_on
        if self._says_itself("captcha"):
            return len(self._fields) <= 1
        fewest = 0 if self.document.links <= 1 else 1
        return self._says_itself("code") and fewest <= len(self._fields) <= 1

    @property
    def instead(self) -> str:
        """What stands there in the place of a page: for people, empty where it is a page."""
        if is_listing(self.title, self.document.text, self.document.source):
            return "a listing of files stands in the place of the portal"
        if is_program_error(self.document, self.title):
            return FAULT
        if is_source(self.document.text):
            return "the page's source is shown in its place: the server calls it a plain text"
        if not self.light:
            return instead_of_much(self.document, self.title, self.body, self._title) or (
                FAULT if self.little and self._is_error_in_a_menu else ""
            )
        if is_program(self.document.source, self.document.text):
            return "the source of a program stands in the place of the page"
        if self._is_suspended or self._is_lapsed or self._is_titled("lapsed"):
            return "the account or the domain is suspended, expired or for sale"
        if (
            "default_marks" in self._marks
            or self._begins_with("default")
            or (self._few and self._begins_with("unbuilt") and not self._leads_on)
            or self._is_for_makers
        ):
            return DEFAULT
        if self._few and self._begins_with("fault") and not self._is_over and not self._quotes_fault:
            return FAULT
        if self._is_titled("error_titles") or (self._is_titled("fault") and not self._is_article):
            return FAULT
        if (self._few and self._begins_with("missing")) or self._is_titled("missing"):
            return "the page says that there is no such page"
        if self._is_headed_by_an_error or self._is_error_in_a_menu:
            return FAULT
        if "trouble" in self._of_a_dead_end:
            return "the page says that something is wrong, and leads nowhere"
        return ""

    @property
    def _is_headed_by_an_error(self) -> bool:
        """Whether one of the first lines is "404" or the like, and the page hardly leads on."""
        if not self._few or not (self._says("trouble") or _STATUS.search(self.body)) or self._leads_on:
            return False
        return not self._ways_on and not self._fields and self._has_block("error_titles")

    @cached_property
    def _menu_headings(self) -> list[str]:
        """The headings of a page of which nothing is left besides them and its menu; of any other, none."""
        if not self.little or self._few or len(self._fields) > 1:
            return []
        if len(self._by_links[0]) > LABEL_CHARACTERS + len(self.title):
            return []
        source = self.document.source
        return [readable(unescaped(one), source) for one in headings_of(source)]

    @property
    def _is_error_in_a_menu(self) -> bool:
        return any(is_heading_of_an_error(folded(one)) for one in self._menu_headings)

    @property
    def _is_stopped_in_a_menu(self) -> bool:
        if not self._says("portal_stopped") or any(map(self._says, ("to_come", "partly"))):
            return False
        return any("portal_stopped" in own_signs_of(one).at_the_beginning for one in self._menu_headings)

    @property
    def _quotes_fault(self) -> bool:
        """Whether a page that leads on names an error only in what it quotes."""
        return self._ways_on >= WAYS_ON and only_quotes_fault(self.document, self.title)

    @property
    def _is_article(self) -> bool:
        """Whether a page that is titled by an error has a menu and much to say of it."""
        return self._ways_on >= WAYS_ON and not says_little_else(self.document, self.title)

    @property
    def _is_suspended(self) -> bool:
        """Whether the site or its name is said to be suspended or for sale; a page that leads on may say so of another's."""
        if not (self._begins_with("suspended") or (self._few and self._says_itself("suspended"))):
            return False
        return (
            self._is_titled("suspended")
            or _HOST.match(self.title) is not None
            or "services" not in self._apart[1].anywhere
        )

    @property
    def _is_for_makers(self) -> bool:
        """Whether the page is what software shows to whoever is to make a site with it, under its own name."""
        return self._says("for_makers") and is_named_by_software(folded(self.title))

    @property
    def _is_lapsed(self) -> bool:
        """Whether the site or its name is gone; who parks a name calls the page by it, whatever is offered below."""
        if not self._begins_with("lapsed"):
            return False
        return _HOST.match(self.title) is not None or (self._few and not self._leads_on and not self._fields)

    @property
    def sends_elsewhere(self) -> bool:
        """Whether it is a notice that sends people elsewhere."""
        return self._says("sends_elsewhere") or self._has_ended

    @property
    def is_blank(self) -> bool:
        """Whether a document has a title and nothing else that a browser could show."""
        return not self.body and not _SHOWS.search(self.document.source) and not may_show_more(self.document.source)

    @property
    def is_placeholder(self) -> bool:
        """
        Whether a page is nothing but words of a program or its author: known ones, or a few in no accents, under no title.
        """
        document = self.document
        if document.links or not self.light or DRAWN.search(document.source):
            return False
        body = folded(self.body)
        if not is_whole("placeholders", body) and not self._is_a_few_words(body):
            return False
        return bool(body) and (document.drawn or not may_show_more(document.source))

    def _is_a_few_words(self, body: str) -> bool:
        """Whether a document is a line in no accents and nothing else, neither a title nor an element."""
        few = not self.title and len(body) <= FEW_WORDS_CHARACTERS and is_bare(body)
        return few and not has_elements(self.document.source)

    @property
    def is_login(self) -> bool:
        """Whether there is a login and nothing else; a home page with a login box says more than that."""
        if not self.light or not self._says("log_in"):
            return False
        titled = self._is_titled("log_in")
        if not (self._few and "log_in" in self._signs.at_the_beginning) and not titled:
            return False
        if says("beyond_login", folded(self._by_links[1])) or forms_with_fields(self.document.source) > 1:
            return False
        fields = self._fields
        if not fields:
            return self._few and self._ways_on < WAYS_ON and (titled or self._says_itself("log_in_first"))
        return len(fields) <= 3 and (titled or asks_for_password(fields))
