"""What stands above every HTTP benchmark."""

import platform
import ssl
from importlib.metadata import version

from benchmarks import blackbox
from thuocdo.core.version import __version__

PEER = "blackbox_exporter"


def versions() -> dict[str, str]:
    """Return the versions of what takes part in every HTTP benchmark."""
    return {
        "thuocdo": __version__,
        "Python": platform.python_version(),
        "aiohttp": version("aiohttp"),
        "uvloop": version("uvloop"),
        "OpenSSL": ssl.OPENSSL_VERSION.split()[1],
        PEER: blackbox.version(),
    }
