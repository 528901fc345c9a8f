"""No cell of a table is a formula."""

import csv
import io
import re

import pytest

from thuocdo.core.cells import cell

FORMULAS = (
    *(
        '=HYPERLINK("http://evil.test","x")',
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "-cmd|' /C calc'!A0",
        "=",
        "+",
        "-",
        "@",
    ),
    *(
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "  @x",
        "\u00a0=1",
        "\ufeff=1+1",
        "\u200b=1+1",
        "\u3000=1+1",
        "\ttext",
    ),
    *("＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", "﹢1", "﹣1", "﹦1", "﹫x", "\u22121+1"),
)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(text):
    assert cell(text).startswith("'")
    assert cell(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a=b",
        "Đà Nẵng",
        "https://x.vn/?a=1",
        "1.001193",
        "status 503",
        "'=1",
        "(=1)",
        "a; b",
        "x;y=1",
        "1 - 2",
        "a\nb=1",
    ],
)
def test_any_other_text_stays(text):
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (False, "false"), (0, "0"), (-1, "-1"), (-0.5, "-0.5"), (1e-7, "1e-07"), (12, "12")],
)
def test_numbers_and_truths_stay_what_they_are(value, text):
    assert cell(value) == text


def test_a_guarded_cell_is_still_one_cell():
    out = io.StringIO()
    csv.writer(out).writerow([cell(text) for text in FORMULAS])
    [row] = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert len(row) == len(FORMULAS)
    assert all(one.startswith("'") for one in row)


@pytest.mark.parametrize("parting", [";", "\t", "\r\n", "\n", "; \u00a0", ";;", "\n\u200b"])
@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "=cmd|' /C calc'!A0"])
def test_no_cell_of_a_spreadsheet_that_parts_them_otherwise_is_a_formula(parting, formula):
    """By country that is a semicolon or a tab; then quotes are letters, and a line within them is a row."""
    for one in re.split(r"[;\t\r\n]", cell(f"status 503{parting}{formula}")):
        assert not re.match(r"[\s\u200b]*[=+\-@＝]", one)


@pytest.mark.parametrize("text", ["\u2066=1", "\u00ad=1", "\u3164=1", "\u202e=1", "\u2060\u180e=1"])
def test_what_cannot_be_seen_hides_no_formula(text):
    assert cell(text) == f"'{text}"


def test_a_long_text_of_blanks_is_gone_through_once():
    text = " ;\t" * 50_000
    assert cell("x" + text) == "x" + text
    assert cell("x" + text + "=1") == f"x{text}'=1"
