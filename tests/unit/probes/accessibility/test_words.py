import pytest

from probes.accessibility.words import empty, folded, image_outcome, is_stub, link_outcome


@pytest.mark.parametrize("name", ["Xem thêm", "XEM THÊM…", "» Chi tiết", "[Tại đây]", "Click here!", "Read  more →"])
def test_a_links_name_says_nothing_whatever_its_case_and_its_arrows(name: str) -> None:
    assert folded(name) in empty("links")


@pytest.mark.parametrize("name", ["Xem thêm về khai sinh", "Chi tiết thủ tục", "Tra cứu hồ sơ", "Nộp hồ sơ"])
def test_a_name_with_one_word_that_tells_is_no_stub(name: str) -> None:
    assert folded(name) not in empty("links")


@pytest.mark.parametrize(
    ("around", "heading", "outcome"),
    [
        ("", "", "failed"),
        ("Chi tiết", "", "failed"),
        ("", "Cấp lại thẻ căn cước", "review"),
        ("Cấp lại thẻ căn cước cho công dân", "", "passed"),
    ],
)
def test_what_stands_around_a_link_may_say_where_it_leads(around: str, heading: str, outcome: str) -> None:
    assert link_outcome({"name": "Xem thêm", "around": around, "heading": heading}) == outcome


@pytest.mark.parametrize(
    ("name", "source", "outcome"),
    [
        ("banner_2025.jpg", "", "failed"),
        ("IMG_2034", "", "failed"),
        ("Hình ảnh", "", "failed"),
        ("anh-bia", "anh-bia", "failed"),
        ("Quốc huy Việt Nam", "quoc-huy.png", "passed"),
        ("Ảnh chụp lễ khai trương cổng dịch vụ công", "img.jpg", "passed"),
    ],
)
def test_a_picture_called_as_its_file_says_nothing(name: str, source: str, outcome: str) -> None:
    assert image_outcome({"name": name, "source": source}) == outcome


@pytest.mark.parametrize(
    ("title", "stub"), [("React App", True), ("trang-chu.aspx", True), ("Trang chủ - UBND tỉnh", False)]
)
def test_titles_that_a_tool_put_there_are_stubs(title: str, stub: bool) -> None:
    assert is_stub(title) is stub
