"""What is known of pages: how a page becomes known, is asked about, and what answers do."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from probes.identity import known_pages
from probes.identity.features import features_of, glance_at
from probes.identity.known_pages import (
    HTTP_REFRESHED_AFTER,
    MOST_KNOWN,
    PICTURE_BEFORE,
    REFRESHED_AFTER,
    SIGHTINGS,
    Answer,
    KnownPages,
    Look,
)
from probes.markup import title_of
from testbed.verdicts.page import document, portal
from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.model import Block, Evidence, Job, Target, TargetRole

START = datetime(2026, 11, 30, tzinfo=UTC)
OTHER = document("<h1>Hẹn gặp lại</h1><p>Chúng tôi đang nghỉ, xin cảm ơn quý khách.</p>", title="Hẹn gặp lại")
NEW = document(
    "<h1>Chào mừng</h1>"
    + "".join(f"<a href=/v2/{name}>{name} của cổng mới</a>" for name in ("một", "hai", "ba", "bốn", "năm", "sáu")),
    title="Cổng mới",
)
PICTURE = Evidence(kind="screenshot", sha256="a" * 64, media_type="image/jpeg", size_bytes=1)


def job(target_id="p.home", kind="http", profile="desktop"):
    target = Target(
        id=target_id,
        role=TargetRole.HOMEPAGE,
        url="https://p.test/",
        agency_id="a",
        portal_id="p",
        block=Block.PROVINCE,
    )
    return Job(target=target, kind=kind, vantage_id="v", profile=profile, scheduled_at=START, deadline_seconds=10)


class Days:
    """Looks at pages as time goes by."""

    def __init__(self, folder):
        self.folder = folder
        self.pages = KnownPages(folder)
        self.now = START
        self.read = 0

    def look(self, html=None, later=timedelta(minutes=5), what=None):
        html = portal() if html is None else html
        self.now += later
        glance = glance_at(title_of(html), len(html))

        def features():
            self.read += 1
            return features_of(html, "https://p.test/", glance)

        return self.pages.look(what or job(), Look(glance=glance, title=title_of(html), features=features), self.now)

    def known(self):
        for _ in range(SIGHTINGS):
            assert self.look() is None
        return self


@pytest.fixture
def days(tmp_path):
    return Days(tmp_path / "identity")


def test_what_is_not_known_yet_is_no_question(days):
    assert days.look(OTHER) is None
    assert days.look() is None
    assert days.look(OTHER) is None


def test_three_sightings_five_minutes_apart_make_a_page_known(days):
    for _ in range(SIGHTINGS + 10):
        days.look(later=timedelta(seconds=20))
    assert days.read == 1
    assert days.look(OTHER, later=timedelta(seconds=1)) is None
    days.known()
    asked = days.look(OTHER)
    assert asked is not None
    assert (asked.title_before, asked.title_now) == ("Cổng dịch vụ công tỉnh Thử Nghiệm", "Hẹn gặp lại")
    assert asked.since == days.now


@pytest.mark.parametrize(("kind", "holds"), [("homepage", REFRESHED_AFTER), ("http", HTTP_REFRESHED_AFTER)])
def test_a_known_page_costs_a_glance_and_is_read_again_now_and_then(days, kind, holds):
    for _ in range(SIGHTINGS):
        days.look(what=job(kind=kind))
    days.read = 0
    for _ in range(50):
        days.look(later=timedelta(seconds=20), what=job(kind=kind))
    assert days.read == 0
    days.look(later=holds - timedelta(seconds=1001), what=job(kind=kind))
    assert days.read == 0
    days.look(later=timedelta(seconds=1), what=job(kind=kind))
    assert days.read == 1


def test_the_question_stays_until_the_page_is_back(days):
    days.known()
    first = days.look(OTHER)
    again = days.look(OTHER)
    assert again is not None
    assert again.since == first.since
    assert [state.target_id for state in days.pages.questions()] == ["p.home"]
    assert days.look() is None
    assert days.pages.questions() == []
    assert days.look(OTHER).since == days.now


def test_a_third_page_is_a_question_of_its_own(days):
    days.known()
    first = days.look(OTHER)
    assert days.look(NEW).since > first.since


def test_an_answer_makes_a_new_design_known_for_good_and_the_old_one_stays_known(days):
    days.known()
    days.look(NEW)
    assert days.pages.answer("p.home", Answer.NEW, "Lan") == 1
    assert days.look(NEW) is None
    assert days.look() is None
    assert days.look(OTHER) is not None


def test_another_process_sees_the_answer(days, monkeypatch):
    monkeypatch.setattr(known_pages, "LOOKED_AT_AGAIN_SECONDS", 0.0)
    days.known()
    days.look(NEW)
    KnownPages(days.folder).answer("p.home", Answer.NEW, "Lan")
    assert days.look(NEW) is None


def test_what_is_not_the_portal_is_not_asked_again_and_stays_another_page(days):
    days.known()
    days.look(OTHER)
    days.pages.answer("p.home", Answer.OTHER, "Lan")
    assert days.pages.questions() == []
    assert days.look(OTHER) is not None
    assert days.pages.questions() == []
    assert days.look(NEW) is not None
    assert len(days.pages.questions()) == 1


def test_an_answer_counts_for_all_kinds_and_profiles_of_a_target_and_no_other(days):
    for what in (job(), job(kind="homepage"), job(kind="homepage", profile="mobile"), job("q.home")):
        for _ in range(SIGHTINGS):
            days.look(what=what)
        assert days.look(NEW, what=what)
    assert days.pages.answer("p.home", Answer.NEW, "Lan") == 3
    assert days.look(NEW, what=job(kind="homepage")) is None
    assert days.look(NEW, what=job("q.home"))
    assert days.pages.answer("nobody", Answer.NEW, "Lan") == 0


def test_a_page_that_changes_little_by_little_stays_known(days):
    words = [f"mục{n}" for n in range(600)]
    for start in range(0, 300, 10):
        html = document("<p>" + " ".join(words[start : start + 300]) + "</p>", title=f"Bản {start}")
        assert days.look(html, later=HTTP_REFRESHED_AFTER) is None


def test_no_more_versions_are_kept_than_a_few(days):
    days.known()
    for number in range(MOST_KNOWN + 3):
        days.look(
            document(f"<p>{f'bản{number} của{number} trang{number} này{number} ' * 30}</p>", title=f"Bản {number}")
        )
        days.pages.answer("p.home", Answer.NEW, "Lan")
    (state,) = days.pages.all()
    assert len(state.known) == MOST_KNOWN


def test_pictures_of_before_and_now_go_with_the_question(days):
    days.known()
    assert days.pages.pictured(job(), PICTURE) == ()
    asked = days.look(OTHER)
    assert (asked.before, asked.now) == (PICTURE, None)
    now = Evidence(kind="screenshot", sha256="b" * 64, media_type="image/jpeg", size_bytes=2)
    before = replace(PICTURE, kind=PICTURE_BEFORE)
    assert days.pages.pictured(job(), now) == (before,)
    assert days.pages.pictured(job(), PICTURE) == (before,)
    assert days.look(OTHER).now == now
    assert days.pages.pictured(job("nobody"), now) == ()


def test_a_spoilt_file_is_told_once_and_written_anew(days):
    days.known()
    (file,) = days.folder.glob("*.json")
    for content in (b"", b"{", b"[]", b"\xff" * 300_000, b'{"target_id": 1}'):
        file.write_bytes(content)
        days.pages = KnownPages(days.folder)
        with structlog.testing.capture_logs() as logs:
            assert days.look(OTHER) is None
        assert [log["log_level"] for log in logs] == ["warning"]
    days.known()
    assert days.look(OTHER) is not None


def test_a_folder_that_cannot_be_used_blames_nobody(tmp_path):
    (tmp_path / "identity").write_text("no folder")
    days = Days(tmp_path / "identity").known()
    assert days.look(OTHER) is None
    assert list(days.pages.all()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="a folder of another owner")
def test_an_answer_that_cannot_be_written_is_an_error(days, monkeypatch):
    days.known()
    days.look(OTHER)
    monkeypatch.setattr(KnownPages, "_write", lambda *_: False)
    with pytest.raises(StoreUnavailableError, match=r"cannot be written"):
        days.pages.answer("p.home", Answer.NEW, "Lan")


def test_whoever_has_written_meanwhile_is_not_written_over(days):
    days.known()
    assert days.look(OTHER)
    KnownPages(days.folder).answer("p.home", Answer.OTHER, "Lan")
    days.look(NEW)  # would ask anew, of what was known before the answer
    (state,) = days.pages.all()
    assert state.question.answer is Answer.OTHER
    assert days.look(NEW).answer is None
