"""SOCKS 5: what is understood, refused, and left for later."""

import errno
import socket
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.chromium import socks


def named(host, port=443, command=1):
    return bytes((5, command, 0, 3, len(host))) + host.encode("latin-1") + port.to_bytes(2, "big")


def test_a_greeting_without_authentication_is_accepted():
    received = bytearray(b"\x05\x02\x02\x00rest")
    assert socks.take_greeting(received) == b"\x05\x00"
    assert received == b"rest"


@pytest.mark.parametrize("part", [b"", b"\x05", b"\x05\x02\x00"])
def test_an_unfinished_greeting_is_waited_for(part):
    received = bytearray(part)
    assert socks.take_greeting(received) is None
    assert received == part


def test_another_version_is_refused_without_an_answer():
    with pytest.raises(socks.SocksError, match="version 4") as caught:
        socks.take_greeting(bytearray(b"\x04\x01"))
    assert caught.value.answer == b""


def test_a_client_that_insists_on_authentication_is_told():
    with pytest.raises(socks.SocksError) as caught:
        socks.take_greeting(bytearray(b"\x05\x01\x02"))
    assert caught.value.answer == b"\x05\xff"


@pytest.mark.parametrize(
    ("request_bytes", "host", "is_address"),
    [
        (named("Portal.THUOCDO.test."), "portal.thuocdo.test", False),
        (b"\x05\x01\x00\x01\x7f\x00\x00\x01\x01\xbb", "127.0.0.1", True),
        (b"\x05\x01\x00\x04" + b"\0" * 15 + b"\x01\x01\xbb", "::1", True),
        (named("127.0.0.1"), "127.0.0.1", True),
    ],
)
def test_names_and_addresses_are_read(request_bytes, host, is_address):
    received = bytearray(request_bytes + b"early")
    assert socks.take_request(received) == socks.Destination(host=host, port=443)
    assert received == b"early"
    assert socks.Destination(host=host, port=443).is_address is is_address


@given(cut=st.integers(min_value=0, max_value=len(named("portal.thuocdo.test")) - 1))
def test_an_unfinished_request_is_waited_for(cut):
    received = bytearray(named("portal.thuocdo.test")[:cut])
    assert socks.take_request(received) is None
    assert len(received) == cut


@pytest.mark.parametrize(
    ("request_bytes", "code"),
    [
        (named("a.test", command=2), socks.COMMAND_NOT_SUPPORTED),
        (b"\x05\x01\x00\x05\x01", socks.ADDRESS_TYPE_NOT_SUPPORTED),
        (named("\xff\xfe"), socks.HOST_UNREACHABLE),
        (named(""), socks.HOST_UNREACHABLE),
    ],
)
def test_what_there_is_not_is_refused_with_its_code(request_bytes, code):
    with pytest.raises(socks.SocksError) as caught:
        socks.take_request(bytearray(request_bytes))
    assert caught.value.answer == socks.reply(code)


@given(garbage=st.binary(max_size=600))
def test_garbage_is_refused_or_waited_for_but_never_breaks(garbage):
    for take in (socks.take_greeting, socks.take_request):
        with suppress(socks.SocksError):
            take(bytearray(garbage))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), socks.CONNECTION_REFUSED),
        (OSError(errno.ENETUNREACH, "no network"), socks.NETWORK_UNREACHABLE),
        (OSError(errno.EHOSTUNREACH, "no host"), socks.HOST_UNREACHABLE),
        (TimeoutError(errno.ETIMEDOUT, "timed out"), socks.TTL_EXPIRED),
        (socket.gaierror(socket.EAI_NONAME, "no name"), socks.HOST_UNREACHABLE),
        (OSError(errno.EMFILE, "too many"), socks.GENERAL_FAILURE),
        (OSError("no number"), socks.GENERAL_FAILURE),
    ],
)
def test_errors_have_the_code_that_comes_nearest(error, code):
    assert socks.reply_code(error) == code
