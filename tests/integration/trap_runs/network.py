"""A process that starts over in a network of its own, in which nothing but loopback is: what a trap sends cannot leave."""

import os
import shutil
import subprocess
import sys

_SET_UP = (
    "link set lo up",
    "link add thuocdo0 type veth peer name thuocdo1",
    "link set thuocdo0 up",
    "link set thuocdo1 up",
    "address add 10.255.0.1/30 dev thuocdo0",
)
INSIDE = "TRAPS_WITHOUT_NETWORK"


def leave_network() -> bool:
    """
    Start this very script over without a network, where that is allowed; returns whether nothing can leave now.

    A second device is there for peer connections, which have no use for loopback; it leads nowhere.
    """
    if os.environ.get(INSIDE):
        for arguments in _SET_UP:
            subprocess.run(["ip", *arguments.split()], check=False, capture_output=True)
        return True
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    for options in ("-n", "-rn"):  # as root, or as whoever is let be root in a world of his own
        if subprocess.run(["unshare", options, "true"], check=False, capture_output=True).returncode == 0:
            os.environ[INSIDE] = "1"
            os.execvp("unshare", ["unshare", options, *sys.orig_argv])
    return False
