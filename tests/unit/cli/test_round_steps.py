"""A round with a plan on the command line, from its seal to its correction, in both languages."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from schedules.round_people import PersonRole, PlannedPerson
from testbed.receivers import Receivers
from tests.minisign_keys import Holder
from thuocdo.core import clock
from thuocdo.core.config import load_settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Round, RoundStep
from thuocdo.core.setting_groups import ReportSettings
from thuocdo.processes.reminding import Reminding
from thuocdo.rounds.people import frozen_rules
from thuocdo.store import Store

PEOPLE = {"Lan": PersonRole.SEALS, "Minh": PersonRole.APPROVES, "Hà": PersonRole.ASSESSES, "Anh": PersonRole.DECIDES}


@pytest.fixture
def store(config):
    with Store.open(f"sqlite:///{config.parent}/data/thuocdo.sqlite") as opened:
        yield opened


@pytest.fixture(autouse=True)
def planned(store):
    """The round of the folder, as if it had been planned."""
    people = [PlannedPerson(name=name, roles=(role,), key=Holder(name).public_key) for name, role in PEOPLE.items()]
    settings = json.dumps({"criteria_set": "website-2025", **frozen_rules(people, 0.1)})
    with store._database._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE rounds SET settings = ? WHERE id = 'r1'", (settings,))


@pytest.fixture
def time(monkeypatch):
    """A clock that a test moves."""

    class Moved:
        now = datetime.now(UTC) + timedelta(minutes=1)

        def later(self, **span):
            self.now += timedelta(**span)

        def tick(self):
            self.now += timedelta(seconds=1)
            return self.now

    moved = Moved()
    monkeypatch.setattr(clock, "now", moved.tick)
    return moved


@pytest.fixture
def signed(call, tmp_path):
    """Return a function that runs a command that is signed: writes the statement, signs it, gives the signature."""

    def run(*arguments, by, key=""):
        text = tmp_path / "to-sign"
        first = call(*arguments, "--by", by, "--to-sign", str(text))
        if first.exception is not None:
            return first
        assert "minisign -Sm" in first.stdout
        (tmp_path / "to-sign.minisig").write_text(Holder(key or by).sign(text.read_bytes()))
        return call(*arguments, "--by", by, "--signature", f"{text}.minisig")

    return run


@pytest.fixture
def manifest(tmp_path):
    def write(text):
        file = tmp_path / "manifest.json"
        file.write_text(text)
        return "--manifest", str(file)

    return write


def told(result, *parts):
    assert isinstance(result.exception, ConfigurationError), result.output
    for part in parts:
        assert part in str(result.exception)


def fine(result):
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def state(call):
    return json.loads(call("rounds", "--json").stdout)[0]["state"]


def test_from_the_seal_to_the_correction(call, signed, manifest, time, store):
    name = "Đợt 1"
    told(call("round", "publish", name, "--by", "Lan"), "it is not approved")
    fine(signed("round", "record-seal", name, *manifest("{}"), by="Lan"))
    told(signed("round", "record-seal", name, *manifest("{1}"), by="Lan"), "it is sealed already")
    fine(call("round", "draft", name, "--by", "Lan"))
    assert state(call) == "draft"
    assert "until" in fine(call("round", "reply", name, "--by", "Lan", "--days", "3"))
    made = fine(
        call(
            *("objection", "new", name, "--agency", "cham", "--kind", "value", "--claim", "nhanh hơn", "--by", "Lan"),
            *("--evidence", __file__),
        )
    )
    assert "Objection Đợt 1/001 was received" in made
    time.later(days=9)
    told(signed("round", "approve", name, by="Minh"), "objection Đợt 1/001 is open; decide it")
    decision = ("objection", "decide", "Đợt 1/001", "rejected", "--reason", "đo đúng")
    told(signed(*decision, by="Lan"), "as somebody who decides objections")
    told(signed(*decision, by="Anh", key="Lan"), "--signature: it was made with key")
    fine(signed(*decision, by="Anh"))
    fine(signed("round", "approve", name, by="Minh"))
    assert store.rounds.get("r1").published_at is None
    fine(call("round", "publish", name, "--by", "Lan"))
    assert store.rounds.get("r1").published_by == "Lan"
    fine(call("objection", "new", name, "--agency", "hong", "--kind", "not_ours", "--claim", "muộn", "--by", "Lan"))
    fine(signed("objection", "decide", "Đợt 1/002", "accepted", "--reason", "đúng", "--leave-out", by="Anh"))
    fine(signed("round", "record-seal", name, *manifest("{2}"), by="Lan"))
    fine(signed("round", "correct", name, "--reason", "đo nhầm hệ thống", by="Minh"))
    assert state(call) == "corrected"
    assert "hong" in fine(call("round", "version", name, "1"))
    counted = json.loads(fine(call("objection", "list", name, "--json")))
    assert counted["tally"] == {
        "received": 2,
        "late": 1,
        "decided": 2,
        "accepted": 1,
        "median_working_days": counted["tally"]["median_working_days"],
        "accepted_ratio": 0.5,
    }
    assert [one["late"] for one in counted["objections"]] == [False, True]
    log = json.loads(fine(call("round", "log", name, "--json")))
    assert counted["objections"][0]["receipt"] == next(one["hash"] for one in log if one["step"] == "object")
    assert "each follows from the one before" in fine(call("round", "log", "--check", "--head", log[-1]["hash"]))
    assert call("round", "log", "--check", "--head", "0" * 64).exit_code == 1


def test_points_are_signed_and_low_coverage_overruled(call, signed, manifest, time, config, store):
    settings = json.loads(json.dumps(dict(store.rounds.get("r1").settings) | {"minimum_coverage_ratio": "0.99"}))
    with store._database._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE rounds SET settings = ? WHERE id = 'r1'", (json.dumps(settings),))
    assess = ("assess", "nhanh", "structure-by-hand", "2", "--by", "Hà", "--evidence", str(config))
    fine(call(*assess, "--criteria", "qd473-2024", "--round", "Đợt 1"))
    fine(signed("round", "record-seal", "Đợt 1", *manifest("{}"), by="Lan"))
    fine(call("round", "draft", "Đợt 1", "--by", "Lan"))
    fine(call("round", "reply", "Đợt 1", "--by", "Lan", "--days", "1"))
    time.later(days=9)
    told(signed("round", "approve", "Đợt 1", by="Minh"), "points that 'Hà' entered are not signed")
    fine(signed("round", "sign-points", "Đợt 1", by="Hà"))
    result = signed("round", "approve", "Đợt 1", by="Minh")
    if result.exception is not None:  # whatever share of the folder's round was conclusive
        told(result, "coverage is")
        told(
            signed("round", "overrule", "Đợt 1", "open_objection", "--reason", "vì", by="Minh"),
            "so nothing is overruled",
        )
        fine(signed("round", "overrule", "Đợt 1", "low_coverage", "--reason", "đường truyền hỏng", by="Minh"))
        fine(signed("round", "approve", "Đợt 1", by="Minh"))
    assert state(call) == "approved"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("round", "draft", "Đợt 9", "--by", "Lan"), "no round 'Đợt 9'"),
        (("round", "draft", "Đợt 1", "--by", "Lam"), "does not list 'Lam'; did you mean 'Lan'?"),
        (("round", "approve", "Đợt 1", "--by", "Minh"), "a round is approved once"),
        (("round", "version", "Đợt 1", "4"), "no version 4 of the ranking"),
        (("objection", "show", "Đợt 1/004"), "no objection 'Đợt 1/004'"),
        (("objection", "show", "004"), "is no number of an objection"),
        (("objection", "list", "Đợt 9"), "no round 'Đợt 9'"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(call, command, said):
    told(call(*command), said)


def test_a_step_that_is_signed_says_how(call, manifest, tmp_path):
    seal = ("round", "record-seal", "Đợt 1", "--by", "Lan", *manifest("{}"))
    told(call(*seal), "give --to-sign FILE, sign that file")
    told(call(*seal, "--to-sign", str(tmp_path / "nowhere" / "file")), "cannot be written")
    told(call(*seal, "--signature", str(tmp_path / "none")), "give the file that minisign wrote")
    told(call("round", "record-seal", "Đợt 1", "--by", "Lan", *manifest("")), "it is empty, or far too large")


def test_a_statement_is_the_same_before_and_after_it_is_signed(call, signed, manifest, time):
    """Nothing in it is of the instant: people sign on machines of their own, hours later."""
    seal = ("round", "record-seal", "Đợt 1", *manifest("{}"))
    time.later(hours=0)
    fine(signed(*seal, by="Lan"))


@pytest.fixture
def replies(call, signed, manifest):
    """Open a window of ten days for replies."""
    fine(signed("round", "record-seal", "Đợt 1", *manifest("{}"), by="Lan"))
    fine(call("round", "draft", "Đợt 1", "--by", "Lan"))
    fine(call("round", "reply", "Đợt 1", "--by", "Lan", "--days", "10"))


@pytest.fixture
def mailing(config, tmp_path):
    """Have mails sent by a host: an agency's owner is known, that of the others is not."""

    def write(smarthost: str) -> None:
        team = '{webhooks: [{url: "http://127.0.0.1:9095/"}]}'
        lines = (
            f'smtp: {{smarthost: "{smarthost}", from: t@example.vn, require_tls: false}}',
            f"central: {team}",
            f"dead_man: {team}",
            "owners: {nhanh: {emails: [{to: truc@example.vn}]}}",
        )
        (tmp_path / "owners.yaml").write_text("\n".join(lines), encoding="utf-8")
        config.write_text(f"{config.read_text()}\nowners: {tmp_path / 'owners.yaml'}\n")

    return write


