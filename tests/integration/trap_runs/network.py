"""A process that starts over in a network of its own, in which nothing but loopback is: what a trap sends cannot leave."""

import json
import os
import shutil
import subprocess
import sys
import time

_SET_UP = (
    "link set lo up",
    "link add thuocdo0 type veth peer name thuocdo1",
    "link set thuocdo0 up",
    "link set thuocdo1 up",
    "address add 10.255.0.1/30 dev thuocdo0",
)
INSIDE = "TRAPS_WITHOUT_NETWORK"
SETTLE_SECONDS = 10.0


def leave_network() -> bool:
    """
    Start this very script over without a network, where that is allowed; returns whether nothing can leave now.

    A second device is there for peer connections, which have no use for loopback; it leads nowhere.
    """
    if os.environ.get(INSIDE):
        for arguments in _SET_UP:
            subprocess.run(["ip", *arguments.split()], check=False, capture_output=True)
        _settle()
        return True
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    for options in ("-n", "-rn"):  # as root, or as whoever is let be root in a world of his own
        if subprocess.run(["unshare", options, "true"], check=False, capture_output=True).returncode == 0:
            os.environ[INSIDE] = "1"
            os.execvp("unshare", ["unshare", options, *sys.orig_argv])
    return False


def _settle() -> None:
    """Wait until no address is tried any more (IPv6 does so for two seconds): Chromium breaks what it loads when one changes."""
    give_up = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < give_up:
        told = subprocess.run(["ip", "-json", "address"], check=False, capture_output=True, text=True)
        addresses = [address for device in json.loads(told.stdout or "[]") for address in device.get("addr_info", ())]
        if not any(address.get("tentative") for address in addresses):
            return
        time.sleep(0.05)
