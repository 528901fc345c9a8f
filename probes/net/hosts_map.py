"""The map of hosts that stands for all of DNS in labs and tests: a file of settings, checked before anything starts."""

import json
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError

MOST_BYTES = 4 * 1024 * 1024


def read_hosts(path: Path | None) -> Mapping[str, str | None] | None:
    """
    Return the address of each host, None for one that does not exist; None without a file.

    Raises:
        ConfigurationError: the file cannot be read, or holds anything else.
    """
    if path is None:
        return None
    try:
        hosts = json.loads(read_bounded(path, MOST_BYTES).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as exc:
        raise ConfigurationError(
            f"{path}: no readable JSON ({exc}); give an object of host names to IPv4 addresses"
        ) from exc
    if not isinstance(hosts, dict) or not all(map(_is_address, hosts.values())):
        raise ConfigurationError(f"{path}: not an object of host names to IPv4 addresses or null; mend it")
    return hosts


def _is_address(value: object) -> bool:
    if value is None:
        return True
    try:
        ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True
