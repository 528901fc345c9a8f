"""What those who come from blackbox_exporter call our kinds in `module=`."""

from collections.abc import Mapping
from dataclasses import dataclass

from thuocdo.core.kinds.kind import Kind, answering_kind
from thuocdo.core.model import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """
    Another name of the kind that answers.

    ip_version: 4 or 6, over which alone it may be asked; None = as the registry says. needs_tls: the address begins with https.
    """

    ip_version: int | None = None
    needs_tls: bool = False


ALIASES: Mapping[str, Alias] = {
    "http_2xx": Alias(),
    "http_get_2xx": Alias(),
    "http_2xx_get": Alias(),
    "http_2xx_follow_redirects": Alias(),
    "https_2xx": Alias(needs_tls=True),
    "https": Alias(needs_tls=True),
    "http_2xx_ipv4": Alias(ip_version=4),
    "http_2xx_ip4": Alias(ip_version=4),
    "http_ipv4": Alias(ip_version=4),
    "http_2xx_ipv6": Alias(ip_version=6),
    "http_2xx_ip6": Alias(ip_version=6),
    "http_ipv6": Alias(ip_version=6),
    "https_2xx_ipv4": Alias(ip_version=4, needs_tls=True),
    "https_2xx_ipv6": Alias(ip_version=6, needs_tls=True),
}
"""
Modules that blackbox_exporter's example, its chart and public configurations name, as far as they are what our probe does: a GET
that follows redirects and wants an answer below 300. Those that send something (http_post_2xx) are none.
"""


def kind_of(module: str, kinds: Mapping[str, Kind]) -> Kind | None:
    """Return the kind that a module means, None = there is no such module."""
    return kinds.get(module) or (kinds[answering_kind().name] if module in ALIASES else None)


def misfit(module: str, target: Target) -> str:
    """Return why a module does not fit a target, empty = it does: never silently another version of IP, nor without TLS."""
    alias = ALIASES.get(module, Alias())
    if alias.ip_version not in (None, target.ip_version):
        return (
            f"module: '{module}' asks over IPv{alias.ip_version}; '{target.id}' is measured over IPv{target.ip_version} "
            "(`ip_version` in the registry)"
        )
    if alias.needs_tls and not target.url.startswith("https:"):
        return f"module: '{module}' wants TLS; the address of '{target.id}' is without"
    return ""
