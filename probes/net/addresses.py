"""
Which addresses a probe may go to: a portal is met from outside, so nothing that it says may lead the prober to the inside.

The rules, for the HTTP client and for whatever carries the browser's connections alike; each hop is asked about before its name
is looked up (`Reach.refusal`), each address after that (`Reach.admits`), and the connection goes to that very address:

- A name may lead to public unicast addresses only: not to this machine, its networks, private or shared ones, multicast, or what
  is reserved, nor to such an address in the clothes of another family (mapped, NAT64, 6to4, Teredo).
- A literal address, in any spelling that a browser understands, is no way for a redirect: only a target that is registered by one
  may go to exactly that one. The same holds for `localhost`.
- What the operator says is believed: names in `hosts_file` (probes.net.resolver) and the `networks` of a registry entry.

Source: IANA's special-purpose address registries (RFC 6890 and what followed); WHATWG URL, 3.5 (how browsers read a host).
"""

import ipaddress
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from thuocdo.core.model import Target

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# Listed here and not taken from `ipaddress.is_global`, which says something else in each version of Python.
_NOT_PUBLIC_4 = _networks(
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # shared by a carrier's customers
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link-local, cloud metadata
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # 6to4 relays, gone
    "192.168.0.0/16",  # private
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, broadcast
)
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")  # all that is given out; everything else is special or not yet assigned
_NOT_PUBLIC_6 = _networks(
    "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # how an IPv6-only line reaches IPv4: as public as what is embedded
_LAST_32_BITS = 0xFFFFFFFF
_MOST_PARTS = 4
_IN_NO_NAME = frozenset("#%/:<>?@[\\]^|").union(map(chr, range(0x21)), "\x7f")
"""Source: WHATWG URL, forbidden domain code points. Some of them mean something to whoever resolves a name (`%`: a zone)."""


class AddressRefusal(Enum):
    """
    Why a hop is refused.

    NOWHERE: it looks like an address and is none. INSIDE: no citizen gets there. LITERAL: citizens may, but it is nobody's
    registered address.
    """

    NOWHERE = "nowhere"
    INSIDE = "inside"
    LITERAL = "literal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """
    Where the probes of one target may go.

    host: of its registered address, canonical. networks: that its registry entry names, allowed as if they were outside.
    own_names: names of this very machine that its registry entry gives to a portal on this machine.
    """

    host: str
    networks: tuple[Network, ...] = ()
    own_names: frozenset[str] = frozenset()

    def refusal(self, host: str) -> AddressRefusal | None:
        """
        Return why nobody may even look up a host, None = it may be looked up, or connected to where it is an address.

        Args:
            host: as an address names it, in any spelling.
        """
        name = canonical_host(host)
        if name == self.host or name in self.own_names:
            return None
        if is_localhost(name):
            return AddressRefusal.INSIDE
        if not _is_literal(name):
            return None if _IN_NO_NAME.isdisjoint(name) else AddressRefusal.NOWHERE
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return AddressRefusal.NOWHERE
        if self._is_named(address):
            return None
        return AddressRefusal.LITERAL if is_public(address) else AddressRefusal.INSIDE

    def admits(self, address: str) -> bool:
        """Tell whether a connection may go to an address that a name has led to; anything that is no address may not."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        if is_public(found) or self._is_named(found):
            return True
        return address == self.host or (found.is_loopback and is_localhost(self.host))

    def _is_named(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self.networks)


def reach_of(target: Target) -> Reach:
    """Return where the probes of a target may go."""
    here = target.host == "127.0.0.1"
    own = frozenset(name for name in map(canonical_host, target.own_hosts) if here and is_localhost(name))
    return _reach(target.url, tuple(target.networks), own)


def reach_of_url(url: str) -> Reach:
    """Return the reach of an address that the operator chose, such as a reference page."""
    return _reach(url, (), frozenset())


@lru_cache(maxsize=4096)
def _reach(url: str, networks: tuple[str, ...], own_names: frozenset[str]) -> Reach:
    host = canonical_host(urlsplit(url).hostname or "")
    return Reach(host=host, networks=_networks(*networks), own_names=own_names)


@lru_cache(maxsize=4096)
def is_public(address: Address) -> bool:
    """Tell whether an address is one that citizens reach: public unicast."""
    if isinstance(address, ipaddress.IPv4Address):
        return not _within(address, _NOT_PUBLIC_4)
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & _LAST_32_BITS))
    return address.scope_id is None and address in _UNICAST_6 and not _within(address, _NOT_PUBLIC_6)


def _within(address: Address, networks: Collection[Network]) -> bool:
    return any(address in network for network in networks)


def is_localhost(name: str) -> bool:
    """Tell whether a canonical host name means this very machine wherever it is looked up (RFC 6761, 6.3)."""
    return name == "localhost" or name.endswith(".localhost")


def canonical_host(host: str) -> str:
    """
    Return the one spelling of a host: lowercase, no brackets, no final dot, an address as `ipaddress` writes it.

    Reads what browsers read: full-width digits and dots, percent signs, IPv4 in hexadecimal, octal, with fewer parts. A host that
    ends in a number and is no address is returned as it stands; it is literal all the same.
    """
    name = unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".").lower()
    name = name.removeprefix("[").removesuffix("]").rstrip(".")
    if ":" in name:
        try:
            return str(ipaddress.IPv6Address(name))
        except ValueError:
            return name
    return _ipv4(name) or name if _is_literal(name) else name


def _is_literal(name: str) -> bool:
    """Tell whether browsers take a name for an address: IPv6, or the last part is a number."""
    last = name.rpartition(".")[2]
    return ":" in name or (last.isascii() and last.isdigit()) or _hexadecimal(last) is not None


def _ipv4(name: str) -> str | None:
    """Return the address that a host of one to four numbers means, None = none."""
    parts = name.split(".")
    numbers = [_number(part) for part in parts] if len(parts) <= _MOST_PARTS else []
    if not numbers or any(number is None for number in numbers):
        return None
    *heads, last = [number for number in numbers if number is not None]
    if any(head > 0xFF for head in heads) or last >= 1 << 8 * (_MOST_PARTS - len(heads)):
        return None
    value = last + sum(head << 8 * (_MOST_PARTS - 1 - place) for place, head in enumerate(heads))
    return str(ipaddress.IPv4Address(value))


def _number(text: str) -> int | None:
    """Read a part of an IPv4 address: decimal, 0x…, or octal with a leading zero."""
    if not text or len(text) > 40:  # no number of 32 bits needs so many digits, and reading long ones is slow
        return None
    hexadecimal = _hexadecimal(text)
    if hexadecimal is not None:
        return hexadecimal
    try:
        if text.isascii() and text.isdigit():
            return int(text, 8) if text[0] == "0" and len(text) > 1 else int(text)
    except ValueError:
        return None
    return None


def _hexadecimal(text: str) -> int | None:
    digits = text.removeprefix("0x")
    if digits == text or len(digits) > 40 or not all(character in "0123456789abcdef" for character in digits):
        return None
    return int(digits or "0", 16)
