"""The records of a round: written from the store agent by agent, and followed again by whoever checks them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Self

from thuocdo.core.errors import ThuocdoError
from thuocdo.core.model import Evidence, Measurement
from thuocdo.sealing.chain import ChainedAgent, Checkpoint, HashChain, is_late, record_of_measurement
from thuocdo.sealing.manifest import RoundCounting, SealedChain
from thuocdo.sealing.merkle import MerkleTree
from thuocdo.sealing.results import COMPARED_KIND

RECORDS = "records"
ENDING = ".jsonl"


class FollowedChain:
    """
    The chain of one agent, with the checkpoints that were made of it.

    Args:
        round_id: of the round.
        agent: whose records these are.
        checkpoints: of this chain, in any order.
    """

    def __init__(self, round_id: str, agent: ChainedAgent, checkpoints: Iterable[Checkpoint]) -> None:
        self.agent = agent
        self.chain = HashChain(round_id, agent)
        self.path = f"{RECORDS}/{agent.name}{ENDING}"
        self.late = 0
        self._evidence = MerkleTree()
        self._ahead = sorted(checkpoints, key=lambda one: (one.count, one.at), reverse=True)
        self._last: Checkpoint | None = None
        self.broken_at: list[tuple[Checkpoint | None, Checkpoint]] = []
        self._pass()

    def is_late(self, measurement: Measurement) -> bool:
        """Tell whether a measurement that would come next was due before the last checkpoint."""
        return is_late(measurement, self._last)

    def add(self, record: bytes, measurement: Measurement) -> None:
        """Add a record; a checkpoint that does not have the value then is noted in `broken_at` with the one before it."""
        self.late += self.is_late(measurement)
        self.chain.add(record)
        for piece in measurement.observation.evidence:
            self._evidence.add(piece.sha256)
        self._pass()

    @property
    def missed(self) -> list[Checkpoint]:
        """Checkpoints of more records than there are, the first one first."""
        return self._ahead[::-1]

    def sealed(self) -> SealedChain:
        """Return what a manifest says of the chain."""
        return SealedChain(
            agent=self.agent.name,
            path=self.path,
            count=self.chain.count,
            head=self.chain.head,
            late=self.late,
            evidence=self._evidence.count,
            evidence_root=self._evidence.root,
        )

    def _pass(self) -> None:
        while self._ahead and self._ahead[-1].count == self.chain.count:
            reached = self._ahead.pop()
            if reached.head != self.chain.head:
                self.broken_at.append((self._last, reached))
            self._last = reached


class RecordsWriter:
    """
    Writes the records of a round into a folder; a context manager that closes its files.

    Args:
        folder: of the package; `records` is made in it.
        round_id: of the round.
        planned: probes of its plan.
        checkpoints: that were made while it ran, of any agent.
    """

    def __init__(self, folder: Path, round_id: str, planned: int, checkpoints: Sequence[Checkpoint]) -> None:
        self._folder = folder
        self._round_id = round_id
        self._checkpoints = checkpoints
        self._open: dict[ChainedAgent, tuple[FollowedChain, IO[bytes]]] = {}
        self._files = ExitStack()
        self.counting = RoundCounting(planned)
        self.profiles: set[str] = set()
        (folder / RECORDS).mkdir()
        for name in sorted({one.agent for one in checkpoints}):  # of which nothing may be left
            self._opened(ChainedAgent.named(name))

    def write(self, arrived: Iterable[Measurement]) -> Iterator[Evidence]:
        """
        Write measurements in the order of their arrival; yield the evidence that they name.

        Raises:
            ThuocdoError: a kind is none of this version's, or what is stored is not what a checkpoint says.
            OSError: the disk does not take them.
        """
        for measurement in arrived:
            agent = ChainedAgent.of(measurement)
            if agent is None:
                raise ThuocdoError(
                    f"measurement of '{measurement.key.target_id}': this version knows no kind '{measurement.key.kind}'; "
                    "seal the round with the version that measured it"
                )
            chain, file = self._opened(agent)
            record = record_of_measurement(measurement, late=chain.is_late(measurement))
            file.write(record + b"\n")
            chain.add(record, measurement)
            self.counting.add(measurement)
            if measurement.key.kind == COMPARED_KIND:
                self.profiles.add(measurement.key.profile)
            yield from measurement.observation.evidence

    def chains(self) -> tuple[SealedChain, ...]:
        """
        Return what the manifest says of the chains.

        Raises:
            ThuocdoError: what is stored is not what a checkpoint says.
        """
        for _, (chain, _) in sorted(self._open.items()):
            wrong = [reached for _, reached in chain.broken_at] + chain.missed
            if wrong:
                raise ThuocdoError(
                    f"{chain.agent.name}: what the store holds is not what the checkpoint of {wrong[0].day} says; measurements "
                    "were changed or removed since: put the store back from a backup, or find out who did it"
                )
        return tuple(chain.sealed() for _, (chain, _) in sorted(self._open.items()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._files.close()

    def _opened(self, agent: ChainedAgent) -> tuple[FollowedChain, IO[bytes]]:
        if agent not in self._open:
            own = [one for one in self._checkpoints if one.agent == agent.name]
            chain = FollowedChain(self._round_id, agent, own)
            file = self._files.enter_context((self._folder / chain.path).open("wb"))
            self._open[agent] = (chain, file)
        return self._open[agent]


def evidence_root(chains: Iterable[SealedChain], assessed: Iterable[str]) -> str:
    """Return the root of all evidence; chains: by agent, assessed: digests of what people showed, as they entered it."""
    tree = MerkleTree()
    for chain in chains:
        tree.add(chain.evidence_root)
    of_people = MerkleTree()
    for digest in assessed:
        of_people.add(digest)
    tree.add(of_people.root)
    return tree.root
