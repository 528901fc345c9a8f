from hypothesis import given
from hypothesis import strategies as st

from thuocdo.periods.alphabet import alphabetical


def test_letters_with_marks_stand_after_those_without_and_tones_count_last():
    names = [
        "Vĩnh Long",
        "Đồng Nai",
        "Đắk Lắk",
        "An Giang",
        "Ấn Giang",
        "Cà Mau",
        "Cao Bằng",
        "Điện Biên",
        "Đà Nẵng",
        "Âu Lạc",
        "Ăn",
    ]
    assert sorted(names, key=alphabetical) == [
        *("An Giang", "Ăn", "Ấn Giang", "Âu Lạc", "Cà Mau", "Cao Bằng"),
        *("Đà Nẵng", "Đắk Lắk", "Điện Biên", "Đồng Nai", "Vĩnh Long"),
    ]
    assert sorted(["ma", "má", "mà", "mạ", "mã", "mả"], key=alphabetical) == ["ma", "mà", "mả", "mã", "má", "mạ"]


@given(st.text(max_size=6), st.text(max_size=6))
def test_every_text_has_its_place(one, other):
    first, second = alphabetical(one), alphabetical(other)
    assert (first < second) + (second < first) + (first == second) == 1
