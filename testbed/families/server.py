"""Serves one portal of a family on loopback, and counts what it is asked: behind a real nginx, or by itself."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from testbed.families.family import LIBRARIES, Family, FamilyPortal
from testbed.site import NOT_FOUND, READING, Resource, respond

START_SECONDS = 20.0

_NGINX = """
{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location {libraries_path} {{ alias {libraries}/; expires 1h; }}
    location / {{ proxy_pass http://127.0.0.1:{inner_port}; proxy_http_version 1.1; proxy_set_header Host $http_host; }}
  }}
}}
"""


class FamilyServer:
    """
    A running portal.

    portal: what it serves. url: its address, without a slash at the end. requests: (method, path) -> how often it was asked.
    """

    def __init__(self, portal: FamilyPortal, libraries: Path) -> None:
        self.portal = portal
        self.url = ""
        self.requests: Counter[tuple[str, str]] = Counter()
        self._libraries = libraries
        self._prefixes = {path[:-1]: found for path, found in portal.resources.items() if path.endswith("*")}

    @property
    def entry_url(self) -> str:
        """Address of the procedure."""
        return self.url + self.portal.entry_path

    @property
    def submitted(self) -> int:
        """How many requests came that would have submitted something; must stay 0."""
        return sum(
            count
            for (method, path), count in self.requests.items()
            if method not in READING and path not in self.portal.opening_posts
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.requests[request.method, request.path] += 1
        if request.path.startswith(LIBRARIES):
            file = (self._libraries / request.path.removeprefix(LIBRARIES)).resolve()
            inside = file.is_relative_to(self._libraries.resolve()) and file.is_file()
            return web.FileResponse(file) if inside else respond(NOT_FOUND)
        resource = self._found(request.path)
        await asyncio.sleep(resource.delay_seconds)
        return respond(resource)

    def _found(self, path: str) -> Resource:
        if path in self.portal.resources:
            return self.portal.resources[path]
        begins = (found for prefix, found in self._prefixes.items() if path.startswith(prefix))
        return next(begins, NOT_FOUND)


@asynccontextmanager
async def serve(
    family: Family, libraries: Path, *, scale: float = 1.0, port: int = 0, nginx: bool = False
) -> AsyncIterator[FamilyServer]:
    """
    Serve a family's portal while the context is open.

    Args:
        family: one of all_families().
        libraries: folder of npm packages (node_modules).
        scale: of all waits; 1 is life-like.
        port: on 127.0.0.1; 0 = a free one.
        nginx: let a real nginx stand in front, as portals have it, and serve the libraries.

    Raises:
        FileNotFoundError: no nginx on this machine.
        OSError: the port is taken.

    """
    server = FamilyServer(family.build(scale), libraries)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0 if nginx else port).start()
        inner_port = runner.addresses[0][1]
        server.url = f"http://127.0.0.1:{inner_port}"
        if not nginx:
            yield server
            return
        async with _nginx(libraries, inner_port, port) as outer_port:
            server.url = f"http://127.0.0.1:{outer_port}"
            yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _nginx(libraries: Path, inner_port: int, port: int) -> AsyncIterator[int]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        raise FileNotFoundError("nginx is not installed; apt-get install nginx-light")
    port = port or _free_port()
    with tempfile.TemporaryDirectory(prefix="thuocdo-testbed-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        configuration = _NGINX.format(
            user="user root;\n" if _is_root() else "",
            folder=folder,
            libraries=libraries.resolve(),
            libraries_path=LIBRARIES,
            port=port,
            inner_port=inner_port,
        )
        (folder / "nginx.conf").write_text(configuration)
        process = subprocess.Popen(  # noqa: ASYNC220 - it starts at once
            [program, "-c", folder / "nginx.conf", "-p", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                while not (folder / "nginx.pid").exists():
                    if process.poll() is not None:
                        raise OSError(f"nginx did not start: {(folder / 'error.log').read_text()}")
                    await asyncio.sleep(0.02)
            yield port
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _is_root() -> bool:
    return os.geteuid() == 0
