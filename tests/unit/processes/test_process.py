"""What an agent plans, and what it refuses to probe on request."""

import pytest

from thuocdo.core.config import Settings
from thuocdo.core.errors import UnknownTargetError
from thuocdo.core.kinds.kind import Engine
from thuocdo.processes.agent import ON_DEMAND_SECONDS, _Plan

REGISTRY = """
agencies:
  - id: sure
    block: province
    name_vi: Chắc
    name_en: Sure
    portals:
      - {id: sure, homepage_url: "https://sure.thuocdo.test/", confidence: high}
  - id: guessed
    block: province
    name_vi: Đoán
    name_en: Guessed
    portals:
      - {id: guessed, homepage_url: "https://guessed.thuocdo.test/", confidence: low}
"""


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "all.yaml").write_text(REGISTRY, encoding="utf-8")
    settings = Settings(data_dir=tmp_path / "data", registry_dir=tmp_path / "registry")
    return _Plan(settings, Engine.HTTP, store=None)


def test_a_probe_on_request_leaves_prometheus_time_for_the_answer(plan):
    job = plan.job_now("sure.home", "http")
    assert job.target.id == "sure.home"
    assert job.deadline_seconds <= ON_DEMAND_SECONDS < 10


def test_an_unconfirmed_address_is_not_probed_on_request_either(plan):
    with pytest.raises(UnknownTargetError, match="confirmed: true"):
        plan.job_now("guessed.home", "http")


def test_an_unknown_target_names_the_nearest(plan):
    with pytest.raises(UnknownTargetError, match=r"sure\.home"):
        plan.job_now("sure.hom", "http")
