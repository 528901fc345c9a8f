import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.core.model import (
    HourTally,
    Incident,
    IncidentAspect,
    IncidentPart,
    IncidentScope,
    IncidentState,
    Observation,
    Outcome,
    Reason,
    StateChange,
)
from thuocdo.core.model.figures import ending_detail
from thuocdo.core.portals import load_registry
from thuocdo.web import incidents


def json_of(served, address):
    answer = served.client.get(address)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json"), answer.text
    return json.loads(answer.text)


def text_of(served, address):
    answer = served.client.get(address)
    assert answer.status == 200, answer.text
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


@pytest.fixture
def own(tmp_path, make_site):
    """An application of a test's own, with incidents of its own."""
    made = make_site(tmp_path)
    yield made
    made.store.close()


def test_what_lasts_stands_before_what_is_over(served):
    text = text_of(served, "/incidents")
    lasting, past = text.index("Đang diễn ra"), text.index("Đã kết thúc, trong 90 ngày qua")
    assert lasting < text.index("Cần Thơ không truy cập được") < past
    assert text.index("3 cổng trên nền tảng igate-new đã cùng lúc không truy cập được") > past
    assert "12 phút" in text[past:]


def test_an_agency_sees_its_own_and_its_familys_incidents_and_how_available_it_was(served):
    text = text_of(served, "/incidents?agency=can-tho-2025&lang=en")
    assert "Can Tho cannot be reached" in text
    assert "3 portals on platform igate-new" in text
    assert "ha-noi has lost" not in text  # a vantage point's trouble is ours
    assert "Availability = ok / (ok + failed)" in text
    assert "96.6%" in text
    assert "Nothing is known to be down" in text_of(served, "/incidents?agency=bo-tu-phap&lang=en")


def test_an_incident_tells_why_with_links_to_its_measurements_and_evidence(served):
    text = text_of(served, "/incidents/target-can-tho?lang=en")
    assert "status 503 &lt;b&gt;" in text
    body = served.client.get("/incidents/target-can-tho").text
    assert '/measurements/can-tho-2025.home/http/ha-noi/desktop/2026-11-22T07:05:00Z"' in body
    assert "/evidence/" in body
    assert 'href="/agencies/can-tho-2025"' in body


def figures(served, address):
    """Return (alternative text, caption) of each picture of a page, in order."""
    body = served.client.get(address).text
    found = re.findall(r'<figure>.*?<img [^>]*alt="([^"]*)".*?<figcaption>(.*?)</figcaption>', body, re.DOTALL)
    assert len(found) == body.count("<img ")
    return found


def test_another_page_is_shown_beside_the_one_before(served):
    address = "/incidents/replaced-can-tho"
    (before, first), (now, second) = figures(served, address)
    assert (first, second) == ("Trước đây", "Bây giờ")
    assert "trước 22/11/2026" in before
    assert "một trang khác ở chỗ của cổng" in now
    text = text_of(served, address)
    assert "Cần Thơ: một trang khác đang ở chỗ của cổng" in text
    assert "Trang khác ở chỗ của cổng" in text
    [one] = [one for one in json_of(served, "/api/incidents.json") if one["id"] == "replaced-can-tho"]
    body = served.client.get(address).text
    for piece in one["evidence"]:
        assert f'<img src="/evidence/{piece["sha256"]}"' in body
        assert served.client.get(f"/evidence/{piece['sha256']}").status == 200
    assert [caption for _, caption in figures(served, f"{address}?lang=en")] == ["Before", "Now"]


def test_of_another_page_that_is_gone_again_those_pictures_are_shown_that_are_kept(served):
    [(text, caption)] = figures(served, "/incidents/replaced-over?lang=en")
    assert caption == "Before"
    assert text.endswith("the page that had stood there all along")


def test_an_outage_has_no_pictures_of_pages(served):
    assert "<figure>" not in served.client.get("/incidents/target-can-tho").text


def test_a_page_reads_no_more_incidents_than_it_shows(served, monkeypatch):
    monkeypatch.setattr(incidents, "PAGE", 1)
    everything = json_of(served, "/api/incidents.json")
    assert len(everything) == 7
    assert json_of(served, "/api/incidents.json?limit=2") == everything[:2]
    of_agency = json_of(served, "/api/incidents.json?agency=can-tho-2025")
    assert json_of(served, "/api/incidents.json?agency=can-tho-2025&limit=3") == of_agency[:3]
    assert served.client.get("/api/incidents.json?limit=0").status == 400
    monkeypatch.setattr(incidents, "MOST_SHOWN", 1)
    text = text_of(served, "/incidents?lang=en")
    assert "Can Tho cannot be reached" in text
    assert sum(words in text for words in ("3 portals on platform igate-new", "ha-noi has lost")) == 1


