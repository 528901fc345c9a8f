"""Where agencies bring their own figures: who may, what is answered, and that nothing is kept half."""

import asyncio
import errno
import json

import pytest

from thuocdo.core.model import IntakeToken
from thuocdo.declared import intake as laying
from thuocdo.declared.tokens import digest_of
from thuocdo.web import intake

TOKEN = "tdo_" + "a" * 43
OTHER = "tdo_" + "b" * 43
ROWS = json.dumps({"rows": [{"period": "2026-10", "late": 3, "on_time": 7}]}).encode()
CSV = "Kỳ;Quá hạn\n10/2026;3\n".encode()


@pytest.fixture
def own(tmp_path, make_site, probe_now):
    made = make_site(tmp_path, probe_now)
    for token, agency in ((TOKEN, "da-nang-2025"), (OTHER, "bo-cong-an")):
        kept = IntakeToken(digest=digest_of(token), agency_id=agency, name="Một cửa", made_by="An", made_at=made.now)
        made.store.declared.add_token(kept)
    yield made
    made.store.close()


@pytest.fixture
def bring(own):
    def post(content=ROWS, media="application/json", token=TOKEN, query="", **headers):
        told = {"Content-Type": media} | ({"Authorization": f"Bearer {token}"} if token else {}) | headers
        return asyncio.run(own.client.call(f"/intake/figures{query}", "POST", told, content))

    return post


@pytest.fixture
def ask(own):
    def get(receipt, token=TOKEN):
        return own.client.get(f"/intake/figures/{receipt}", headers={"Authorization": f"Bearer {token}"})

    return get


def waiting(own):
    return laying.Intake(own.settings.intake_dir).waiting()


def test_what_is_right_is_laid_down_and_answered_with_a_receipt(own, bring, ask):
    answer = bring()
    assert answer.status == 202
    told = json.loads(answer.body)
    assert (told["state"], told["rows"], told["problems"]) == ("waiting", 1, [])
    assert answer.headers["location"] == f"/intake/figures/{told['receipt']}"
    ((receipt, brought),) = waiting(own)
    assert (receipt.agency_id, brought.content, brought.entered_by) == ("da-nang-2025", ROWS, "Một cửa")
    assert json.loads(ask(told["receipt"]).body) == told
    assert own.store.declared.files() == []  # pages never write to the store


def test_bringing_it_again_is_the_same_receipt(bring):
    first, second = bring(), bring()
    assert (first.status, second.status) == (202, 200)
    assert json.loads(first.body)["receipt"] == json.loads(second.body)["receipt"]


@pytest.mark.parametrize(("content", "media"), [(CSV, "text/csv; charset=utf-8"), (ROWS, "application/json")])
def test_every_form_is_taken(bring, content, media):
    assert bring(content, media).status == 202


def test_a_period_may_be_said_in_the_address(bring):
    content = "Quá hạn;Đúng hạn\n3;7\n".encode()
    assert bring(content, "text/csv").status == 400
    assert bring(content, "text/csv", query="?period=2026-10").status == 202


def test_every_mistake_is_told_with_its_cell_in_the_senders_language(own, bring):
    wrong = json.dumps({"rows": [{"period": "2026-10", "late": "ba", "on_time": -1}]}).encode()
    answer = bring(wrong)
    assert answer.status == 400
    vietnamese = json.loads(answer.body)["problems"]
    assert len(vietnamese) == 2
    assert "rows[0].late: 'ba' không phải số nguyên; hãy" in vietnamese[1]
    english = json.loads(bring(wrong, **{"Accept-Language": "en-GB"}).body)["problems"]
    assert "rows[0].late: 'ba' is no whole number" in english[1]
    assert waiting(own) == []


@pytest.mark.parametrize("token", ["", "tdo_" + "c" * 43, "x"])
def test_without_a_valid_token_nothing_is_read(own, bring, token):
    answer = bring(token=token)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert waiting(own) == []


def test_a_withdrawn_token_is_none(own, bring):
    own.store.declared.withdraw_token(digest_of(TOKEN), own.now)
    assert bring().status == 401


def test_an_agency_sees_and_brings_its_own_alone(bring, ask):
    receipt = json.loads(bring().body)["receipt"]
    assert ask(receipt, OTHER).status == 404
    assert ask("0" * 40).status == 404
    others = json.dumps({"rows": [{"agency": "bo-cong-an", "period": "2026-10", "late": 1}]}).encode()
    assert bring(others).status == 400


def test_too_much_is_refused(own, bring):
    assert bring(b"x" * (5 * 1024 * 1024 + 1), "text/csv").status == 413
    assert waiting(own) == []


@pytest.mark.parametrize("media", ["", "text/html", "multipart/form-data; boundary=x"])
def test_other_forms_are_refused(bring, media):
    assert bring(media=media).status == 415


def test_too_often_is_refused_for_a_while_and_for_one_token_alone(bring):
    for _ in range(intake.MOST_A_MINUTE):
        assert bring(b"{").status == 400
    answer = bring()
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0
    assert bring(token=OTHER).status == 202


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EIO, 503)])
def test_a_disk_that_takes_nothing_is_told_and_nothing_is_kept(own, bring, monkeypatch, number, status):
    def refuse(_path, _content):
        raise OSError(number, "no")

    monkeypatch.setattr(laying, "write_whole", refuse)
    answer = bring()
    assert answer.status == status
    assert "nothing was kept" in answer.text
    assert waiting(own) == []


def test_too_many_that_wait_are_told(bring, monkeypatch):
    monkeypatch.setattr(laying, "MOST_WAITING", 0)
    assert bring().status == 503


def test_what_was_brought_stands_on_no_page(own, bring):
    bring(json.dumps({"rows": [{"period": "2026-10", "late": 918273, "on_time": 7}]}).encode())
    for address in ("/", "/agencies", "/agencies/da-nang-2025", "/metrics", "/api/rankings.json"):
        assert "918273" not in own.client.get(address).text
