import pytest

from probes.languages import contradiction, is_bare_vietnamese

VIETNAMESE = "Thủ tục đăng ký khai sinh được thực hiện tại Ủy ban nhân dân cấp xã nơi cư trú của cha hoặc mẹ."
ENGLISH = "Birth registration takes place at the office of the commune where the father or the mother lives."
BARE = "Nguoi dan nop ho so truc tuyen tren cong dich vu cong cua tinh trong thoi gian ba ngay"


@pytest.mark.parametrize(
    ("text", "lang", "other"),
    [
        (VIETNAMESE, "vi-VN", ""),
        (VIETNAMESE, "en", "vi"),
        (ENGLISH, "vi", "en"),
        (ENGLISH, "en_GB", ""),
        (ENGLISH, "tlh", None),
        (ENGLISH, "", None),
        ("Trang chủ", "en", None),
        (BARE, "en", None),
    ],
)
def test_a_text_contradicts_its_lang_only_where_that_is_sure(text: str, lang: str, other: str | None) -> None:
    assert contradiction(text, lang) == other


@pytest.mark.parametrize(("text", "bare"), [(BARE, True), (VIETNAMESE, False), (ENGLISH, False), ("ho so nop", False)])
def test_vietnamese_without_marks_is_told_from_other_texts(text: str, bare: bool) -> None:
    assert is_bare_vietnamese(text) is bare
