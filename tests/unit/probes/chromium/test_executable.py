"""What leads the browser: a program of its own, which may miss a library though the browser is whole."""

import pytest

from probes.chromium import executable
from probes.chromium.executable import driver_trouble
from probes.chromium.not_starting import why_not

MISSING = (
    "error while loading shared libraries: libatomic.so.1: cannot open shared object file: No such file or directory"
)


@pytest.fixture
def driver(tmp_path, monkeypatch):
    monkeypatch.delenv("PLAYWRIGHT_NODEJS_PATH", raising=False)
    monkeypatch.setattr(executable, "files", lambda _: tmp_path)
    node = tmp_path / "driver" / "node"

    def make(body):
        node.parent.mkdir(exist_ok=True)
        node.write_text(f"#!/bin/sh\n{body}\n")
        node.chmod(0o755)
        return node

    return make


def test_a_driver_that_starts_is_no_trouble(driver):
    driver("echo v24.1.0")
    assert driver_trouble() == ""


def test_a_library_that_bare_debian_lacks_is_named_with_its_package(driver):
    node = driver(f'echo "$0: {MISSING}" >&2; exit 127')
    assert driver_trouble() == f"{node} does not start ({MISSING}); apt-get install libatomic1"


@pytest.mark.parametrize(("body", "said"), [("exit 3", "exit code 3"), ("echo no luck >&2; exit 1", "no luck")])
def test_any_other_trouble_is_told_as_the_driver_tells_it(driver, body, said):
    driver(body)
    assert f"does not start ({said}); install what it misses" in driver_trouble()


def test_a_driver_that_cannot_be_run_is_trouble(driver):
    driver("").chmod(0o644)
    assert "install thuocdo again" in driver_trouble()


def test_a_person_s_own_node_is_not_looked_at(driver, monkeypatch):
    driver("exit 1")
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", "/usr/bin/node")
    assert driver_trouble() == ""


def test_the_browser_is_not_blamed_for_its_driver(driver, tmp_path):
    closed = Exception("Connection closed while reading from the driver")
    driver(f'echo "$0: {MISSING}" >&2; exit 127')
    told = why_not(tmp_path / "chromium", closed)
    assert "libatomic1" in told
    assert "--version" not in told
    driver("echo v24.1.0")
    assert "--version" in why_not(tmp_path / "chromium", closed)
