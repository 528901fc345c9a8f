import dataclasses
import json
import re
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from probes.manners.politeness import Politeness
from thuocdo import doctor
from thuocdo.cli.context import CliContext, Language
from thuocdo.cli.doctor import doctor as command
from thuocdo.core.checks import Check, CheckState
from thuocdo.core.config import Settings
from thuocdo.core.i18n import translator
from thuocdo.core.model import AgentState, MissedStarts
from thuocdo.core.setting_groups import BrowserSettings, WebSettings
from thuocdo.reports.storage import Growth, Present
from thuocdo.reports.storage_seen import Seen, limits_of
from thuocdo.store import Store
from thuocdo.store.room import Room

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def browser(tmp_path, monkeypatch):
    monkeypatch.delenv("THUOCDO_BROWSER", raising=False)
    return program(tmp_path / "chromium", "echo Chromium 156.0")


@pytest.fixture
def settings(tmp_path, browser):
    return Settings(data_dir=tmp_path / "data", browser=BrowserSettings(path=browser), web=WebSettings(port=0))


@pytest.fixture(autouse=True)
def _a_short_look(monkeypatch):
    """For how long loop and clocks are watched decides nothing of what is told of them."""
    monkeypatch.setattr(doctor, "LOOK_SECONDS", 0.02)


def program(path, body):
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_every_check_of_the_table_is_made(settings):
    names = [check.name for check in doctor.examine(settings)]
    assert names == [
        "Python", "OpenSSL", "Browser", "SQLite", "Clock", "Event loop lag", "CPU pressure", "Store", "Free disk",
        "Disk full", "Reference pages",
    ]  # fmt: skip


def test_looking_creates_nothing(settings):
    doctor.examine(settings)
    assert not settings.data_dir.exists()


def test_a_browser_is_named_with_its_version(settings, browser):
    check = doctor._browser(settings)
    assert (check.state, check.say(check.value, str)) == (CheckState.OK, f"Chromium 156.0 ({browser})")


def test_a_fraction_is_written_as_in_the_readers_language():
    check = Check(name="CPU pressure", state=CheckState.OK, value="{percent} %", facts={"percent": 17.28})
    assert [check.say(check.value, translator(lang), lang) for lang in ("vi", "en")] == ["17,28 %", "17.28 %"]


def test_a_browser_whose_driver_does_not_start_is_off(settings, monkeypatch):
    monkeypatch.setattr(
        doctor, "driver_trouble", lambda: "node does not start (libatomic.so.1); apt-get install libatomic1"
    )
    check = doctor._browser(settings)
    assert check.state is CheckState.OFF
    assert "libatomic1" in check.say(check.value, translator("vi"))
    assert "eform" in check.say(check.remedy, translator("vi"))


def test_without_a_browser_the_kinds_that_are_off_are_named(settings, tmp_path):
    check = doctor._browser(settings.model_copy(update={"browser": BrowserSettings(path=tmp_path / "nothing")}))
    assert check.state is CheckState.OFF
    assert "Not measured without it: accessibility, eform, homepage, resilience." in check.say(check.remedy, str)


@pytest.mark.parametrize("body", ["exit 1", "sleep 60"])
def test_a_browser_that_does_not_start_is_off(settings, tmp_path, monkeypatch, body):
    monkeypatch.setattr(doctor, "VERSION_TIMEOUT_SECONDS", 0.2)
    program(tmp_path / "chromium", body)
    check = doctor._browser(settings)
    assert check.state is CheckState.OFF
    assert "does not start" in check.say(check.remedy, str)


@pytest.mark.parametrize(
    ("now", "step", "synchronised", "state"),
    [
        (NOW, 0.0, True, CheckState.OK),
        (NOW, 0.0, None, CheckState.OK),
        (NOW, 0.0, False, CheckState.WARNING),
        (NOW, 0.2, True, CheckState.WARNING),
        (datetime(1970, 1, 1, tzinfo=UTC), 0.0, True, CheckState.OFF),
    ],
)
def test_a_clock_is_judged_by_year_steps_and_synchronisation(now, step, synchronised, state):
    check = doctor._clock(now, step, synchronised=synchronised)
    assert check.state is state
    assert bool(check.remedy) == (state is not CheckState.OK)


def test_the_kernel_says_whether_its_clock_is_synchronised():
    assert doctor._synchronised() in (True, False, None)


@pytest.mark.parametrize(("lag", "state"), [(0.010, CheckState.OK), (0.011, CheckState.WARNING)])
def test_a_lag_above_ten_milliseconds_is_a_warning(lag, state):
    assert doctor._loop_lag(lag).state is state


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ("some avg10=49.99 avg60=0 avg300=0 total=1\n", CheckState.OK),
        ("some avg10=55.01 avg60=0 avg300=0 total=1\n", CheckState.WARNING),
        ("", CheckState.WARNING),
        (None, CheckState.WARNING),
    ],
)
def test_cpu_pressure_is_read_from_the_kernel(tmp_path, content, state):
    file = tmp_path / "cpu"
    if content is not None:
        file.write_text(content)
    assert doctor._cpu_pressure(file).state is state


