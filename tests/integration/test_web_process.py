"""`thuocdo web` as a process: its limits are in force, and what it refuses tells nothing of the machine."""

import json
import socket
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress

import pytest
import yaml

REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "http://127.0.0.1:9/", confidence: high, source: test}]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of the process; its registry stands in portals/a.yaml."""
    made = tmp_path_factory.mktemp("web")
    (made / "portals").mkdir()
    (made / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def web(folder, product):
    """The process; gives its port."""
    port = product.free_port()
    limits = {"port": port, "header_seconds": 1, "most_connections": 64}
    file = folder / "thuocdo.yaml"
    file.write_text(yaml.safe_dump({"data_dir": "data", "registry_dir": "portals", "web": limits}))
    process = product.Process(product.command("--config", file, "web"), folder / "web.log")
    try:
        product.wait_until(lambda: answers(port), what="an answer")
        yield port
    finally:
        process.stop()


def answers(port):
    try:
        return asked(port, "/")[0] == 200  # a sign of life comes before the store is open
    except OSError:
        return False


def asked(port, path, method="GET", **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()


def test_six_hundred_unfinished_requests_are_ended_and_keep_nobody_out(web):
    with ExitStack() as stack:
        quiet = [stack.enter_context(socket.create_connection(("127.0.0.1", web), timeout=300)) for _ in range(600)]
        for one in quiet:
            with suppress(OSError):  # the oldest have made room already
                one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ")
        assert asked(web, "/-/healthy")[0] == 200
        for one in quiet:
            with suppress(ConnectionResetError):
                assert one.recv(1) == b""  # waits until the process has ended it


def test_the_attacks_of_the_table(web, folder):
    end, begin = "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00%2B14:00"
    paths = (f"/measurements/a/http/v/desktop/{end}", f"/measurements/a/http/v/desktop/{begin}")
    for path in (*paths, f"/api/measurements.json?since={begin}", f"/api/measurements.csv?until={end}"):
        status, text = asked(web, path)
        assert status == 400
        assert str(folder) not in text
    evil = {"Host": "evil.test", "Origin": "http://evil.test", "Sec-Fetch-Site": "same-origin"}
    assert asked(web, "/-/reload", "POST", **evil)[0] == 400
    assert asked(web, "/", **evil)[0] == 400
    status, text = asked(web, "/probe?target=hue.home&module=http")
    assert status == 503
    assert text == "no HTTP agent listens on this machine; is `thuocdo run` running?\n"
    assert json.loads(asked(web, "/api/measurements.json")[1]) == []
    (folder / "portals" / "a.yaml").write_text("agencies: " + "[" * 100_000)
    status, text = asked(web, "/-/reload", "POST")
    assert (status, text.partition(":")[0]) == (400, "a.yaml")
    assert asked(web, "/agencies")[0] == 200
