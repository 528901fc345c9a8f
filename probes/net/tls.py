"""
How the HTTP client speaks TLS: it opens what Chromium opens and refuses what Chromium refuses, as far as OpenSSL can be told.

| | Chromium 156 | here |
|---|---|---|
| versions | 1.2, 1.3 | the same |
| suites of TLS 1.2 | ECDHE with AES-GCM or ChaCha20; RSA key exchange with AES-GCM; AES-CBC with SHA-1 of both | the same |
| DHE, CCM, 3DES, Camellia, CBC with SHA-2, ECDHE-ECDSA with CBC | no | no |
| an intermediate that the server leaves out | fetched from where the certificate says | the same (`issuers.py`) |
| the name | in subjectAltName | the same: a common name counts for nothing |
| keys of a certificate | RSA, ECDSA on P-256 and P-384; used as its key usage says | the same (`certificates.refusal`) |
| servers that do not know RFC 5746 | opened | opened |
| another handshake of TLS 1.2 after the request (IIS, Apache: a certificate of ours, which may be lacking) | done | done |

A suite without forward secrecy is a finding of a security probe at most, never an outage: everybody gets in.

Source: Chromium, net/socket/ssl_client_socket_impl.cc ("ALL:!aPSK:!ECDSA+SHA1:!3DES" of BoringSSL).
"""

import ssl
from pathlib import Path

from probes.net.authorities import trusting_context

_SUITES = ":".join(
    (
        *("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        *("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
        *("ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"),
        *("ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA"),
        *("AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA"),
        "@SECLEVEL=1",  # of RSA keys 1024 bits are enough, as for Chromium; a signature with SHA-1 is none in either
    )
)
_LEGACY_SERVER_CONNECT = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT, which Python names since 3.12


def no_common_protocol(fault: ssl.SSLError) -> bool:
    """
    Tell whether a server ended the handshake because it speaks none of the protocols that were offered.

    Python's table of reasons lacks this one, so OpenSSL's sentence says it. Source: RFC 7301, 3.2.
    """
    return "no application protocol" in str(fault).lower().replace("_", " ")


def looking_context() -> ssl.SSLContext:
    """Return a context that takes any certificate, to look at it; whoever uses it must not ask or tell anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _spoken(context)


def browsers_context(ca_file: Path | None) -> ssl.SSLContext:
    """
    Return the context of all exchanges.

    Args:
        ca_file: see `trusting_context`.

    Raises:
        OSError: ca_file cannot be read, or holds no certificate.
    """
    context = _spoken(trusting_context(ca_file))
    context.hostname_checks_common_name = False
    return context


def _spoken(context: ssl.SSLContext) -> ssl.SSLContext:
    context.set_alpn_protocols(["http/1.1"])
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_SUITES)
    context.options |= _LEGACY_SERVER_CONNECT
    return context
