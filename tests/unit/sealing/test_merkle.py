"""The Merkle tree against the definition of RFC 6962, written down plainly."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from thuocdo.sealing.merkle import MerkleTree

DIGESTS = st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), max_size=40)


def defined(leaves: list[str]) -> bytes:
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0].encode()).digest()
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\1" + defined(leaves[:middle]) + defined(leaves[middle:])).digest()


def grown(leaves: list[str]) -> MerkleTree:
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    return tree


@given(DIGESTS)
def test_the_root_is_that_of_rfc_6962(leaves):
    tree = grown(leaves)
    assert tree.root == defined(leaves).hex()
    assert tree.count == len(leaves)


@given(DIGESTS.filter(bool), st.data())
def test_no_leaf_can_be_changed(leaves, data):
    place = data.draw(st.integers(0, len(leaves) - 1))
    other = leaves.copy()
    other[place] = sha256(other[place].encode()).hexdigest()
    assert grown(other).root != grown(leaves).root


def test_looking_at_the_root_does_not_move_the_tree():
    tree = grown(["a", "b", "c"])
    assert tree.root == tree.root
    tree.add("d")
    assert tree.root == grown(["a", "b", "c", "d"]).root