def test_a_store_is_opened_and_counted(settings, make_measurement):
    store = Store.open(settings.store_url)
    store.measurements.write([make_measurement(0), make_measurement(1)])
    store.close()
    check = doctor._store(settings)
    assert (check.state, check.say(check.value, str)) == (CheckState.OK, "2 measurements")


def test_a_corrupt_store_is_off_with_the_stores_own_words(settings):
    settings.data_dir.mkdir()
    (settings.data_dir / "thuocdo.sqlite").write_text("{no database}" * 100)
    check = doctor._store(settings)
    assert check.state is CheckState.OFF
    assert "file is not a database" in check.say(check.value, str)
    assert "tệp không phải là cơ sở dữ liệu; không có gì bị ghi đè" in check.say(check.value, translator("vi"), "vi")


@pytest.mark.parametrize(
    ("free", "state"), [(10**9, CheckState.OK), (10**9 - 1, CheckState.WARNING), (10**8 - 1, CheckState.OFF)]
)
def test_little_free_disk_is_a_warning_and_hardly_any_is_off(tmp_path, monkeypatch, free, state):
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    assert doctor._disk(tmp_path / "not" / "yet").state is state


def test_an_openssl_without_tls_1_3_is_a_warning(monkeypatch):
    monkeypatch.setattr(ssl, "HAS_TLSv1_3", False)
    assert doctor._openssl().state is CheckState.WARNING


class Context:
    def __init__(self, settings):
        self.obj = CliContext(config_file=None, lang=Language.VI, log_level="info")
        self.obj.__dict__["settings"] = settings
        self.obj.console.width = 200


def test_the_command_prints_one_table_in_vietnamese_and_exits_with_1_only_when_something_is_off(
    settings, tmp_path, capsys
):
    assert command(Context(settings)) == 0
    assert "Tình trạng máy này" in capsys.readouterr().out
    settings = settings.model_copy(update={"browser": BrowserSettings(path=tmp_path / "nothing")})
    assert command(Context(settings)) == 1
    assert "Thiếu trình duyệt thì không đo được" in capsys.readouterr().out


