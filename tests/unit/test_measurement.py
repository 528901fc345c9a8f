"""Reasons carry their outcomes, and an observation takes its outcome from its reason."""

import copy
import pickle

import pytest

from thuocdo.core.model import Observation, Outcome, Reason


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_its_name_wherever_it_goes(reason):
    assert reason.outcome in (Outcome.FAILED, Outcome.INCONCLUSIVE)
    assert Reason(str(reason)) is reason
    assert copy.deepcopy(reason) is reason
    assert pickle.loads(pickle.dumps(reason)) is reason


@pytest.mark.parametrize("reason", [None, *Reason])
def test_an_observation_ends_as_its_reason_says(reason):
    seen = Observation.ended(reason, "told", values={"total_seconds": 1.0})
    assert seen.outcome is (reason.outcome if reason else Outcome.OK)
    assert (seen.reason, seen.detail, seen.values) == (reason, "told", {"total_seconds": 1.0})
