"""Which name servers this machine asks, and which names it knows by itself: /etc/resolv.conf and /etc/hosts, or what is set."""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Generic, TypeVar

from probes.net.channel import Address
from probes.net.fault import NO_MORE
from thuocdo.core.errors import ConfigurationError

RESOLV_CONF = Path("/etc/resolv.conf")
HOSTS = Path("/etc/hosts")
PORT = 53

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameServer:
    """One server. text: as it was named. address: for connect."""

    text: str
    family: int
    address: Address


def name_server(text: str) -> NameServer:
    """
    Read an address: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`, `fe80::1%eth0`.

    Raises:
        ConfigurationError: it is none. Names are refused: they would have to be resolved first.
    """
    host, port = _split(text)
    try:
        number = int(port)
        flags = socket.AI_NUMERICHOST
        family, _, _, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_DGRAM, flags=flags)[0]
    except (OSError, ValueError, OverflowError) as exc:
        raise ConfigurationError(
            f"vantage.name_servers: '{text}' is no address; write 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53"
        ) from exc
    if not 0 < number < 65536:
        raise ConfigurationError(f"vantage.name_servers: '{text}': a port is 1 to 65535")
    return NameServer(text=text, family=family, address=address)


def _split(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, rest.removeprefix(":") or str(PORT)
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, port
    return text, str(PORT)


class WatchedFile(Generic[Content]):
    """
    A small file of the system that is read again only when it has changed.

    Args:
        path: it may be missing; it is then read as empty.
        read: makes something of its text.

    """

    def __init__(self, path: Path, read: Callable[[str], Content]) -> None:
        self._path = path
        self._read = read
        self._state: tuple[int, int, int] | None = None
        self._content = read("")

    def content(self) -> Content:
        """Return what the file holds now."""
        try:
            found = self._path.stat()
            state = (found.st_mtime_ns, found.st_size, found.st_ino)
        except OSError:
            state = None
        if state != self._state:
            text = self._text()
            if text is not None:
                self._state, self._content = state, self._read(text)
        return self._content

    def _text(self) -> str | None:
        """Return what stands in the file; None where this machine cannot open any just now: the next look reads it."""
        try:
            return self._path.read_text(encoding="utf-8", errors="replace")
        except OSError as exc:
            return None if exc.errno in NO_MORE else ""


def read_resolv_conf(text: str) -> Sequence[NameServer]:
    """Return the name servers of a resolv.conf; without any the one of this machine, as resolv.conf(5) says."""
    found = []
    for line in text.splitlines():
        match line.split():
            case ["nameserver", address, *_]:
                try:
                    found.append(name_server(address if address.count(":") < 2 else f"[{address}]"))
                except ConfigurationError:  # a line that the system's resolver passes over as well
                    continue
    return tuple(found) or (name_server("127.0.0.1"),)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def read_hosts(text: str) -> Mapping[tuple[str, int], str]:
    """Return the first address of each (lowercase host, IP version) of a hosts file."""
    found: dict[tuple[str, int], str] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if not _is_address(address):  # a line that the system's resolver passes over as well
            continue
        for name in names:
            found.setdefault((name.lower(), 6 if ":" in address else 4), address)
    return found
