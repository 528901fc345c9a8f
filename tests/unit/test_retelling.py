"""Lines written in English by code are retold in the reader's language, found by their templates."""

import pytest

from thuocdo.core import retelling
from thuocdo.core.retelling import reteller, retold

TEXTS = {
    "the page is empty": "trang trống",
    "status {status}": "mã {status}",
    "step '{name}': {what}": "bước “{name}”: {what}",
    "name '{name}'": "tên “{name}”",
    "{place}: {what}": "{place}: {what}",
    "{first}; {second}": "{first}; {second}",
    "nothing is lost: try {what}": "không mất gì: thử {what}",
    "'{one}' is not '{one}'": "“{one}” khác chính nó",
    "{number} of {all} failed": "hỏng {number} trong {all}",
}


@pytest.fixture(autouse=True)
def texts(monkeypatch):
    def forget():
        retelling.retold.cache_clear()
        retelling._templates.cache_clear()

    forget()
    monkeypatch.setattr(retelling, "catalogue", lambda language, _: TEXTS if language == "vi" else {})
    yield
    forget()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("the page is empty", "trang trống", id="whole line"),
        pytest.param("status 502", "mã 502", id="figure"),
        pytest.param("step 'form': status 500", "bước “form”: mã 500", id="line within a line"),
        pytest.param("status 502; the page is empty", "mã 502; trang trống", id="two lines"),
        pytest.param(
            "a: status 1; nothing is lost: try b", "a: mã 1; không mất gì: thử b", id="what is said first parts it"
        ),
        pytest.param("3 of 7 failed", "hỏng 3 trong 7", id="two figures"),
        pytest.param("'a' is not 'a'", "“a” khác chính nó", id="one name twice"),
        pytest.param("'a' is not 'b'", "'a' is not 'b'", id="two names where one is meant"),
        pytest.param("step 'a\nb': status 1", "bước “a\nb”: mã 1", id="line break within"),
        pytest.param("step 'status 5': status 1", "bước “status 5”: mã 1", id="somebody's own word stays"),
        pytest.param("name 'x'", "tên “x”", id="quotes at the end"),
        pytest.param("name 'x': step 'y': status 1", "tên “x”: bước “y”: mã 1", id="quotes end where they are closed"),
        pytest.param("name 'Cộng Hòa's'", "tên “Cộng Hòa's”", id="a quote within a name"),
        pytest.param("net::ERR_FAILED", "net::ERR_FAILED", id="what no template knows"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_line_is_retold_by_its_template(line, told):
    assert retold("vi", line) == told


def test_a_language_without_templates_reads_what_was_written():
    assert reteller("en")("step 'form': status 500") == "step 'form': status 500"


def test_a_line_that_holds_itself_over_and_over_ends():
    assert retold("vi", "; ".join(["status 1"] * 40)).startswith("mã 1; mã 1")
