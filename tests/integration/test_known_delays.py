"""The benchmarks' server with known delays: what it writes down is what a client meets."""

import os
import socket
import ssl
import time

import pytest
from trustme import KeyType

from benchmarks.certificates import make_certificates
from benchmarks.delays import ADDRESS, BODY_BYTES, DOMAIN, Delays, delay_server
from benchmarks.names import answer_to

ROUNDING_SECONDS = 1e-6
DELAYS = Delays(resolve=0.02, tls=0.03, processing=0.05, transfer=0.04)


@pytest.fixture
def certificates(tmp_path, require):
    require(os.geteuid() == 0, "root", "the server takes ports 53 and 443 of a loopback address; run the tests as root")
    return make_certificates(tmp_path, DOMAIN, key=KeyType.ECDSA, intermediate=True)


def _get(certificates, number, query=""):
    """Return the answer to one plain exchange."""
    context = ssl.create_default_context(cafile=certificates.authority)
    host = f"p{number}.{DOMAIN}"
    with (
        socket.create_connection((ADDRESS, 443), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        secured.sendall(f"GET /{query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        answer = b""
        while len(answer.partition(b"\r\n\r\n")[2]) < BODY_BYTES:
            answer += secured.recv(65536)
    return answer


def _ask(name):
    import dns.message

    question = dns.message.make_query(name, "A").to_wire()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(20)
        client.sendto(question, (ADDRESS, 53))
        return question, client.recv(4096)


def test_every_phase_lasts_at_least_its_delay_and_is_written_down(certificates):
    with delay_server(DELAYS, certificates.server) as server:
        question, answer = _ask(f"p7.{DOMAIN}.")
        assert answer == answer_to(question, ADDRESS)
        began = time.monotonic()
        assert _get(certificates, 7).startswith(b"HTTP/1.1 200 OK\r\n")
        took = time.monotonic() - began
        truth = server.truths()[7]
    assert truth.resolve_seconds >= DELAYS.resolve
    assert truth.tls_seconds >= DELAYS.tls
    assert truth.processing_seconds >= DELAYS.processing
    assert truth.transfer_seconds >= DELAYS.transfer
    assert truth.tls_seconds + truth.processing_seconds + truth.transfer_seconds <= took


def test_a_request_may_ask_for_another_delay_of_its_answer(certificates):
    with delay_server(Delays(processing=0.0), certificates.server) as server:
        _get(certificates, 1, "?processing_ms=60")
        _get(certificates, 2)
        truths = server.truths()
    # Without its lateness it is no more than what was asked for, but for the step of the clock that doubles are rounded to.
    assert truths[1].processing_seconds >= 0.060
    assert truths[1].processing_seconds - truths[1].late_seconds <= 0.060 + ROUNDING_SECONDS
    assert truths[2].processing_seconds - truths[2].late_seconds <= ROUNDING_SECONDS


def test_notes_are_given_out_once(certificates):
    with delay_server(Delays(), certificates.server) as server:
        _get(certificates, 1)
        assert set(server.truths()) == {1}
        assert server.truths() == {}
