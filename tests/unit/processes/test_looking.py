"""Looking at rounds that are over: once a day, and what was found is kept once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.treatment.test_looking import NOW, ROUND, TRICKY, measured
from thuocdo.core.config import Settings
from thuocdo.core.model import TreatmentCause
from thuocdo.processes.looking import Looking
from thuocdo.store import Store

REGISTRY = """
agencies:
  - {{id: a, block: province, name_vi: Tỉnh A, name_en: A, source: test, portals: [
      {{id: {portal}, homepage_url: "https://portal.example/", confidence: high, source: test}}]}}
"""


@pytest.fixture
def opened(tmp_path):
    light = TRICKY[0]
    (tmp_path / "portals").mkdir()
    text = REGISTRY.format(portal=light.id.removesuffix(".home"))
    (tmp_path / "portals" / "a.yaml").write_text(text, encoding="utf-8")
    settings = Settings(data_dir=tmp_path / "data", registry_dir=tmp_path / "portals")
    settings.data_dir.mkdir()
    with Store.open(settings.store_url) as store:
        store.measurements.write([measured(one) for one in light.visits()[0]])
        store.rounds.begin(replace(ROUND, ended_at=None))
        yield settings, store


def test_a_round_is_looked_at_a_few_days_after_it_and_once_a_day(opened):
    settings, store = opened
    looking = Looking(settings, store)
    assert looking.once(NOW) == 0  # it has not ended
    store.rounds.end(ROUND.id, ROUND.ended_at)
    assert looking.once(NOW) == 0  # it was looked today
    assert looking.once(NOW + timedelta(days=1)) == 1
    assert looking.once(NOW + timedelta(days=2)) == 0
    assert [one.cause for one in store.treatment.all().values()] == [TreatmentCause.LIGHTER_IN_ROUND]
    assert Looking(settings, store).once(NOW + timedelta(days=60)) == 0
