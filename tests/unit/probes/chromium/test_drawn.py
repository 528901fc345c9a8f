"""What Chromium's snapshot of a page tells, in the viewport's own pixels."""

from typing import Any

import pytest

from probes.chromium.drawn import Box, Drawn, is_framed, look, parse_drawn
from probes.chromium.drawn_nodes import STYLES_WITH_FRAMES as ASKED

VIEWPORT = {"pageX": 0.0, "pageY": 50.0, "clientWidth": 800.0, "clientHeight": 600.0}
STILL = ("none", "none", "none", "none", "1", "none")
STYLES = ("read-only", "none", "none", "none", "none", *STILL, "3px", "3px", "2px", "2px")
AT = (0.0, 50.0, 10.0, 10.0)


class Snapshot:
    """Puts a snapshot together node by node."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self.documents: list[dict[str, Any]] = []

    def text(self, text: str) -> int:
        self.strings.append(text)
        return len(self.strings) - 1

    def document(
        self, *nodes: tuple[str, int, dict[str, str], str, tuple[float, ...] | None], scroll: float = 0.0
    ) -> None:
        """Nodes: name, parent, attributes, text, bounds (None = not laid out)."""
        drawn = [(n, node) for n, node in enumerate(nodes) if node[4] is not None]
        styles = [self.text(style) for style in STYLES]
        self.documents.append(
            {
                "scrollOffsetX": 0.0,
                "scrollOffsetY": scroll,
                "nodes": {
                    "parentIndex": [node[1] for node in nodes],
                    "nodeName": [self.text(node[0]) for node in nodes],
                    "attributes": [[self.text(part) for pair in node[2].items() for part in pair] for node in nodes],
                    "contentDocumentIndex": {"index": [], "value": []},
                },
                "layout": {
                    "nodeIndex": [n for n, _ in drawn],
                    "bounds": [list(node[4] or ()) for _, node in drawn],
                    "text": [self.text(node[3]) if node[3] else -1 for _, node in drawn],
                    "styles": [styles for _ in drawn],
                },
                "textBoxes": {"layoutIndex": [], "start": [], "length": [], "bounds": []},
            }
        )

    def style(self, node: int, name: str, value: str) -> None:
        """Give one node of the last document a style of its own."""
        layout = self.documents[-1]["layout"]
        index = layout["nodeIndex"].index(node)
        layout["styles"][index] = list(layout["styles"][index])
        layout["styles"][index][ASKED.index(name)] = self.text(value)

    def told(self) -> dict[str, Any]:
        return {"strings": self.strings, "documents": self.documents}


def test_texts_stand_where_the_viewport_shows_them() -> None:
    snapshot = Snapshot()
    snapshot.document(("BODY", -1, {}, "", (0, 0, 800, 900)), ("#text", 0, {}, "Xin chào", (10, 60, 90, 20)))
    drawn = parse_drawn(snapshot.told(), VIEWPORT)
    assert drawn.view == Box(left=0, top=0, right=800, bottom=600)
    assert [(run.text, run.box) for run in drawn.runs] == [("Xin chào", Box(left=10, top=10, right=100, bottom=30))]


def test_pieces_of_a_text_are_counted_as_scripts_count() -> None:
    snapshot = Snapshot()
    snapshot.document(("BODY", -1, {}, "", (0, 0, 800, 900)), ("#text", 0, {}, "😀 hai", (0, 50, 90, 40)))
    snapshot.documents[0]["textBoxes"] = {
        "layoutIndex": [1, 1], "start": [0, 3], "length": [2, 3], "bounds": [[0, 50, 20, 20], [0, 70, 30, 20]],
    }  # fmt: skip
    assert [run.text for run in parse_drawn(snapshot.told(), VIEWPORT).runs] == ["😀", "hai"]


def test_fields_are_what_people_fill_in_or_choose() -> None:
    snapshot = Snapshot()
    at = (0.0, 50.0, 10.0, 10.0)
    snapshot.document(
        ("BODY", -1, {}, "", (0, 0, 800, 900)),
        ("INPUT", 0, {"value": "x"}, "", at),
        ("INPUT", 0, {"type": "checkbox"}, "", at),
        ("INPUT", 0, {"type": "HIDDEN"}, "", at),
        ("TEXTAREA", 0, {}, "", at),
        ("SELECT", 0, {}, "", at),
        ("DIV", 0, {"contenteditable": ""}, "", at),
        ("DIV", 0, {"contenteditable": "false"}, "", at),
        ("MAT-SELECT", 0, {"role": "combobox"}, "", at),
        ("INPUT", 0, {"type": "submit", "value": "Tiếp tục"}, "", at),
        ("IMG", 0, {"alt": "Ảnh"}, "", at),
        ("IMG", 0, {"src": " DATA:image/png,x"}, "", at),
        ("CANVAS", 0, {}, "", at),
    )
    drawn = parse_drawn(snapshot.told(), VIEWPORT)
    assert (len(drawn.fields), len(drawn.labels), len(drawn.painted), len(drawn.made)) == (6, 2, 1, 1)
    assert [label.words for label in drawn.labels] == ["Tiếp tục", "Ảnh"]


def test_a_frame_is_looked_into_where_its_contents_stand_and_covered_where_that_is_not_known() -> None:
    snapshot = Snapshot()
    snapshot.document(("BODY", -1, {}, "", (0, 0, 800, 900)), ("IFRAME", 0, {}, "", (100, 150, 200, 100)))
    snapshot.document(
        ("#text", -1, {}, "0912345678", (0, 30, 90, 20)), ("#text", -1, {}, "x", (0, 900, 9, 9)), scroll=20
    )
    assert len(parse_drawn(snapshot.told(), VIEWPORT).frames) == 1
    snapshot.documents[0]["nodes"]["contentDocumentIndex"] = {"index": [1], "value": [1]}
    drawn = parse_drawn(snapshot.told(), VIEWPORT)
    assert [run.box for run in drawn.runs] == [
        Box(left=105, top=115, right=195, bottom=135)
    ]  # what lies outside it is not drawn
    snapshot.strings[snapshot.documents[0]["layout"]["styles"][0][ASKED.index("transform")]] = (
        "matrix(2, 0, 0, 2, 0, 0)"
    )
    assert len(parse_drawn(snapshot.told(), VIEWPORT).frames) == 1


def test_a_form_that_holds_the_whole_page_is_none() -> None:
    for name, in_form in (("MAIN", False), ("DIV", True)):
        snapshot = Snapshot()
        snapshot.document(
            ("BODY", -1, {}, "", (0, 0, 800, 900)),
            ("FORM", 0, {}, "", (0, 0, 800, 900)),
            (name, 1, {}, "", (0, 0, 800, 900)),
            ("#text", 2, {}, "Lê Lan", (0, 60, 90, 20)),
        )
        assert [run.form for run in parse_drawn(snapshot.told(), VIEWPORT).runs] == [in_form]


def page(*nodes: tuple[str, int, dict[str, str], str, tuple[float, ...] | None]) -> Snapshot:
    snapshot = Snapshot()
    snapshot.document(("BODY", -1, {}, "", (0, 0, 800, 900)), *nodes)
    return snapshot


def read(snapshot: Snapshot) -> Drawn:
    return parse_drawn(snapshot.told(), VIEWPORT)


def test_elements_of_xhtml_are_what_they_are_in_html() -> None:
    drawn = read(page(("input", 0, {"value": "x"}, "", AT), ("h:textarea", 0, {}, "", AT), ("iframe", 0, {}, "", AT)))
    assert (len(drawn.fields), len(drawn.frames)) == (2, 1)


@pytest.mark.parametrize(
    ("name", "attributes"),
    [("OUTPUT", {}), ("DIV", {"role": "none textbox"}), ("SPAN", {"contenteditable": "plaintext-only"})],
)
def test_all_that_stands_in_a_field_is_typed(name: str, attributes: dict[str, str]) -> None:
    for at in (AT, None):  # None: display: contents
        drawn = read(page((name, 0, attributes, "", at), ("B", 1, {}, "", AT), ("#text", 2, {}, "Lê Lan", AT)))
        assert [run.typed for run in drawn.runs] == [True]


def test_what_a_style_sheet_or_a_script_lets_people_edit_is_a_field() -> None:
    snapshot = page(("DIV", 0, {}, "", AT), ("#text", 1, {}, "Lê Lan", AT), ("#text", 0, {}, "x", AT))
    snapshot.style(1, "-webkit-user-modify", "read-write")
    drawn = read(snapshot)
    assert len(drawn.fields) == 1
    assert [run.typed for run in drawn.runs] == [True, False]


def test_an_object_is_a_frame_or_holds_what_nobody_knows_or_shows_what_stands_in_it() -> None:
    assert len(read(page(("OBJECT", 0, {}, "", AT))).frames) == 1
    fallback = read(page(("OBJECT", 0, {}, "", AT), ("#text", 1, {}, "Tải về", AT)))
    assert (len(fallback.frames), len(fallback.painted), len(fallback.runs)) == (0, 1, 1)
    snapshot = page(("OBJECT", 0, {}, "", AT))
    snapshot.document(("INPUT", -1, {"value": "x"}, "", (0, 0, 5, 5)))
    snapshot.documents[0]["nodes"]["contentDocumentIndex"] = {"index": [1], "value": [1]}
    assert len(read(snapshot).fields) == 1


@pytest.mark.parametrize(("styled", "value"), [("offset-path", "ray(45deg)"), ("zoom", "2")])
def test_a_frame_that_is_moved_by_any_means_is_covered(styled: str, value: str) -> None:
    snapshot = page(("DIV", 0, {}, "", AT), ("IFRAME", 1, {}, "", AT))
    snapshot.style(1, styled, value)
    snapshot.document(("#text", -1, {}, "x", (0, 0, 5, 5)))
    snapshot.documents[0]["nodes"]["contentDocumentIndex"] = {"index": [2], "value": [1]}
    assert len(read(snapshot).frames) == 1
    snapshot.documents[0]["nodes"]["nodeName"][1] = snapshot.text("svg")
    snapshot.documents[0]["layout"]["styles"][1] = snapshot.documents[0]["layout"]["styles"][0]
    assert len(read(snapshot).frames) == 1


def test_a_frame_in_a_form_is_a_part_of_the_form() -> None:
    snapshot = page(("FORM", 0, {}, "", AT), ("IFRAME", 1, {}, "", (0, 50, 90, 90)))
    snapshot.document(("#text", -1, {}, "Lê Lan", (0, 0, 50, 20)))
    snapshot.documents[0]["nodes"]["contentDocumentIndex"] = {"index": [2], "value": [1]}
    assert [run.form for run in read(snapshot).runs] == [True]


DRAWING = "data:image/svg+xml,%3Csvg%3E%3CTEXT%3E0912345678"
CODED = "data:image/svg+xml;base64,PHN2Zz48dGV4dD4w"


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("IMG", {"src": DRAWING}),
        ("IMG", {"src": CODED}),
        ("IMG", {"src": "blob:https://h.vn/1"}),
        ("IMG", {"srcset": "blob:https://h.vn/1 2x"}),
        ("image", {"xlink:href": DRAWING}),
        ("INPUT", {"type": "image", "src": DRAWING}),
    ],
)
def test_drawings_with_text_that_stand_in_the_page_are_made(name: str, attributes: dict[str, str]) -> None:
    drawn = read(page((name, 0, attributes, "", AT)))
    assert (len(drawn.made), len(drawn.painted)) == (1, 0)


def test_a_background_is_a_drawing_with_text_or_an_ornament() -> None:
    for source, made in ((DRAWING, 1), (DRAWING.replace("TEXT", "path"), 0), ("https://h.vn/a.svg?<text", 0)):
        snapshot = page(("DIV", 0, {}, "", AT))
        snapshot.style(1, "background-image", f'url("{source}")')
        assert len(read(snapshot).made) == made


def test_a_lost_picture_is_called_by_its_title_where_it_has_no_other_words() -> None:
    drawn = read(page(("IMG", 0, {"title": "A"}, "", AT), ("INPUT", 0, {"type": "image", "value": "B"}, "", AT)))
    assert [label.words for label in drawn.labels] == ["A", "B"]


@pytest.mark.parametrize(
    ("styled", "value", "right"),
    [
        ("text-shadow", "rgb(0, 0, 0) 300px 0px 0px", 310.0),
        ("text-shadow", "rgb(0, 0, 0) 2px 2px 0px", 10.0),
        ("text-shadow", "rgb(0, 0, 0) 30px 0px 20px", 10.0),
        ("filter", "drop-shadow(rgb(0, 0, 0) 300px 0px 0px)", 310.0),
    ],
)
def test_a_text_is_where_its_shadow_can_be_read_too(styled: str, value: str, right: float) -> None:
    snapshot = page(("DIV", 0, {}, "", AT), ("B", 1, {}, "", AT), ("#text", 2, {}, "0912345678", AT))
    snapshot.style(1, styled, value)
    assert [run.box.right for run in read(snapshot).runs] == [right]


def test_a_mirrors_picture_is_covered() -> None:
    snapshot = page(("DIV", 0, {}, "", (100, 150, 10, 10)))
    snapshot.style(1, "-webkit-box-reflect", "below 5px")
    assert read(snapshot).frames == (Box(left=85, top=85, right=125, bottom=125),)


def test_copies_of_text_and_what_is_painted_with_text_are_made() -> None:
    texts = (
        ("svg", 0, {}, "", AT), ("defs", 1, {"id": "d"}, "", AT), ("text", 2, {}, "", AT), ("#text", 3, {}, "0912345678", AT),
    )  # fmt: skip
    assert len(read(page(*texts, ("use", 1, {"href": "#d"}, "", AT))).made) == 1
    assert (
        len(
            read(
                page(*texts, ("use", 1, {"id": "u", "xlink:href": "#d"}, "", AT), ("use", 1, {"href": "#u"}, "", AT))
            ).made
        )
        == 2
    )
    assert len(read(page(*texts, ("use", 1, {"href": "#other"}, "", AT))).made) == 0
    painted = (("svg", 0, {}, "", AT), ("pattern", 1, {}, "", AT), ("text", 2, {}, "", AT), ("svg", 0, {}, "", AT))
    assert len(read(page(*painted)).made) == 2


def test_letters_along_a_line_are_covered_as_one() -> None:
    for name, attributes in (("textPath", {}), ("tspan", {"rotate": "20"})):
        nodes = (("svg", 0, {}, "", AT), ("text", 1, {}, "", AT), (name, 2, attributes, "", (0, 60, 90, 90)))
        runs = read(page(*nodes, ("#text", 3, {}, "0", AT), ("P", 0, {}, "", AT), ("#text", 5, {}, "x", AT))).runs
        assert [run.box.bottom for run in runs] == [100.0, 10.0]


class Asked:
    """A page that tells what was asked of it."""

    def __init__(self, documents: int) -> None:
        self.documents = documents
        self.styles: list[int] = []

    async def send(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        if method == "Page.getLayoutMetrics":
            return {"cssVisualViewport": VIEWPORT}
        self.styles.append(len((params or {})["computedStyles"]))
        return {"documents": [{}] * self.documents, "strings": []}

    def on(self, event: str, f: Any) -> None: ...


@pytest.mark.parametrize(
    ("documents", "framed", "asked"), [(1, False, [5]), (2, False, [5, 15]), (2, True, [15]), (1, True, [15])]
)
async def test_where_frames_stand_is_asked_only_where_there_are_any(
    documents: int, framed: bool, asked: list[int]
) -> None:
    page = Asked(documents)
    seen = await look(page, framed=framed)
    assert page.styles == asked
    assert is_framed(seen) is (documents > 1)
