"""
Time-stamp tokens (RFC 3161): a server that others trust says that the manifest was there at an instant.

The server learns the SHA-256 of the manifest and nothing else. Where none is configured, or none answers, the round is sealed all
the same and its stamp is pending; sealing it again asks for the token alone.
"""

import http.client
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256, sha512
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError, TimestampAwayError

ANSWER_SECONDS = 20.0
MOST_BYTES = 1 << 20
"""Of an answer, or of a file with certificates."""

_TYPE = "application/timestamp-query"
_DIGESTS = {"2.16.840.1.101.3.4.2.1": sha256, "2.16.840.1.101.3.4.2.3": sha512}
"""By the number of the algorithm; a token that somebody asked for by hand may be of SHA-512."""

_NO_ANSWER = (OSError, http.client.HTTPException)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a token says. at: when the server saw the digest. is_trusted: its signature leads to a certificate that was given."""

    at: datetime
    is_trusted: bool


def stamped(content: bytes, server: str) -> bytes:
    """
    Return the token of a time-stamp server for a content, as it answered.

    Args:
        content: of which it is told the SHA-256.
        server: address, http or https.

    Raises:
        TimestampAwayError: it does not answer, or with what is no token of this content.
    """
    request = TimestampRequestBuilder(data=content, hash_algorithm=HashAlgorithm.SHA256).build()
    try:
        answer = _post(server, request.as_bytes())
    except _NO_ANSWER as exc:
        raise _unavailable(server, getattr(exc, "strerror", None) or str(exc) or type(exc).__name__) from exc
    try:
        response = _decoded(answer)
        _refuse_other(response, content)
        if response.tst_info.nonce != request.nonce:
            raise ValueError("it answers another request")
    except ValueError as exc:
        raise _unavailable(server, f"no token of this manifest ({exc})") from exc
    return answer


def stamp_of(token: bytes, content: bytes, roots: Sequence[Certificate]) -> Stamp:
    """
    Return what a token says of a content.

    Args:
        token: answer of a server.
        content: what was stamped.
        roots: certificates that are trusted; none = the token's signature is not looked at.

    Raises:
        ValueError: it is none, is of another content, or its signature does not lead to one of the roots.
    """
    response = _decoded(token)
    _refuse_other(response, content)
    if roots:
        builder = VerifierBuilder()
        for root in roots:
            builder = builder.add_root_certificate(root)
        try:
            builder.build().verify_message(response, content)
        except VerificationError as exc:
            raise ValueError(f"its signature does not lead to the certificates that were given ({exc})") from exc
    return Stamp(at=response.tst_info.gen_time, is_trusted=bool(roots))


def read_roots(file: Path) -> list[Certificate]:
    """
    Return the certificates of a PEM file.

    Raises:
        ConfigurationError: it cannot be read, or holds none.
    """
    try:
        return load_pem_x509_certificates(read_bounded(file, MOST_BYTES))
    except OSError as exc:
        raise ConfigurationError(f"{file}: cannot be read ({exc.strerror}); give another file") from exc
    except ValueError as exc:
        raise ConfigurationError(
            f"{file}: no certificate is in it; give the PEM file of the time-stamp server's root"
        ) from exc


def _decoded(token: bytes) -> TimeStampResponse:
    """Return what an answer holds; raises ValueError where it is none, or not quite written as the standard has it."""
    try:
        return decode_timestamp_response(token)
    except ValueError as exc:
        raise ValueError(f"it cannot be read here ({exc}); `openssl ts` may read it") from exc


def _refuse_other(response: TimeStampResponse, content: bytes) -> None:
    """Refuse an answer that is no token, or that of another content; raises ValueError."""
    if response.status not in (0, 1):
        said = ", ".join(response.status_string)
        raise ValueError(f"the server refused it{f': {said}' if said else ''}")
    imprint = response.tst_info.message_imprint
    digest = _DIGESTS.get(imprint.hash_algorithm.dotted_string)
    if digest is None or digest(content).digest() != imprint.message:
        raise ValueError("it is the token of another manifest")


def _post(server: str, body: bytes) -> bytes:
    """Send a request to the server and return its answer; no redirect is followed."""
    parts = urlsplit(server)
    if parts.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.netloc, timeout=ANSWER_SECONDS, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=ANSWER_SECONDS)
    try:
        where = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", where, body, {"Content-Type": _TYPE})
        answer = connection.getresponse()
        content = answer.read(MOST_BYTES)
        if answer.status != http.client.OK:
            raise http.client.HTTPException(f"status {answer.status}")
        return content
    finally:
        connection.close()


def _unavailable(server: str, why: str) -> TimestampAwayError:
    return TimestampAwayError(
        f"{server}: no time-stamp token ({why}); the round is sealed and its stamp pending; seal it again later for the stamp"
    )
