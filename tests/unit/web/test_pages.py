import re
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request

from thuocdo.store import MeasurementQuery
from thuocdo.store.evidence import EvidenceStore


class Reader(HTMLParser):
    """Collects the tags, the links and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def links(self) -> list[str]:
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]


def page(served, address) -> Reader:
    answer = served.client.get(address)
    assert answer.status == 200, answer.text
    return Reader(answer.text)


@pytest.fixture(scope="module")
def ask(served):
    """Ask the common site for every address once."""
    return cache(served.client.get)


@pytest.fixture(scope="module")
def read(ask):
    """Read every page of the common site once."""

    def read_one(address):
        answer = ask(address)
        assert answer.status == 200, answer.text
        return Reader(answer.text)

    return cache(read_one)


def test_vietnamese_is_the_default_and_english_is_asked_for(served):
    assert "Xếp hạng cổng dịch vụ công trực tuyến" in page(served, "/").text
    english = page(served, "/?lang=en")
    assert "Rankings of online public-service portals" in english.text
    assert ("html", {"lang": "en"}) in english.tags


def test_every_text_has_a_translation(read, any_page):
    keyed = re.compile(
        r"\b(incident|incident_state|availability|outcome|reason|kind|block|role|value|unranked|not_measured|page_kind|profile|impact|finding|error|evidence)\.[a-z_]+"
    )
    text = read(any_page).text
    codes = re.compile(
        r"(homepage|http|eform|accessibility)\.[a-z_]+ \((median|ratio|p75)\)"
    )  # the method page names metrics
    assert not keyed.search(codes.sub("", text))


@pytest.fixture(scope="module")
def written(served):
    """Every detail in the store, as it was written."""
    seen = {one.observation.detail for one in served.store.measurements.find(MeasurementQuery())}
    incidents = served.store.incidents.all()
    changes = [change for one in incidents for change in served.store.incidents.changes(one.id)]
    return {one for one in (*seen, *(one.detail for one in (*incidents, *changes))) if one}


def test_no_detail_is_read_in_english_by_a_vietnamese_reader(read, any_page, written):
    text, is_english = read(any_page).text, "lang=en" in any_page
    assert len(written) >= 5
    assert is_english or [one for one in written if one in text] == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/agencies/can-tho-2025", "máy chủ trả lời mã 503"),
        ("/agencies/hue-2025", "bị chặn với mã 403, hẹn hỏi lại (Retry-After): 120"),
        ("/targets/hue-2025.home?kind=http", "Bị tường lửa chặn: bị chặn với mã 403"),
        (
            "/agencies/da-nang-2025",
            "Mã trang (axe-core): hết thời gian (label, list); Phóng to và giãn chữ: không còn thời gian",
        ),
        ("/incidents/target-can-tho", "Chi tiết máy chủ trả lời mã 503 <b>"),
        ("/incidents/slow-can-tho", "Chi tiết Mất 9,0 giây, chậm với bất kỳ ai"),
        (
            "/incidents/replaced-can-tho",
            "ở đó là một trang khác hẳn trang vẫn thấy; bây giờ có tiêu đề “Welcome to nginx!”",
        ),
    ],
)
def test_a_detail_is_told_in_words(read, address, told):
    assert told in read(address).text


def test_targets_are_called_by_their_names_and_the_id_stands_beside_where_a_command_asks_for_it(read):
    target = read("/targets/can-tho-2025.home").text
    assert "Kết quả đo: Cần Thơ: trang chủ https" in target
    assert "(can-tho-2025.home)" in target
    assert "can-tho-2025.home" not in read("/agencies/can-tho-2025/measurements").text
    for address in ("/incidents", "/incidents?agency=can-tho-2025", "/incidents/family-igate"):
        assert "can-tho-2025.home" not in read(address).text, address
    assert "gone.home" in read("/incidents/vantage-ha-noi").text, "nobody knows its name"


def test_every_link_of_a_page_leads_somewhere_and_keeps_the_language(ask, read, any_page):
    for link in set(read(any_page).links):
        if link.startswith(("http", "#")):
            continue
        own = link if not link.startswith("?") else any_page.partition("?")[0] + link
        assert ask(own.partition("#")[0]).status == 200, own
        if "lang=en" in any_page and link.startswith(("/agencies", "/targets", "/method")):
            assert "lang=en" in link


def test_no_page_has_a_script_or_an_inline_style(read, any_page):
    for tag, attributes in read(any_page).tags:
        assert tag not in ("script", "style", "iframe")
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_every_page_for_people_is_walked(served, walked_pages, examples):
    """What answers with HTML is one of the walked pages, whichever router it is in."""
    for route in served.client.app.routes:
        names = re.findall(r"{(\w+)}", getattr(route, "path", ""))
        if isinstance(route, APIRoute) and "GET" in route.methods and all(name in examples for name in names):
            address = route.path.format(**{name: examples[name][0] for name in names})
            kind = dict(served.client.get(address).headers).get("content-type", "")
            assert kind.startswith("text/html") is (address in walked_pages), address


def test_every_page_is_reached_from_another(read, walked_pages, examples):
    names = {value: f"{{{name}}}" for name, values in examples.items() for value in values}

    def route(address):
        return "/".join(names.get(part, part) for part in address.split("/"))

    linked = {
        link.partition("?")[0].partition("#")[0]
        for address in walked_pages
        for link in read(address).links
        if link.startswith("/")
    }
    assert {route(address) for address in walked_pages} - {route(address) for address in linked} == set()


def test_the_ranking_shows_places_medians_intervals_runs_and_coverage(served):
    text = page(served, "/").text
    assert "0,93 giây 0,90–0,95 giây" in text
    assert "trên 16" in text  # Huế: none of 16 counted
    assert "Tải trang chủ: Bị tường lửa chặn (8)" in text
    assert "khoảng tin cậy 95 %" in text


def test_an_agency_that_was_never_probed_is_shown_without_a_rank(served):
    assert "địa chỉ chưa được xác nhận nên chưa đo" in page(served, "/agencies/bo-mo").text


def test_each_number_of_a_measurement_links_to_the_raw_measurement(served):
    links = page(served, "/agencies/da-nang-2025").links
    raw = "/measurements/da-nang-2025.home/http/ha-noi/desktop/2026-11-22T06:55:00Z"
    assert links.count(raw) == 11  # ten values and the link to the raw measurement itself


def test_a_failure_is_shown_with_its_reason_and_whose_matter_it_is(served):
    text = page(served, "/agencies/can-tho-2025").text
    assert "Máy chủ báo lỗi HTTP" in text
    assert "đơn vị vận hành cần kiểm tra ứng dụng" in text


def test_times_are_hanoi_times(served):
    assert "22/11/2026 13:55" in page(served, "/agencies/da-nang-2025").text


def test_a_suspect_measurement_says_so(served):
    assert "Máy đo đang quá tải: số liệu này không được tính vào điểm." in page(served, "/agencies/da-nang-2025").text


def test_what_a_portal_wrote_is_never_markup(served):
    html = served.client.get("/agencies/da-nang-2025").text
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_screenshot_is_shown_with_a_text_for_those_who_do_not_see_it(served, screenshot_sha256):
    images = [attributes for tag, attributes in page(served, "/agencies/da-nang-2025").tags if tag == "img"]
    assert [(image["src"], image["alt"]) for image in images] == [
        (f"/evidence/{screenshot_sha256}", "Ảnh chụp màn hình dichvucong.danang.example.vn, 22/11/2026 13:55")
    ]


def test_evidence_that_expired_is_named_with_its_address_and_the_day(tmp_path, make_site, screenshot_sha256):
    made = make_site(tmp_path)
    made.client.get("/")
    EvidenceStore(made.settings.evidence_dir).expire(
        datetime(2099, 1, 2, 3, 4, tzinfo=UTC), keep_days=90, keep_gigabytes=10
    )
    for address in ("/agencies/da-nang-2025", "/targets/da-nang-2025.home?kind=homepage"):
        shown = page(made, address)
        assert "đã hết hạn lưu lúc 02/01/2099 10:04" in shown.text
        assert "Ảnh chụp màn hình (" in shown.text
        assert screenshot_sha256 in shown.text
        assert f"/evidence/{screenshot_sha256}" not in shown.links
        assert not [tag for tag, _ in shown.tags if tag == "img"]
    made.store.close()


def test_evidence_that_is_lost_is_not_called_expired(tmp_path, make_site, screenshot_sha256):
    made = make_site(tmp_path)
    EvidenceStore(made.settings.evidence_dir).path(screenshot_sha256).unlink()
    shown = page(made, "/agencies/da-nang-2025?lang=en").text
    assert f"no longer there, although it did not expire; SHA-256 {screenshot_sha256}" in shown
    made.store.close()


def test_evidence_of_a_measurement_is_one_step_away_from_the_list(served, screenshot_sha256):
    assert f"/evidence/{screenshot_sha256}" in page(served, "/targets/da-nang-2025.home?kind=homepage").links


def test_tables_have_captions_scopes_and_a_region_that_the_keyboard_reaches(served):
    reader = page(served, "/")
    regions = [attributes for _, attributes in reader.tags if attributes.get("role") == "region"]
    captions = {attributes["id"] for tag, attributes in reader.tags if tag == "caption"}
    assert {region["aria-labelledby"] for region in regions} == captions
    assert all(region["tabindex"] == "0" for region in regions)
    assert all(attributes.get("scope") for tag, attributes in reader.tags if tag == "th")


def test_the_list_of_measurements_goes_on_where_the_page_ended(served, tmp_path):
    seen: list[str] = []
    address = "/agencies/can-tho-2025/measurements?kind=http"
    while address:
        reader = page(served, address)
        seen += [link for link in reader.links if link.startswith("/measurements/")]
        address = next((link for link in reader.links if "until=" in link), "")
    assert len(set(seen)) == 9


def test_a_list_can_be_asked_for_as_of_an_instant_in_milliseconds_as_dashboards_do(served):
    address = "/targets/can-tho-2025.home?kind=http"
    links = [link for link in page(served, address).links if link.startswith("/measurements/")]
    middle = datetime.fromisoformat(unquote(links[2].rpartition("/")[2]))
    until = int(middle.timestamp() * 1000) + 1
    shown = [link for link in page(served, f"{address}&until={until}").links if link.startswith("/measurements/")]
    assert shown == links[2:]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/agencies/can-to-2025", 404),
        ("/targets/nowhere", 404),
        ("/?criteria=survey-2032", 404),
        ("/?round=2026-12", 404),
        ("/agencies/can-tho-2025/measurements?kind=htp", 404),
        ("/agencies/can-tho-2025/measurements?until=yesterday", 400),
        ("/nothing/here", 404),
    ],
)
def test_an_unknown_address_is_a_page_that_helps(served, address, status):
    answer = served.client.get(address)
    assert answer.status == status
    assert "Về trang xếp hạng" in answer.text


def test_an_unknown_agency_names_the_nearest(served):
    assert "did you mean &#39;can-tho-2025&#39;?" in served.client.get("/agencies/can-to-2025?lang=en").text


def test_an_error_is_told_line_by_line_and_english_is_marked_as_such(served):
    asked = Request({"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": []})
    refuse = served.client.app.exception_handlers[HTTPException]
    told = refuse(asked, HTTPException(404, "status 502\nnobody has words for this")).body.decode()
    assert '<p class="small code">máy chủ trả lời mã 502</p>' in told
    assert '<p class="small code" lang="en">nobody has words for this</p>' in told


def test_a_targets_page_tells_what_was_missed_of_the_last_day_and_why(served):
    def text_of(address):
        return " ".join(served.client.get(address).text.split())

    text = text_of("/targets/can-tho-2025.home?lang=en")
    assert text.partition("Missed in the last 24 hours: ")[2].partition(".")[0] == "Home page 3, HTTP 1,234"
    assert "Missed in" not in text_of("/targets/can-tho-2025.home?lang=en&round=2026-11")
    assert "Missed in" not in text_of("/targets/da-nang-2025.home?lang=en")
    vietnamese = text_of("/agencies/can-tho-2025/measurements")
    assert "Số phép đo bị lỡ trong 24 giờ qua: " in vietnamese
    assert "1.234" in vietnamese


def test_where_measurements_went_the_page_says_so_instead_of_that_there_were_none(
    tmp_path, make_site, make_measurement
):
    made = make_site(tmp_path, filled=False)
    address = "/targets/da-nang-2025.home"
    made.store.measurements.write([make_measurement(number) for number in range(3)])
    assert "được giữ 35 ngày" not in page(made, address).text
    later = make_measurement().key.scheduled_at + timedelta(days=60)
    made.store.rollups.roll({}, later)
    list(made.store.retention.let_go_measurements(made.store.retention.cut(later, 35), later))
    shown = page(made, address).text
    assert "Từng kết quả đo được giữ 35 ngày. Các kết quả trước 17/12/2026 00:00" in shown
    assert "Chưa có kết quả đo nào." not in shown
    assert "Single measurements are kept for 35 days." in page(made, f"{address}?lang=en").text
    assert "được giữ 35 ngày" in page(made, f"{address}?until=2026-11-01T00:00:00Z").text
    made.store.close()
