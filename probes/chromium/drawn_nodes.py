"""
The nodes of one document of a snapshot of Chromium's: what they are, and how they are drawn.

Names are in capitals, as in HTML, also where a page is XHTML, in which Chromium leaves them as they are written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from probes.chromium.drawn_sources import draws_text

STYLES = ("-webkit-user-modify", "text-shadow", "filter", "-webkit-box-reflect", "background-image")
"""What is asked of each node that is drawn; the values come in this order. Each costs a twentieth of a snapshot's time."""

STYLES_WITH_FRAMES = (
    *STYLES,
    "transform",
    "rotate",
    "scale",
    "translate",
    "zoom",
    "offset-path",
    "border-left-width",
    "border-top-width",
    "padding-left",
    "padding-top",
)
"""The same where there are frames that can be looked into."""

BUTTONS = frozenset({"submit", "button", "reset"})
_TYPED, _TEXT_SHADOW, _FILTER, _MIRROR, _BACKGROUND = range(len(STYLES))
_MOVING = slice(len(STYLES), len(STYLES) + 6)  # make a frame's contents stand elsewhere than its box says
_INSETS = slice(len(STYLES) + 6, len(STYLES_WITH_FRAMES))
_STILL = frozenset({"none", "1", "normal", "auto", ""})
_NO_FIELDS = BUTTONS | {"hidden", "image"}
_FIELDS = frozenset({"TEXTAREA", "SELECT", "OUTPUT"})
_EDITED = frozenset({"textbox", "combobox", "searchbox", "spinbutton", "listbox"})
_TELLING = frozenset({"type", "role", "contenteditable"})
_LONGEST = max(map(len, _TELLING))
_BLOCKS = frozenset(
    """
    P DIV TD TH LI DT DD H1 H2 H3 H4 H5 H6 SECTION ARTICLE FORM FIELDSET BODY HTML TR TABLE UL OL ADDRESS PRE LABEL
    A
    """.split()  # noqa: SIM905
)
_OF_A_PAGE = frozenset({"MAIN", "NAV", "HEADER", "FOOTER"})
_COPIES = frozenset({"USE", "FEIMAGE"})
_PAINTS = frozenset({"PATTERN", "MARKER", "MASK", "CLIPPATH", "FILTER"})
_SHADOW = re.compile(r"(-?[0-9.]{1,12})px (-?[0-9.]{1,12})px ([0-9.]{1,12})px")
_READABLE_PIXELS, _NEAR_PIXELS = 6.0, 4.0
"""A shadow that is blurred more cannot be read, and one that lies nearer is covered with its text."""


@dataclass(frozen=True, slots=True)
class NodeMark:
    """What holds for a node and all in it. form, field: it stands in one. shifts: how far off its text is drawn once more."""

    form: bool = False
    field: bool = False
    shifts: tuple[tuple[float, float], ...] = ()


