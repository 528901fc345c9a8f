"""Lines written in English by code are retold in the reader's language, found by their templates."""

import pytest

from thuocdo.core import retelling
from thuocdo.core.retelling import reteller, retold

TEXTS = {
    "the page is empty": "trang trống",
    "status {status}": "mã {status}",
    "step '{name}': {what}": "bước “{name}”: {what}",
    "{first}; {second}": "{first}; {second}",
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
        pytest.param("3 of 7 failed", "hỏng 3 trong 7", id="two figures"),
        pytest.param("'a' is not 'a'", "“a” khác chính nó", id="one name twice"),
        pytest.param("'a' is not 'b'", "'a' is not 'b'", id="two names where one is meant"),
        pytest.param("step 'a\nb': status 1", "bước “a\nb”: mã 1", id="line break within"),
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
