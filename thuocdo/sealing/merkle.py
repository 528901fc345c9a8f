"""
A Merkle tree over digests (as RFC 6962 hashes it), grown leaf by leaf in memory that hardly grows with them.

A leaf is SHA-256(0x00 ‖ digest as hex), a node SHA-256(0x01 ‖ left ‖ right); the left part of a tree of n leaves has the largest
power of two below n. So that a piece of evidence belongs to a round can be shown by a few digests, without showing the others.
"""

from hashlib import sha256


class MerkleTree:
    """A tree that takes leaves; it keeps the root of each whole part, of which there are as many as n has bits."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, bytes]] = []
        self.count = 0

    def add(self, digest: str) -> None:
        """Add a leaf; digest: SHA-256 as hex."""
        self.count += 1
        height, node = 0, sha256(b"\x00" + digest.encode()).digest()
        while self._parts and self._parts[-1][0] == height:
            node = _node(self._parts.pop()[1], node)
            height += 1
        self._parts.append((height, node))

    @property
    def root(self) -> str:
        """The root as hex; of no leaf SHA-256 of nothing."""
        if not self._parts:
            return sha256().hexdigest()
        *others, (_, node) = self._parts
        for _, left in reversed(others):
            node = _node(left, node)
        return node.hex()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