class Nodes:
    """
    The nodes of one document, by their numbers.

    names: in capitals; those of texts begin with #, those of what style sheets bring in with ::. fields: that people fill in or
    choose in, by whatever means a page lets them. bent: texts of drawings whose letters stand along a line or are turned.
    """

    def __init__(self, snapshot: Mapping[str, Any], number: int) -> None:
        document = snapshot["documents"][number]
        self._strings: Sequence[str] = snapshot["strings"]
        self._nodes = document["nodes"]
        self._pairs: Sequence[Sequence[int]] = self._nodes["attributes"]
        self._styles: Sequence[Sequence[int]] = document["layout"]["styles"]
        self._parents: Sequence[int] = self._nodes["parentIndex"]
        self._layout_of = {node: index for index, node in reversed(list(enumerate(document["layout"]["nodeIndex"])))}
        self._with_content = {self._parents[node] for node in self._layout_of}
        names = {name: _name(self.string(name)) for name in set(self._nodes["nodeName"])}
        self.names = [names[name] for name in self._nodes["nodeName"]]
        texts = [node for node, name in enumerate(self.names) if name == "TEXT"]
        self.bent = frozenset(node for text in texts for node in self._bent(text))
        self._copied = self._ids_around(texts) if texts and not _COPIES.isdisjoint(self.names) else frozenset()
        self._has_written_paint = any(self.names[one] in _PAINTS for text in texts for one in self.up(text))
        self._written: dict[int, bool] = {}
        self._telling = {
            at for at, text in enumerate(self._strings) if len(text) <= _LONGEST and text.lower() in _TELLING
        }
        self.fields = frozenset(filter(self._is_field, range(len(self.names))))

    def string(self, index: int) -> str:
        """Return one of the snapshot's strings; empty where there is none."""
        return self._strings[index] if index >= 0 else ""

    def attributes(self, node: int) -> dict[str, str]:
        """Return a node's attributes by their names in small letters."""
        pairs = self._pairs[node]
        return {self.string(pairs[at]).lower(): self.string(pairs[at + 1]) for at in range(0, len(pairs) - 1, 2)}

    def documents(self) -> dict[int, int]:
        """Return the numbers of the documents in frames, by the frames' nodes."""
        return dict(zip(*(self._nodes["contentDocumentIndex"][part] for part in ("index", "value")), strict=True))

    def up(self, node: int) -> Iterator[int]:
        """Yield a node and all it stands in, innermost first."""
        while node >= 0:
            yield node
            node = self._parents[node]

    def layout_of(self, node: int) -> int | None:
        """Return the number under which the snapshot tells where a node is drawn; None = it is not."""
        return self._layout_of.get(node)

    def block_of(self, node: int) -> int:
        """Return the paragraph, cell … a node stands in."""
        return next((one for one in self.up(node) if self.names[one] in _BLOCKS), 0)

    def has_content(self, node: int) -> bool:
        """Tell whether something that stands in a node is drawn."""
        return node in self._with_content

    def insets(self, node: int) -> tuple[float, float]:
        """Return how far from its left and upper edge a frame's contents begin."""
        left, top, more_left, more_top = (_pixels(self.string(style)) for style in self._style(node)[_INSETS])
        return left + more_left, top + more_top

    def is_moved(self, node: int) -> bool:
        """Tell whether a frame's contents may stand elsewhere than its box says, or in another size."""
        return any(
            self.names[one] == "SVG" or any(self.string(style) not in _STILL for style in self._style(one)[_MOVING])
            for one in self.up(node)
        )

    def mirror_gap(self, node: int) -> float | None:
        """Return how far off a node is drawn a second time as in a mirror; None = it is not."""
        style = self._style(node)
        mirror = self.string(style[_MIRROR]) if style else ""
        return None if mirror in ("none", "") else max((abs(_pixels(word)) for word in mirror.split()), default=0.0)

    def has_written_background(self, node: int) -> bool:
        """Tell whether a node's background is a drawing with text that stands in the page itself."""
        style = self._style(node)
        if not style:
            return False
        index = style[_BACKGROUND]
        if index not in self._written:  # a long one may be that of many nodes
            self._written[index] = draws_text(self.string(index))
        return self._written[index]

    def shows_text_of_others(self, node: int) -> bool:
        """Tell whether a part of a drawing shows text that stands elsewhere: a copy, or what it is painted or cut with."""
        name = self.names[node]
        if name == "SVG":
            return self._has_written_paint
        return name in _COPIES and self._reference(node) in self._copied

    def marks(self, begin: NodeMark) -> list[NodeMark]:
        """
        Return what holds for each node; begin: what holds for the document's frame.

        A form that holds the whole page is none (ASP.NET makes one).
        """
        whole = {one for node, name in enumerate(self.names) if name in _OF_A_PAGE for one in self.up(node)}
        marks: list[NodeMark] = []
        for node, name in enumerate(self.names):  # parents come before their children
            parent = self._parents[node]
            above = marks[parent] if parent >= 0 else begin
            form = above.form or (name == "FORM" and node not in whole)
            field = above.field or node in self.fields
            own = self._shifts(node)
            shifts = tuple(dict.fromkeys(above.shifts + own)) if own else above.shifts
            same = form == above.form and field == above.field and shifts == above.shifts
            marks.append(above if same else NodeMark(form, field, shifts))
        return marks

    def _is_field(self, node: int) -> bool:
        name, style = self.names[node], self._style(node)
        if name in _FIELDS or (style and self._strings[style[_TYPED]] not in ("read-only", "")):
            return True
        if self._telling.isdisjoint(self._pairs[node][::2]):  # most have neither: a dictionary of each would be dear
            return name == "INPUT"
        if name == "INPUT":
            return self.attributes(node).get("type", "text").lower() not in _NO_FIELDS
        attributes = self.attributes(node)
        return attributes.get("contenteditable", "false").lower() != "false" or not _EDITED.isdisjoint(
            attributes.get("role", "").lower().split()
        )

    def _shifts(self, node: int) -> tuple[tuple[float, float], ...]:
        style = self._style(node)
        return _shifts(self._strings[style[_TEXT_SHADOW]]) + _shifts(self._strings[style[_FILTER]]) if style else ()

    def _style(self, node: int) -> Sequence[int]:
        """Return the numbers of a node's styles; none where it is not drawn."""
        index = self._layout_of.get(node)
        return self._styles[index] if index is not None else ()

    def _bent(self, text: int) -> Iterator[int]:
        for node in range(text, len(self.names)):
            if node != text and text not in self.up(node):
                return  # a node's descendants follow it
            if self.names[node] == "TEXTPATH" or "rotate" in self.attributes(node):
                yield node

    def _ids_around(self, texts: Sequence[int]) -> frozenset[str]:
        """Return the ids by which copies of texts may be made, and copies of copies."""
        ids: set[str] = set()
        copies = [node for node, name in enumerate(self.names) if name in _COPIES]
        more = list(texts)
        while more:
            around = {self.attributes(one).get("id", "") for node in more for one in self.up(node)} - ids
            ids |= around
            more = [node for node in copies if self._reference(node) in around]
        return frozenset(ids - {""})

    def _reference(self, node: int) -> str:
        attributes = self.attributes(node)
        return (attributes.get("href") or attributes.get("xlink:href") or "").removeprefix("#")


def _name(name: str) -> str:
    return name if name[:1] in ("#", ":") else name.rpartition(":")[2].upper()


@lru_cache(maxsize=1024)
def _shifts(style: str) -> tuple[tuple[float, float], ...]:
    """Return how far off the shadows that can be read are drawn."""
    if "px" not in style:
        return ()
    found = ((float(x), float(y), float(blur)) for x, y, blur in _SHADOW.findall(style))
    return tuple((x, y) for x, y, blur in found if blur <= _READABLE_PIXELS and max(abs(x), abs(y)) > _NEAR_PIXELS)


def _pixels(style: str) -> float:
    try:
        return float(style.removesuffix("px"))
    except ValueError:
        return 0.0
