"""How many files may be open, and what follows from it."""

import resource

import pytest
import structlog

from thuocdo.agent.admission import HTTP_IN_FLIGHT, Admission
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.setting_groups import BrowserSettings
from thuocdo.processes import file_limit
from thuocdo.processes.file_limit import NEEDED, probes_within, raise_file_limit

ENDLESS = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "granted", "told"),
    [
        (64, 64, 64, 1),
        (64, 512, 512, 1),
        (256, 4096, NEEDED, 0),
        (256, ENDLESS, NEEDED, 0),
        (4096, 4096, 4096, 0),
        (ENDLESS, ENDLESS, ENDLESS, 0),
    ],
)
def test_the_limit_is_raised_to_what_is_granted_and_little_is_told(monkeypatch, soft, hard, granted, told):
    limits = [(soft, hard)]
    monkeypatch.setattr(file_limit.resource, "getrlimit", lambda _: limits[-1])
    monkeypatch.setattr(file_limit.resource, "setrlimit", lambda _, new: limits.append(new))
    with structlog.testing.capture_logs() as lines:
        assert raise_file_limit() == granted
    assert limits[-1] == (granted, hard)
    assert len(lines) == told


@pytest.mark.parametrize(("open_files", "probes"), [(24, 1), (64, 5), (256, 69), (NEEDED, 325), (ENDLESS, NEEDED)])
def test_fewer_files_mean_fewer_probes_side_by_side(open_files, probes):
    assert probes_within(open_files) == probes


async def test_the_admission_of_http_probes_keeps_within_it():
    admission = Admission.for_engine(Engine.HTTP, BrowserSettings(), 5)
    assert admission._places._value == 5
    assert Admission.for_engine(Engine.HTTP, BrowserSettings(), NEEDED)._places._value == HTTP_IN_FLIGHT
