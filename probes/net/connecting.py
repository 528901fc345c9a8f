"""Connecting to one of a host's addresses, and whose fault it is where none takes it."""

import errno
import socket
import time
from collections.abc import Sequence

from probes.net.channel import Channel
from probes.net.destination import HttpDestination, no_address
from probes.net.fault import NEVER_SENT, OUT_OF_PLACES, ExchangeError, NoRouteError, exhausted, forbidden_here
from probes.net.stopwatch import ExchangeStep, Stopwatch
from thuocdo.core.model import Reason

MOST_ADDRESSES = 4
"""Of a host that are tried, one after the other, while they refuse: so do browsers. One that says nothing is waited for."""
_UNREACHABLE = frozenset({errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES})
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


async def connected(
    addresses: Sequence[str], place: HttpDestination, ip_version: int, watch: Stopwatch, until: float
) -> Channel:
    """
    Return a connection to the first address that takes one.

    Raises:
        ExchangeError: each of them refuses. Where this machine forbids one, citizens may get in by that: the fault is ours.
    """
    watch.step = ExchangeStep.CONNECT
    lost_seconds = 0.0
    ours: OSError | None = None
    left = min(len(addresses), MOST_ADDRESSES)
    for address in addresses:
        watch.address, begin, left = address, time.monotonic(), left - 1
        channel = channel_of(ip_version, until)
        try:
            seconds, late = await channel.connect((address, place.port))
        except OSError as exc:
            channel.close()
            ours = ours or (exc if _is_ours(exc) else None)
            if not left or exc.errno == errno.ECONNRESET:  # it was taken, and dropped before we looked
                raise _refused(ours or exc, place, ip_version) from exc
            watch.dead_addresses += 1
            lost_seconds += time.monotonic() - begin
        except BaseException:
            channel.close()
            raise
        else:
            watch.connect_seconds = lost_seconds + seconds
            watch.late_seconds += late
            return channel
    raise no_address()


def channel_of(ip_version: int, until: float) -> Channel:
    """Return a new TCP channel; raises ExchangeError where this machine has none left."""
    try:
        return Channel(_FAMILIES[ip_version], socket.SOCK_STREAM, until)
    except OSError as exc:
        raise exhausted(exc) from exc


def _is_ours(error: OSError) -> bool:
    return isinstance(error, NoRouteError) or error.errno in NEVER_SENT


def _refused(error: OSError, place: HttpDestination, ip_version: int) -> ExchangeError:
    if ip_version == 6 and error.errno == errno.EADDRNOTAVAIL:
        return ExchangeError(Reason.NO_CONNECTIVITY, "this machine has no IPv6 address")
    if isinstance(error, NoRouteError) and error.errno == errno.ENETUNREACH:
        return ExchangeError(Reason.NO_CONNECTIVITY, f"this machine knows no way to IPv{ip_version} addresses")
    if _is_ours(error):
        return ExchangeError(Reason.NO_CONNECTIVITY, forbidden_here(error))
    if error.errno in OUT_OF_PLACES:
        return exhausted(error)
    if error.errno == errno.ECONNRESET:
        reason = Reason.TLS_ERROR if place.secure else Reason.HTTP_ERROR
        return ExchangeError(reason, "the server closed the connection at once")
    if error.errno in _UNREACHABLE:
        return ExchangeError(Reason.CONNECT_TIMEOUT, f"host not reachable: {error.strerror}")
    return ExchangeError(Reason.CONNECTION_REFUSED, f"connection refused: {error.strerror}")
