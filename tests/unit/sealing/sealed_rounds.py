"""A round of six portals from two places, with everything that a package may hold, and its store."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import minisign

from thuocdo.core.model import (
    Assessment,
    Conditions,
    Evidence,
    Measurement,
    MeasurementKey,
    Observation,
    PageKind,
    Reason,
    Round,
)
from thuocdo.sealing.chain import ChainedAgent, Checkpoint, checkpoint
from thuocdo.sealing.checkpoints import SignedCheckpoint
from thuocdo.sealing.frozen import COMMITMENT, KeyRole, ListedKey, keys_to_json, read_frozen
from thuocdo.sealing.results import commitment_of
from thuocdo.sealing.sealing import ToSeal
from thuocdo.sealing.signing import Signer
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore

ROOT = Path(__file__).resolve().parents[3]
BEGUN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MARKED = BEGUN + timedelta(hours=9)
ENDED = BEGUN + timedelta(hours=16)
SEALED = ENDED + timedelta(minutes=30)
SEED = sha256(b"a seed for tests").hexdigest()
CRITERIA, BY_HAND = "website-2025", "survey-2023"
SECONDS = {"nhanh": 0.9, "vua": 1.7, "cham": 4.1, "hong": None, "bo-mot": 1.2, "bo-hai": 2.8}
AGENCY = """
  - id: {id}
    block: {block}
    name_vi: {id}
    name_en: {id}
    source: test
    portals:
      - {{id: {id}, homepage_url: "https://{id}.example/", family: unknown, confidence: high, source: test}}
"""
PICTURE = b"what was on the page"


def frozen_files(round_keys: bytes | None = None) -> list[tuple[str, bytes]]:
    text = "agencies:" + "".join(
        AGENCY.format(id=name, block="ministry" if name.startswith("bo-") else "province") for name in SECONDS
    )
    return [
        ("registry/all.yaml", text.encode()),
        *((f"criteria/{name}.yaml", (ROOT / "criteria" / f"{name}.yaml").read_bytes()) for name in (CRITERIA, BY_HAND)),
        ("schedule.yaml", (ROOT / "schedules" / "default.yaml").read_bytes()),
        *([("keys.json", round_keys)] if round_keys else []),
    ]


def settings_for(files: list[tuple[str, bytes]], folder: Path) -> dict[str, str]:
    """Return what a round that begins with these files freezes."""
    for name, content in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    settings = {"criteria_set": CRITERIA, "runs": "{}"}
    frozen = read_frozen(folder, Round(id="x", label="x", started_at=BEGUN, settings=settings))
    return settings | dict(frozen.digests)


def measurement(agency: str, block: int, kind: str, chance: random.Random, vantage: str = "ha-noi") -> Measurement:
    at = BEGUN + timedelta(hours=2 * block, minutes=7, seconds=chance.randrange(3000))
    seconds = SECONDS[agency]
    reason = Reason.CAPTCHA if seconds is None else Reason.TIMEOUT if chance.random() < 0.03 else None
    took = (seconds or 1.0) * chance.lognormvariate(0, 0.1)
    names = {
        "http": ("total_seconds", "ttfb_seconds", "tls_seconds"),
        "homepage": ("fcp_seconds", "lcp_seconds", "load_seconds", "longest_task_seconds"),
    }[kind]
    piece = Evidence(kind="screenshot", sha256=sha256(PICTURE).hexdigest(), media_type="image/png", size_bytes=20)
    return Measurement(
        key=MeasurementKey(
            target_id=f"{agency}.home", kind=kind, vantage_id=vantage, profile="desktop", scheduled_at=at
        ),
        agency_id=agency,
        started_at=at + timedelta(microseconds=chance.randrange(10**6)),
        duration_seconds=round(took, 6),
        observation=Observation.ended(
            reason,
            "" if reason is None else "Trang yêu cầu mã xác nhận",
            page_kind=None if reason else PageKind.PORTAL,
            values={} if reason else {name: took * (1 + place / 7) for place, name in enumerate(names)},
            evidence=(piece,) if block == 2 and agency == "nhanh" else (),
        ),
        conditions=Conditions(saturated=chance.random() < 0.05, versions={"thuocdo": "0.1.0"}),
        round_id="20261123t080000-abc123",
    )


def arrived(blocks: int = 7) -> list[Measurement]:
    """Return the measurements in the order in which the store takes them; one of an early block comes last of all."""
    chance = random.Random(5)
    made = [
        measurement(agency, block, kind, chance, vantage)
        for block in range(blocks)
        for vantage in ("ha-noi", "da-nang")
        for agency in SECONDS
        for kind in ("http", "homepage")
        if vantage == "ha-noi" or kind == "http"
    ]
    return [*made[1:], made[0]]


@dataclass
class Ready:
    """A store with a round that has ended, and all that is needed to seal it."""

    store: Store
    what: ToSeal
    signer: Signer
    evidence: EvidenceStore
    folder: Path

    def changed(self, **changes) -> ToSeal:
        return replace(self.what, **changes)


def new_signer() -> Signer:
    return Signer(minisign.KeyPair.generate().secret_key)


def ready_round(folder: Path, *, signer: Signer, machine: Signer, blocks: int = 7) -> Ready:
    listed = (
        ListedKey(name="Trần Thị Lan", role=KeyRole.SEALS, key=signer.public_key.text),
        ListedKey(name="may-do-1", role=KeyRole.MEASURES, key=machine.public_key.text),
    )
    files = frozen_files(keys_to_json(listed))
    round_id = "20261123t080000-abc123"
    round_ = Round(
        id=round_id,
        label="Đợt 4/2026",
        started_at=BEGUN,
        ended_at=ENDED,
        planned=blocks * 18,
        settings=settings_for(files, folder / "frozen") | {COMMITMENT: commitment_of(SEED, round_id)},
    )
    store = Store.open(f"sqlite:///{folder}/store.sqlite")
    store.rounds.begin(round_)
    made = arrived(blocks)
    store.measurements.write(made)
    evidence = EvidenceStore(folder / "evidence")
    evidence.save("screenshot", PICTURE, "image/png")
    letter = evidence.save("assessment", b"a letter", "application/pdf")
    for number, agency in enumerate(("bo-mot", "bo-hai")):  # the whole block, or none of them counts
        store.assessments.save(
            Assessment(
                agency_id=agency,
                criteria_set_id=BY_HAND,
                criterion_id="functions-by-hand",
                points=80.0 + number,
                entered_by="Lê Văn Minh",
                entered_at=ENDED + timedelta(minutes=5),
                evidence_sha256=letter.sha256,
                round_id=round_id,
            )
        )
    what = ToSeal(
        round=round_,
        frozen=files,
        checkpoints=[SignedCheckpoint.made(one, machine) for one in marks(round_id, made)],
        seed=SEED,
        evidence=evidence,
    )
    return Ready(store=store, what=what, signer=signer, evidence=evidence, folder=folder)


def marks(round_id: str, made: list[Measurement]) -> list[Checkpoint]:
    """Return a checkpoint of each agent over what had arrived by MARKED."""
    found = []
    for agent in sorted({ChainedAgent.of(one) for one in made}):
        by_then = [one for one in made[:-1] if ChainedAgent.of(one) == agent and one.key.scheduled_at < MARKED]
        found.append(
            checkpoint(round_id, agent, None, by_then, day=BEGUN.date(), at=MARKED, clock_offset_seconds=0.004)
        )
    return found
