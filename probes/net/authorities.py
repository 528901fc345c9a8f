"""
The certificate authorities that a portal's certificate may come from: the system's, all of them in memory.

OpenSSL's own default paths cost a search of the system's folder in every single handshake: an intermediate certificate, which
portals send themselves, is looked for there first, by its name and then by reading the whole folder (0.3 of 3.7 CPU-ms of a
probe, 2026-11-23).
"""

import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from thuocdo.core.errors import ConfigurationError

_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.\d+")  # as c_rehash names them


def trusting_context(ca_file: Path | None) -> ssl.SSLContext:
    """
    Return a context for clients that trusts the system's authorities, as SSL_CERT_FILE and SSL_CERT_DIR may name them.

    Args:
        ca_file: an authority to trust besides (private test set-ups), or None.

    Raises:
        OSError: ca_file cannot be read, or holds no certificate.

    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for file in _system_files():
        with suppress(OSError):  # no certificate, or not for our eyes: OpenSSL passes over it as well
            context.load_verify_locations(file)
    if not context.cert_store_stats()["x509_ca"]:
        context.load_default_certs()  # a system that keeps them elsewhere
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def check_authority(ca_file: Path | None) -> None:
    """
    Look whether a file holds an authority to trust.

    Raises:
        ConfigurationError: it does not, or cannot be read.
    """
    if ca_file is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(ca_file)
    except OSError as exc:  # ssl.SSLError is one
        raise ConfigurationError(
            f"{ca_file}: holds no certificate that can be read ({exc.strerror or exc}); give a PEM file, or leave ca_file out"
        ) from exc


def _system_files() -> Iterator[Path]:
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        yield Path(paths.cafile)
    if paths.capath:
        with suppress(OSError):
            yield from (file for file in Path(paths.capath).iterdir() if _HASHED_NAME.fullmatch(file.name))
