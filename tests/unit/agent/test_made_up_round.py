import random
from datetime import UTC, datetime, timedelta

import pytest

from schedules.round_plan import load_round_plan
from thuocdo.agent.made_up_round import made_up_round
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.frozen import frozen_files
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Observation, Outcome, Reason
from thuocdo.score.expected import ASSUMED
from thuocdo.store import MeasurementQuery, Store

AGENCY = """
  - {{id: {id}, block: province, name_vi: {id}, name_en: {id}, source: test, portals: [
      {{id: {id}, homepage_url: "https://{id}.example/", confidence: high, source: test}}]}}
"""
SECONDS = {"nhanh": 1.0, "vua": 2.0, "cham": 4.0}
PLAN = """\
id: q
label: Đợt giả lập
type: official
from: 2026-11-02
vantages: [local]
criteria: survey-2023
loads: {homepage: 1}
"""


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "portals").mkdir()
    text = "agencies:" + "".join(AGENCY.format(id=name) for name in [*SECONDS, "hong"])
    (tmp_path / "portals" / "a.yaml").write_text(text, encoding="utf-8")
    return Settings(data_dir=tmp_path / "data", registry_dir=tmp_path / "portals", simulated=True)


def seen(name, number):
    failed = name == "hong"
    return Measurement(
        key=MeasurementKey(
            target_id=f"{name}.home",
            kind="homepage",
            vantage_id="local",
            profile="desktop",
            scheduled_at=datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=number),
        ),
        agency_id=name,
        started_at=datetime(2026, 11, 20, tzinfo=UTC),
        duration_seconds=3.0,
        observation=Observation.ended(Reason.TIMEOUT, "late")
        if failed
        else Observation(outcome=Outcome.OK, values={"load_seconds": SECONDS[name], "requests": 7.0}),
        conditions=Conditions(),
    )


def made(settings, store):
    file = settings.data_dir / "q.yaml"
    file.write_text(PLAN, encoding="utf-8")
    files = frozen_files(settings.registry_dir, settings.criteria_dir, settings.schedule, file)
    measured = [seen(name, number) for name in [*SECONDS, "hong"] for number in range(3)]
    random.Random(1).shuffle(measured)
    return made_up_round(settings, store, load_round_plan(file, all_kinds()), files, measured, ASSUMED)


def test_every_portal_has_a_run_in_every_block_about_as_long_as_its_own(settings):
    with Store.open(settings.store_url) as store:
        round_ = made(settings, store)
        assert round_.ended_at is not None
        found = list(store.measurements.find(MeasurementQuery(round_id="q")))
    assert len(found) == round_.planned == 4 * 63
    for name, seconds in SECONDS.items():
        times = sorted(o.observation.values["load_seconds"] for o in found if o.agency_id == name)
        assert 0.85 * seconds < times[len(times) // 2] < 1.15 * seconds
        assert len(set(times)) > 60
    assert {one.observation.values["requests"] for one in found if one.observation.values} == {7.0}
    assert {one.observation.reason for one in found if one.agency_id == "hong"} == {Reason.TIMEOUT}


def test_beside_figures_of_real_portals_nothing_is_made_up(settings):
    real = settings.model_copy(update={"simulated": False})
    with Store.open(settings.store_url) as store, pytest.raises(ConfigurationError, match="simulated"):
        made(real, store)
