"""A real nginx with one small page over TLS 1.3, as the target of cost measurements."""

import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.blackbox import required_program
from benchmarks.processes import Group

PAGE_BYTES = 5_000

_CONFIGURATION = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    types {{ text/html html; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {address}:443 ssl backlog=4096;
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        ssl_protocols TLSv1.3;
        root {folder}/pages;
    }}
}}
"""
_ROW = "<li><a href='/thu-tuc/{n}'>Thủ tục {n}: nộp hồ sơ trực tuyến, tra cứu kết quả giải quyết</a></li>\n"


@contextmanager
def nginx(address: str, certificate: Path) -> Iterator[None]:
    """
    Serve a page of PAGE_BYTES at https://<address>/; everything else, robots.txt included, is 404.

    Args:
        address: IPv4 of this machine; port 443 is taken.
        certificate: PEM file with key and chain.
    """
    program = required_program("nginx", "nginx-light")
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx's worker gives root's rights up
        (folder / "pages").mkdir()
        (folder / "pages" / "index.html").write_bytes(_page())
        configuration = folder / "nginx.conf"
        configuration.write_text(
            _CONFIGURATION.format(folder=folder, address=address, certificate=certificate), encoding="ascii"
        )
        with Group([program, "-c", configuration, "-e", folder / "error.log"]) as group:
            give_up = time.monotonic() + 10
            while not _listens(address):
                if group.process.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError(f"nginx did not start: {(folder / 'error.log').read_text(encoding='utf-8')}")
                time.sleep(0.05)
            yield


def _page() -> bytes:
    rows = "".join(_ROW.format(n=n) for n in range(100))
    head = (
        "<!doctype html><html lang='vi'><head><meta charset='utf-8'><title>Cổng dịch vụ công</title></head><body><ul>\n"
    )
    return f"{head}{rows}".encode()[: PAGE_BYTES - 1] + b"\n"


def _listens(address: str) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex((address, 443)) == 0
