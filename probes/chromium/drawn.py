"""
What a page shows at one moment, with where: each piece of text, each field, each frame that cannot be looked into.

One command of Chromium's tells it from below the page: all documents of its process, shadow roots closed or open, text that style
sheets bring in; the page's scripts take no part and nothing of the page changes.

Source: chromedevtools.github.io/devtools-protocol/tot/DOMSnapshot
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probes.chromium.cdp import CdpSession
from probes.chromium.drawn_nodes import BUTTONS, STYLES, STYLES_WITH_FRAMES, NodeMark, Nodes
from probes.chromium.drawn_sources import is_made_in_the_page, may_hold_text

_FRAMES = frozenset({"IFRAME", "FRAME", "FENCEDFRAME", "PORTAL"})
_HOLDERS = frozenset({"OBJECT", "EMBED"})
_PICTURES = frozenset({"IMG", "IMAGE", "INPUT"})


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

    @property
    def area(self) -> float:
        """Its area."""
        return (self.right - self.left) * (self.bottom - self.top)

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

    def moved(self, x: float, y: float) -> "Box":
        """Return it so far to the right and down."""
        return Box(left=self.left + x, top=self.top + y, right=self.right + x, bottom=self.bottom + y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """
    A piece of text in one line, with its shadows where these can be read.

    whole: the text it is a piece of. block: number of the paragraph, cell … it stands in. form: it stands in a form that is a
    part of its page. typed: it stands in a field, or should.
    """

    text: str
    box: Box
    whole: str
    block: tuple[int, int]
    form: bool
    typed: bool = False


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
    pictures with words that the browser itself draws in them, or would. frames: those that cannot be looked into, and what is
    drawn in other places than where it stands. made: what scripts paint, and drawings with text that are no files. painted: other
    pictures that are no files, and what players show.
    """

    view: Box
    runs: tuple[Run, ...]
    fields: tuple[Box, ...]
    labels: tuple["Label", ...] = ()
    frames: tuple[Box, ...] = ()
    made: tuple[Box, ...] = ()
    painted: tuple[Box, ...] = ()


@dataclass(slots=True)
class _Found:
    runs: list[Run] = field(default_factory=list)
    fields: list[Box] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    frames: list[Box] = field(default_factory=list)
    made: list[Box] = field(default_factory=list)
    painted: list[Box] = field(default_factory=list)


Look = tuple[Mapping[str, Any], Mapping[str, float]]
"""What Chromium told of a page: a snapshot and its visual viewport."""


async def look(session: CdpSession, *, framed: bool = False) -> Look:
    """
    Return what Chromium tells of a page now, for `parse_drawn`; raises Error where the page is lost.

    framed: frames that can be looked into are expected, so that they need not be looked for first.
    """
    seen = await _look(session, STYLES_WITH_FRAMES if framed else STYLES)
    return await _look(session, STYLES_WITH_FRAMES) if is_framed(seen) and not framed else seen


def is_framed(seen: Look) -> bool:
    """Tell whether a page has frames that can be looked into."""
    return len(seen[0]["documents"]) > 1


async def _look(session: CdpSession, styles: Sequence[str]) -> Look:
    snapshot, metrics = await asyncio.gather(
        session.send("DOMSnapshot.captureSnapshot", {"computedStyles": list(styles)}),
        session.send("Page.getLayoutMetrics"),
    )
    return snapshot, metrics["cssVisualViewport"]


def parse_drawn(snapshot: Mapping[str, Any], viewport: Mapping[str, float]) -> Drawn:
    """Return what a snapshot tells, in a viewport as Page.getLayoutMetrics gives it."""
    view = Box(left=0, top=0, right=viewport["clientWidth"], bottom=viewport["clientHeight"])
    found = _Found()
    if snapshot["documents"]:
        _Document(snapshot, 0, -viewport["pageX"], -viewport["pageY"], view, found).read(NodeMark())
    return Drawn(
        view=view,
        runs=tuple(found.runs),
        fields=tuple(found.fields),
        labels=tuple(found.labels),
        frames=tuple(found.frames),
        made=tuple(found.made),
        painted=tuple(found.painted),
    )


