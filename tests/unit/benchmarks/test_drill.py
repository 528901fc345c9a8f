"""What the drill takes for Vietnamese, its timeline, and that what is told wrongly is found wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.drill.cases import CASES, END, agency_names, agency_of, owner_of, places, portal_ids
from benchmarks.drill.judging import verdicts
from benchmarks.drill.texts import foreign_words
from benchmarks.drill.timeline import Seen
from testbed.receivers import Call, Mail
from thuocdo.core.clock import HANOI
from thuocdo.core.i18n import translator
from thuocdo.core.model import Incident, IncidentScope, IncidentState
from thuocdo.incidents.rules import Rules

ZERO = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
BY_NUMBER = {case.number: case for case in CASES}


@pytest.mark.parametrize(
    "text",
    [
        "Hà Nội (https://p01.drill.test/): cổng ngừng hoạt động",
        "Nguyên nhân: phản hồi mất 4,6 giây, thường là 1,5 giây",
        "Bắt đầu: 07:01:30 01/01/1970 (giờ Hà Nội), đến lúc báo đã 8 phút 30 giây",
        "Kiểm tra cấu hình TLS của máy chủ web; chạy `thuocdo config check` để xem.",
        "Máy chủ báo lỗi HTTP 502",
    ],
)
def test_vietnamese_is_taken_for_such(text):
    assert foreign_words(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("p06.home: portal is down", ["portal", "is", "down"]),
        ("đã 33.92s", ["33.92s"]),
        ("đã 6m 44s", ["6m", "44s"]),
        ("mất 4.6 giây", ["4.6"]),
        ("kéo dài 5 min", ["5 min"]),
        ("Cổng connection_refused", ["connection", "refused"]),
    ],
)
def test_english_and_figures_of_programs_are_found(text, found):
    assert set(found) <= set(foreign_words(text))


def test_names_may_be_as_they_are():
    assert foreign_words("Sở Microsoft ngừng", ("Sở Microsoft",)) == []
    assert foreign_words("p05 lỗi: https://p05.drill.test/x?target=p05.home", ("p05",)) == []


def test_every_case_has_a_portal_of_its_own_and_ends_in_time():
    assert len({case.portal for case in CASES}) == len(CASES)
    assert {case.portal for case in CASES} <= set(portal_ids())
    assert all(case.begins < (case.ends or END) <= END for case in CASES)
    assert len({place.address for place in places()}) == len(places())


def test_what_falls_within_a_minute_is_never_most_of_what_is_seen():
    begins = sorted(case.begins for case in CASES)
    together = max(sum(first <= at < first + 60 for at in begins) for first in begins)
    assert together < Rules().fallen_share * len(portal_ids())


def hanoi(at):
    return f"{at.astimezone(HANOI):%H:%M:%S %d/%m/%Y}"


def row_of(case, **changes):
    started = ZERO + timedelta(seconds=case.begins + 5)
    values = {
        "id": f"target-{case.target_id}",
        "scope": IncidentScope.TARGET,
        "subject_id": case.target_id,
        "state": IncidentState.ENDED,
        "worst": case.state,
        "started_at": started,
        "confirmed_at": started + timedelta(seconds=20),
        "ended_at": ZERO + timedelta(seconds=case.ends + 5),
        "reason": case.reason,
    }
    return Incident(**(values | changes))


def call(case, row, status, at, **changes):
    alert = {
        "status": status,
        "startsAt": f"{at if status == 'firing' else 0}",
        "labels": {"alertname": case.alert, "target": case.target_id} | changes,
        "annotations": {
            "summary": f"{agency_names()[agency_of(case.portal)]} (…): lỗi",
            "began": hanoi(row.started_at),
            "ended": hanoi(row.ended_at) if status == "resolved" and row.ended_at else "",
        },
    }
    return Call(who=owner_of(case.portal), told={"alerts": [alert]}, at=ZERO + timedelta(seconds=at))


def mail(case, row, subject="[CẢNH BÁO]", more=""):
    name = agency_names()[agency_of(case.portal)]
    text = (
        f"{name} (https://{case.portal}.drill.test/): cổng ngừng hoạt động\n"
        f"Nguyên nhân: {translator('vi')(f'reason.{case.reason}')}\nBắt đầu: {hanoi(row.started_at)} (giờ Hà Nội)\n"
        f"Việc cần làm trước: xem\nTrang sự cố: http://site/incidents/{row.id}\n{more}\n— English —\nThe portal is down"
    )
    at = ZERO + timedelta(seconds=case.begins + 45)
    return Mail(to=(f"{owner_of(case.portal)}@drill.test",), subject=subject, text=text, at=at)


def wrong_with(case, *, rows, calls, mails):
    seen = Seen(zero=ZERO, incidents=rows, calls=calls, mails=mails, links={row.id for row in rows})
    return next(one for one in verdicts(seen) if one.number == case.number).wrong


@pytest.fixture
def right():
    case = BY_NUMBER["7"]
    row = row_of(case)
    calls = [call(case, row, "firing", case.begins + 45), call(case, row, "resolved", case.ends + 240)]
    return case, {"rows": [row], "calls": calls, "mails": [mail(case, row)]}


def test_what_is_told_rightly_is_right(right):
    case, seen = right
    assert wrong_with(case, **seen) == []


def test_silence_is_wrong(right):
    case, _ = right
    wrong = wrong_with(case, rows=[], calls=[], mails=[])
    assert "0 incidents, not one" in wrong
    assert any(one.startswith("told nothing") for one in wrong)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"more": {"alertname": "ErrorBudgetBurnFast"}}, "ErrorBudgetBurnFast"),
        ({"late": 300}, "within 130 s"),
        ({"row": {"worst": IncidentState.DEGRADED}}, "the incident is degraded"),
        ({"row": {"ended_at": ZERO + timedelta(seconds=600)}}, "ends at 600 s"),
        ({"text": "portal down 6m 44s"}, "not Vietnamese"),
    ],
)
def test_each_fault_is_found(right, changes, says):
    case, _ = right
    row = row_of(case, **changes.get("row", {}))
    calls = [
        call(case, row, "firing", case.begins + changes.get("late", 45)),
        call(case, row, "resolved", case.ends + 240),
        *([call(case, row, "firing", 400, **changes["more"])] if "more" in changes else []),
    ]
    wrong = wrong_with(case, rows=[row], calls=calls, mails=[mail(case, row, more=changes.get("text", ""))])
    assert any(says in one for one in wrong), wrong


def test_what_is_told_of_a_portal_that_is_well_is_wrong(right):
    case, seen = right
    seen["calls"].append(call(case, seen["rows"][0], "firing", 400, target="p18.home"))
    made = Seen(zero=ZERO, incidents=seen["rows"], calls=seen["calls"], mails=seen["mails"])
    controls = next(one for one in verdicts(made) if one.number == "99")
    assert any("p18.home" in one for one in controls.wrong)


@pytest.mark.parametrize(("looks", "mails", "is_right"), [(1, 1, True), (1, 2, False), (2, 1, True), (2, 2, False)])
def test_what_one_or_two_looks_of_the_judge_confirm_is_one_mail_to_an_owner(looks, mails, is_right):
    cases = [BY_NUMBER["20a"], BY_NUMBER["20b"]]
    rows = [row_of(case) for case in cases]
    both = mail(cases[0], rows[0], more=agency_names()[agency_of("p14")])
    told = [*[mail(cases[0], rows[0])] * (mails - 1), both]
    seen_at = {row.id: ZERO + timedelta(seconds=10 * (number if looks == 2 else 0)) for number, row in enumerate(rows)}
    seen = Seen(zero=ZERO, incidents=rows, mails=told, looks=seen_at)
    assert (next(one for one in verdicts(seen) if one.number == "20c").wrong == []) is is_right