def test_json_tells_the_same(served):
    found = json_of(served, "/api/incidents.json?agency=can-tho-2025")
    lasting = {"target-can-tho", "slow-can-tho", "replaced-can-tho"}
    assert {one["id"] for one in found} == lasting | {"slow-over", "replaced-over", "family-igate"}
    assert {one["id"] for one in json_of(served, "/api/incidents.json?open=true")} == lasting
    assert len(json_of(served, "/api/incidents.json?since=2026-11-22T08:00:00Z")) == 3
    states = {one["id"]: (one["state"], one["worst"], one["reason"]) for one in found}
    assert states["replaced-can-tho"] == ("replaced", "replaced", "not_the_portal")
    assert states["replaced-over"] == ("ended", "replaced", "not_the_portal")
    one = json_of(served, "/api/incidents/target-can-tho")
    assert one["changes"] == [
        {
            "incident_id": "target-can-tho",
            "changed_at": "2026-11-22T07:05:00Z",
            "state": "down",
            "reason": "http_error",
            "detail": "status 503 <b>",
        }
    ]
    assert set(one) == {
        *(
            "id",
            "scope",
            "subject_id",
            "state",
            "worst",
            "started_at",
            "confirmed_at",
            "ended_at",
            "agency_id",
            "reason",
        ),
        *("detail", "target_ids", "measurements", "evidence", "parts", "changes", "acknowledgements"),
    }


def test_an_incident_of_a_portal_names_its_parts(own):
    down, broken, soon = IncidentState.DOWN, IncidentState.BROKEN, IncidentState.EXPIRING
    everything = load_registry(own.settings.registry_dir, at=None).targets
    [form] = [name for name in everything if name.startswith("da-nang-2025.") and name != "da-nang-2025.home"]
    home = "da-nang-2025.home"
    at = {"started_at": own.now, "confirmed_at": own.now}
    made = [
        IncidentPart(target_id=home, state=down, worst=down, since=own.now, reason=Reason.TIMEOUT, **at),
        IncidentPart(
            target_id=form,
            state=broken,
            worst=broken,
            since=own.now,
            ended_at=own.now + timedelta(minutes=5),
            **at,
        ),
        IncidentPart(
            target_id=home,
            aspect=IncidentAspect.CERTIFICATE,
            state=soon,
            worst=soon,
            since=own.now,
            detail=ending_detail(own.now + timedelta(days=5, hours=1)),
            **at,
        ),
    ]
    incident = Incident(
        id="of-parts",
        scope=IncidentScope.TARGET,
        subject_id=form,
        agency_id="da-nang-2025",
        state=down,
        worst=down,
        parts=tuple(made),
        target_ids=(form, home),
        **at,
    )
    words = f"joined: {home} (down); fine again: {form}"
    change = StateChange(incident_id="of-parts", changed_at=own.now, state=down, detail=words)
    own.store.incidents.save(incident, change)
    text = text_of(own, "/incidents/of-parts")
    for told in (
        "Đà Nẵng không truy cập được, cùng 1 phần khác của cổng",
        "Các phần của cổng",
        "trang chủ Ngừng hoạt động",
        "chứng thư số của trang chủ Chứng thư số sắp hết hạn",
        "Chứng thư số còn 5 ngày, hết hạn lúc",
        "Đăng ký khai sinh Đã kết thúc",
        "Thêm: trang chủ (ngừng hoạt động); Đã bình thường trở lại: Đăng ký khai sinh",
    ):
        assert told in text, told
    listed = text_of(own, "/incidents")
    assert "trang chủ (ngừng hoạt động); chứng thư số của trang chủ (sắp hết hạn)" in listed
    found = json_of(own, "/api/incidents/of-parts")
    assert [(one["target_id"], one["aspect"], one["state"]) for one in found["parts"]] == [
        (home, "service", "down"),
        (form, "service", "broken"),
        (home, "certificate", "expiring"),
    ]


