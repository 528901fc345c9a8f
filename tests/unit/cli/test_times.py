"""Which home pages are faster than which, asked for on the command line."""

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.core.clock import hanoi_day, now
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Outcome, Reason, Round
from thuocdo.store import Store, block_floor

AGENCY = """
  - id: {id}
    block: province
    name_vi: {id}
    name_en: {id}
    source: test
    portals:
      - {{id: {id}, homepage_url: "https://{id}.example/", family: unknown, confidence: high, source: test}}
"""
SECONDS = {"nhanh": 1.0, "cham": 3.0, "hong": None}
BLOCK = timedelta(hours=2)


@pytest.fixture
def a_week(config, make_measurement):
    """The last eight days of three provinces, a load in every block; one of them is behind a CAPTCHA."""
    chance = random.Random(4)
    end = block_floor(now())
    made = [
        make_measurement(
            number,
            target_id=f"{agency}.home",
            agency_id=agency,
            kind="homepage",
            scheduled_at=end - BLOCK * (number + 1) + timedelta(minutes=7),
            outcome=Outcome.OK if seconds else Outcome.INCONCLUSIVE,
            reason=None if seconds else Reason.CAPTCHA,
            values={"load_seconds": seconds * chance.lognormvariate(0, 0.1)} if seconds else {},
        )
        for agency, seconds in SECONDS.items()
        for number in range(96)
    ]
    with Store.open(f"sqlite:///{config.parent}/data/thuocdo.sqlite") as store:
        store.measurements.write(made)
        yield store


