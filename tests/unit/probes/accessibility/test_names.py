import pytest

from probes.accessibility.names import compared, holds_label

PAGE = {"url": "http://a.test/1", "title": "Khai sinh", "text": "Thủ tục đăng ký khai sinh tại Ủy ban nhân dân cấp xã."}
OTHER = {"url": "http://a.test/2", "title": "Văn bản", "text": "NGHỊ ĐỊNH 118/2025; 61/2018; 107/2021; QĐ 766"}


@pytest.mark.parametrize(
    ("seen", "name", "holds"),
    [
        ("Nộp hồ sơ", "Nộp hồ sơ trực tuyến", True),
        ("Nộp hồ sơ", "nộp  HỒ SƠ", True),
        ("Nộp hồ sơ", "Gửi đơn", False),
        ("Đăng ký (mới)", "Đăng ký", True),
        ("X", "Đóng cửa sổ", None),
        ("→", "Trang sau", None),
        ("Hồ sơ nộp", "Nộp hồ sơ", False),
    ],
)
def test_a_name_holds_the_words_that_are_seen_in_their_order(seen: str, name: str, holds: bool | None) -> None:
    assert holds_label(seen, name) is holds


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        (PAGE, PAGE, "passed"),
        (PAGE, {**PAGE, "url": "http://a.test/copy"}, "passed"),
        (PAGE, OTHER, "failed"),
        (PAGE, {**PAGE, "url": "http://a.test/3", "text": PAGE["text"] + " Lệ phí: không."}, "review"),
        (PAGE, None, "review"),
    ],
)
def test_targets_differ_only_where_their_texts_really_do(
    one: dict[str, str], other: dict[str, str] | None, outcome: str
) -> None:
    assert compared(one, other, titles_too=True) == outcome


@pytest.mark.parametrize(
    ("seen", "name", "holds"),
    [
        ("Đường Lê Lợi Q. 1", "Đường Lê Lợi quận 1", True),
        ("E-mail", "Email của bạn", True),
        ("V N e I D", "VNeID", False),
        ("1", "Trang 1", True),
        ("1", "1a", False),
    ],
)
def test_short_forms_and_hyphens_fit_and_words_that_were_pulled_apart_do_not(seen: str, name: str, holds: bool) -> None:
    assert holds_label(seen, name) is holds


def test_pages_that_name_the_same_number_may_serve_the_same_end() -> None:
    one = {"url": "http://a.test/1", "title": "Gọi điện", "text": "Gọi 1900 1234 56 trong giờ làm việc"}
    other = {"url": "http://a.test/2", "title": "Liên hệ", "text": "Địa chỉ, thư điện tử và điện thoại: 1900 1234 56"}
    assert compared(one, other, titles_too=False) == "review"


@pytest.mark.parametrize("piece", ["a", "a.", "a-", "_", "+", "a@", "1(", "(", "( ", "a ", "1 "])
def test_long_texts_are_gone_through_once(piece: str) -> None:
    """With the square of it this had no end within the test's time."""
    text = piece * (256 * 1024 // len(piece))
    page = {"url": "a", "title": "", "text": text}
    assert compared(page, {"url": "b", "title": "", "text": "b"}, titles_too=False) in ("failed", "review")
    assert holds_label(text, "b") in (False, None)
