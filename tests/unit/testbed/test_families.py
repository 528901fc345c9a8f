"""The families of the testbed: one module and one journey each."""

import pytest

from probes.journeys.journey_file import load_journeys
from testbed.families.family import READY_MARK, Family, all_families
from testbed.fields import SMALLEST
from thuocdo.core.config import bundled


def test_every_family_has_a_journey_of_its_name() -> None:
    assert len(all_families()) >= 6
    assert all_families().keys() <= load_journeys(bundled("scenarios") / "journeys").keys()


@pytest.mark.parametrize("family", all_families().values(), ids=lambda family: family.name)
def test_a_familys_portal_is_whole(family: Family) -> None:
    portal = family.build(1.0)
    assert portal.entry_path.partition("?")[0] in portal.resources or any(
        portal.entry_path.startswith(path[:-1]) for path in portal.resources if path.endswith("*")
    )
    assert {"/", "/giao-dien.css"} <= portal.resources.keys()
    assert portal.fields >= SMALLEST
    assert 0 <= portal.required_fields <= portal.fields
    assert any(READY_MARK.encode() in resource.body for resource in portal.resources.values()), "no truth"


def test_waits_are_scaled() -> None:
    slow, quick = (all_families()["aspnet"].build(scale) for scale in (1.0, 0.1))
    assert sum(r.delay_seconds for r in slow.resources.values()) > sum(
        r.delay_seconds for r in quick.resources.values()
    )
