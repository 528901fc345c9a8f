"""Debian's Prometheus and Alertmanager over a folder with their files, all on loopback: how they are started."""

from collections.abc import Sequence
from pathlib import Path

RESEND_DELAY = "2s"
"""What Prometheus sends before it knows Alertmanager, in its first 5 s, is lost until it is sent again."""


def alertmanager_command(program: str, folder: Path, port: int) -> Sequence[str]:
    """Return the command line of an Alertmanager by alertmanager.yml of a folder, in which it keeps what it knows."""
    return [
        program,
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={folder}/alertmanager",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]


def prometheus_command(program: str, folder: Path, port: int, *, resend_delay: str = RESEND_DELAY) -> Sequence[str]:
    """Return the command line of a Prometheus by prometheus.yml of a folder. resend_delay: between sending an alert again."""
    return [
        program,
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--rules.alert.resend-delay={resend_delay}",
    ]
