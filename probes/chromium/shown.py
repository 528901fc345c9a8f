"""
What a page shows as text, links and pictures, in all its frames of whatever origin and in all its shadow roots, open or closed.

One snapshot of the browser's own tells it (probes.chromium.drawn says which); it is taken only where the main document alone says
too little to be judged by. What is hidden, transparent or in a frame without a size is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probes.chromium.cdp import CdpSession
from probes.chromium.drawn import Box
from probes.chromium.drawn_nodes import BUTTONS

_STYLES = ("display", "visibility", "opacity", "background-image")
_DISPLAY, _VISIBILITY, _OPACITY, _BACKGROUND = range(len(_STYLES))
_IN_LINE = frozenset({"inline", "inline-block", "contents", "none", "ruby", "ruby-text", "inline-table"})
_TRANSPARENT = 0.05
_MOST_CHARACTERS = 2_000_000
_MOST_NESTED = 16
_PICTURES = frozenset({"IMG", "CANVAS", "VIDEO", "SVG", "IMAGE"})
_LINKS = frozenset({"A", "AREA"})
_HOLDERS = frozenset({"EMBED", "OBJECT"})
PDF = "application/pdf"
_CONTROLS = frozenset({"INPUT", "BUTTON", "SELECT", "TEXTAREA"})
_TEXT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFrame:
    """
    A frame.

    id: Chromium's. ratio: its share of the viewport, 0..1. is_error_page: it shows the browser's own. is_empty: there is neither
    text nor anything else in it.
    """

    id: str
    ratio: float
    is_error_page: bool
    is_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AllShown:
    """
    What is shown.

    text: of all documents, with the words on buttons and in empty fields, white space folded. own_characters: of the main
    document alone. links, controls: how many can be seen. pictures_ratio: share of the viewport under pictures, canvases and
    films, 0..1 (what lies over another counts twice). unreadable_ratio: under embedded PDF, for which a headless browser has no
    viewer. frames: whose document is shown.
    """

    text: str
    own_characters: int
    links: int
    controls: int
    pictures_ratio: float
    unreadable_ratio: float
    frames: tuple[ShownFrame, ...]


async def look_at_all(session: CdpSession) -> AllShown:
    """Return what a page shows now; raises Error where the page is lost."""
    wish = {"computedStyles": list(_STYLES), "includePaintOrder": False, "includeDOMRects": False}
    return parse_shown(await session.send("DOMSnapshot.captureSnapshot", wish))


def parse_shown(snapshot: Mapping[str, Any]) -> AllShown:
    """Return what a snapshot with the styles of this module tells."""
    found = _Found()
    if not snapshot["documents"]:
        return found.shown(0.0)
    _, _, width, height = _root(snapshot["documents"][0])
    view = Box(left=0.0, top=0.0, right=width, bottom=height)
    _Document(snapshot, 0, found).read(view, (0.0, 0.0), 0)
    return found.shown(view.area)


@dataclass(slots=True)
class _Found:
    pieces: list[str] = field(default_factory=list)
    characters: int = 0
    words: int = 0
    own_characters: int = 0
    links: int = 0
    controls: int = 0
    pictures: float = 0.0
    unreadable: float = 0.0
    frames: list[tuple[str, float, bool, bool]] = field(default_factory=list)

    @property
    def things(self) -> float:
        """A number that grows with whatever is found."""
        return self.words + self.links + self.controls + self.pictures + self.unreadable

    def shown(self, area: float) -> AllShown:
        whole = max(area, 1.0)
        return AllShown(
            text=" ".join("".join(self.pieces).split()),
            own_characters=self.own_characters,
            links=self.links,
            controls=self.controls,
            pictures_ratio=min(1.0, self.pictures / whole),
            unreadable_ratio=min(1.0, self.unreadable / whole),
            frames=tuple(
                ShownFrame(id=one, ratio=size / whole, is_error_page=bad, is_empty=empty)
                for one, size, bad, empty in self.frames
            ),
        )


class _Document:
    """One document of a snapshot, and those in its frames."""

    def __init__(self, snapshot: Mapping[str, Any], number: int, found: _Found) -> None:
        self._snapshot = snapshot
        self._strings: Sequence[str] = snapshot["strings"]
        document = self._document = snapshot["documents"][number]
        nodes = document["nodes"]
        self._names: Sequence[int] = nodes["nodeName"]
        self._types: Sequence[int] = nodes["nodeType"]
        self._parents: Sequence[int] = nodes["parentIndex"]
        inner = nodes.get("contentDocumentIndex", {"index": (), "value": ()})
        self._inner = dict(zip(inner["index"], inner["value"], strict=True))
        self._found = found
        self._block = -1
        self._displays: dict[int, str] = {}
        self._gone: set[int] = set()

    def read(self, clip: Box, at: tuple[float, float], depth: int) -> None:
        """Add what is shown; clip: what of the viewport the document may be seen in; at: where it begins, px of the viewport."""
        found, layout = self._found, self._document["layout"]
        self._break()
        for node, style, bounds, text in zip(
            layout["nodeIndex"], layout["styles"], layout["bounds"], layout["text"], strict=True
        ):
            styles = [self._strings[one] for one in style]
            if not styles:
                continue
            is_text = text >= 0
            if not is_text:
                self._displays[node] = styles[_DISPLAY]
            if self._is_gone(node, styles) or styles[_VISIBILITY] != "visible":
                continue
            if is_text:
                self._add_text(node, self._strings[text], depth)
                continue
            name = self._strings[self._names[node]].rpartition(":")[2].upper()
            box = Box(left=0, top=0, right=bounds[2], bottom=bounds[3]).moved(at[0] + bounds[0], at[1] + bounds[1])
            document = self._inner.get(node)
            if document is not None and depth < _MOST_NESTED:
                self._enter(document, box, clip, depth)
            elif name in _HOLDERS and self._holds_pdf(node):
                found.unreadable += box.within(clip).area
            elif name in _PICTURES or "url(" in styles[_BACKGROUND]:
                found.pictures += box.within(clip).area
            found.links += name in _LINKS
            if name in _CONTROLS:
                found.controls += 1
                self._add_words(node, depth)
        self._break()

    def _enter(self, number: int, box: Box, clip: Box, depth: int) -> None:
        if box.right - box.left <= 1 or box.height <= 1:
            return  # it counts visitors or carries messages
        document = self._snapshot["documents"][number]
        seen = box.within(clip)
        is_error = self._strings[document["documentURL"]].startswith("chrome-error:")
        found, before = self._found, self._found.things
        at = box.left - document.get("scrollOffsetX", 0), box.top - document.get("scrollOffsetY", 0)
        _Document(self._snapshot, number, found).read(seen, at, depth + 1)
        found.frames.append((self._strings[document["frameId"]], seen.area, is_error, found.things == before))

    def _add_text(self, node: int, text: str, depth: int) -> None:
        found = self._found
        if found.characters > _MOST_CHARACTERS:
            return
        block = next((one for one in self._up(node) if self._displays.get(one, "contents") not in _IN_LINE), -1)
        if block != self._block:
            self._break()
            self._block = block
        found.pieces.append(text)
        found.characters += len(text)
        found.words += bool(text.strip())
        if depth == 0:
            found.own_characters += len("".join(text.split()))

    def _add_words(self, node: int, depth: int) -> None:
        """Add what a button or an empty field says by its attributes; never what was filled in."""
        attributes = self._attributes(node)
        words = attributes.get("placeholder", "")
        if attributes.get("type", "").lower() in BUTTONS:
            words = attributes.get("value", "")
        if words:
            self._break()
            self._add_text(node, words, depth)
            self._break()

    def _holds_pdf(self, node: int) -> bool:
        attributes = self._attributes(node)
        address = (attributes.get("src") or attributes.get("data") or "").partition("?")[0].partition("#")[0]
        return attributes.get("type", "").lower() == PDF or address.lower().endswith(".pdf")

    def _attributes(self, node: int) -> dict[str, str]:
        told = [self._strings[one] for one in self._document["nodes"]["attributes"][node]]
        return dict(zip(told[::2], told[1::2], strict=True))

    def _break(self) -> None:
        self._found.pieces.append(" ")

    def _is_gone(self, node: int, styles: Sequence[str]) -> bool:
        """Tell whether a node or one that it stands in is transparent; whatever is around a node comes before it."""
        parent = self._parents[node]
        while parent >= 0 and parent not in self._displays:
            parent = self._parents[parent]
        gone = parent in self._gone or _opacity(styles[_OPACITY]) < _TRANSPARENT
        if gone:
            self._gone.add(node)
        return gone

    def _up(self, node: int) -> Iterator[int]:
        while node >= 0:
            if self._types[node] != _TEXT:
                yield node
            node = self._parents[node]


def _root(document: Mapping[str, Any]) -> Sequence[float]:
    """Return the bounds of a document's viewport."""
    bounds = document["layout"]["bounds"]
    return bounds[0] if bounds else (0.0, 0.0, 0.0, 0.0)


def _opacity(style: str) -> float:
    try:
        return float(style)
    except ValueError:
        return 1.0