def test_who_took_notice_is_shown(served):
    for address in ("/incidents", "/incidents/target-can-tho"):
        page = served.client.get(address).text
        assert "Lan &lt;b&gt;" in page
        assert "đã gọi nhà mạng" in page
    assert "Lan &lt;b&gt; đã tiếp nhận lúc" in served.client.get("/incidents").text
    assert "Người đã tiếp nhận" not in served.client.get("/incidents/slow-can-tho").text
    said = [{"at": "2026-11-22T07:05:00Z", "by": "Lan <b>", "note": "đã gọi nhà mạng"}]
    assert json_of(served, "/api/incidents/target-can-tho")["acknowledgements"] == said
    [listed] = [one for one in json_of(served, "/api/incidents.json") if one["acknowledgements"]]
    assert (listed["id"], listed["acknowledgements"]) == ("target-can-tho", said)


def test_availability_is_given_with_its_rule(served):
    document = json_of(served, "/api/availability.json?agency=can-tho-2025&lang=en")
    assert document["since"] == "2026-11-01T00:00:00+07:00"
    assert document["rule"].startswith("Availability = ok / (ok + failed)")
    [row] = document["targets"]
    assert row | {"error_budget_remaining_ratio": None} == {
        "target_id": "can-tho-2025.home",
        "availability_ratio": 57 / 59,
        "coverage_ratio": 59 / 80,
        "ok": 57,
        "failed": 2,
        "inconclusive": 1,
        "excluded": 0,
        "missed": 20,
        "error_budget_remaining_ratio": None,
    }
    [walled] = [
        one for one in json_of(served, "/api/availability.json")["targets"] if one["target_id"] == "hue-2025.home"
    ]
    assert walled["availability_ratio"] is None


@pytest.mark.parametrize(
    "address",
    [
        "/incidents/nothing",
        "/incidents?agency=can-to-2025",
        "/api/incidents/nothing",
        "/api/availability.json?agency=x",
    ],
)
def test_an_unknown_name_is_not_found(served, address):
    assert served.client.get(address).status == 404


@pytest.mark.parametrize("query", ["?limit=2", "?limit=2&agency=can-tho-2025", "?limit=1&open=true"])
def test_a_link_leads_to_the_next_incidents_until_there_are_no_more(served, query):
    address, found = f"/api/incidents.json{query}", []
    while address:
        answer = served.client.get(address)
        found += json.loads(answer.body)
        link = answer.headers.get("link", "")
        assert not link or link.endswith('; rel="next"')
        address = link[1 : link.index(">")].removeprefix("http://localhost") if link else ""
    assert found == json_of(
        served, "/api/incidents.json" + query.replace("limit=2", "limit=99").replace("limit=1", "limit=99")
    )
    assert len(found) >= 2


def test_after_an_incident_that_is_none_there_is_nothing(served):
    assert served.client.get("/api/incidents.json?after=nobody").status == 404


def test_verdicts_that_contradict_each_other_are_listed_with_both_measurements(tmp_path, make_site):
    own = make_site(tmp_path)
    home = next(one for one in own.store.measurements.latest() if one.key.kind == "homepage")
    at = own.now - timedelta(hours=23)
    opened = replace(home, key=replace(home.key, scheduled_at=at, profile="desktop"))
    opened = replace(opened, observation=Observation(outcome=Outcome.OK))
    key = replace(opened.key, kind="http", scheduled_at=at + timedelta(minutes=1))
    failed = replace(opened, key=key, observation=Observation.ended(Reason.TLS_ERROR, "TLS handshake failed"))
    own.store.measurements.write([opened, failed])
    hour = HourTally(
        target_id=key.target_id, vantage_id=key.vantage_id, hour=at.replace(minute=0, second=0, microsecond=0), failed=1
    )
    own.store.incidents.save_tallies([hour])
    text, of_one = text_of(own, "/incidents?lang=en"), text_of(own, f"/incidents?agency={home.agency_id}&lang=en")
    body = own.client.get("/incidents").text
    own.store.close()
    assert "Ours until proven" in text
    assert "Ours until proven" not in of_one
    assert "Coi là lỗi của phép đo" in body
    assert f"/measurements/{key.target_id}/http/" in body
    assert f"/measurements/{key.target_id}/homepage/" in body


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (None, "chưa từng xét sự cố lần nào"),
        (timedelta(hours=2), "từ đó đến nay sự cố nào mới xảy ra hay đã hết đều chưa biết"),
        (timedelta(seconds=20), "Hiện không ghi nhận cổng nào"),
    ],
)
def test_nobody_judged_is_not_nothing_is_wrong(tmp_path, empty_site, ago, told):
    made = empty_site(tmp_path)
    if ago is not None:
        made.store.incidents.save_judged_at(made.now - ago)
    text = text_of(made, "/incidents")
    assert told in text
    assert ("Hiện không ghi nhận cổng nào" in text) is (ago == timedelta(seconds=20))
    made.store.close()
