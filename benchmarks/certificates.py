"""A certificate authority for one run of a benchmark."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from trustme import KeyType

SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """
    Files of one authority.

    authority: its certificate. bundle: the system's authorities and this one. server: key and chain for *.<domain>.
    """

    authority: Path
    bundle: Path
    server: Path


def make_certificates(folder: Path, domain: str, *, key: KeyType, intermediate: bool) -> Certificates:
    """
    Make an authority and a certificate for all names of a domain.

    Args:
        folder: where the files go.
        domain: without the leading asterisk.
        key: of all certificates: RSA (2048 bits) or ECDSA (P-256).
        intermediate: whether one stands between the authority and the server.
    """
    root = trustme.CA(key_type=key)
    leaf = (root.create_child_ca(key_type=key) if intermediate else root).issue_cert(f"*.{domain}", key_type=key)
    made = Certificates(authority=folder / "ca.pem", bundle=folder / "bundle.pem", server=folder / "server.pem")
    root.cert_pem.write_to_path(str(made.authority))
    system = SYSTEM_BUNDLE.read_bytes() if SYSTEM_BUNDLE.exists() else b""
    made.bundle.write_bytes(system + made.authority.read_bytes())
    leaf.private_key_and_cert_chain_pem.write_to_path(str(made.server))
    return made
