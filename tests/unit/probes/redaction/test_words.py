"""The words that evidence is put together of name nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.redaction.words import HIDDEN, folded, is_known, kept_name, kept_words, vocabulary

FAMILIES = """
Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Mai Cao Lương Trương Hà Chu Tạ Tô Thái
Quách Lưu Tôn Kiều Khúc Lâm Trịnh Đoàn Đào Vương Châu Phùng Từ Ninh Nghiêm Thạch Giang Thi Lại Bạch Kim Ông La Mạc
""".split()  # noqa: SIM905
GIVEN = """
An Anh Bảo Bình Chi Chính Công Cường Dũng Duy Đạt Đức Giang Hà Hải Hạnh Hân Hằng Hiền Hiếu Hoa Hòa Hùng Hưng Hương Huy
Khang Khánh Khoa Kiên Kim Lan Linh Loan Lộc Long Mai Minh Mỹ Nam Nga Ngân Ngọc Nhân Nhi Như Oanh Phát Phong Phú Phúc
Phương Quân Quang Quốc Quyên Sơn Tài Tâm Tân Thanh Thảo Thành Thắng Thịnh Thu Thủy Thúy Tiến Toàn Trang Trâm Trinh Trí
Trọng Trung Tú Tuấn Tùng Tuyết Vân Việt Vinh Vy Xuân Yến
""".split()  # noqa: SIM905
MIDDLE = ["", "Văn ", "Thị ", "Hữu ", "Quang ", "Thành ", "Ngọc "]
# Known as words of machines although somebody is called so: German "de", CSS "lang" and "vi", a web "cam", a "Mac".
BOTH = {"cam", "de", "lang", "mac", "vi"}


@pytest.mark.parametrize("family", FAMILIES)
def test_no_name_is_known_however_it_is_written(family: str) -> None:
    for middle in MIDDLE:
        for given_name in GIVEN:
            name = f"{family} {middle}{given_name}"
            bare = folded(name)
            for spelt in (name, bare, bare.replace(" ", "-"), bare.replace(" ", "_"), bare.title().replace(" ", "")):
                clean = kept_words(spelt, between=" -_.")
                assert HIDDEN in clean, spelt
                assert not is_known(spelt)


def test_no_word_of_machines_is_a_name() -> None:
    names = {folded(name) for name in [*FAMILIES, *GIVEN]}
    assert vocabulary().words & names <= BOTH


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Nộp hồ sơ", "Nộp hồ sơ"),
        ("Nộp hồ sơ của Nguyễn Văn Bản", f"Nộp hồ sơ của {HIDDEN}"),  # what follows a name may be a part of it
        ("Xin chào Lê Hoàng Long", HIDDEN),
        ("Lưu Lệ", HIDDEN),
        ("LƯU PHÍ", HIDDEN),
        ("Cam Vi", HIDDEN),
        ("CamVi", HIDDEN),
        ("Từ Văn Bảy", HIDDEN),
        ("Hồ sơ của Lưu Thị Lệ", f"Hồ sơ của {HIDDEN}"),
        ("Lưu", "Lưu"),
        ("Từ năm", "Từ năm"),
        ("Thêm mới", "Thêm mới"),
        ("THÊM MỚI", "THÊM MỚI"),
        ("Thêm tệp", "Thêm tệp"),
        ("Năm 2024", f"Năm {HIDDEN}"),
        ("n g u y e n", HIDDEN),
        ("Bước n g u y e n", f"Bước n g u {HIDDEN}"),
        ("Bước 1", "Bước 1"),
        ("Bước 12345", f"Bước {HIDDEN}"),
        ("0912345678", HIDDEN),
        ("", ""),
        ("x" * 3_000, HIDDEN),
    ],
)
def test_a_text_keeps_its_known_beginning(text: str, clean: str) -> None:
    assert kept_words(text) == clean


@pytest.mark.parametrize(
    "text", ["Họ và tên (*)", "Ngày, tháng, năm sinh:", "Số điện thoại", "Tiếp tục »", "Số căn cước công dân"]
)
def test_labels_of_forms_are_known(text: str) -> None:
    assert is_known(text)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("JSESSIONID", "JSESSIONID"),
        ("ASP.NET_SessionId", "ASP.NET_SessionId"),
        ("filter[page]", "filter[page]"),
        ("X-Nguyen-Van-An", HIDDEN),
        ("0912345678", HIDDEN),
        ("nguyenvanan", HIDDEN),
        ("hoang-long@x", HIDDEN),
    ],
)
def test_a_value_in_a_names_place_is_hidden(name: str, clean: str) -> None:
    assert kept_name(name) == clean


@given(st.text(max_size=300))
def test_what_was_kept_once_is_kept_again(text: str) -> None:
    once = kept_words(text)
    assert once == "" or once.endswith(HIDDEN) or kept_words(once) == once


@pytest.mark.parametrize("unit", ["a", "aA", "a-", "tờ ", "1", "1.", "…", "ho so "])
def test_a_megabyte_is_read_no_further_than_its_beginning(unit: str) -> None:
    assert len(kept_words(unit * (1_048_576 // len(unit)))) <= 2_010
