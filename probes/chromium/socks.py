"""
SOCKS 5 as browsers speak it: no authentication, CONNECT only. Bytes in, values out; no sockets here.

Source: RFC 1928.
"""

import errno
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

VERSION = 5
NO_AUTHENTICATION = 0
NONE_ACCEPTABLE = 0xFF
CONNECT = 1

IPV4, NAME, IPV6 = 1, 3, 4

GRANTED = 0
GENERAL_FAILURE = 1
NETWORK_UNREACHABLE = 3
HOST_UNREACHABLE = 4
CONNECTION_REFUSED = 5
TTL_EXPIRED = 6
COMMAND_NOT_SUPPORTED = 7
ADDRESS_TYPE_NOT_SUPPORTED = 8

_REPLIES: Final = {
    errno.ECONNREFUSED: CONNECTION_REFUSED,
    errno.ENETUNREACH: NETWORK_UNREACHABLE,
    errno.EHOSTUNREACH: HOST_UNREACHABLE,
    errno.ETIMEDOUT: TTL_EXPIRED,
}


class SocksError(Exception):
    """
    The client does not speak SOCKS 5 or asks for what there is not; caught by probes.chromium.relay.

    answer: bytes to send before the connection is closed; empty where the client would not understand any.
    """

    def __init__(self, message: str, answer: bytes = b"") -> None:
        super().__init__(message)
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a client wants to go. host: a name or an IP address, lower case, without the dot of a fully qualified name."""

    host: str
    port: int

    @property
    def is_address(self) -> bool:
        """Whether no name has to be resolved."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True


class Handshake:
    """
    What comes before the bytes of a connection: greeting and request, and bytes that are sent too early.

    Args:
        answer: sends bytes to the client.
        on_request: told where it wants to go.

    is_over: the client has been told that the connection is open.
    """

    def __init__(self, answer: Callable[[bytes], None], on_request: Callable[[Destination], None]) -> None:
        self._answer = answer
        self._on_request = on_request
        self._received = bytearray()
        self._greeted = False
        self._asked = False
        self.is_over = False

    def take(self, data: bytes) -> None:
        """Take what was received; raises SocksError where it is no SOCKS 5."""
        self._received += data
        if self._asked:  # bytes of the page, sent before it was told that the connection is open
            return
        if not self._greeted:
            answer = take_greeting(self._received)
            if answer is None:
                return
            self._greeted = True
            self._answer(answer)
        destination = take_request(self._received)
        if destination:
            self._asked = True
            self._on_request(destination)

    def finish(self) -> bytes:
        """Say that the connection is open; returns the bytes that came early and belong to it."""
        self.is_over = True
        early = bytes(self._received)
        self._received.clear()
        return early


def take_greeting(received: bytearray) -> bytes | None:
    """
    Take a client's greeting off what was received.

    Returns:
        The answer to send; None while the greeting is not complete (nothing is taken).

    Raises:
        SocksError: another version, or the client insists on authentication.

    """
    if received and received[0] != VERSION:
        raise SocksError(f"SOCKS version {received[0]} instead of 5")
    if len(received) < 2 or len(received) < 2 + received[1]:
        return None
    methods = bytes(received[2 : 2 + received[1]])
    del received[: 2 + len(methods)]
    if NO_AUTHENTICATION not in methods:
        raise SocksError("the client wants to authenticate", bytes((VERSION, NONE_ACCEPTABLE)))
    return bytes((VERSION, NO_AUTHENTICATION))


def take_request(received: bytearray) -> Destination | None:
    """
    Take a client's request off what was received; what follows it stays.

    Returns:
        Where to connect to; None while the request is not complete (nothing is taken).

    Raises:
        SocksError: no CONNECT, an unknown type of address, or a name that is none.

    """
    if received and received[0] != VERSION:
        raise SocksError(f"SOCKS version {received[0]} instead of 5")
    if len(received) < 5:
        return None
    command, kind = received[1], received[3]
    if command != CONNECT:
        raise SocksError(f"SOCKS command {command} instead of CONNECT", reply(COMMAND_NOT_SUPPORTED))
    if kind not in (IPV4, NAME, IPV6):
        raise SocksError(f"address of type {kind}", reply(ADDRESS_TYPE_NOT_SUPPORTED))
    begin = 5 if kind == NAME else 4
    end = begin + {IPV4: 4, NAME: received[4], IPV6: 16}[kind]
    if len(received) < end + 2:
        return None
    raw, port = bytes(received[begin:end]), int.from_bytes(received[end : end + 2], "big")
    del received[: end + 2]
    return Destination(host=_host(raw, kind), port=port)


def reply(code: int) -> bytes:
    """Return the answer to a request; the address in it is empty, as nobody needs it."""
    return bytes((VERSION, code, 0, IPV4, 0, 0, 0, 0, 0, 0))


def reply_code(error: OSError) -> int:
    """Return the code that comes nearest to why a name did not resolve or a connection did not open."""
    if isinstance(error, socket.gaierror):
        return HOST_UNREACHABLE
    return _REPLIES.get(error.errno or 0, GENERAL_FAILURE)


def _host(raw: bytes, kind: int) -> str:
    if kind != NAME:
        return str(ipaddress.ip_address(raw))
    try:
        name = raw.decode("ascii").lower().rstrip(".")
    except UnicodeDecodeError:
        name = ""
    if not name or not name.isprintable():
        raise SocksError("the name of the host is none", reply(HOST_UNREACHABLE))
    return name
