"""What a picture must not show: numbers and addresses of persons however they are split, and texts of forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.chromium.drawn import Box, Drawn, Label, Run
from probes.chromium.private_boxes import Private, private_boxes

VIEW = Box(left=0, top=0, right=1000, bottom=800)
DIGITS = "079203001234"


def box(left: float, top: float, width: float = 100, height: float = 20) -> Box:
    return Box(left=left, top=top, right=left + width, bottom=top + height)


def run(text: str, at: Box, *, block: int = 0, form: bool = False, whole: str = "") -> Run:
    return Run(text=text, box=at, whole=whole or text, block=(0, block), form=form)


def drawn(
    *runs: Run, fields: tuple[Box, ...] = (), labels: tuple[Label, ...] = (), painted: tuple[Box, ...] = ()
) -> Drawn:
    return Drawn(view=VIEW, runs=runs, fields=fields, labels=labels, painted=painted)


def hidden(*runs: Run, form: bool = False) -> set[Box]:
    return set(private_boxes(drawn(*runs), form=form).texts)


@pytest.mark.parametrize(
    "text",
    [
        "CCCD 079203001234.",
        "079.203.001.234",
        "079 203 001 234",
        "079-203-001-234",
        "079/203/001/234",
        "０７９２０３００１２３４",
        "0 7 9 2 0 3 0 0 1 2 3 4",
        "079\u200b203\u200b001\u200b234",
        "023456789",
        "0912345678",
        "+84 912 345 678",
        "(024) 3943.4567",
        "٠٩١٢٣٤٥٦٧٨",
        "nguyen.van.a@example.vn",
        "nguyen.van.a＠example.vn",
        "nguyen.van.a (at) example.vn",
        "nguyen.van.a {at} example.vn",
        "nguyen.van.a a còng example.vn",
        "nguyen.van.a a co\u0300ng example.vn",
        "nguyen.van.a(a)example.vn",
        "nguyen.van.a at example dot vn",
        "nguyen.van.a [a-cong] example [chấm] vn",
        "0912\u00a0\u00a0\u00a0\u00a0345\u00a0\u00a0\u00a0\u00a0678",
        "0912*345*678",
        "0912:345:678",
        "0912~345~678",
        "0912'345'678",
        "[0912] [345] [678]",
        "0\ufe0f\u20e39\ufe0f\u20e31\ufe0f\u20e32\ufe0f\u20e33\ufe0f\u20e34\ufe0f\u20e35\ufe0f\u20e36\ufe0f\u20e37\ufe0f\u20e38\ufe0f\u20e3",
        "09\u200f12\u200e34\u202d56\u202c78",
        "nguyen.van.a\uf1faexample.vn",
        "nguyen.van.a@",
        "⓪⑨①②③④⑤⑥⑦⑧",
        "〇九一二三四五六七八",
        "nguyen.van.a [at] example.vn",
    ],
)
def test_what_tells_of_a_person_is_hidden_on_every_page(text: str) -> None:
    assert hidden(run(text, box(0, 0))) == {box(0, 0)}


@pytest.mark.parametrize(
    "text",
    [
        "1900 1096",
        "1.234.567",
        "26/11/2026",
        "08:30 26/11/2026",
        "07:30 - 11:30, 13:30 - 17:00",
        "điểm (a) khoản 1",
        "Apply online at dichvucong.gov.vn",
        "Chủ tịch Hồ Quang Vinh",
        "Điều 15, khoản 2",
        "@ bán",
        "a @",
    ],
)
def test_what_is_published_stays(text: str) -> None:
    assert hidden(run(text, box(0, 0))) == set()


def test_a_number_is_put_together_of_elements_side_by_side_and_of_lines_of_a_paragraph() -> None:
    side = [run(part, box(n * 40, 0, 40), block=n) for n, part in enumerate(("079", "203", "001", "234"))]
    assert len(hidden(*side)) == 4
    cells = [run(digit, box(n * 60, 100, 12), block=n) for n, digit in enumerate(DIGITS)]
    assert len(hidden(*cells)) == 12
    lines = [run("079203", box(0, 200)), run("001234", box(0, 220))]
    assert len(hidden(*lines)) == 2
    assert len(hidden(*reversed(side))) == 4


def test_groups_in_cells_that_make_up_a_number_of_a_person_are_one() -> None:
    for groups in (("0912", "345", "678"), ("079", "203", "001", "234"), ("091", "2345", "678")):
        cells = [run(part, box(n * 100, 0, 40), block=n) for n, part in enumerate(groups)]
        assert len(hidden(*cells)) == len(groups)
    for groups in (("120", "85", "35"), ("0912", "345"), ("012", "345", "678", "90")):
        cells = [run(part, box(n * 100, 0, 40), block=n) for n, part in enumerate(groups)]
        assert hidden(*cells) == set()


def test_numbers_that_stand_apart_are_several() -> None:
    columns = [run("12.345", box(n * 300, 0), block=n) for n in range(3)]
    assert hidden(*columns) == set()
    paragraphs = [run("079203", box(0, 0), block=1), run("001234", box(0, 40), block=2)]
    assert hidden(*paragraphs) == set()


def test_an_address_is_put_together_of_elements() -> None:
    parts = [run(part, box(n * 100, 0), block=0) for n, part in enumerate(("nguyen.van.a", "@", "example.vn"))]
    assert len(hidden(*parts)) == 3


def test_a_form_shows_known_words_only() -> None:
    label, greeting = run("Họ và tên *", box(0, 0)), run("Xin chào Lê Hoàng Long", box(0, 100), block=1)
    assert hidden(label, greeting, form=True) == {greeting.box}
    assert hidden(label, greeting) == set()
    inside = run("Vợ là Lê Thị Lan", box(0, 200), form=True)
    assert hidden(label, inside) == {inside.box}
    # A piece that is known by itself is hidden with the text that it is a piece of.
    piece = run("Họ và tên", box(0, 0), whole="Họ và tên Lê Thị Lan")
    assert hidden(piece, form=True) == {piece.box}


def test_a_letter_or_a_word_that_stands_alone_in_a_form_may_be_of_a_name() -> None:
    cells = [run(sign, box(n * 40, 0, 20), block=n) for n, sign in enumerate(("N", "G", "U", "Y", "Lệ"))]
    assert len(hidden(*cells, form=True)) == 5
    assert hidden(*cells) == set()


def test_what_stands_in_a_field_is_hidden_wherever_it_hangs_out() -> None:
    typed = Run(text="Vuong Tran", box=box(0, 0), whole="Vuong Tran", block=(0, 0), form=False, typed=True)
    assert hidden(typed) == {typed.box}


def test_a_number_is_found_beside_a_text_that_is_taller_than_its_line() -> None:
    tall = run("CỔNG", box(0, 0, 30, 200), block=9)
    above = [
        run(word, box(40 + n * 50, 45, 60), block=10 + n) for n, word in enumerate(("Hỗ trợ", "kỹ thuật", "tổng đài"))
    ]
    parts = [run(part, box(45 + n * 55, 95, 50), block=n) for n, part in enumerate(("0912", "345", "678"))]
    assert hidden(tall, *above, *parts) == {part.box for part in parts}


def test_what_scripts_paint_is_hidden_unless_it_is_snow_before_a_page() -> None:
    canvas, snow = box(0, 0), VIEW
    assert private_boxes(Drawn(view=VIEW, runs=(), fields=(), made=(canvas, snow)), form=False).areas == (canvas, snow)
    text = run("Cổng dịch vụ công trực tuyến " * 10, box(0, 0))
    assert private_boxes(Drawn(view=VIEW, runs=(text,), fields=(), made=(canvas, snow)), form=False).areas == (canvas,)
    assert private_boxes(Drawn(view=VIEW, runs=(text,), fields=(), made=(snow,)), form=True).areas == (snow,)


def test_fields_are_always_hidden_and_what_is_painted_on_forms() -> None:
    seen = drawn(fields=(box(0, 0),), painted=(box(0, 300),))
    assert private_boxes(seen, form=False) == Private(view=VIEW, fields=(box(0, 0),), texts=(), areas=())
    assert private_boxes(seen, form=True).areas == (box(0, 300),)


def test_words_of_buttons_and_lost_pictures_are_texts() -> None:
    known, name = (
        Label(words="Tiếp tục", box=box(0, 0), form=True),
        Label(words="Chân dung Lê Lan", box=box(0, 50), form=False),
    )
    number = Label(words="0912345678", box=box(0, 90), form=False)
    labels = (known, name, number)
    assert private_boxes(drawn(labels=labels), form=False).texts == (number.box,)
    assert private_boxes(drawn(labels=labels), form=True).texts == (name.box, number.box)


def test_what_is_out_of_sight_needs_nothing() -> None:
    assert hidden(run("0912345678", box(0, 900))) == set()


def test_what_moves_is_hidden_all_along_its_way() -> None:
    before, after = (private_boxes(drawn(run("0912345678", box(left, 0))), form=False) for left in (0, 60))
    swept = before.swept(after)
    assert swept is not None
    assert swept.texts == (box(0, 0, 160),)
    assert before.swept(private_boxes(drawn(), form=False)) is None


@given(st.lists(st.tuples(st.text(max_size=12), st.integers(0, 900), st.integers(0, 700)), max_size=30))
def test_whatever_is_drawn_is_judged(pieces: list[tuple[str, int, int]]) -> None:
    runs = [run(text, box(left, top), block=left % 3) for text, left, top in pieces if text.strip()]
    assert hidden(*runs) <= {one.box for one in runs}


@pytest.mark.parametrize("unit", ["0", "0 ", "@", "a@", "a", ".", "0.......", "1/1/"])
def test_a_long_text_is_judged_in_one_go(unit: str) -> None:
    hidden(run(unit * (200_000 // len(unit)), box(0, 0)))
