"""
Records in a hash chain, one for each agent of a round, and the checkpoints by which a day of it is closed.

An agent is a vantage point and an engine (`local.browser`); its chain holds what the store took of it, in the order in which it
did: h_k = SHA-256(h_(k-1) ‖ SHA-256(record_k)). Where it starts is bound to round and agent, so that no record can be moved to
another. Whoever knows one value of the chain knows of every change before it.

A checkpoint says how long the chain was and what its value was at an instant. What arrives later but was due earlier is no
mistake (a line was down, a spool waited), but it could be one; so it stays where it arrived, at the end, and is marked `late`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Self

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.core.model import Measurement
from thuocdo.core.shapes import good_id
from thuocdo.core.wire import measurement_from_json, measurement_to_dict
from thuocdo.sealing.canonical import canonical

CHAIN = "thuocdo-chain-1"
"""What the text begins with whose digest a chain starts from; another number would be another way of chaining."""

LATE = "late"
"""The member that a record has beside those of a measurement, where it came after a checkpoint that it was due before."""

_LATE_MEMBER = b'"late":true,'


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ChainedAgent:
    """Whose records one chain holds."""

    vantage_id: str
    engine: Engine

    @classmethod
    def of(cls, measurement: Measurement) -> Self | None:
        """Return who took a measurement; None where its kind is none that this version knows."""
        kind = all_kinds().get(measurement.key.kind)
        return cls(vantage_id=measurement.key.vantage_id, engine=kind.engine) if kind else None

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the agent of a name; raises ValueError where it is the name of none."""
        vantage_id, _, engine = name.rpartition(".")
        return cls(vantage_id=good_id(vantage_id), engine=Engine(engine))

    @property
    def name(self) -> str:
        """What it is called in files."""
        return f"{self.vantage_id}.{self.engine.value}"


class HashChain:
    """
    A chain that takes records.

    Args:
        round_id: of the round.
        agent: whose records they are.
        last: a checkpoint of this chain to go on from; None = from the start.
    """

    def __init__(self, round_id: str, agent: ChainedAgent, last: "Checkpoint | None" = None) -> None:
        start = sha256("".join(f"{one}\n" for one in (CHAIN, round_id, agent.name)).encode()).digest()
        self._value = bytes.fromhex(last.head) if last else start
        self.count = last.count if last else 0

    def add(self, record: bytes) -> None:
        """Add a record: canonical JSON without a line break."""
        self._value = sha256(self._value + sha256(record).digest()).digest()
        self.count += 1

    @property
    def head(self) -> str:
        """The value after the last record, as hex."""
        return self._value.hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """
    How far a chain was at an instant.

    round_id, agent: of the chain. day: in Hanoi, which it closes. count: of records, head: value after them, hex. at: when it was
    made. clock_offset_seconds: how far the machine's clock may have been off; None = it did not know.
    """

    round_id: str
    agent: str
    day: date
    count: int
    head: str
    at: AwareDatetime
    clock_offset_seconds: float | None

    def text(self) -> str:
        """Return it as canonical JSON: what is signed."""
        return canonical(_CHECKPOINT.dump_python(self, mode="json")).decode()


_CHECKPOINT = TypeAdapter(Checkpoint)


def checkpoint_of(text: str) -> Checkpoint:
    """Return the checkpoint that a text tells; raises ValueError where it tells none."""
    try:
        return _CHECKPOINT.validate_json(text)
    except ValidationError as exc:
        raise ValueError(f"no checkpoint ({exc.error_count()} mistakes)") from exc


def checkpoint(
    round_id: str,
    agent: ChainedAgent,
    last: Checkpoint | None,
    arrived: Iterable[Measurement],
    *,
    day: date,
    at: datetime,
    clock_offset_seconds: float | None,
) -> Checkpoint:
    """
    Close a day of an agent's chain.

    Args:
        round_id: of the round.
        agent: whose chain it is.
        last: the checkpoint before; None = this is the first.
        arrived: what the store has taken of this round and agent since, in the order in which it did.
        day: in Hanoi, that ends.
        at: the present instant.
        clock_offset_seconds: of the machine's clock, None = it does not know.
    """
    chain = HashChain(round_id, agent, last)
    for measurement in arrived:
        chain.add(record_of_measurement(measurement, late=is_late(measurement, last)))
    return Checkpoint(
        round_id=round_id,
        agent=agent.name,
        day=day,
        count=chain.count,
        head=chain.head,
        at=at,
        clock_offset_seconds=clock_offset_seconds,
    )


def is_late(measurement: Measurement, last: Checkpoint | None) -> bool:
    """Tell whether a measurement was due before the last checkpoint before it in the chain."""
    return last is not None and measurement.key.scheduled_at < last.at


def record_of_measurement(measurement: Measurement, *, late: bool) -> bytes:
    """Return a measurement as a record; raises ThuocdoError where canonical JSON cannot hold it."""
    told: dict[str, Any] = measurement_to_dict(measurement)
    return canonical({**told, LATE: True} if late else told)


def measurement_of_record(record: bytes) -> tuple[Measurement, bool]:
    """
    Return the measurement that a record holds, and whether it came late.

    Raises:
        ValueError: it is none, or says more or otherwise than a record of this measurement would.
    """
    try:
        measurement = measurement_from_json(record)
    except ValidationError as exc:
        raise ValueError(f"no measurement ({exc.error_count()} mistakes)") from exc
    if measurement.key.scheduled_at.tzinfo is None or measurement.started_at.tzinfo is None:
        raise ValueError("its instants have no time zone")
    late = _LATE_MEMBER in record and record_of_measurement(measurement, late=True) == record
    if not late and record_of_measurement(measurement, late=False) != record:
        raise ValueError("no canonical record of the measurement in it")
    return measurement, late
