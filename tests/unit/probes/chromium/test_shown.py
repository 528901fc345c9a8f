"""What a snapshot tells of all that a page shows; real snapshots are read by the gallery of verdicts."""

from probes.chromium.shown import parse_shown


class Page:
    """Makes a document of a snapshot, node by node."""

    def __init__(self, snapshot, frame="F", url="http://a.test/", size=(1000, 500)):
        self._strings = snapshot["strings"]
        self.nodes = {"nodeName": [], "nodeType": [], "parentIndex": [], "attributes": [],
                      "contentDocumentIndex": {"index": [], "value": []}}  # fmt: skip
        self.layout = {"nodeIndex": [], "styles": [], "bounds": [], "text": []}
        snapshot["documents"].append(
            {"documentURL": self.s(url), "frameId": self.s(frame), "nodes": self.nodes, "layout": self.layout}
        )
        self.node("#document", -1, bounds=(0, 0, *size), styles=())

    def s(self, text):
        self._strings.append(text)
        return len(self._strings) - 1

    def node(self, name, parent=0, *, bounds=(0, 0, 10, 10), styles=("block",), text=None, document=None, **attributes):
        number = len(self.nodes["nodeName"])
        self.nodes["nodeName"].append(self.s(name))
        self.nodes["nodeType"].append(3 if name == "#text" else 1)
        self.nodes["parentIndex"].append(parent)
        self.nodes["attributes"].append([self.s(word) for pair in attributes.items() for word in pair])
        whole = (*styles, *("block", "visible", "1", "none")[len(styles) :]) if styles else ()
        self.layout["nodeIndex"].append(number)
        self.layout["styles"].append([self.s(style) for style in whole])
        self.layout["bounds"].append(bounds)
        self.layout["text"].append(-1 if text is None else self.s(text))
        if document is not None:
            self.nodes["contentDocumentIndex"]["index"].append(number)
            self.nodes["contentDocumentIndex"]["value"].append(document)
        return number

    def text(self, words, parent, styles=("inline",)):
        return self.node("#text", parent, styles=styles, text=words)


def snapshot():
    return {"strings": [], "documents": []}


def test_texts_of_one_block_are_one_and_blocks_stand_apart():
    made = snapshot()
    page = Page(made)
    block = page.node("P")
    page.text("Dịch vụ c", block)
    bold = page.node("B", block, styles=("inline",))
    page.text("ông", bold)
    page.text("trực tuyến", page.node("P"))
    shown = parse_shown(made)
    assert shown.text == "Dịch vụ công trực tuyến"
    assert shown.own_characters == len("Dịchvụcôngtrựctuyến")


def test_what_is_hidden_or_transparent_is_left_out_with_all_in_it():
    made = snapshot()
    page = Page(made)
    page.text("ẩn", page.node("P", styles=("block", "hidden")), styles=("block", "hidden"))
    clear = page.node("DIV", styles=("block", "visible", "0"))
    page.text("trong suốt", page.node("P", clear))
    page.node("IMG", clear, bounds=(0, 0, 1000, 500))
    page.node("A", clear)
    page.text("hiện", page.node("P"))
    shown = parse_shown(made)
    assert (shown.text, shown.links, shown.pictures_ratio) == ("hiện", 0, 0.0)


def test_frames_are_read_and_measured_by_what_of_them_is_in_view():
    made = snapshot()
    page = Page(made)
    page.node("IFRAME", bounds=(500, 0, 1000, 500), document=1)
    page.node("IFRAME", bounds=(0, 0, 1, 1), document=2)
    inner = Page(made, "G", "chrome-error://chromewebdata/", size=(1000, 500))
    inner.text("trong khung", inner.node("P"))
    inner.node("IMG", bounds=(0, 0, 500, 500))
    counter = Page(made, "H")
    counter.text("đếm", counter.node("P"))
    shown = parse_shown(made)
    assert shown.text == "trong khung"
    assert shown.own_characters == 0
    assert [(one.id, one.ratio, one.is_error_page, one.is_empty) for one in shown.frames] == [("G", 0.5, True, False)]
    assert shown.pictures_ratio == 0.5


def test_a_frame_with_nothing_in_it_is_empty_and_one_around_a_full_one_is_not():
    made = snapshot()
    page = Page(made)
    page.node("IFRAME", bounds=(0, 0, 500, 500), document=1)
    page.node("IFRAME", bounds=(500, 0, 500, 500), document=2)
    empty = Page(made, "E", size=(500, 500))
    empty.text(" ", empty.node("P"))
    around = Page(made, "A", size=(500, 500))
    around.node("IFRAME", bounds=(0, 0, 500, 500), document=3)
    full = Page(made, "G", size=(500, 500))
    full.text("đầy", full.node("P"))
    assert {one.id: one.is_empty for one in parse_shown(made).frames} == {"E": True, "A": False, "G": False}


def test_words_on_buttons_and_in_empty_fields_are_read_and_what_was_filled_in_is_not():
    made = snapshot()
    page = Page(made)
    page.node("INPUT", type="submit", value="Nộp hồ sơ")
    page.node("INPUT", type="text", value="Nguyễn Văn A", placeholder="Họ tên")
    shown = parse_shown(made)
    assert (shown.text, shown.controls) == ("Nộp hồ sơ Họ tên", 2)


def test_links_and_pictures_of_style_sheets_and_drawings_count():
    made = snapshot()
    page = Page(made)
    page.node("A", styles=("inline",))
    page.node("svg:A", styles=("inline",))
    page.node("DIV", bounds=(0, 0, 500, 500), styles=("block", "visible", "1", 'url("/a.png")'))
    page.node("svg", bounds=(500, 0, 250, 500), styles=("inline",))
    shown = parse_shown(made)
    assert (shown.links, shown.pictures_ratio) == (2, 0.75)


def test_an_embedded_pdf_is_what_cannot_be_read():
    made = snapshot()
    page = Page(made)
    page.node("EMBED", bounds=(0, 0, 500, 500), type="application/pdf")
    page.node("OBJECT", bounds=(500, 0, 250, 500), data="/A.PDF?x#page=2")
    page.node("EMBED", bounds=(0, 0, 500, 500), src="/a.swf")
    assert parse_shown(made).unreadable_ratio == 0.75


def test_nothing_is_shown_by_no_document():
    shown = parse_shown(snapshot())
    assert (shown.text, shown.frames) == ("", ())
