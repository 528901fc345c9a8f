"""deploy/nginx/thuocdo.conf: nginx takes it, and through it pages are read and nothing else is done."""

import http.client
import re
import shutil
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from tests.integration.conftest import wait_until

EXAMPLE = Path(__file__).parents[2] / "deploy" / "nginx" / "thuocdo.conf"
NAME = "thuocdo.example.vn"
WHOLE = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{example}
}}
"""


@pytest.fixture
def nginx(require):
    found = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    require(found, "Debian's nginx", "apt-get install nginx-light")
    return found


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def ports():
    """Free ones for http, https and the pages."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    found = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return found


@pytest.fixture
def configured(tmp_path, authority, ports):
    """The example with its certificate, on ports of our own; returns the file."""
    plain, secure, pages = ports
    certificate = authority.issue_cert(NAME)
    certificate.private_key_pem.write_to_path(tmp_path / "privkey.pem")
    for number, part in enumerate(certificate.cert_chain_pems):
        part.write_to_path(tmp_path / "fullchain.pem", append=number > 0)
    text = EXAMPLE.read_text(encoding="utf-8").replace("/etc/ssl/thuocdo", str(tmp_path))
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};").replace(
        "listen 443 ", f"listen 127.0.0.1:{secure} "
    )
    text = text.replace("127.0.0.1:8321", f"127.0.0.1:{pages}", 1)
    file = tmp_path / "nginx.conf"
    file.write_text(WHOLE.format(folder=tmp_path, example=text), encoding="utf-8")
    return file


@pytest.fixture
def asked(ports):
    """Requests that reach the pages: (method, path, Host)."""
    found = []

    class Pages(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            found.append((self.command, self.path, self.headers["Host"]))
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"pages")

        do_POST = do_GET  # noqa: N815 - as http.server names it

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", ports[2]), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def test_nginx_takes_the_example_as_it_is_shipped(nginx, configured):
    done = subprocess.run(
        [nginx, "-t", "-c", configured, "-p", configured.parent], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_pages_are_read_over_tls_and_nothing_else_is_done(nginx, configured, authority, ports, asked):
    plain, secure, _ = ports
    running = subprocess.Popen([nginx, "-c", configured, "-p", configured.parent], stderr=subprocess.DEVNULL)
    try:
        wait_until((configured.parent / "nginx.pid").exists, "nginx")
        context = ssl.create_default_context()
        authority.configure_trust(context)

        def ask(method, path):
            with socket.create_connection(("127.0.0.1", secure), timeout=300) as line:
                connection = http.client.HTTPSConnection(NAME, context=context)
                connection.sock = context.wrap_socket(line, server_hostname=NAME)
                connection.request(method, path)
                answer = connection.getresponse()
                return answer.status, answer.headers["Strict-Transport-Security"]

        assert ask("GET", "/incidents?lang=en") == (200, "max-age=31536000")
        for path in (
            "/metrics",
            "/metrics/targets",
            "/probe?target=x",
            "/sd/targets",
            "/-/reload",
            "/-/ready",
            "//-/reload",
        ):
            assert ask("POST" if path.endswith("reload") else "GET", path)[0] == 404, path
        assert asked == [("GET", "/incidents?lang=en", NAME)]
        connection = http.client.HTTPConnection("127.0.0.1", plain, timeout=300)
        connection.request("GET", "/x", headers={"Host": NAME})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/x")
    finally:
        running.terminate()
        running.wait(timeout=300)
