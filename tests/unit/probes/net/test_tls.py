"""What the HTTP client opens over TLS: what Chromium opens, and nothing that it refuses (tried on Chromium 156, 2026-11-30)."""

import asyncio
import datetime as dt
import shutil
import socket
import ssl
from contextlib import asynccontextmanager, suppress

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from probes.net.client import FetchOptions, HttpClient
from probes.net.fault import ExchangeError
from probes.net.stopwatch import Stopwatch
from probes.net.tls import browsers_context
from thuocdo.core.model import Reason

HOST = "portal.thuocdo.test"
WISH = FetchOptions(kept_bytes=1000)
OPENED = (
    *("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"),
    *("ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA"),
    *("AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA"),
)
REFUSED = (
    *("AES128-SHA256", "AES256-SHA256", "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384", "AES128-CCM"),
    *("DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-SHA", "CAMELLIA128-SHA", "ARIA128-GCM-SHA256"),
)


def server(authority, suites="", key=trustme.KeyType.RSA):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, key_type=key).configure_cert(context)
    if suites:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{suites}:@SECLEVEL=0")
    return context


@asynccontextmanager
async def serving(context, handle=None):
    async def plain(reader, writer):
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        writer.close()

    made = await asyncio.start_server(handle or plain, "127.0.0.1", 0, ssl=context)
    try:
        yield made.sockets[0].getsockname()[1]
    finally:
        made.close()


@pytest.fixture
async def client(ca_file):
    opened = HttpClient(hosts={HOST: "127.0.0.1"}, ca_file=ca_file, user_agent="ThuocDo/test")
    yield opened
    await opened.close()


@pytest.mark.parametrize("suite", OPENED)
async def test_a_suite_that_browsers_open_is_opened(client, authority, suite):
    watch = Stopwatch()
    async with serving(server(authority, suite)) as port:
        answer = await client.get(f"https://{HOST}:{port}/", WISH, watch)
    assert answer.body_head == b"hello"
    assert watch.tls.cipher == suite


@pytest.mark.parametrize("suite", [*REFUSED, "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-CCM"])
async def test_a_suite_that_browsers_refuse_is_a_tls_error(client, authority, suite):
    key = trustme.KeyType.ECDSA if "ECDSA" in suite else trustme.KeyType.RSA
    async with serving(server(authority, suite, key)) as port:
        with pytest.raises(ExchangeError) as caught:
            await client.get(f"https://{HOST}:{port}/", WISH, Stopwatch())
    assert caught.value.reason is Reason.TLS_ERROR


@pytest.mark.skipif(
    shutil.which("openssl") is None, reason="NO openssl ON THIS MACHINE: another handshake is NOT TESTED"
)
@pytest.mark.parametrize(
    "command", [b"r\n", b"R\n"]
)  # R: and a client's certificate is asked for, which may be lacking
async def test_another_handshake_after_the_request_is_done_as_browsers_do_it(client, authority, tmp_path, command):
    authority.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(tmp_path / "leaf.pem")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = (
        "-accept",
        f"127.0.0.1:{port}",
        "-cert",
        str(tmp_path / "leaf.pem"),
        "-tls1_2",
        "-state",
        "-naccept",
        "1",
    )
    made = await asyncio.create_subprocess_exec(
        *("openssl", "s_server", *arguments), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        await made.stdout.readuntil(b"ACCEPT")
        asked = asyncio.create_task(client.get(f"https://{HOST}:{port}/", WISH, Stopwatch()))
        await made.stdout.readuntil(b"Accept-Encoding")
        made.stdin.write(command)
        await made.stdout.readuntil(b"read finished")
        made.stdin.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        assert (await asyncio.wait_for(asked, 60)).body_head == b"hello"
    finally:
        made.kill()
        await made.wait()


def test_old_versions_are_off_and_servers_that_never_heard_of_it_are_spoken_to():
    context = browsers_context(None)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.options & 0x4  # SSL_OP_LEGACY_SERVER_CONNECT
    assert context.check_hostname
    assert context.security_level == 1  # RSA of 1024 bits; SHA-1 needs 0


@pytest.mark.parametrize("alternatives", [(), ("other.test",), (f"*.{HOST}",), (f"www.{HOST}",)])
async def test_a_certificate_that_names_the_host_by_its_common_name_alone_is_refused(tmp_path, alternatives):
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = certificate("Root", None, root_key, root_key)
    leaf = certificate(HOST, root.subject, root_key, key, alternatives)
    pem = serialization.Encoding.PEM
    (tmp_path / "ca.pem").write_bytes(root.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "leaf.pem").write_bytes(leaf.public_bytes(pem) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "leaf.pem")
    opened = HttpClient(hosts={HOST: "127.0.0.1"}, ca_file=tmp_path / "ca.pem", user_agent="ThuocDo/test")
    try:
        async with serving(context) as port:
            with pytest.raises(ExchangeError) as caught:
                await opened.get(f"https://{HOST}:{port}/", WISH, Stopwatch())
    finally:
        await opened.close()
    assert caught.value.reason is Reason.CERTIFICATE_INVALID


def certificate(name, issuer, issuer_key, key, alternatives=()):
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or subject).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(90))
    made = made.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    if alternatives:
        names = x509.SubjectAlternativeName([x509.DNSName(one) for one in alternatives])
        made = made.add_extension(names, critical=False)
    return made.sign(issuer_key, hashes.SHA256())


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_server_of_http_2_alone_is_ours_to_explain(client, authority, at_once):
    settings_frame = bytes(2) + b"\x00\x04" + bytes(5)
    goaway = bytes(2) + b"\x08\x07" + bytes(5) + bytes(4) + b"\0\0\0\1"

    async def handle(reader, writer):
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            if not at_once:
                await reader.readuntil(b"\r\n\r\n")
            writer.write(settings_frame + goaway)
            await writer.drain()
        writer.close()

    context = server(authority)
    context.set_alpn_protocols(["h2"])
    async with serving(context, handle) as port:
        with pytest.raises(ExchangeError) as caught:
            await client.get(f"https://{HOST}:{port}/", WISH, Stopwatch())
    assert caught.value.reason is Reason.PROTOCOL_UNSUPPORTED


async def test_a_server_that_has_no_protocol_in_common_with_us_is_ours_to_explain(client):
    async def handle(reader, writer):
        await reader.read(100)
        writer.write(b"\x15\x03\x03\0\2\2\x78")  # fatal, no_application_protocol
        await writer.drain()
        writer.close()

    made = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with made:
        port = made.sockets[0].getsockname()[1]
        with pytest.raises(ExchangeError) as caught:
            await client.get(f"https://{HOST}:{port}/", WISH, Stopwatch())
    assert caught.value.reason is Reason.PROTOCOL_UNSUPPORTED