def test_json_is_one_object_per_check_and_line(settings, capsys):
    command(Context(settings), as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 11
    assert {frozenset(line) for line in lines} == {frozenset({"name", "state", "value", "remedy", "facts"})}
    assert not [line for line in lines if "{" in line["value"] + line["remedy"]]


def test_every_text_of_the_doctor_has_its_vietnamese():
    translate = translator("vi")
    source = Path(doctor.__file__).read_text()
    joined = re.sub(r'"\s+"', "", source)
    remedies = re.findall(r'remedy = \(?\s*"([^"]+)"', joined)
    assert len(remedies) == source.count("remedy = ")
    assert len(remedies) > 10
    assert [text for text in remedies if translate(text) == text] == []


def test_a_check_says_its_facts():
    check = Check(name="Store", state=CheckState.OK, value="{rows} measurements", facts={"rows": 3})
    assert check.say(check.value, translator("vi")) == "3 kết quả đo"


def test_hosts_that_refuse_us_are_named_with_how_long_they_are_left_alone(tmp_path):
    folder = tmp_path / "politeness"
    assert list(doctor._refusals(folder)) == []
    politeness = Politeness(folder)
    politeness.back_off("a.gov.test", 120.0)
    politeness.back_off("b.gov.test", 1e9)
    politeness.back_off("c.gov.test", 0.0)
    (folder / ("f" * 32)).mkdir()
    (folder / ("e" * 32)).write_bytes(b"\xff")
    said = {check.say(check.name, str): check.say(check.value, str) for check in doctor._refusals(folder)}
    assert said == {
        "a.gov.test refuses us": "left alone for 2 min",
        "b.gov.test refuses us": "left alone for 1440 min; it asked for more than a day",
    }
    for check in doctor._refusals(folder):
        assert check.state is CheckState.WARNING
        assert translator("vi")(check.remedy) != check.remedy


def test_pages_that_are_quite_other_ones_are_named_with_how_to_answer(tmp_path, another_page):
    assert list(doctor._other_pages(tmp_path / "identity")) == []
    another_page(tmp_path, "hue.home")
    (check,) = doctor._other_pages(tmp_path / "identity")
    assert check.say(check.value, str) == "another page than the known one since 2026-11-30 07:27, titled “Nhà cái”"
    assert check.state is CheckState.WARNING
    for text in (check.name, check.value, check.remedy):
        assert translator("vi")(text) != text


def missing(settings, *, due, missed, seen_at=NOW):
    """Let an agent have missed some starts, and the store know of which targets."""
    settings.data_dir.mkdir()
    state = AgentState(
        agent="http",
        vantage_id="ha-noi",
        pid=1,
        seen_at=seen_at,
        started_at=NOW,
        due_by_kind={"http": due},
        missed_by_kind={"http": missed},
    )
    one = MissedStarts(
        target_id="hue.home",
        kind="http",
        vantage_id="ha-noi",
        profile="desktop",
        hour=NOW.replace(minute=0, second=0),
        agency_id="hue",
        missed=missed - 1,
        counted_by="p1",
    )
    with Store.open(settings.store_url) as store:
        store.agents.save(state)
        store.missed.write([one, replace(one, target_id="da-nang.home", missed=1), replace(one, kind="homepage")])
        store.missed.write([replace(one, hour=one.hour - timedelta(days=2), missed=10**6)])
    return list(doctor._missed(settings, NOW))


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_an_agent_that_cannot_keep_up_is_told_with_who_lost_most_and_what_to_do(settings, lang):
    [check] = missing(settings, due=1000, missed=740)
    assert check.state is CheckState.WARNING
    told = check.say(check.value, translator(lang))
    for part in ("74.0 %", "740", " 2 ", "hue.home", "739"):
        assert part in told
    assert "browser.cpu_share" in check.say(check.remedy, translator(lang))
    assert check.say(check.name, str) == "Missed probes of kind http (ha-noi)"


@pytest.mark.parametrize(
    "more", [{"due": 1000, "missed": 50}, {"due": 10, "missed": 9, "seen_at": NOW - timedelta(days=2)}]
)
def test_a_few_missed_starts_and_agents_of_long_ago_are_not_told(settings, more):
    assert missing(settings, **more) == []


def full(settings, growth, free_bytes, monkeypatch, *, days=3.0, file=None):
    usage = SimpleNamespace(free=free_bytes)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    settings.data_dir.mkdir(exist_ok=True)
    room = Room(
        bytes=0, rollup_bytes=0, free_bytes=0, gives_back=True, file=file or settings.data_dir / "thuocdo.sqlite"
    )
    present = Present(raw_days=3.0, rollup_days=3.0)
    seen = Seen(growth=growth, present=present, limits=limits_of(settings), days=days, is_measured=True, room=room)
    return doctor._full(settings, seen, NOW)


GROWTH = Growth(raw=1e9, rollups=0.0, archive=0.0, evidence=0.0, row_bytes=150)


def test_a_disk_that_is_full_within_a_month_is_a_warning_with_the_day(settings, monkeypatch):
    check = full(settings, GROWTH, 9.5e9, monkeypatch)
    assert (check.state, check.facts["day"], check.facts["days"]) == (CheckState.WARNING, "2026-12-02", 10)
    said = check.say(check.remedy, translator("vi"))
    assert said.startswith("Còn 10 ngày: ")
    assert check.say(check.value, translator("vi")) == "2026-12-02, theo tốc độ tăng của 3.0 ngày gần đây"
    by_plan = full(settings, GROWTH, 9.5e9, monkeypatch, days=0.0)
    assert by_plan.say(by_plan.value, str) == "2026-12-02, by the schedule"


@pytest.mark.parametrize(("free", "days", "state"), [(4.5e9, 5, CheckState.WARNING), (2.5e9, 3, CheckState.OFF)])
def test_a_disk_that_is_full_within_three_days_is_off(settings, monkeypatch, free, days, state):
    check = full(settings, GROWTH, free, monkeypatch)
    assert (check.facts["days"], check.state) == (days, state)


def test_a_disk_that_lasts_longer_is_fine_and_one_that_never_fills_says_so(settings, monkeypatch):
    check = full(settings, GROWTH, 30.5e9, monkeypatch)
    assert (check.state, check.facts["days"]) == (CheckState.OK, 31)
    check = full(settings, GROWTH, 33e9, monkeypatch)  # 35 days are kept, 3 of them are there
    assert (check.state, check.say(check.value, str)) == (CheckState.OK, "not within ten years")


def test_what_lies_on_another_disk_does_not_fill_this_one(settings, monkeypatch):
    monkeypatch.setattr(doctor, "_same_disk", lambda one, other: False)
    assert full(settings, GROWTH, 1e9, monkeypatch).value == "not within ten years"


def test_a_file_of_earlier_days_with_much_free_room_is_named_with_the_remedy(settings, monkeypatch):
    Store.open(settings.store_url).close()
    path = settings.data_dir / "thuocdo.sqlite"
    room = Room(bytes=10**9, rollup_bytes=0, free_bytes=2 * 10**9, gives_back=False, file=path)
    monkeypatch.setattr(Store, "room", lambda self: room)
    found = {check.name: check for check in doctor.examine(settings)}
    check = found["Free room in the store"]
    assert check.state is CheckState.WARNING
    assert f'sqlite3 {path} "PRAGMA auto_vacuum=INCREMENTAL; VACUUM"' in check.say(check.remedy, translator("vi"))
    monkeypatch.setattr(Store, "room", lambda self: dataclasses.replace(room, gives_back=True))
    assert "Free room in the store" not in {check.name for check in doctor.examine(settings)}
