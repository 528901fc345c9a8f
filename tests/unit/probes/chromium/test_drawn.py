"""What Chromium's snapshot of a page tells, in the viewport's own pixels."""

from typing import Any

from probes.chromium.drawn import Box, parse_drawn

VIEWPORT = {"pageX": 0.0, "pageY": 50.0, "clientWidth": 800.0, "clientHeight": 600.0}
STYLES = ("none", "none", "none", "none", "1", "3px", "3px", "2px", "2px")


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
    assert (len(drawn.fields), len(drawn.labels), len(drawn.painted)) == (6, 2, 2)
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
    snapshot.strings[snapshot.documents[0]["layout"]["styles"][0][0]] = "matrix(2, 0, 0, 2, 0, 0)"
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
