"""What people read of incidents, in their own language and by names."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.core.i18n import translator
from thuocdo.core.model import Incident, IncidentAspect, IncidentPart, IncidentScope, IncidentState, Reason
from thuocdo.core.model.figures import ending_detail, slow_detail
from thuocdo.core.model.incident import WITHDRAWN
from thuocdo.incidents.ledger import JOINED, REMOVED, REOPENED
from thuocdo.incidents.wording import Wording

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
NAMES = {"a.home": "trang chủ", "a.form": "Đăng ký khai sinh", "a.form-2": "Đăng ký kết hôn"}
DOWN, BROKEN, EXPIRING = IncidentState.DOWN, IncidentState.BROKEN, IncidentState.EXPIRING


def wording(lang="vi"):
    return Wording(
        translate=translator(lang),
        lang=lang,
        now=NOW,
        instant=lambda at: at.strftime("%d/%m/%Y"),
        called=lambda name: {"a.home": "Tỉnh A"}.get(name, f"Tỉnh A: {NAMES[name]}"),
        part_called=NAMES.__getitem__,
    )


def part(name, state=BROKEN, **changes):
    values = {"worst": state, "started_at": NOW, "confirmed_at": NOW, "since": NOW, "reason": Reason.HTTP_ERROR}
    return IncidentPart(target_id=name, state=state, **(values | changes))


def incident(*parts, state=BROKEN, **changes):
    return Incident(
        id="i",
        scope=IncidentScope.TARGET,
        subject_id=parts[0].target_id,
        started_at=NOW,
        confirmed_at=NOW,
        parts=parts,
        state=state,
        **({"worst": state} | changes),
    )


def test_the_headline_names_the_worst_part_and_counts_the_others():
    parts = (part("a.form"), part("a.home", DOWN), part("a.form-2"), part("a.form-2", ended_at=NOW))
    assert wording().headline(incident(*parts, state=DOWN)) == "Tỉnh A không truy cập được, cùng 2 phần khác của cổng"
    assert wording("en").headline(incident(*parts, state=DOWN)).endswith(", with 2 more parts of the portal")
    alone = incident(part("a.form"))
    assert wording().headline(alone) == "Tỉnh A: Đăng ký khai sinh truy cập được nhưng không dùng được"
    over = incident(
        part("a.form", ended_at=NOW), part("a.home", DOWN, ended_at=NOW), state=IncidentState.ENDED, worst=DOWN
    )
    assert wording().headline(over) == "Tỉnh A đã có lúc không truy cập được, cùng 1 phần khác của cổng"


def test_changes_of_parts_are_told_by_names():
    line = "status 503; joined: a.form-2 (broken), certificate of a.home (expiring); fine again: a.form"
    assert wording().words(line) == (
        "máy chủ trả lời mã 503; Thêm: Đăng ký kết hôn (không dùng được), chứng thư số của trang chủ (sắp hết hạn); "
        "Đã bình thường trở lại: Đăng ký khai sinh"
    )
    assert wording("en").words("removed from the registry: a.form").startswith("Removed from the registry: ")


@pytest.mark.parametrize(
    ("reason", "detail", "told"),
    [
        (None, ending_detail(NOW + timedelta(days=5, hours=2)), "Chứng thư số còn 5 ngày, hết hạn lúc 27/11/2026"),
        (None, ending_detail(NOW - timedelta(hours=2)), "Chứng thư số đã hết hạn lúc 22/11/2026"),
        (None, slow_detail("http", "ha-noi", 4.63, 1.5), "Mất 4,6 giây, thường là 1,5 giây"),
        (None, slow_detail("http", "ha-noi", 4.63, 0.0), "Mất 4,6 giây, chậm với bất kỳ ai"),
        (Reason.HTTP_ERROR, "status 502", "máy chủ trả lời mã 502"),
        (Reason.TIMEOUT, "7 of 12 targets at once", "7 trong số 12 đối tượng đo cùng lúc"),
        (
            Reason.TIMEOUT,
            "6 of 20 probes failed, in turn with answers",
            "6 trong 20 lần đo bị lỗi, xen giữa những lần vẫn vào được",
        ),
        (
            Reason.HTTP_ERROR,
            "6 of 20 probes failed, in turn with answers: status 503",
            "6 trong 20 lần đo bị lỗi, xen giữa những lần vẫn vào được: máy chủ trả lời mã 503",
        ),
        (
            Reason.CERTIFICATE_INVALID,
            "certificate refused: certificate has expired",
            "chứng thư số không được chấp nhận: chứng thư đã hết hạn",
        ),
        (
            Reason.CERTIFICATE_INVALID,
            "certificate refused: Hostname mismatch, certificate is not valid for 'a.example'",
            "chứng thư số không được chấp nhận: chứng thư không cấp cho tên miền “a.example”",
        ),
        (
            Reason.CERTIFICATE_INVALID,
            "certificate refused: unable to get local issuer certificate",
            "chứng thư số không được chấp nhận: không rõ nơi cấp, hoặc thiếu chứng thư trung gian",
        ),
        (
            Reason.CERTIFICATE_INVALID,
            "the browser says ERR_CERT_DATE_INVALID",
            "trình duyệt báo chứng thư số hết hạn hoặc chưa có hiệu lực (ERR_CERT_DATE_INVALID)",
        ),
        (Reason.TIMEOUT, "no answer within 10 s", "máy chủ không trả lời trong 10 giây"),
    ],
)
def test_a_detail_is_told_in_the_readers_language(reason, detail, told):
    assert wording().words(part("a.home", reason=reason, detail=detail).detail) == told


@pytest.mark.parametrize("reason", [None, Reason.TIMEOUT, Reason.HTTP_ERROR])
def test_in_english_a_detail_is_read_as_it_was_written(reason):
    line = "6 of 20 probes failed, in turn with answers: status 503"
    assert wording("en").words(part("a.home", reason=reason, detail=line).detail) == line


def test_figures_among_other_words_are_written_as_the_reader_writes_them():
    slow = slow_detail("http", "ha-noi", 4.63, 1.5)
    assert wording().words(f"{slow}; status 502; {slow}; joined: a.form (broken)") == (
        "Mất 4,6 giây, thường là 1,5 giây; máy chủ trả lời mã 502; Mất 4,6 giây, thường là 1,5 giây; "
        "Thêm: Đăng ký khai sinh (không dùng được)"
    )


@pytest.mark.parametrize("line", [WITHDRAWN, REMOVED, REOPENED, JOINED])
def test_what_the_ledger_writes_is_vietnamese_for_vietnamese(line):
    assert wording().words(line) != line
    assert re.search("[ăâđêôơưáàảãạếự]", wording().words(line))


def test_a_certificate_is_a_part_by_the_name_of_its_target():
    ending = replace(part("a.home", EXPIRING), aspect=IncidentAspect.CERTIFICATE)
    assert wording().part(ending) == "chứng thư số của trang chủ"
    assert wording().headline(incident(ending, state=EXPIRING)) == "Tỉnh A: chứng thư số sắp hết hạn"
