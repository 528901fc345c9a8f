"""The little of the DNS that the benchmarks' name server speaks: one question, one IPv4 address. Source: RFC 1035, section 4."""

import socket
import struct

_HEADER = struct.Struct("!6H")
_TYPE_A = 1
_ANSWER_FLAGS = 0x8580  # an answer, authoritative, recursion wanted and available, no error
_POINTER_TO_QUESTION = 0xC00C
_TTL_SECONDS = 0


def name_asked(message: bytes) -> str:
    """Return the name in the question, in lower case."""
    labels, at = [], _HEADER.size
    while size := message[at]:
        labels.append(message[at + 1 : at + 1 + size].decode("ascii"))
        at += 1 + size
    return ".".join(labels).lower()


def answer_to(message: bytes, address: str) -> bytes:
    """
    Return the answer to a message: the address where an A record was asked for, else an answer without records.

    Args:
        message: the question as it came; what follows the question (EDNS) is ignored.
        address: IPv4.
    """
    number = _HEADER.unpack_from(message)[0]
    end = message.index(0, _HEADER.size) + 5
    question = message[_HEADER.size : end]
    has_address = struct.unpack_from("!H", message, end - 4)[0] == _TYPE_A
    header = _HEADER.pack(number, _ANSWER_FLAGS, 1, int(has_address), 0, 0)
    if not has_address:
        return header + question
    record = struct.pack("!HHHIH", _POINTER_TO_QUESTION, _TYPE_A, 1, _TTL_SECONDS, 4) + socket.inet_aton(address)
    return header + question + record
