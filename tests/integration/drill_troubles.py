"""
Asks the portals of the drill, each with a trouble, over their line; run by test_drill.py in namespaces of its own.

Prints what came of each as JSON: the status, or the class of the error.
"""

import json
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.drill import network
from benchmarks.drill.files import write_portals
from testbed.drill.places import DOMAIN
from testbed.drill.troubles import Trouble

ASKED = (Trouble.NONE, Trouble.REFUSED, Trouble.WRONG_CERTIFICATE, Trouble.NO_NAME, Trouble.EMPTY, Trouble.HANGING)


def asked(folder: Path, portal: str) -> str:
    """Return the status of a portal's answer, or what kept it from answering."""
    trusted = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    try:
        with urllib.request.urlopen(f"https://{portal}.{DOMAIN}/", timeout=2, context=trusted) as answer:
            return f"{answer.status} {len(answer.read()) > 0}"
    except urllib.error.URLError as exc:
        return type(exc.reason).__name__
    except TimeoutError:
        return "TimeoutError"


def until(folder: Path, portal: str, *, answers: bool) -> str:
    """Ask until the portal answers, or does not any more."""
    for _ in range(50):
        said = asked(folder, portal)
        if said.startswith("200") is answers:
            break
        time.sleep(0.1)
    return said


def main(folder: Path) -> None:
    """Let each trouble befall one portal, mend it, then cut the line."""
    network.enter()
    network.settle(folder)
    write_portals(folder)
    said: dict[str, str] = {}
    with network.Portals(folder) as portals:
        for trouble in ASKED:
            portals.befall("p01", trouble.value)
            said[trouble.value] = asked(folder, "p01")
            portals.befall("p01", Trouble.NONE.value)
        said["mended"] = asked(folder, "p01")
        said["requests"] = str(portals.requests("p01"))
        portals.cut_line()
        said["cut"] = until(folder, "p01", answers=False)
        portals.mend_line()
        said["back"] = until(folder, "p01", answers=True)
    with socket.socket() as outside:
        outside.settimeout(2)
        said["outside"] = str(outside.connect_ex(("192.0.2.1", 80)))
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
