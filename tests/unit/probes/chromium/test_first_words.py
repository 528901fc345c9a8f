"""What may begin a connection of a guarded page: HTTP, in clear or over TLS; a real hello of Python's own TLS is asked, too."""

import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.chromium.first_words import MOST_BYTES, FirstWords


def hello(*protocols: str) -> bytes:
    """Return how TLS begins that offers these protocols."""
    context = ssl.create_default_context()
    if protocols:
        context.set_alpn_protocols(list(protocols))
    sent = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="portal.thuocdo.test").do_handshake()
    return sent.read()


HTTP = {
    "in clear": b"GET / HTTP/1.1\r\n\r\n",
    "of a proxy": b"HEAD http://portal.test/ HTTP/1.1\r\n\r\n",
    "of a server": b"OPTIONS * HTTP/1.1\r\n\r\n",
    "over TLS": hello("h2", "http/1.1"),
    "over TLS, of old": hello("http/1.1"),
}
OTHER = {
    "TURN": bytes.fromhex("000300082112a4426d2f4572617a414e2f572f7300190004110000 00".replace(" ", "")),
    "TURN over TLS": hello(),
    "TLS of something else": hello("stun.turn", "xmpp-client"),
    "SSH": b"SSH-2.0-x\r\n",
    "SMTP": b"EHLO x\r\n",
    "a word": b"GET it\r\n",
    "small letters": b"get / HTTP/1.1\r\n",
    "no hello": b"\x16\x03\x01\x00\x02\x02\x00",
    "a hello cut off": b"\x16\x03\x01\x00\x04\x01\x00\x00\x00",
    "an alert": b"\x15\x03\x01\x00\x02\x02\x28",
    "a byte": b"\x00",
}


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
@pytest.mark.parametrize("words", HTTP)
def test_http_is_handed_on_whole_however_it_comes(words: str, size: int) -> None:
    said, first = HTTP[words], FirstWords()
    given_on = [first.take(said[at : at + size]) for at in range(0, len(said), size)]
    assert b"".join(one for one in given_on if one is not None) == said
    assert None not in given_on
    assert first.take(b"\x00more") == b"\x00more"


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
@pytest.mark.parametrize("words", OTHER)
def test_of_anything_else_not_a_byte_is_handed_on(words: str, size: int) -> None:
    said, first = OTHER[words], FirstWords()
    given_on = [first.take(said[at : at + size]) for at in range(0, len(said), size)]
    assert None in given_on
    assert not any(given_on)


def test_a_hello_without_end_is_not_waited_for() -> None:
    first = FirstWords()
    assert first.take(b"\x16\x03\x01\xff\xff" + bytes(MOST_BYTES)) is None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 300))
def test_whatever_comes_it_is_read_without_a_fault(noise: bytes, at: int) -> None:
    FirstWords().take(noise)
    spoilt = bytearray(HTTP["over TLS"])
    spoilt[at : at + len(noise)] = noise
    FirstWords().take(bytes(spoilt))
