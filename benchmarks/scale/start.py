"""From the command `thuocdo run` to the first stored measurement, over a fleet whose every host is this machine's loopback."""

import json
import os
import shutil
import socket
import sqlite3
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from benchmarks.processes import Group
from benchmarks.scale.fleet import Fleet
from thuocdo.core import clock
from thuocdo.core.portals import load_registry

LONGEST_SECONDS = 600.0
NOWHERE = "127.77.9.1"
"""An address of loopback at which nothing listens: every probe is refused at once, and nothing leaves this machine."""

REFERENCE = "https://ref.scale.test/"
_LOOK_SECONDS = 0.02


def seconds_to_first_probe(fleet: Fleet, folder: Path) -> float:
    """
    Return the CPU seconds of all processes of `thuocdo run` until one of them has stored a measurement.

    Args:
        fleet: whom it measures.
        folder: for its files; emptied afterwards.

    Raises:
        RuntimeError: nothing was stored, or a process ended.
    """
    database = folder / "data" / "thuocdo.sqlite"
    settings = fleet.write(folder, f"sqlite:///{database}")
    targets = load_registry(settings.registry_dir, at=clock.today()).targets.values()
    hosts = {target.host: NOWHERE for target in targets} | {urlsplit(REFERENCE).hostname: NOWHERE}
    (folder / "hosts.json").write_text(json.dumps(hosts), encoding="utf-8")
    config = folder / "thuocdo.yaml"
    told = yaml.safe_load(config.read_text(encoding="utf-8"))
    told |= {"hosts_file": str(folder / "hosts.json"), "web": {"port": _free_port()}}
    told["vantage"] |= {"reference_urls": [REFERENCE], "name_servers": ["127.77.9.2"]}
    config.write_text(yaml.safe_dump(told), encoding="utf-8")
    try:
        return _until_stored(config, database, folder / "log")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _until_stored(config: Path, database: Path, log: Path) -> float:
    command: list[str | Path] = [sys.executable, "-m", "thuocdo", "--config", config, "run"]
    with log.open("wb") as out, Group(command, env=dict(os.environ), stdout=out, stderr=out) as group:
        give_up = time.monotonic() + LONGEST_SECONDS
        while not _has_rows(database):
            if group.process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"nothing was measured:\n{log.read_text(encoding='utf-8')[-2000:]}")
            time.sleep(_LOOK_SECONDS)
        return group.cpu_seconds()


def _has_rows(database: Path) -> bool:
    if not database.exists():
        return False
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1)) as opened:
        return bool(opened.execute("SELECT EXISTS (SELECT 1 FROM measurements)").fetchone()[0])
    return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