def test_a_table_says_places_and_what_they_mean(a_week, call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    result = call("--lang", "vi", "times", "--block", "province")
    assert result.exit_code == 0, result.output
    assert "gồm 84 khung hai giờ trong 7 ngày" in " ".join(result.stdout.split())
    assert "Hai cơ quan có thứ hạng không chạm nhau thì nói được bên nào nhanh hơn" in " ".join(result.stdout.split())
    rows = [line.split() for line in result.stdout.splitlines() if line.split()[1:2] in (["nhanh"], ["cham"], ["hong"])]
    assert [(row[0], row[1]) for row in rows] == [("1", "nhanh"), ("2", "cham"), ("3", "hong")]
    assert rows[2][2:] == ["–", "–", "100%", "84"]


def test_json_says_who_is_faster_than_whom(a_week, call):
    result = call("times", "--block", "province", "--days", "7", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    [provinces] = document["comparisons"]
    told = {one["agency_id"]: one for one in provinces["agencies"]}
    assert told["nhanh"]["faster_than"] == ["cham", "hong"]
    assert told["hong"]["median_seconds"] is None
    assert (provinces["blocks"], provinces["claims_order"]) == (84, True)
    assert told["nhanh"]["typical_seconds"] == pytest.approx(1.0, rel=0.1)


def test_it_reads_the_same_from_roll_ups(a_week, call):
    before = call("times", "--json").stdout
    while a_week.rollups.roll({"homepage": ("load_seconds",)}, now()):
        pass
    assert call("times", "--json").stdout == before


def test_every_ranked_block_has_its_own_table(a_week, call):
    document = json.loads(call("times", "--json").stdout)
    assert [one["block"] for one in document["comparisons"]] == ["ministry", "province"]


def test_a_round_of_one_hour_tells_no_order(a_week, call):
    result = call("--lang", "vi", "times", "--round", "Đợt 1", "--block", "province")
    assert "chưa thể nói ai nhanh hơn ai" in " ".join(result.stdout.split())
    assert "2 không" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("--kind", "eform"), ("'eform' is no time of home pages", "homepage, http")),
        (("--kind", "homepag"), ("did you mean 'homepage'?",)),
        (("--profile", "desktp"), ("no profile 'desktp'", "desktop")),
        (("--round", "Đợt 1", "--days", "3"), ("--days: a round has its own days",)),
        (("--round", "Đợt 9"), ("no round 'Đợt 9'", "Đợt 1")),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_can(call, arguments, parts):
    result = call("times", *arguments)
    assert isinstance(result.exception, ConfigurationError)
    assert all(part in str(result.exception) for part in parts)


def test_simulated_figures_say_so(a_week, call, config):
    config.write_text(config.read_text() + "simulated: true\n", encoding="utf-8")
    assert "SIMULATED" in call("times").stdout
    assert json.loads(call("times", "--json").stdout)["simulated"] is True


def test_measurements_of_others_take_no_part(a_week, call, make_measurement):
    before = call("times", "--json").stdout
    stranger = make_measurement(1, target_id="gone.home", agency_id="gone", kind="homepage", scheduled_at=now() - BLOCK)
    a_week.measurements.write([replace(stranger, key=replace(stranger.key, target_id="gone.home"))])
    assert call("times", "--json").stdout == before


@pytest.fixture
def ten_provinces(config, make_measurement):
    """Six days of ten provinces more; one of them takes twice as long in the last three."""
    text = "".join(AGENCY.format(id=f"p{number}") for number in range(10))
    (config.parent / "portals" / "more.yaml").write_text(f"agencies:{text}", encoding="utf-8")
    chance, end = random.Random(9), block_floor(now())
    with Store.open(f"sqlite:///{config.parent}/data/thuocdo.sqlite") as store:
        store.measurements.write(
            [
                make_measurement(
                    number,
                    target_id=f"p{agency}.home",
                    agency_id=f"p{agency}",
                    kind="homepage",
                    scheduled_at=end - BLOCK * (number + 1) + timedelta(minutes=37),
                    values={"load_seconds": (2 if agency == 4 and number < 36 else 1) * chance.lognormvariate(0, 0.1)},
                )
                for agency in range(10)
                for number in range(72)
            ]
        )


@pytest.mark.usefixtures("a_week", "ten_provinces")
def test_who_became_slower_is_told_against_as_many_days_before(call):
    document = json.loads(call("times", "--block", "province", "--days", "3", "--changes", "--json").stdout)
    [provinces] = document["comparisons"]
    turns = {one["agency_id"]: one["turn"] for one in provinces["agencies"]}
    assert turns.pop("p4") == "slower"
    assert set(turns.values()) == {"untold"}
    assert provinces["before"]["until"] == provinces["now"]["since"]
    assert provinces["claims_changes"] is True
    text = " ".join(call("--lang", "vi", "times", "--block", "province", "--days", "3", "--changes").stdout.split())
    assert "chậm hơn" in text
    assert "có đủ căn cứ là thay đổi hơn 10%" in text
    assert "-0%" not in text


@pytest.mark.usefixtures("a_week", "ten_provinces")
def test_what_a_merged_agency_took_counts_as_its_successors(config, call, make_measurement):
    """Old is p0 since three days: it took twice as long, p0 takes as long as p0 did, so p0 became faster."""
    end = block_floor(now())
    day = hanoi_day(end - timedelta(days=3)) + timedelta(days=1)
    file = config.parent / "portals" / "more.yaml"
    text = file.read_text(encoding="utf-8").replace("id: p0\n", f"id: p0\n    valid_from: {day}\n", 1)
    old = AGENCY.format(id="old").replace(
        "id: old\n", f"id: old\n    valid_to: {day - timedelta(1)}\n    successor: p0\n", 1
    )
    file.write_text(text + old, encoding="utf-8")
    chance = random.Random(5)
    with Store.open(f"sqlite:///{config.parent}/data/thuocdo.sqlite") as store:
        store.measurements.write(
            [
                make_measurement(
                    number,
                    target_id="old.home",
                    agency_id="old",
                    kind="homepage",
                    scheduled_at=end - BLOCK * (number + 1) + timedelta(minutes=7),
                    values={"load_seconds": 2 * chance.lognormvariate(0, 0.1)},
                )
                for number in range(36, 72)
            ]
        )
    document = json.loads(call("times", "--block", "province", "--days", "3", "--changes", "--json").stdout)
    [provinces] = document["comparisons"]
    turns = {one["agency_id"]: one["turn"] for one in provinces["agencies"]}
    assert (turns["p0"], turns["p1"]) == ("faster", "untold")
    assert provinces["merged"] == {"p0": ["old"]}
    assert "p0 nay gồm cả: old" in " ".join(
        call("--lang", "vi", "times", "--block", "province", "--days", "3", "--changes").stdout.split()
    )


@pytest.mark.usefixtures("a_week", "ten_provinces")
def test_where_nothing_changed_it_says_so(call):
    text = " ".join(call("--lang", "vi", "times", "--block", "province", "--kind", "http", "--changes").stdout.split())
    assert "Không có cơ quan nào có số liệu ở cả hai giai đoạn." in text
    assert "vượt quá" not in text


def test_of_few_agencies_or_none_it_says_that_nothing_can_be_told(a_week, call):
    text = " ".join(call("--lang", "vi", "times", "--days", "4", "--changes").stdout.split())
    assert "ít nhất 8 cơ quan có số liệu ở cả hai giai đoạn" in text
    assert "Không có cơ quan nào có số liệu ở cả hai giai đoạn." in text


def test_a_round_is_held_against_the_one_before_it(a_week, call):
    result = call("times", "--round", "Đợt 1", "--changes")
    assert isinstance(result.exception, ConfigurationError)
    assert "no round ended before 'Đợt 1' began" in str(result.exception)
    begun = now()
    a_week.rounds.begin(Round(id="r2", label="Đợt 2", started_at=begun))
    a_week.rounds.end("r2", begun)
    document = json.loads(call("times", "--round", "r2", "--changes", "--json").stdout)
    assert [one["before"]["round"] for one in document["comparisons"]] == ["Đợt 1", "Đợt 1"]
    assert [one["agencies"] for one in document["comparisons"]] == [[], []]