def test_reminders_are_listed_for_what_sends_them_and_once_sent_no_more(call, replies, time):
    assert json.loads(fine(call("round", "remind", "Đợt 1", "--json"))) == []
    time.later(days=9)
    (half,) = json.loads(fine(call("round", "remind", "Đợt 1", "--json", "--sent-by", "Lan")))
    assert (half["kind"], {one["id"] for one in half["agencies"]} >= {"nhanh", "cham"}) == ("half", True)
    assert "Nobody is to be reminded" in fine(call("round", "remind", "Đợt 1"))


def test_reminders_go_out_to_those_that_the_file_of_owners_names(call, replies, time, mailing):
    time.later(days=9)
    with Receivers() as receivers:
        mailing(receivers.smarthost)
        assert "--sent-by" in str(call("round", "remind", "Đợt 1", "--send").exception)
        told = fine(call("round", "remind", "Đợt 1", "--send", "--sent-by", "Lan"))
        assert "Reminded: 1. Nobody is named in the file of owners for:" in " ".join(told.split())
        assert [one.to for one in receivers.mails] == [("truc@example.vn",)]
        assert "Nobody is to be reminded" in fine(call("round", "remind", "Đợt 1", "--send", "--sent-by", "Lan"))
        assert len(receivers.mails) == 1


