"""Rankings are shown as they are kept: nobody waits for one, and whoever comes before it is there is told so."""

import json
import zlib
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.utils import floatToGoString

from thuocdo.core.model import Assessment, Round
from thuocdo.score import published, ranking
from thuocdo.score.kept import LONGEST_PAUSE
from thuocdo.store.rankings import RankingHead
from thuocdo.web.site import MOSTLY_THERE_WITHIN

NOT_YET = "Bảng xếp hạng này chưa được tính xong."
SETS = 2  # of a site of a test's own
ANEW = "bảng xếp hạng này đang được tính lại"


@pytest.fixture
def own(tmp_path, make_site):
    """An application of a test's own over a round that has ended and was not ranked yet."""
    made = make_site(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def days(tmp_path, make_site):
    """The same before anything is published: the last days are shown."""
    made = make_site(tmp_path, published=False)
    yield made
    made.store.close()


@pytest.fixture
def nobody_computes(monkeypatch):
    """Whoever computes a ranking in the web process fails."""

    def refuse(*_, **__):
        raise AssertionError("a ranking was computed in the web process")

    for module in (ranking, published):
        monkeypatch.setattr(module, "build_ranking", refuse)


def end_a_round(own, name):
    own.store.rounds.begin(Round(id=name, label=name, started_at=own.now, planned=0))
    own.store.rounds.end(name, own.now)
    own.store.rounds.publish(name, own.now, "Lan")


def change_the_registry(own):
    file = own.settings.registry_dir / "fleet.yaml"
    file.write_text(file.read_text().replace("name_vi: Huế,", "name_vi: Thành phố Huế,"))
    own.now += timedelta(minutes=1)
    assert own.client.get("/-/reload", method="POST").status == 200


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.usefixtures("nobody_computes")
def test_pages_and_metrics_are_there_at_once_without_a_ranking(tmp_path, make_site, shipped_sets, filled):
    own = make_site(tmp_path, filled=filled, sets=shipped_sets)
    for address in ("/", "/agencies/hue-2025", "/?criteria=qd473-2024"):
        answer = own.client.get(address)
        assert answer.status == 200
        assert NOT_YET in answer.text
        assert "trong vòng mười phút" in answer.text
    assert "has not been computed yet" in own.client.get("/?lang=en").text
    metrics = own.client.get("/metrics")
    assert metrics.status == 200
    assert 'thuocdo_ranking_stored{criteria_set="survey-2023"} 0.0' in metrics.text
    assert 'thuocdo_ranking_due_timestamp_seconds{criteria_set="survey-2023"}' in metrics.text
    assert "thuocdo_agency_" not in metrics.text
    assert "thuocdo_ranking_timestamp_seconds" not in metrics.text
    own.store.close()


@pytest.mark.usefixtures("nobody_computes")
def test_no_page_computes_a_ranking(served, any_page):
    assert served.client.get(any_page).status == 200


@pytest.mark.usefixtures("nobody_computes")
@pytest.mark.parametrize("address", ["/metrics", "/metrics/rankings", "/api/rankings.json", "/api/rankings.csv"])
def test_no_scrape_and_no_table_computes_a_ranking(served, address):
    assert served.client.get(address).status == 200


@pytest.mark.parametrize("form", ["json", "csv"])
def test_tables_that_are_not_there_yet_say_when_to_come_back(own, form):
    answer = own.client.get(f"/api/rankings.{form}")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "60"
    assert answer.headers["content-type"].startswith("text/plain")
    assert "has not been computed yet" in answer.text
    own.rank()
    assert own.client.get(f"/api/rankings.{form}").status == 200


def test_every_criteria_set_is_ranked(tmp_path, make_site, shipped_sets):
    own = make_site(tmp_path, sets=shipped_sets)
    assert set(shipped_sets) >= {"survey-2023", "qd473-2024", "website-2025", "website-2025-communes"}
    assert own.rank() == len(shipped_sets)
    for name in shipped_sets:
        assert json.loads(own.client.get(f"/api/rankings.json?criteria={name}").text)["criteria"]["id"] == name
    own.store.close()


def test_a_page_says_of_when_its_ranking_is(own):
    own.rank()
    own.now += timedelta(days=3)
    assert "22/11/2026 14:05" in own.client.get("/").text
    assert "Tính lúc <time" in own.client.get("/agencies/hue-2025").text
    assert ANEW not in own.client.get("/").text


def test_a_round_that_has_just_ended_is_waited_for_and_the_one_before_stays(own):
    own.rank()
    own.now += timedelta(hours=1)
    end_a_round(own, "next")
    assert NOT_YET in own.client.get("/").text
    assert NOT_YET not in own.client.get("/?round=2026-11").text
    assert own.rank() == SETS
    assert NOT_YET not in own.client.get("/").text


def test_a_round_that_runs_says_when_its_ranking_comes(own):
    own.store.rounds.begin(Round(id="runs", label="runs", started_at=own.now, planned=9))
    text = own.client.get("/?round=runs").text
    assert "được tính ngay sau khi đợt đo kết thúc" in text
    assert NOT_YET not in text
    answer = own.client.get("/api/rankings.json?round=runs")
    assert answer.status == 503
    assert "round 'runs' has not ended" in answer.text
    own.rank()
    assert own.client.get("/api/rankings.json?round=runs").status == 503


def test_one_that_is_due_for_long_says_where_to_look(own):
    assert "ở các dòng có ranker" not in own.client.get("/").text
    own.now += MOSTLY_THERE_WITHIN + timedelta(seconds=1)
    assert "ở các dòng có ranker" in own.client.get("/").text


def test_after_a_change_the_ranking_stays_and_says_that_a_new_one_comes(days):
    days.rank()
    change_the_registry(days)
    text = days.client.get("/").text
    assert ANEW in text
    assert "22/11/2026 14:05" in text
    due = f'thuocdo_ranking_due_timestamp_seconds{{criteria_set="survey-2023"}} {floatToGoString(days.now.timestamp())}'
    assert due in days.client.get("/metrics/rankings").text
    assert days.rank() == SETS
    assert ANEW not in days.client.get("/").text
    assert "thuocdo_ranking_due" not in days.client.get("/metrics/rankings").text


def test_what_a_person_entered_is_in_the_ranking_once_it_is_computed_anew(days):
    days.rank()
    days.now += timedelta(minutes=1)
    days.store.assessments.save(
        Assessment(
            agency_id="hue-2025",
            criteria_set_id="survey-2023",
            criterion_id="functions",
            points=1.0,
            entered_by="Lan",
            entered_at=days.now,
            evidence_sha256="0" * 64,
        )
    )
    assert ANEW in days.client.get("/").text
    assert ANEW not in days.client.get("/?criteria=website-2025-communes").text
    assert days.rank() == 1
    assert ANEW not in days.client.get("/").text


def test_the_last_days_are_renewed_hourly_while_no_round_has_ended(tmp_path, make_site):
    own = make_site(tmp_path, filled=False)
    assert own.rank() == SETS
    assert own.rank() == 0
    own.now += 10 * LONGEST_PAUSE
    assert own.rank() == 0  # nothing new came
    assert "Kết quả những ngày gần đây" in own.client.get("/").text
    own.store.close()


def test_an_agency_that_the_files_no_longer_hold_is_shown_as_it_was_called_then(own):
    own.rank()
    file = own.settings.registry_dir / "fleet.yaml"
    lines = file.read_text().splitlines(keepends=True)
    gone = next(number for number, line in enumerate(lines) if "id: can-tho-2025" in line)
    file.write_text("".join(lines[:gone] + lines[gone + 2 :]))
    assert own.client.get("/-/reload", method="POST").status == 200
    assert "can-tho-2025" in own.client.get("/").text
    rows = json.loads(own.client.get("/api/rankings.json").text)["blocks"]["province"]
    assert ("can-tho-2025", "Cần Thơ") in [(row["agency_id"], row["name_vi"]) for row in rows]


@pytest.mark.parametrize("body", [b"", b"harmed", zlib.compress(b'{"blocks": {}}')])
def test_a_ranking_that_this_version_cannot_read_is_computed_anew(own, body):
    own.rank()
    for head in own.store.rankings.all():
        own.store.rankings.save(head, body)
    own.client = type(own.client)(own.client.app)
    later = [replace(head, computed_at=head.computed_at + timedelta(seconds=1)) for head in own.store.rankings.all()]
    for head in later:
        own.store.rankings.save(head, body)  # what was read already is not read again
    assert NOT_YET in own.client.get("/").text
    assert own.client.get("/api/rankings.json").status == 503
    assert own.client.get("/metrics").status == 200
    assert own.rank() == SETS
    assert own.client.get("/api/rankings.json").status == 200


def test_a_kept_ranking_is_read_once_however_often_it_is_shown(own, monkeypatch):
    own.rank()
    read = []
    body = type(own.store.rankings).body

    def counted(rankings, head: RankingHead):
        read.append(head)
        return body(rankings, head)

    monkeypatch.setattr(type(own.store.rankings), "body", counted)
    for _ in range(3):
        for address in ("/", "/metrics", "/agencies/hue-2025", "/api/rankings.csv"):
            own.client.get(address)
    assert {head.criteria_set_id for head in read} == {"survey-2023", "website-2025-communes"}  # of its communes
    assert len(read) == 2


def test_measurements_are_asked_for_by_the_name_of_their_round_or_its_id(own):
    by_id, by_name, of_none = (
        own.client.get(f"/api/measurements.json?round={name}").text
        for name in ("2026-11", "Th%C3%A1ng%2011/2026", "nowhere")
    )
    assert by_id == by_name != of_none
    assert own.client.get("/agencies/hue-2025/measurements?round=Th%C3%A1ng%2011/2026").status == 200


def test_a_short_round_says_on_every_output_that_it_claims_no_order(own):
    own.rank()
    assert "Đợt đo ngắn: vài phút đo không đủ để kết luận" in own.client.get("/").text
    assert json.loads(own.client.get("/api/rankings.json").text)["claims_order"] is False
