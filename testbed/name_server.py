"""A name server that knows the hosts it is told of and says of every other that it does not exist."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import cast

Lookup = Callable[[str], str | None]
"""Gives the IPv4 address of a host in small letters; None = it does not exist."""

_HEAD = struct.Struct("!6H")
_TYPE_A, _NXDOMAIN = 1, 3
_ANSWERED = 0x8580
"""An answer, authoritative, recursion available as asked for."""


def answer_to(message: bytes, lookup: Lookup) -> bytes:
    """
    Return the answer to one question; of a host that exists it has an address where that was asked for, and else nothing.

    Source: RFC 1035, section 4.
    """
    labels, at = [], _HEAD.size
    while size := message[at]:
        labels.append(message[at + 1 : at + 1 + size].decode("ascii").lower())
        at += 1 + size
    question = message[_HEAD.size : at + 5]
    kind = struct.unpack_from("!H", message, at + 1)[0]
    address = lookup(".".join(labels))
    code, has_address = (0, kind == _TYPE_A) if address else (_NXDOMAIN, False)
    header = _HEAD.pack(_HEAD.unpack_from(message)[0], _ANSWERED | code, 1, int(has_address), 0, 0)
    record = struct.pack("!HHHIH", 0xC00C, _TYPE_A, 1, 0, 4) + socket.inet_aton(address or "0.0.0.0")
    return header + question + (record if has_address else b"")


async def serve_names(address: str, lookup: Lookup) -> asyncio.DatagramTransport:
    """
    Answer over UDP at port 53 of an address until the transport is closed.

    Raises:
        OSError: the port is taken, or only root may have it.
    """
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Names(lookup), local_addr=(address, 53))
    return transport


class _Names(asyncio.DatagramProtocol):
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._transport.sendto(answer_to(data, self._lookup), addr)
