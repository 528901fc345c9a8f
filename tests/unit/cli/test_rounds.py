"""Rounds have names, are listed, published by a person, and stay as they were published."""

import json
from datetime import UTC, datetime

import pytest

from thuocdo.agent.rounds import begin_round
from thuocdo.cli import visiting
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Round
from thuocdo.processes.ranker import Ranker
from thuocdo.store import Store

SET = ("--criteria", "qd473-2024")


@pytest.fixture
def store(config):
    opened = Store.open(f"sqlite:///{config.parent}/data/thuocdo.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def assess(call, config):
    def enter(agency, points, *rest):
        return call(
            "assess", agency, "structure-by-hand", str(points), "--by", "Lan", "--evidence", str(config), *SET, *rest
        )

    return enter


def told(result, *parts):
    assert isinstance(result.exception, ConfigurationError), result.output
    for part in parts:
        assert part in str(result.exception)


def ranked(call, *arguments):
    document = json.loads(call("rank", "--format", "json", *arguments).stdout)
    rows = [row for rows in document["blocks"].values() for row in rows]
    return {row["agency_id"]: (row["rank"], row["score"]) for row in rows}


def test_rounds_are_listed_with_what_was_measured_the_newest_first(call, store):
    store.rounds.begin(Round(id="r2", label="Đợt 2", started_at=datetime.now(UTC), planned=7))
    first, second = json.loads(call("rounds", "--json").stdout)
    assert (first["id"], first["label"], first["ended_at"], first["planned"]) == ("r2", "Đợt 2", None, 7)
    assert (second["label"], second["measurements"], second["published_at"]) == ("Đợt 1", 24, None)
    shown = call("rounds").stdout
    assert shown.index("Đợt 2") < shown.index("Đợt 1")
    assert "24 / 24" in shown


def test_a_round_is_called_by_its_name_or_id(call):
    assert ranked(call, "--round", "Đợt 1") == ranked(call, "--round", "r1") != {}
    told(call("rank", "--round", "Dot 1"), "no round 'Dot 1'", "Đợt 1")
    exported = call("export", "measurements", "--format", "jsonl", "--round", "Đợt 1")
    assert exported.stdout.count("\n") == 24


def test_a_name_is_given_once(call, store, config):
    settings = Settings(data_dir=config.parent / "data", registry_dir=config.parent / "portals")
    with pytest.raises(ConfigurationError, match="round 'Đợt 1' has ended; give the new one another name"):
        begin_round(settings, store, label="Đợt 1", runs=None)
    with pytest.raises(ConfigurationError, match="another name"):
        begin_round(settings, store, label="r1", runs=None)
    begun = begin_round(settings, store, label="Đợt 2", runs=None)
    assert begin_round(settings, store, label="Đợt 2", runs=None) == begun
    assert json.loads(begun.settings["runs"])["http"] > 0, "what the schedule says is frozen"


def test_what_ended_is_not_published_until_a_person_does_so(call, store):
    now = datetime.now(UTC)
    assert "published" not in call("rounds").stdout.casefold().replace("published", "", 1)
    told(call("round", "publish", "Đợt 9", "--by", "Lan"), "no round 'Đợt 9'")
    told(call("round", "publish", "Đợt 1", "--by", "  "), "--by is empty")
    store.rounds.begin(Round(id="r2", label="Đợt 2", started_at=now))
    told(call("round", "publish", "Đợt 2", "--by", "Lan"), "has not ended")
    assert call("round", "publish", "Đợt 1", "--by", "Trần  Thị Lan").exit_code == 0
    found = store.rounds.get("r1")
    assert (found.published_by, found.published_at >= now) == ("Trần Thị Lan", True)
    told(call("round", "publish", "r1", "--by", "Minh"), "was published on", "by Trần Thị Lan")
    assert not store.rounds.publish("r1", now, "Minh")
    assert store.rounds.get("r1") == found


def test_nothing_that_changes_moves_what_was_published(call, store, config):
    call("round", "publish", "Đợt 1", "--by", "Lan")
    before = ranked(call)
    registry = config.parent / "portals" / "all.yaml"
    registry.write_text(registry.read_text().replace("id: cham", "id: other").replace("name_vi: nhanh", "name_vi: Mới"))
    assert ranked(call) == before
    assert set(before) == {"nhanh", "cham", "hong", "bo-mau"}


def test_points_belong_to_a_round_until_it_is_published(call, store, assess):
    """Whoever is assessed after the publication is assessed for the next one."""
    for agency in ("nhanh", "cham", "hong"):
        assert assess(agency, 5 if agency == "cham" else 0, "--round", "Đợt 1").exit_code == 0
    assert {one.round_id for one in store.assessments.all()} == {"r1"}
    of_round = ranked(call, "--round", "Đợt 1", *SET)
    days = ranked(call, "--since", "2020-01-01", *SET)
    assert of_round["cham"][1] > days["cham"][1], "the last days do not have the points of a round"
    call("round", "publish", "Đợt 1", "--by", "Lan")
    told(assess("nhanh", 5, "--round", "Đợt 1"), "was published on", "stays as it is")
    assert assess("nhanh", 5).exit_code == 0
    assert store.assessments.all()[-1].round_id is None


def test_a_round_leaves_this_machine_in_somebodys_name_only(config, tmp_path):
    settings = Settings(data_dir=tmp_path, registry_dir=config.parent / "portals")
    with pytest.raises(ConfigurationError, match=r"contact: a round would visit portals of others \(nhanh\.example"):
        visiting.refuse_without_contact(settings)
    visiting.refuse_without_contact(settings.model_copy(update={"contact": "do@example.vn"}))
    hosts = tmp_path / "hosts.json"
    hosts.write_text(json.dumps({f"{name}.example": "127.0.0.1" for name in ("nhanh", "cham", "hong", "bo-mau")}))
    visiting.refuse_without_contact(settings.model_copy(update={"hosts_file": hosts}))


def test_whom_a_round_visits_is_said_before_it_begins(config, store, capsys):
    from thuocdo.cli.context import CliContext, Language

    context = CliContext(config_file=None, lang=Language.EN, log_level="error")
    context.settings = Settings(
        data_dir=config.parent / "data", registry_dir=config.parent / "portals", contact="do@example.vn"
    )
    begun = begin_round(context.settings, store, label="Đợt 2", runs={"http": 3, "homepage": 2})
    visiting.say_whom(context, begun)
    said = " ".join(capsys.readouterr().out.split())
    assert "Round Đợt 2 visits 4 portals of 4 agencies" in said
    assert "12 times" in said
    assert "8 times" in said
    assert "do@example.vn" in said
    assert "4 portals have no eForm" in said


@pytest.fixture
def ranker(config, store):
    settings = Settings(data_dir=config.parent / "data", registry_dir=config.parent / "portals")
    return lambda: Ranker(settings, store).once()


def test_points_that_were_entered_before_the_publication_are_in_what_is_published(call, store, assess, ranker):
    """Whether or not the ranker has come to them."""
    ranker()
    for agency in ("nhanh", "cham", "hong"):
        assess(agency, 5 if agency == "cham" else 0, "--round", "Đợt 1")
    before = ranked(call, "--round", "Đợt 1", *SET)
    assert call("round", "publish", "Đợt 1", "--by", "Lan").exit_code == 0
    after = ranked(call, *SET)
    assert after["cham"][1] > before["cham"][1]
    assert after["nhanh"][1] < before["nhanh"][1]
    heads = len(store.rankings.all())
    ranker()
    assert ranked(call, *SET) == after
    assert len(store.rankings.all()) == heads


def test_points_are_refused_for_a_round_that_was_ranked_by_other_files(call, store, assess, ranker, config):
    ranker()
    before = ranked(call, "--round", "Đợt 1", *SET)
    registry = config.parent / "portals" / "all.yaml"
    registry.write_text(registry.read_text().replace("name_vi: cham", "name_vi: Chậm"))
    told(assess("nhanh", 5, "--round", "Đợt 1"), "ranked by another criteria set, registry or version", "put the files")
    assert store.assessments.all() == []
    ranker()
    assert ranked(call, "--round", "Đợt 1", *SET) == before


@pytest.mark.parametrize("label", ["publsh", "mesure"])
def test_a_mistyped_command_begins_no_round(call, store, label):
    told(call("round", label), "is nearly a command of `thuocdo round`", "did you mean")
    assert [one.label for one in store.rounds.all()] == ["Đợt 1"]
