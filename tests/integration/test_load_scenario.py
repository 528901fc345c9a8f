"""The load scenario as a process: bounded, honest, and never where nobody gave permission."""

import subprocess
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture
def servers():
    """Two hosts of this machine; the first redirects everything to the second. Yields ports and requests by port."""
    asked = Counter()
    agents = set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked[self.server.server_port] += 1
            agents.add(self.headers["User-Agent"])
            if self.server is first:
                self.send_response(302)
                self.send_header("Location", f"http://127.0.0.1:{second.server_port}/")
            else:
                self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    first, second = (ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2))
    for server in (first, second):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield first.server_port, second.server_port, asked, agents
    for server in (first, second):
        server.shutdown()
        server.server_close()


def load(product, host, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "locust", "-f", "scenarios/load/homepage.py", "--headless", "--host", host, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=product.root,
        check=False,
    )


def test_load_stays_on_the_host_that_allows_it_and_ends_by_itself(product, servers):
    first, second, asked, agents = servers
    done = load(product, f"http://127.0.0.1:{first}", "--rate", "3", "--seconds", "2")
    assert done.returncode == 0, done.stderr[-2000:]
    assert 1 <= asked[first] <= 12
    assert asked[second] == 0
    assert all(agent.startswith("ThuocDo/") for agent in agents)


def test_a_host_without_permission_is_refused_before_any_traffic(product, monkeypatch):
    monkeypatch.setenv("THUOCDO_LANG", "en")
    done = load(product, "http://elsewhere.thuocdo.test", "--rate", "1", "--seconds", "1")
    assert done.returncode == 2
    assert "refused" in done.stderr
