"""
The checkpoints of a planned round while it is measured: after each midnight, of every agent's records, signed by this machine.

From then on nothing before one can be changed unseen, not even by whoever seals the round.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from secrets import token_hex

from thuocdo.core.clock import hanoi_day
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Measurement, Round, RoundStep
from thuocdo.sealing.chain import ChainedAgent, Checkpoint, checkpoint, checkpoint_of
from thuocdo.sealing.checkpoints import SignedCheckpoint
from thuocdo.sealing.keys import PUBLIC, SECRET, new_key, read_passphrase, read_public_key
from thuocdo.sealing.signing import Signer
from thuocdo.store import Store

MACHINE = "machine"
_WORDS = "machine.words"


def keys_folder(data_dir: Path) -> Path:
    """Return where this machine's key lies."""
    return data_dir / "keys"


def machine_key(folder: Path) -> str:
    """
    Return the public key of this machine; made, once, where there is none yet.

    Args:
        folder: of keys, beside the data. What the secret file is encrypted with lies beside it, for the machine signs alone.

    Raises:
        ConfigurationError: a part of it is missing, or cannot be read.
        StoreError: the disk does not take it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / f"{MACHINE}{SECRET}").exists():
        words = folder / _WORDS
        with (
            suppress(FileExistsError),
            os.fdopen(os.open(words, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file,
        ):
            file.write(f"{token_hex(32)}\n")
        with suppress(ConfigurationError):  # another process was faster
            new_key(folder / MACHINE, read_passphrase(words))
    return read_public_key(folder / f"{MACHINE}{PUBLIC}").text


def machine_signer(folder: Path) -> Signer:
    """Return the signer of this machine; raises as `machine_key`."""
    machine_key(folder)
    return Signer.unlocked(folder / f"{MACHINE}{SECRET}", read_passphrase(folder / _WORDS))


def due_rounds(store: Store, now: datetime) -> list[tuple[Round, date]]:
    """Return the planned rounds that lack the checkpoint of the day that ended last, and that day."""
    day = hanoi_day(now) - timedelta(days=1)
    due = []
    for one in store.rounds.all():
        last_day = hanoi_day(one.ended_at) if one.ended_at else day
        if one.is_planned and hanoi_day(one.started_at) <= day <= last_day and not _is_sealed(store, one):
            made = [checkpoint_of(text).day for text, _ in store.round_checkpoints.of(one.id)]
            if day not in made:
                due.append((one, day))
    return due


def make_checkpoints(store: Store, folder: Path, now: datetime, clock_offset_seconds: float | None) -> int:
    """
    Make the checkpoints that are due, and return how many that were.

    Args:
        store: open.
        folder: of this machine's key.
        now: the present instant.
        clock_offset_seconds: how far this machine's clock may be off; None = it does not know.

    Raises:
        ConfigurationError: the machine's key cannot be used.
        StoreError: the store cannot be read or written.
    """
    due = due_rounds(store, now)
    if not due:
        return 0
    made = 0
    with machine_signer(folder) as signer:
        for round_, day in due:
            for one in _of_day(store, round_, day, now, clock_offset_seconds):
                signed = SignedCheckpoint.made(one, signer)
                store.round_checkpoints.add(
                    round_.id, one.agent, day, checkpoint=signed.checkpoint, signature=signed.signature
                )
                made += 1
    return made


def checkpoints_of(store: Store, round_id: str) -> list[SignedCheckpoint]:
    """Return the checkpoints that were made of a round."""
    return [
        SignedCheckpoint(checkpoint=text, signature=signature)
        for text, signature in store.round_checkpoints.of(round_id)
    ]


def _of_day(
    store: Store, round_: Round, day: date, now: datetime, clock_offset_seconds: float | None
) -> Iterator[Checkpoint]:
    last: dict[str, Checkpoint] = {}
    for text, _ in store.round_checkpoints.of(round_.id):
        told = checkpoint_of(text)
        if told.agent not in last or told.count >= last[told.agent].count:
            last[told.agent] = told
    agents = {ChainedAgent.of(one) for one in store.measurements.arrived_of_round(round_.id)} - {None}
    for agent in sorted(one for one in agents if one is not None):
        before = last.get(agent.name)
        yield checkpoint(
            round_.id,
            agent,
            before,
            islice(_arrived(store, round_, agent), before.count if before else 0, None),
            day=day,
            at=now,
            clock_offset_seconds=clock_offset_seconds,
        )


def _arrived(store: Store, round_: Round, agent: ChainedAgent) -> Iterator[Measurement]:
    return (one for one in store.measurements.arrived_of_round(round_.id) if ChainedAgent.of(one) == agent)


def _is_sealed(store: Store, round_: Round) -> bool:
    return any(entry.note.step is RoundStep.SEAL for entry in store.round_log.of(round_.id))
