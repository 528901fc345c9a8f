"""Rounds: frozen settings, a plan that any process can go on with, and runs taken again that a busy machine spoilt."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.agent.rounds import begin_round, remaining_jobs, retakes
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Conditions, Measurement, Observation, Outcome, Reason
from thuocdo.store import Store

REGISTRY = """
agencies:
  - id: one
    block: province
    name_vi: Một
    name_en: One
    portals:
      - {id: one, homepage_url: "https://one.thuocdo.test/", confidence: high}
  - id: two
    block: province
    name_vi: Hai
    name_en: Two
    portals:
      - {id: two, homepage_url: "https://two.thuocdo.test/", confidence: high}
"""
SCHEDULE = """
id: test
cadences:
  - {kind: http, every_seconds: 60}
  - {kind: homepage, every_seconds: 900}
round:
  runs: {http: 2, homepage: 2}
"""


@pytest.fixture
def settings(tmp_path):
    registry = tmp_path / "registry"
    registry.mkdir()
    (registry / "all.yaml").write_text(REGISTRY, encoding="utf-8")
    schedule = tmp_path / "schedule.yaml"
    schedule.write_text(SCHEDULE, encoding="utf-8")
    return Settings(data_dir=tmp_path / "data", registry_dir=registry, schedule=schedule)


@pytest.fixture
def store(settings):
    opened = Store.open(settings.store_url)
    yield opened
    opened.close()


def measured(job, *, saturated=False):
    return Measurement(
        key=job.key,
        agency_id=job.target.agency_id,
        started_at=job.scheduled_at,
        duration_seconds=1.0,
        observation=Observation(outcome=Outcome.OK),
        conditions=Conditions(saturated=saturated),
        round_id=job.round_id,
    )


def test_what_is_stored_is_left_out_when_a_round_goes_on(settings, store):
    begun = begin_round(settings, store, label="r", runs=None)
    jobs = remaining_jobs(settings, store, begun.id, {"http", "homepage"})
    assert len(jobs) == begun.planned == 8
    store.measurements.write([measured(job) for job in jobs[:3]])
    assert remaining_jobs(settings, store, begun.id, {"http", "homepage"}) == jobs[3:]


def test_the_same_label_takes_up_the_round_that_has_not_ended(settings, store):
    begun = begin_round(settings, store, label="r", runs=None)
    assert begin_round(settings, store, label="r", runs=None) == begun
    store.rounds.end(begun.id, begun.started_at + timedelta(hours=1))
    with pytest.raises(ConfigurationError, match="round 'r' has ended; give the new one another name"):
        begin_round(settings, store, label="r", runs={"http": 1})
    assert begin_round(settings, store, label="s", runs={"http": 1}).id != begun.id


def test_files_that_changed_since_it_began_are_refused(settings, store):
    begun = begin_round(settings, store, label="r", runs=None)
    settings.schedule.write_text(SCHEDULE.replace("900", "1800"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="schedule_digest changed"):
        remaining_jobs(settings, store, begun.id, {"http"})


def test_an_unknown_round_names_those_there_are(settings, store):
    begun = begin_round(settings, store, label="r", runs=None)
    with pytest.raises(ConfigurationError, match=begun.id):
        remaining_jobs(settings, store, "nowhere", {"http"})


def test_spoilt_runs_are_taken_again_politely_and_not_for_ever(settings, store):
    begun = begin_round(settings, store, label="r", runs=None)
    jobs = remaining_jobs(settings, store, begun.id, {"homepage"})
    store.measurements.write([measured(job, saturated=job.target.id == "one.home") for job in jobs])
    now = max(job.scheduled_at for job in jobs)
    taken = []
    while again := retakes(settings, store, begun.id, {"homepage"}, now):
        (job,) = again
        last = max([*(j.scheduled_at for j in jobs if j.target.id == job.target.id), *(t.scheduled_at for t in taken)])
        assert job.target.id == "one.home"
        assert job.scheduled_at - last >= timedelta(seconds=300)
        store.measurements.write([measured(job, saturated=True)])
        taken.append(job)
        now = job.scheduled_at
    assert len(taken) == 2
    assert Counter(key.target_id for key in store.measurements.keys(begun.id)) == {"one.home": 4, "two.home": 2}


def test_a_clock_that_went_back_does_not_hold_up_what_is_taken_again(settings, store):
    begun = begin_round(settings, store, label="r", runs=None)
    jobs = remaining_jobs(settings, store, begun.id, {"homepage"})
    store.measurements.write([measured(job, saturated=job.target.id == "one.home") for job in jobs])
    hour_back = max(job.scheduled_at for job in jobs) - timedelta(hours=1)
    (again,) = retakes(settings, store, begun.id, {"homepage"}, hour_back)
    assert again.scheduled_at == hour_back + timedelta(seconds=300)


def test_a_good_retake_completes_the_series(settings, store):
    begun = begin_round(settings, store, label="r", runs=None)
    jobs = remaining_jobs(settings, store, begun.id, {"homepage"})
    store.measurements.write([measured(job, saturated=job is jobs[0]) for job in jobs])
    (again,) = retakes(settings, store, begun.id, {"homepage"}, jobs[-1].scheduled_at)
    store.measurements.write([measured(replace(again))])
    assert retakes(settings, store, begun.id, {"homepage"}, again.scheduled_at) == []


@pytest.mark.parametrize(
    ("reason", "times"),
    [
        (Reason.NO_CONNECTIVITY, 1),
        (Reason.BROWSER_UNAVAILABLE, 1),
        (Reason.PROTOCOL_UNSUPPORTED, 0),
        (Reason.CAPTCHA, 0),
        (Reason.TIMEOUT, 0),
    ],
)
def test_what_was_lost_for_something_at_us_is_taken_again_and_what_the_portal_hid_is_not(
    settings, store, reason, times
):
    begun = begin_round(settings, store, label="r", runs=None)
    jobs = remaining_jobs(settings, store, begun.id, {"http"})
    lost = replace(measured(jobs[0]), observation=Observation.ended(reason, "seen"))
    store.measurements.write([lost, *map(measured, jobs[1:])])
    again = retakes(settings, store, begun.id, {"http"}, jobs[-1].scheduled_at)
    assert [job.target.id for job in again] == [jobs[0].target.id] * times


def test_plain_probes_are_taken_again_at_once(settings, store):
    begun = begin_round(settings, store, label="r", runs=None)
    jobs = remaining_jobs(settings, store, begun.id, {"http", "homepage"})
    store.measurements.write([measured(job, saturated=job.kind == "http") for job in jobs])
    now = jobs[-1].scheduled_at
    again = retakes(settings, store, begun.id, {"http"}, now)
    assert {job.target.id for job in again} == {"one.home", "two.home"}
    assert {job.scheduled_at for job in again} == {now}