def test_reminders_go_out_by_themselves_where_the_settings_ask_for_it(replies, time, config, store, mailing):
    with Receivers() as receivers:
        mailing(receivers.smarthost)
        settings = load_settings(config)
        asked = settings.model_copy(update={"report": ReportSettings(remind=True)})
        assert Reminding(asked, store).once(time.now) == 0  # not yet
        time.later(days=9)
        assert Reminding(settings, store).once(time.now) == 0  # nobody asked for it
        assert Reminding(asked, store).once(time.now) == 1
        assert Reminding(asked, store).once(time.now) == 0
        assert [one.to for one in receivers.mails] == [("truc@example.vn",)]
    (note,) = [one.note for one in store.round_log.of("r1") if one.note.step is RoundStep.REMIND]
    assert (note.by, note.reason) == ("Lan", "tự động gửi theo thiết lập report.remind")
    time.later(days=30)
    assert Reminding(asked, store).once(time.now) == 0  # the window has closed


def test_a_mail_server_that_is_away_is_asked_again(replies, time, config, store, mailing):
    time.later(days=9)
    with Receivers() as receivers:
        mailing(receivers.smarthost)
    asked = load_settings(config).model_copy(update={"report": ReportSettings(remind=True)})
    assert Reminding(asked, store).once(time.now) == 0
    assert [one for one in store.round_log.of("r1") if one.note.step is RoundStep.REMIND] == []


def test_rounds_show_their_state_in_words(call):
    assert json.loads(call("rounds", "--json").stdout)[0]["state"] == "measuring"
    assert "being" in call("rounds").stdout
    assert "đang đo" in " ".join(call("--lang", "vi", "rounds").stdout.split())


def test_a_retest_stands_beside_the_figure(call, signed, manifest, time, store):
    fine(signed("round", "record-seal", "Đợt 1", *manifest("{}"), by="Lan"))
    fine(call("round", "draft", "Đợt 1", "--by", "Lan"))
    fine(call("round", "reply", "Đợt 1", "--by", "Lan"))
    fine(
        call("objection", "new", "Đợt 1", "--agency", "cham", "--kind", "blocked", "--claim", "bị chặn", "--by", "Lan")
    )
    store.rounds.begin(Round(id="r2", label="Đo lại", started_at=time.now, planned=1))
    retest = ("objection", "retest", "Đợt 1/001", "--target", "cham.home", "--measured-as", "Đo lại", "--by", "Lan")
    told(call(*retest), "has not ended; go on with it first")
    store.rounds.end("r2", time.now)
    fine(call(*retest))
    shown = fine(call("--lang", "vi", "objection", "show", "Đợt 1/001"))
    assert "Đo lại" in shown
    assert "mạng của cơ quan chặn máy đo" in shown
