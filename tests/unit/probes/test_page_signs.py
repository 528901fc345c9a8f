"""Signs as they stand in page_signs.yaml: templates, gaps, texts without accents."""

import pytest

from probes.own_words import says
from probes.page_signs import PHRASES, bare, is_bare, signs
from probes.spelling import folded


@pytest.mark.parametrize("name", PHRASES)
def test_every_kind_of_signs_can_be_read(name):
    assert not signs(name, accents=True).stand_in("")
    assert not signs(name, accents=False).stand_in("")


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("Tên miền này được đăng ký tại đây", True),
        ("Tên miền cong.test được đăng ký tại đây", True),
        ("TEN MIEN CONG.TEST DUOC DANG KY TAI DAY", True),
        ("Tên miền là gì? Được đăng ký tại đây", False),
        ("Tên miền một hai ba bốn năm sáu bảy được đăng ký tại đây", False),
        ("Tên miềng được đăng ký tại đây", False),
    ],
)
def test_a_gap_stands_for_some_words_of_one_sentence(text, is_said):
    assert says("lapsed", folded(text)) is is_said


def test_a_text_is_bare_where_it_has_hardly_an_accent():
    assert is_bare(folded("He thong dang bao tri"))
    assert not is_bare(folded("Hệ thống"))
    assert bare(folded("Hệ thống đang bảo trì")) == "he thong dang bao tri"
