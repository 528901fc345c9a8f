"""
Keys of people and machines: Ed25519 in the files of minisign, so that nobody needs this program to check a signature.

The secret file is encrypted with a passphrase. Whoever loses either can sign no more; what was signed stays checkable.
"""

import os
from base64 import b64decode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import minisign

from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError
from thuocdo.store.failures import of_file

SECRET, PUBLIC = ".key", ".pub"
"""How the names of the two files end."""

MOST_BYTES = 4096
"""Of a key file, or of one that holds a passphrase."""

_KDF_OPERATIONS, _KDF_BYTES = 1 << 23, 1 << 28
"""Of scrypt, as libsodium counts them: half a second and 256 MiB for each guess at a passphrase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFiles:
    """The two files of a new key. text: the public key, as it is listed."""

    secret: Path
    public: Path
    text: str


@dataclass(frozen=True, slots=True)
class PublicKey:
    """
    A public key.

    text: 56 letters that begin with RW, as minisign writes it.
    """

    text: str

    def __post_init__(self) -> None:
        self.parsed()

    def parsed(self) -> minisign.PublicKey:
        """Return it for reckoning; raises ValueError where it is none."""
        try:
            return minisign.PublicKey.from_base64(self.text)
        except minisign.Error as exc:
            raise ValueError("no public key of minisign, which is 56 letters that begin with RW") from exc

    @property
    def id(self) -> str:
        """Its number as minisign shows it: 16 digits and letters."""
        return key_id(self.text)


def key_id(text: str) -> str:
    """Return the number of a key as minisign shows it, of the line of a public key or of a signature."""
    return b64decode(text)[2:10][::-1].hex().upper()


def new_key(name: Path, passphrase: str) -> KeyFiles:
    """
    Make a key and write its two files, `<name>.key` for its owner alone and `<name>.pub`.

    Args:
        name: path without ending.
        passphrase: that the secret file is encrypted with.

    Raises:
        ConfigurationError: one of the files is there, the folder is not, or the passphrase is empty.
        StoreError: the disk does not take them; neither is left.
    """
    if not passphrase:
        raise ConfigurationError("the passphrase is empty; choose one that only you know")
    secret, public = (name.with_name(name.name + ending) for ending in (SECRET, PUBLIC))
    for file in (secret, public):
        if file.exists() or file.is_symlink():
            raise ConfigurationError(f"{file}: is there already, and a key is never replaced; choose another name")
    if not secret.parent.is_dir():
        raise ConfigurationError(f"{secret.parent}: there is no such folder; make it first")
    made = minisign.KeyPair.generate()
    text = made.public_key.to_base64().decode()
    made.public_key.untrusted_comment = f"minisign public key {key_id(text)}"
    with made.secret_key as key:
        key.encrypt(passphrase, opslimit=_KDF_OPERATIONS, memlimit=_KDF_BYTES)
        _write_both({secret: (bytes(key) + b"\n", 0o600), public: (bytes(made.public_key) + b"\n", 0o644)})
    return KeyFiles(secret=secret, public=public, text=text)


def read_public_key(file: Path) -> PublicKey:
    """
    Return the public key of a file of minisign, or of one that holds the key's line alone.

    Raises:
        ConfigurationError: it cannot be read, or is none.
    """
    lines = [line for line in _text(file).splitlines() if line.strip()]
    try:
        return PublicKey(lines[-1].strip() if lines else "")
    except ValueError as exc:
        raise ConfigurationError(f"{file}: {exc}; give the file that ends in {PUBLIC}") from exc


def read_secret_key(file: Path, passphrase: str) -> minisign.SecretKey:
    """
    Return the secret key of a file, unlocked; whoever asked wipes it.

    Raises:
        ConfigurationError: it cannot be read, is none, or the passphrase is another.
    """
    try:
        key = minisign.SecretKey.from_bytes(_text(file).encode())
    except minisign.Error as exc:
        raise ConfigurationError(f"{file}: no secret key of minisign; give the file that ends in {SECRET}") from exc
    if not key.is_encrypted():
        raise ConfigurationError(
            f"{file}: the secret key is not encrypted, so that whoever reads the file can sign; make one with a passphrase"
        )
    try:
        key.decrypt(passphrase)
    except minisign.Error as exc:
        raise ConfigurationError(
            f"{file}: the passphrase is another; without it nobody can sign with this key, and a new one is needed"
        ) from exc
    return key


def read_passphrase(file: Path) -> str:
    """
    Return the passphrase that a file holds; its last line break is none of it.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    return _text(file).removesuffix("\n").removesuffix("\r")


def _text(file: Path) -> str:
    try:
        content = read_bounded(file, MOST_BYTES)
        if len(content) > MOST_BYTES:
            raise ConfigurationError(
                f"{file}: it holds more than {MOST_BYTES} bytes, which is no key; give another file"
            )
        return content.decode()
    except UnicodeDecodeError as exc:
        raise ConfigurationError(f"{file}: it is no text, and so no key; give another file") from exc
    except OSError as exc:
        raise ConfigurationError(f"{file}: cannot be read ({exc.strerror}); give another file") from exc


def _write_both(contents: dict[Path, tuple[bytes, int]]) -> None:
    written: list[Path] = []
    try:
        for file, (content, mode) in contents.items():
            opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
            written.append(file)
            with os.fdopen(opened, "wb") as out:
                os.fchmod(out.fileno(), mode)
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
    except FileExistsError as exc:
        _remove(written)
        raise ConfigurationError(
            f"{exc.filename}: is there already, and a key is never replaced; choose another name"
        ) from exc
    except OSError as exc:
        _remove(written)
        raise of_file(exc, next(iter(contents)), "the key cannot be written") from exc


def _remove(files: list[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink()
