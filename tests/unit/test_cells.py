"""No cell of a table is a formula."""

import csv
import io

import pytest

from thuocdo.cells import cell

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
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "a=b", "Đà Nẵng", "https://x.vn/?a=1", "1.001193", "status 503", "'=1", "a\n=1", "(=1)"]
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
