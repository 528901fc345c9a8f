"""Chains that servers send by half, and browsers complete."""

import asyncio
import ipaddress
import ssl
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from probes.net.addresses import Reach
from probes.net.client import FetchOptions, HttpClient
from probes.net.fault import ExchangeError
from probes.net.stopwatch import Stopwatch
from thuocdo.core.model import Reason

HOST, STORE = "portal.thuocdo.test", "ca.thuocdo.test"
WISH = FetchOptions(kept_bytes=100)
NOW = datetime.now(UTC)


class Issued:
    """A certificate with its key."""

    def __init__(self, name, issuer=None, *, place="", ca=True, days=9):
        self.key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=20))
            .not_valid_after(NOW + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        )
        if place:
            told = x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(place)
            )
            builder = builder.add_extension(x509.AuthorityInformationAccess([told]), critical=False)
        self.certificate = builder.sign(issuer.key if issuer else self.key, hashes.SHA256())

    @property
    def pem(self):
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self):
        return self.certificate.public_bytes(Encoding.DER)


class World:
    """A portal that sends its own certificate alone, and a place where issuers lie."""

    def __init__(self, tmp_path):
        self.root, self.tmp_path = Issued("Root"), tmp_path
        self.lies_there, self.asked, self.connections = b"", 0, 0
        (tmp_path / "root.pem").write_bytes(self.root.pem)
        self.client = HttpClient(
            hosts={HOST: "127.0.0.1", STORE: "127.0.0.1"}, ca_file=tmp_path / "root.pem", user_agent="x"
        )
        self.store_port = 0

    @property
    def place(self):
        return f"http://{STORE}:{self.store_port}/issuer.crt"

    async def hand_out(self, reader, writer):
        self.asked += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(self.lies_there), self.lies_there))
        writer.close()

    async def ask(self, leaf):
        """Ask the portal under a certificate; returns the stop-watch."""
        private = leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.tmp_path / "leaf.pem").write_bytes(private + leaf.pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.tmp_path / "leaf.pem")

        async def handle(reader, writer):
            with suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            writer.close()

        server, watch = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context), Stopwatch()
        port = server.sockets[0].getsockname()[1]
        try:
            answer = await self.client.get(f"https://{HOST}:{port}/", WISH, watch)
            assert answer.body_head == b"hello"
            return watch
        finally:
            server.close()


def has_learned_nothing(world):
    """Tell whether nothing was learned."""
    issuers = world.client._issuers
    return not issuers._learned and not issuers._completed


@asynccontextmanager
async def opened(tmp_path):
    world = World(tmp_path)
    store = await asyncio.start_server(world.hand_out, "127.0.0.1", 0)
    world.store_port = store.sockets[0].getsockname()[1]
    try:
        yield world
    finally:
        store.close()
        await world.client.close()


@pytest.mark.parametrize("wrapping", ["der", "pem", "p7c", "p7b"])
async def test_an_intermediate_that_is_left_out_is_fetched_once(tmp_path, wrapping):
    async with opened(tmp_path) as world:
        middle = Issued("Middle", world.root)
        bags = {"p7c": Encoding.DER, "p7b": Encoding.PEM}
        world.lies_there = {"der": middle.der, "pem": middle.pem}.get(wrapping) or pkcs7.serialize_certificates(
            [world.root.certificate, middle.certificate], bags[wrapping]
        )
        watch = await world.ask(Issued("Leaf", middle, place=world.place, ca=False))
        assert watch.tls.chain.issuer == "Middle"
        assert watch.queue_seconds > 0
        assert world.asked == 1


async def test_what_one_server_lacks_completes_no_other(tmp_path):
    async with opened(tmp_path) as world:
        middle = Issued("Middle", world.root)
        world.lies_there = middle.der
        await world.ask(Issued("Leaf", middle, place=world.place, ca=False))
        with pytest.raises(ExchangeError) as caught:
            await world.ask(Issued("Other leaf", middle, ca=False))  # which says no place
        assert caught.value.reason is Reason.CERTIFICATE_INVALID


async def test_two_of_them_may_be_left_out(tmp_path):
    async with opened(tmp_path) as world:
        upper = Issued("Upper", world.root)
        middle = Issued("Middle", upper, place=world.place)
        world.lies_there = middle.pem + upper.pem
        await world.ask(Issued("Leaf", middle, place=world.place, ca=False))
        assert world.asked == 2


@pytest.mark.parametrize(
    "case", ["stranger", "stranger's root", "no ca", "over", "nothing", "not signed by it", "no place"]
)
async def test_nothing_else_is_learned_and_the_certificate_is_refused(tmp_path, case):
    async with opened(tmp_path) as world:
        stranger = Issued("Stranger")
        middle = {
            "stranger": Issued("Middle", stranger),
            "stranger's root": stranger,
            "no ca": Issued("Middle", world.root, ca=False),
            "over": Issued("Middle", world.root, days=-1),
        }.get(case) or Issued("Middle", world.root)
        world.lies_there = {"nothing": b"", "not signed by it": Issued("Middle", world.root).der}.get(case, middle.der)
        before = world.client._context.cert_store_stats()
        assert has_learned_nothing(world)
        leaf = Issued("Leaf", middle, place="" if case == "no place" else world.place, ca=False)
        with pytest.raises(ExchangeError) as caught:
            await world.ask(leaf)
        assert caught.value.reason is Reason.CERTIFICATE_INVALID
        assert world.client._context.cert_store_stats() == before
        assert has_learned_nothing(world)


async def test_a_server_whose_chain_cannot_be_completed_is_left_alone_for_a_while(tmp_path):
    async with opened(tmp_path) as world:
        issuers = world.client._issuers
        assert not issuers.is_hopeless((HOST, 443))
        issuers.give_up((HOST, 443))
        assert issuers.is_hopeless((HOST, 443))
        assert not issuers.is_hopeless((HOST, 444))


async def test_an_issuer_that_lies_inside_is_not_fetched(tmp_path):
    async with opened(tmp_path) as world:
        middle = Issued("Middle", world.root)
        world.lies_there = middle.der
        place = f"http://127.0.0.1:{world.store_port}/issuer.crt"
        with pytest.raises(ExchangeError) as caught:
            await world.ask(Issued("Leaf", middle, place=place, ca=False))
        assert caught.value.reason is Reason.CERTIFICATE_INVALID
        assert world.asked == 0
        assert Reach(host="", networks=(ipaddress.ip_network("127.0.0.0/8"),)).refusal("127.0.0.1") is None
