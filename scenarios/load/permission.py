"""
Who may be put under load: this very machine, or a portal whose mandate says how much. Everything else is refused.

Imports no locust, so that it can be tested (locust patches sockets when it is imported).
"""

from datetime import date
from urllib.parse import urlsplit

from probes.manners.politeness import is_loopback
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.portals import Registry


def check_permission(url: str, rate_per_second: float, registry: Registry, *, today: date) -> None:
    """
    Return when the load is allowed.

    Args:
        url: address of the host to load.
        rate_per_second: requests per second wanted, > 0.
        registry: holds the mandates that are valid today.
        today: the day, for the message.

    Raises:
        ConfigurationError: the host is neither loopback nor under a mandate for so much load.
    """
    host = urlsplit(url).hostname or ""
    if is_loopback(host):
        return
    granted = max(
        (t.mandate.load_requests_per_second for t in registry.targets.values() if t.host == host and t.mandate),
        default=0.0,
    )
    if rate_per_second <= granted:
        return
    allowed = f"a mandate for {granted:g} requests per second" if granted else "no mandate for load"
    raise ConfigurationError(
        f"--host {url}: refused: {rate_per_second:g} requests per second wanted, and '{host}' has {allowed} on {today}; "
        "lower --rate, load a host of this machine, or register the written permission under `mandates`"
    )
