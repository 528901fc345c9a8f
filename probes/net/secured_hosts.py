"""
The hosts that said along one chain of redirects that they are to be asked over TLS only (Strict-Transport-Security).

Programs behind a proxy that ends TLS often send people on to `http://` of their own host, which no browser asks any more once the
proxy has said so; where nobody listens there, or everything is sent back to the beginning, only who obeys gets in.

Source: RFC 6797, 6.1 and 8; what is remembered ends with the chain.
"""

import re
from collections.abc import Mapping

from probes.net.destination import destination_of
from probes.redaction.addresses import is_address

_MAX_AGE = re.compile(r"[0-9]{1,18}")


class SecuredHosts:
    """What was said along the chain so far."""

    def __init__(self) -> None:
        self._hosts: dict[str, bool] = {}  # host -> whether it said so of all names below it

    def take(self, url: str, headers: Mapping[str, str]) -> None:
        """Remember what an answer to an address says; of several such headers the first counts, as for browsers."""
        said = headers.get("Strict-Transport-Security")
        if said is None or not url.startswith("https:"):
            return
        host = destination_of(url).host
        parts = [part.partition("=") for part in said.lower().split(";") if part.strip()]
        directives = {name.strip(): value.strip().removeprefix('"').removesuffix('"') for name, _, value in parts}
        if len(directives) < len(parts) or not _MAX_AGE.fullmatch(directives.get("max-age", "")) or is_address(host):
            return
        if int(directives["max-age"]):
            self._hosts[host] = "includesubdomains" in directives
        else:
            self._hosts.pop(host, None)

    def over_tls(self, url: str) -> str:
        """Return the address that browsers ask in the place of one, its port kept where it has one."""
        if not self._hosts or not url.startswith("http:"):
            return url
        host = destination_of(url).host
        is_secured = any(host == one or (below and host.endswith(f".{one}")) for one, below in self._hosts.items())
        return f"https:{url.removeprefix('http:')}" if is_secured else url
