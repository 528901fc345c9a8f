"""
What a page shows at one moment, with where: each piece of text, each field, each frame that cannot be looked into.

One command of Chromium's tells it from below the page: all documents of its process, shadow roots closed or open, text that style
sheets bring in; the page's scripts take no part and nothing of the page changes.

Source: chromedevtools.github.io/devtools-protocol/tot/DOMSnapshot
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probes.chromium.cdp import Session

_STYLES = (
    "transform",
    "rotate",
    "scale",
    "translate",
    "zoom",
    "border-left-width",
    "border-top-width",
    "padding-left",
    "padding-top",
)
_MOVING = 5  # of _STYLES, those that make a frame's contents stand elsewhere than its box says
_STILL = frozenset({"none", "1", "normal", "auto", ""})
_BUTTONS = frozenset({"submit", "button", "reset"})
_NO_FIELDS = frozenset({"hidden", "image"})
_EDITED = frozenset({"textbox", "combobox", "searchbox", "spinbutton", "listbox"})
_BLOCKS = frozenset(
    """
    P DIV TD TH LI DT DD H1 H2 H3 H4 H5 H6 SECTION ARTICLE FORM FIELDSET BODY HTML TR TABLE UL OL ADDRESS PRE LABEL
    A
    """.split()  # noqa: SIM905
)
_OF_A_PAGE = frozenset({"MAIN", "NAV", "HEADER", "FOOTER"})
_PAINTED = frozenset({"CANVAS", "VIDEO", "OBJECT", "EMBED"})
_SHOWN_BARE = _PAINTED | {"INPUT", "TEXTAREA", "SELECT"}
"""What is painted or filled in even where it has no attribute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in CSS px of the viewport."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Its height."""
        return self.bottom - self.top

    def within(self, other: "Box") -> "Box":
        """Return the part of it that lies in another; one of no size where none does."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Box(
            left=left,
            top=top,
            right=max(left, min(self.right, other.right)),
            bottom=max(top, min(self.bottom, other.bottom)),
        )

    def around(self, other: "Box") -> "Box":
        """Return the smallest that holds both."""
        return Box(
            left=min(self.left, other.left),
            top=min(self.top, other.top),
            right=max(self.right, other.right),
            bottom=max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """
    A piece of text in one line.

    whole: the text it is a piece of. block: number of the paragraph, cell … it stands in. form: it stands in a form that is a
    part of its page.
    """

    text: str
    box: Box
    whole: str
    block: tuple[int, int]
    form: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words that stand in a box, by an attribute. form: as in Run."""

    words: str
    box: Box
    form: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """
    What is drawn.

    view: the viewport. runs: pieces of text, document by document. fields: what people fill in or choose. labels: buttons and
    pictures with words that the browser itself draws in them, or would. frames: those that cannot be looked into. painted: what
    scripts and players paint, and pictures that are no files.
    """

    view: Box
    runs: tuple[Run, ...]
    fields: tuple[Box, ...]
    labels: tuple["Label", ...] = ()
    frames: tuple[Box, ...] = ()
    painted: tuple[Box, ...] = ()


@dataclass(slots=True)
class _Found:
    runs: list[Run] = field(default_factory=list)
    fields: list[Box] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    frames: list[Box] = field(default_factory=list)
    painted: list[Box] = field(default_factory=list)


async def read_drawn(session: Session) -> Drawn:
    """Return what a page shows now; raises Error where the page is lost."""
    snapshot, metrics = await asyncio.gather(
        session.send("DOMSnapshot.captureSnapshot", {"computedStyles": list(_STYLES)}),
        session.send("Page.getLayoutMetrics"),
    )
    return parse_drawn(snapshot, metrics["cssVisualViewport"])


def parse_drawn(snapshot: Mapping[str, Any], viewport: Mapping[str, float]) -> Drawn:
    """Return what a snapshot tells, in a viewport as Page.getLayoutMetrics gives it."""
    view = Box(left=0, top=0, right=viewport["clientWidth"], bottom=viewport["clientHeight"])
    found = _Found()
    if snapshot["documents"]:
        _Document(snapshot, 0, -viewport["pageX"], -viewport["pageY"], view, found).read()
    return Drawn(
        view=view,
        runs=tuple(found.runs),
        fields=tuple(found.fields),
        labels=tuple(found.labels),
        frames=tuple(found.frames),
        painted=tuple(found.painted),
    )