class _Document:
    """One document of a snapshot, and those in its frames."""

    def __init__(self, snapshot: Mapping[str, Any], number: int, x: float, y: float, clip: Box, found: _Found) -> None:
        self._snapshot = snapshot
        self._number = number
        self._document = snapshot["documents"][number]
        self._layout = self._document["layout"]
        self._nodes = Nodes(snapshot, number)
        self._x, self._y, self._clip, self._found = x, y, clip, found

    def read(self, begin: NodeMark) -> None:
        """Add what is drawn to what was found; begin: what holds for the frame that it is the document of."""
        nodes = self._nodes
        inner, marks, pieces = nodes.documents(), nodes.marks(begin), self._pieces()
        for index, node in enumerate(self._layout["nodeIndex"]):
            name, mark, bounds = nodes.names[node], marks[node], self._layout["bounds"][index]
            text = nodes.string(self._layout["text"][index])
            if text.strip():
                self._add_text(node, text, pieces.get(index, ()) or ((0, -1, bounds),), mark)
            elif name in _FRAMES or (name in _HOLDERS and node in inner):
                self._enter(node, bounds, inner.get(node), mark)
            else:
                self._add_element(node, name, bounds, mark)

    def _add_text(
        self, node: int, text: str, pieces: Sequence[tuple[int, int, Sequence[float]]], mark: NodeMark
    ) -> None:
        """Add a text's pieces; most of a long page's stand out of sight, and objects are dear."""
        bent = self._bent(node)
        shown = [piece for piece in pieces if bent or mark.shifts or self._is_in_view(piece[2])]
        if not shown:
            return
        wide = text.encode("utf-16-le", "surrogatepass")  # positions are counted as scripts count them
        block = (self._number, self._nodes.block_of(node))
        for start, length, place in shown:
            piece = wide[2 * start : 2 * (start + length)].decode("utf-16-le", "replace") if length >= 0 else text
            box = self._box(place, mark.shifts)
            box = box.around(bent) if bent else box
            if piece.strip() and box.right > box.left and box.bottom > box.top:
                run = Run(text=piece, box=box, whole=text, block=block, form=mark.form, typed=mark.field)
                self._found.runs.append(run)

    def _add_element(self, node: int, name: str, bounds: Sequence[float], mark: NodeMark) -> None:
        found, nodes = self._found, self._nodes
        gap = nodes.mirror_gap(node)
        if gap is None and not self._is_in_view(bounds):
            return
        box = self._box(bounds)
        if gap is not None:
            x, y = bounds[2] + gap, bounds[3] + gap
            found.frames.append(self._box(bounds, ((x, y), (-x, -y))))
        if node in nodes.fields:
            found.fields.append(box)
        if name == "CANVAS" or nodes.has_written_background(node) or nodes.shows_text_of_others(node):
            found.made.append(box)
        elif name == "VIDEO":
            found.painted.append(box)
        elif name in _HOLDERS:
            (found.painted if nodes.has_content(node) else found.frames).append(box)
        self._add_attributes(name, nodes.attributes(node), box, mark)

    def _add_attributes(self, name: str, attributes: Mapping[str, str], box: Box, mark: NodeMark) -> None:
        """Add what attributes of buttons and pictures show."""
        found = self._found
        kind = attributes.get("type", "").lower() if name == "INPUT" else ""
        words = attributes.get("alt") or ""
        if kind in BUTTONS:
            words = attributes.get("value", "")
        elif name in _PICTURES and is_made_in_the_page(attributes):
            (found.made if may_hold_text(attributes) else found.painted).append(box)
        elif not words and (name == "IMG" or kind == "image"):  # what the browser writes there instead
            words = f"{attributes.get('title', '')} {attributes.get('value', '')}".strip()
        if words:  # of a picture: shown where it does not come
            found.labels.append(Label(words=words, box=box, form=mark.form))

    def _enter(self, node: int, bounds: Sequence[float], document: int | None, mark: NodeMark) -> None:
        box = self._box(bounds)
        if document is None or self._nodes.is_moved(node):
            self._found.frames.append(box)
            return
        left, top = self._nodes.insets(node)
        inner = self._snapshot["documents"][document]
        x = self._x + bounds[0] + left - inner.get("scrollOffsetX", 0)
        y = self._y + bounds[1] + top - inner.get("scrollOffsetY", 0)
        _Document(self._snapshot, document, x, y, box, self._found).read(mark)

    def _bent(self, node: int) -> Box | None:
        """Return the box of a text whose letters stand along a line or are turned, each in its own way; None = of another."""
        bent = self._nodes.bent
        at = next((one for one in self._nodes.up(node) if one in bent), None) if bent else None
        index = None if at is None else self._nodes.layout_of(at)
        return None if index is None else self._box(self._layout["bounds"][index])

    def _pieces(self) -> Mapping[int, list[tuple[int, int, Sequence[float]]]]:
        boxes = self._document["textBoxes"]
        pieces: dict[int, list[tuple[int, int, Sequence[float]]]] = {}
        for index, start, length, bounds in zip(
            boxes["layoutIndex"], boxes["start"], boxes["length"], boxes["bounds"], strict=True
        ):
            pieces.setdefault(index, []).append((start, length, bounds))
        return pieces

    def _box(self, bounds: Sequence[float], shifts: Sequence[tuple[float, float]] = ()) -> Box:
        left, top, width, height = bounds
        x, y = self._x + left, self._y + top
        box = whole = Box(left=x, top=y, right=x + width, bottom=y + height)
        for shift in shifts:
            whole = whole.around(box.moved(*shift))
        return whole.within(self._clip)

    def _is_in_view(self, bounds: Sequence[float]) -> bool:
        """Tell whether `_box` has a size there."""
        left, top, width, height = bounds
        x, y, clip = self._x + left, self._y + top, self._clip
        return min(clip.right, x + width) > max(clip.left, x) and min(clip.bottom, y + height) > max(clip.top, y)
