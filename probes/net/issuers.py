"""
The intermediate certificates that servers leave out, from where their certificates say that they are (RFC 5280, 4.2.2.1).

Half-installed chains are common, and Chromium fetches what lacks, so that nobody notices. Here it is done once per issuer and
process, over a connection on which nothing is asked, and only after a handshake that failed for want of an issuer. What is
learned is kept only where its signatures lead to an authority, and counts only for servers whose own chain it has completed:
nobody can slip in a certificate of his own, to be trusted or to stand in the way of others, and no verdict depends on what was
asked before. A chain that this does not complete is refused, as Chromium refuses it.

Source: Chromium, net/cert/internal/cert_issuer_source_aia.cc (HTTP only, no more than a few; tried on Chromium 156).
"""

import ssl
import time
from collections.abc import Awaitable, Callable

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID

from thuocdo.core import clock

SECONDS = 5.0
"""For all of it; the prober's time, not the portal's."""
LARGEST_BYTES = 64 * 1024
_MOST_STEPS = 3
_MOST_PLACES = 2
_MOST_LEARNED = 1000
_MOST_SERVERS = 10_000
_AGAIN_SECONDS = 600.0

Server = tuple[str, int]
"""Host and port."""
Fetch = Callable[[str], Awaitable[bytes]]


class Issuers:
    """
    What was learned by one process.

    Args:
        make: makes a context that trusts the authorities; needed with the first chain that is to be completed.

    """

    def __init__(self, make: Callable[[], ssl.SSLContext]) -> None:
        self._make = make
        self._made: ssl.SSLContext | None = None
        self._learned: set[bytes] = set()
        self._completed: set[Server] = set()
        self._hopeless: dict[Server, float] = {}  # servers -> when to try again

    def context_for(self, server: Server) -> ssl.SSLContext | None:
        """Return the context in which the chain of a server is complete, None = any, as far as is known."""
        return self._made if server in self._completed else None

    def is_hopeless(self, server: Server) -> bool:
        """Tell whether the chain of a server could not be completed a while ago."""
        return time.monotonic() < self._hopeless.get(server, 0.0)

    def give_up(self, server: Server) -> None:
        """Leave a server alone for a while."""
        if len(self._hopeless) >= _MOST_SERVERS:
            self._hopeless.clear()
        self._hopeless[server] = time.monotonic() + _AGAIN_SECONDS

    async def learn(self, server: Server, leaf: bytes, fetch: Fetch) -> bool:
        """
        Complete the chain of a server's certificate; returns whether it leads to an authority now.

        Args:
            server: whose it is.
            leaf: DER.
            fetch: returns what stands at an address; its errors are the caller's.

        Raises:
            ValueError: something is no certificate.
        """
        child, found = x509.load_der_x509_certificate(leaf), list[x509.Certificate]()
        for _ in range(_MOST_STEPS):
            issuer = await _issuer_of(child, fetch)
            if issuer is None:
                return False
            found.append(issuer)
            if self._is_of_an_authority(issuer):
                return self._keep(server, found)
            child = issuer
        return False

    @property
    def _context(self) -> ssl.SSLContext:
        self._made = self._made or self._make()
        return self._made

    def _is_of_an_authority(self, certificate: x509.Certificate) -> bool:
        wanted = certificate.issuer.public_bytes()
        for der in self._context.get_ca_certs(binary_form=True):
            if wanted in der and _is_issued_by(certificate, x509.load_der_x509_certificate(der)):
                return True
        return False

    def _keep(self, server: Server, found: list[x509.Certificate]) -> bool:
        ders = {one.public_bytes(Encoding.DER) for one in found} - self._learned
        if len(self._learned) + len(ders) > _MOST_LEARNED or len(self._completed) >= _MOST_SERVERS:
            return False
        for der in ders:
            self._context.load_verify_locations(cadata=der)
        self._learned |= ders
        self._completed.add(server)
        return True


async def _issuer_of(certificate: x509.Certificate, fetch: Fetch) -> x509.Certificate | None:
    for place in _places(certificate):
        for found in _certificates(await fetch(place)):
            if found.subject != found.issuer and _is_issued_by(certificate, found):
                return found
    return None


def _places(certificate: x509.Certificate) -> list[str]:
    """Return where a certificate says that its issuer is."""
    try:
        told = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    names = (one.access_location for one in told if one.access_method == AuthorityInformationAccessOID.CA_ISSUERS)
    urls = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return [url for url in urls if url.lower().startswith("http:")][:_MOST_PLACES]


def _certificates(content: bytes) -> list[x509.Certificate]:
    """Read one certificate, or a bag of them, in whatever wrapping."""
    if content.lstrip().startswith(b"-----BEGIN CERT"):
        return x509.load_pem_x509_certificates(content)
    try:
        return [x509.load_der_x509_certificate(content)]
    except ValueError:
        read = pkcs7.load_pem_pkcs7_certificates if b"-----BEGIN" in content else pkcs7.load_der_pkcs7_certificates
        return read(content)


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether an issuer that may issue, and is in force, has signed a certificate."""
    if not issuer.not_valid_before_utc <= clock.now() <= issuer.not_valid_after_utc:
        return False
    try:
        if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True