class _Document:
    """One document of a snapshot, and those in its frames."""

    def __init__(self, snapshot: Mapping[str, Any], number: int, x: float, y: float, clip: Box, found: _Found) -> None:
        self._snapshot = snapshot
        self._strings: Sequence[str] = snapshot["strings"]
        self._number = number
        self._document = snapshot["documents"][number]
        self._nodes = self._document["nodes"]
        self._x, self._y, self._clip, self._found = x, y, clip, found
        self._parents: Sequence[int] = self._nodes["parentIndex"]
        self._names = [self._string(name) for name in self._nodes["nodeName"]]
        self._layout_of = {
            node: index for index, node in reversed(list(enumerate(self._document["layout"]["nodeIndex"])))
        }
        self._block: dict[int, int] = {}

    def read(self) -> None:
        """Add what is drawn to what was found."""
        layout = self._document["layout"]
        inner = dict(zip(*(self._nodes["contentDocumentIndex"][part] for part in ("index", "value")), strict=True))
        forms = self._forms()
        pieces = self._pieces()
        for index, node in enumerate(layout["nodeIndex"]):
            name = self._names[node]
            text = self._string(layout["text"][index])
            if text.strip():
                self._add_text(index, node, text, pieces.get(index, ()), in_form=forms[node])
            elif name in ("IFRAME", "FRAME"):
                self._enter(node, index, inner.get(node), self._box(layout["bounds"][index]))
            else:
                self._add_element(node, index, name, in_form=forms[node])

    def _add_text(
        self, index: int, node: int, text: str, pieces: Sequence[tuple[int, int, Sequence[float]]], *, in_form: bool
    ) -> None:
        if pieces:
            shown = [piece for piece in pieces if self._is_in_view(piece[2])]
        else:
            whole = self._document["layout"]["bounds"][index]
            shown = [(0, len(text), whole)] if self._is_in_view(whole) else []
        if not shown:
            return
        wide = text.encode("utf-16-le", "surrogatepass")  # positions are counted as scripts count them
        block = (self._number, self._block_of(node))
        for start, length, place in shown:
            piece = wide[2 * start : 2 * (start + length)].decode("utf-16-le", "replace") if pieces else text
            if piece.strip():
                self._found.runs.append(Run(text=piece, box=self._box(place), whole=text, block=block, form=in_form))

    def _add_element(self, node: int, index: int, name: str, *, in_form: bool) -> None:
        found = self._found
        if name not in _SHOWN_BARE and not self._nodes["attributes"][node]:
            return
        box = self._box(self._document["layout"]["bounds"][index])
        if name in _PAINTED:
            found.painted.append(box)
        attributes = self._attributes(node)
        kind = attributes.get("type", "text").lower() if name == "INPUT" else ""
        if kind in _BUTTONS:
            found.labels.append(Label(words=attributes.get("value", ""), box=box, form=in_form))
        elif (
            (name == "INPUT" and kind not in _NO_FIELDS)
            or name in ("TEXTAREA", "SELECT")
            or attributes.get("contenteditable", "false").lower() != "false"
            or attributes.get("role", "").lower() in _EDITED
        ):
            found.fields.append(box)
        elif name == "IMG" and attributes.get("src", "").lstrip().lower().startswith(("data:", "blob:")):
            found.painted.append(box)
        elif attributes.get("alt"):  # shown where the picture does not come
            found.labels.append(Label(words=attributes["alt"], box=box, form=in_form))

    def _enter(self, node: int, index: int, document: int | None, box: Box) -> None:
        styles = [self._string(style) for style in self._document["layout"]["styles"][index]] or [""] * len(_STYLES)
        if document is None or any(self._moves(one) for one in self._up(node)):
            self._found.frames.append(box)
            return
        bounds = self._document["layout"]["bounds"][index]
        left, top, more_left, more_top = (_pixels(style) for style in styles[_MOVING:])
        inner = self._snapshot["documents"][document]
        x = self._x + bounds[0] + left + more_left - inner.get("scrollOffsetX", 0)
        y = self._y + bounds[1] + top + more_top - inner.get("scrollOffsetY", 0)
        _Document(self._snapshot, document, x, y, box.within(self._clip), self._found).read()

    def _moves(self, node: int) -> bool:
        index = self._layout_of.get(node)
        styles = self._document["layout"]["styles"][index] if index is not None else ()
        return any(self._string(style) not in _STILL for style in styles[:_MOVING])

    def _forms(self) -> list[bool]:
        """Return for each node whether it stands in a form, one that holds the whole page aside (ASP.NET makes one)."""
        whole = {one for node, name in enumerate(self._names) if name in _OF_A_PAGE for one in self._up(node)}
        inside = [False] * len(self._names)
        for node, name in enumerate(self._names):  # parents come before their children
            parent = self._parents[node]
            inside[node] = (parent >= 0 and inside[parent]) or (name == "FORM" and node not in whole)
        return inside

    def _pieces(self) -> Mapping[int, list[tuple[int, int, Sequence[float]]]]:
        boxes = self._document["textBoxes"]
        pieces: dict[int, list[tuple[int, int, Sequence[float]]]] = {}
        for index, start, length, bounds in zip(
            boxes["layoutIndex"], boxes["start"], boxes["length"], boxes["bounds"], strict=True
        ):
            pieces.setdefault(index, []).append((start, length, bounds))
        return pieces

    def _block_of(self, node: int) -> int:
        return next((one for one in self._up(node) if self._names[one] in _BLOCKS), 0)

    def _up(self, node: int) -> Iterator[int]:
        while node >= 0:
            yield node
            node = self._parents[node]

    def _attributes(self, node: int) -> dict[str, str]:
        pairs = self._nodes["attributes"][node]
        return {self._string(pairs[at]).lower(): self._string(pairs[at + 1]) for at in range(0, len(pairs) - 1, 2)}

    def _box(self, bounds: Sequence[float]) -> Box:
        left, top, width, height = bounds
        x, y = self._x + left, self._y + top
        return Box(left=x, top=y, right=x + width, bottom=y + height).within(self._clip)

    def _is_in_view(self, bounds: Sequence[float]) -> bool:
        """Tell whether `_box` has a size: most of a long page's text lies outside, and objects are dear."""
        left, top, width, height = bounds
        x, y, clip = self._x + left, self._y + top, self._clip
        return min(clip.right, x + width) > max(clip.left, x) and min(clip.bottom, y + height) > max(clip.top, y)

    def _string(self, index: int) -> str:
        return self._strings[index] if index >= 0 else ""


def _pixels(style: str) -> float:
    try:
        return float(style.removesuffix("px"))
    except ValueError:
        return 0.0
