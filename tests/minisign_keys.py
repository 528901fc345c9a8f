"""Keys and signatures as minisign writes them, made without the program: for tests of those who read them."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Holder:
    """
    Somebody with a key of their own.

    Args:
        name: what they are called; the same name has the same key, so that a failing example fails again.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        seed = hashlib.sha256(name.encode()).digest()
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._number = seed[:8]

    @property
    def public_key(self) -> str:
        """The second line of the public key's file."""
        return base64.b64encode(b"Ed" + self._number + self._key.public_key().public_bytes_raw()).decode()

    def sign(
        self, signed: bytes, *, is_hashed: bool = True, comment: str = "timestamp:1796083200\tfile:round.txt"
    ) -> str:
        """Return the text of a signature's file: of the digest as minisign does, or of the bytes as it once did."""
        made = self._key.sign(hashlib.blake2b(signed).digest() if is_hashed else signed)
        head = base64.b64encode((b"ED" if is_hashed else b"Ed") + self._number + made).decode()
        of_both = base64.b64encode(self._key.sign(made + comment.encode())).decode()
        return f"untrusted comment: signature of {self.name}\n{head}\ntrusted comment: {comment}\n{of_both}\n"
