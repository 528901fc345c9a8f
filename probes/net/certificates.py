"""What a TLS connection agreed on, and the chain that verified it: when its first certificate expires, and whose it is."""

import hashlib
import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from probes.net.fault import ExchangeError, FlawedCertificateError
from thuocdo.core.model import Reason

MOST_NAMES = 20
_LONGEST_NAME = 120
_DER = 2  # _ssl.ENCODING_DER
_PUBLIC = hasattr(ssl.SSLObject, "get_verified_chain")  # Python 3.13


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """
    What is published of a verified chain.

    expires_at: Unix time of the earliest end in the whole chain. leaf_expires_at: of the server's own certificate.
    subject, issuer: common names of the server's certificate, or its organization without one; no other part of a name, which may
    be a person's address or number. is_spoken: browsers speak TLS with a key of its kind. signs, enciphers: what the certificate
    allows its key. is_named: its name stands where browsers look for it. names: hosts that it is for, as it names them, at most
    MOST_NAMES of them. fingerprint: its SHA-256 in hexadecimal.
    """

    expires_at: float
    leaf_expires_at: float
    subject: str
    issuer: str
    is_spoken: bool = True
    signs: bool = True
    enciphers: bool = True
    is_named: bool = True
    names: tuple[str, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """What was agreed on. alpn: empty = the server chose none. chain: None = unreadable."""

    version: str
    cipher: str
    alpn: str
    chain: Chain | None


def agreed(tls: ssl.SSLObject) -> Tls:
    """Return the facts of a connection that is up."""
    cipher = tls.cipher()
    return Tls(
        version=tls.version() or "",
        cipher=cipher[0] if cipher else "",
        alpn=tls.selected_alpn_protocol() or "",
        chain=verified_chain(tls),
    )


def refusal(tls: Tls) -> ExchangeError | None:
    """
    Return why browsers refuse what OpenSSL took, None = they take it.

    Source: Chromium 156 (tried), which offers no other signatures, and holds a key to its key usage (RFC 5280, 4.2.1.3 and .6).
    """
    chain = tls.chain
    if chain is None:
        return None
    if not chain.is_spoken:
        return ExchangeError(Reason.TLS_ERROR, "the certificate has a key of a kind that browsers do not speak")
    if not (chain.enciphers if tls.cipher.startswith("AES") else chain.signs):
        detail = "certificate refused: its key usage does not allow what the server does with its key"
        return FlawedCertificateError(Reason.CERTIFICATE_INVALID, detail)
    if not chain.is_named:
        detail = "certificate refused: it has no subject, and its subjectAltName is not critical"
        return FlawedCertificateError(Reason.CERTIFICATE_INVALID, detail)
    return None


def verified_chain(tls: ssl.SSLObject) -> Chain | None:
    """Return the chain of a connection that is up; None where there is none, or it cannot be read."""
    ders = _ders(tls)
    return _read(ders) if ders else None


def _ders(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    if _PUBLIC:
        return tuple(tls.get_verified_chain())  # type: ignore[attr-defined]
    inner: Any = getattr(tls, "_sslobj", None)  # Python 3.11 and 3.12 know it, but have no public name for it
    if not hasattr(inner, "get_verified_chain"):
        leaf = tls.getpeercert(binary_form=True)
        return (leaf,) if leaf else ()
    return tuple(certificate.public_bytes(_DER) for certificate in inner.get_verified_chain() or ())


@lru_cache(maxsize=4096)
def _read(ders: tuple[bytes, ...]) -> Chain | None:
    """Reading takes 50 microseconds, looking up less than one (measured), and chains change once in months."""
    try:
        chain = [x509.load_der_x509_certificate(der) for der in ders]
        leaf = chain[0]
        return Chain(
            expires_at=min(certificate.not_valid_after_utc.timestamp() for certificate in chain),
            leaf_expires_at=leaf.not_valid_after_utc.timestamp(),
            subject=_name(leaf.subject),
            issuer=_name(leaf.issuer),
            is_spoken=_is_spoken(leaf),
            is_named=bool(leaf.subject.rdns) or _has_critical_names(leaf),
            **_uses(leaf),
            names=_names(leaf),
            fingerprint=hashlib.sha256(ders[0]).hexdigest(),
        )
    except (
        ValueError,
        UnsupportedAlgorithm,
    ):  # OpenSSL took it, a stricter reader does not: its facts are not measured
        return None


def _is_spoken(leaf: x509.Certificate) -> bool:
    key = leaf.public_key()
    return isinstance(key, rsa.RSAPublicKey) or (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, (ec.SECP256R1, ec.SECP384R1))
    )


def _uses(leaf: x509.Certificate) -> dict[str, bool]:
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return {}
    return {"signs": usage.digital_signature, "enciphers": usage.key_encipherment}


def _has_critical_names(leaf: x509.Certificate) -> bool:
    try:
        return leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical
    except x509.ExtensionNotFound:
        return False


def _name(name: x509.Name) -> str:
    of = name.get_attributes_for_oid
    told = of(NameOID.COMMON_NAME) or of(NameOID.ORGANIZATION_NAME)
    return str(told[0].value)[:_LONGEST_NAME] if told else ""


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        told = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(name[:_LONGEST_NAME] for name in told.get_values_for_type(x509.DNSName)[:MOST_NAMES])
