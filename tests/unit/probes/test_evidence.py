"""How much evidence a probe takes."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from probes import evidence as module
from probes.chromium.recorder import Exchange, Recorder
from probes.evidence import EvidencePolicy, save_recording, shows_fault
from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.model import Block, Evidence, Job, Outcome, Target, TargetRole

VERSIONS: Mapping[str, str] = {"thuocdo": "1"}


def job(target: str = "a.home", kind: str = "homepage", profile: str = "desktop", *, full: bool = False) -> Job:
    return Job(
        target=Target(
            id=target,
            role=TargetRole.HOMEPAGE,
            url="https://h.vn/",
            agency_id="a",
            portal_id="a",
            block=Block.PROVINCE,
        ),
        kind=kind,
        vantage_id="local",
        profile=profile,
        scheduled_at=datetime(2026, 1, 1, tzinfo=UTC),
        deadline_seconds=20.0,
        full_evidence=full,
    )


class Sink:
    def __init__(self) -> None:
        self.kinds: list[str] = []

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        self.kinds.append(kind)
        return Evidence(kind=kind, sha256="0" * 64, media_type=media_type, size_bytes=len(content))


class FullDisk:
    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        raise StoreUnavailableError("disk full")


def recorded() -> Recorder:
    recorder = Recorder()
    recorder.exchanges.append(
        Exchange(
            request_id="1",
            url="https://h.vn/",
            method="GET",
            type="Document",
            headers={},
            priority="",
            has_body=False,
            initiator_type="",
            initiator_url="",
            sent_at=1.0,
            wall_time=1e9,
        )
    )
    return recorder


def test_the_first_and_every_so_manieth_probe_of_a_series_takes_all() -> None:
    policy = EvidencePolicy(3)
    assert [policy.takes_all(job()) for _ in range(7)] == [True, False, False, True, False, False, True]


def test_every_target_kind_and_profile_has_a_count_of_its_own() -> None:
    policy = EvidencePolicy(100)
    jobs = [job(), job("b.home"), job(kind="eform"), job(profile="mobile")]
    assert [policy.takes_all(one) for one in jobs] == [True] * 4
    assert [policy.takes_all(one) for one in jobs] == [False] * 4


@pytest.mark.parametrize("every", [0, 20])
def test_who_asks_for_it_gets_it(every: int) -> None:
    policy = EvidencePolicy(every)
    policy.takes_all(job())
    assert policy.takes_all(job(full=True))
    assert not policy.takes_all(job())


def test_none_is_taken_by_itself_where_that_is_switched_off() -> None:
    assert not EvidencePolicy(0).takes_all(job())


def test_the_counts_of_more_series_than_there_is_room_for_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SERIES", 2)
    policy = EvidencePolicy(100)
    assert [policy.takes_all(job(name)) for name in ("a", "b", "a", "c", "a", "b")] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("outcome", "wanted"), [(Outcome.OK, False), (Outcome.FAILED, True), (Outcome.INCONCLUSIVE, True)]
)
def test_whatever_is_not_well_has_its_evidence(outcome: Outcome, wanted: bool) -> None:
    assert shows_fault(outcome) is wanted


async def test_a_quiet_console_is_no_evidence() -> None:
    sink = Sink()
    assert await save_recording(Recorder(), sink, versions=VERSIONS) == ()
    await save_recording(recorded(), sink, versions=VERSIONS)
    assert sink.kinds == ["har"]


async def test_a_full_disk_costs_the_evidence_and_not_the_probe() -> None:
    assert await save_recording(recorded(), FullDisk(), versions=VERSIONS) == ()
