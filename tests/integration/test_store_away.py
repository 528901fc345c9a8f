"""A real PostgreSQL that comes last, dies, or is set read-only under a running `thuocdo run`: nothing ends, nothing is lost."""

import os
import signal
import urllib.error
import urllib.request
from contextlib import suppress

import psutil
import psycopg
import pytest
import yaml

from thuocdo.store import Store

pytestmark = pytest.mark.turns(share=0.5)


@pytest.fixture
def settings(fleet, tmp_path, own_postgresql):
    """Settings of a run without a browser, on a PostgreSQL that is not started."""
    return fleet.settings(
        tmp_path, store_url=f"{own_postgresql.url}/postgres", browser={"path": "/nonexistent/chromium"}
    )


@pytest.fixture
def run(settings, background, product, tmp_path):
    environment = os.environ | {"THUOCDO_BROWSER": "/nonexistent/chromium"}
    command = product.command("--config", settings, "--log-level", "info", "run")
    return lambda: background(command, tmp_path / "run.log", env=environment)


@pytest.fixture
def stored(own_postgresql):
    """Return the keys that are stored."""

    def keys():
        store = Store.open(f"{own_postgresql.url}/postgres")
        try:
            return store.measurements.keys()
        finally:
            store.close()

    return keys


def agent(running, engine):
    """The process of an agent, or None."""
    for process in psutil.Process(running.popen.pid).children(recursive=True):
        with suppress(psutil.Error):  # it ended meanwhile, or its parent has not taken note of its end yet
            if " ".join(process.cmdline()).endswith(f"agent {engine}"):
                return process
    return None


def status(settings, path):
    port = yaml.safe_load(settings.read_text())["web"]["port"]
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=300).status
    except urllib.error.HTTPError as exc:
        return exc.code


def test_a_boot_in_which_the_database_comes_last(run, settings, own_postgresql, stored, product):
    running = run()
    product.wait_until(lambda: running.text().count("it is waited for") >= 6, "every process to wait")
    assert (status(settings, "/-/healthy"), status(settings, "/metrics")) == (200, 503)
    own_postgresql.start()
    product.wait_until(lambda: len(stored()) > 5, "measurements")
    product.wait_until(lambda: status(settings, "/-/ready") == 200, "pages")
    assert running.text().count("the store is back") >= 5
    assert running.stop() == 0


def test_kill_9_of_an_agent_while_the_database_is_away_ends_nothing_and_loses_nothing(
    run, own_postgresql, stored, product, tmp_path
):
    own_postgresql.start()
    running = run()
    product.wait_until(lambda: len(stored()) > 5, "measurements")
    own_postgresql.stop()
    spool = tmp_path / "data" / "spool"

    def spooled():
        return [line for path in spool.glob("http-*.jsonl") for line in path.read_text().splitlines()]

    product.wait_until(lambda: len(spooled()) > 5, "measurements that wait")
    first = agent(running, "http")
    first.send_signal(signal.SIGKILL)
    waiting = len(spooled())
    product.wait_until(lambda: (agent(running, "http") or first).pid != first.pid, "another agent")
    product.wait_until(lambda: running.text().count("it is waited for") >= 1, "the new agent to wait")
    assert running.popen.poll() is None
    own_postgresql.start()
    before = len(stored())
    product.wait_until(lambda: not spooled() and len(stored()) >= before + waiting, "all that waited")
    product.wait_until(lambda: len(stored()) > before + waiting, "the plan to go on")
    assert "an earlier process could not store" in running.text()
    assert running.stop() == 0


def test_a_database_set_read_only_and_restarted_in_mid_run_is_told_and_loses_nothing(
    run, own_postgresql, stored, product
):
    own_postgresql.start()
    running = run()
    product.wait_until(lambda: len(stored()) > 5, "measurements")

    def set_read_only(value):
        with psycopg.connect(f"{own_postgresql.url}/postgres", autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        own_postgresql.stop("fast")
        own_postgresql.start()

    set_read_only("on")
    product.wait_until(lambda: "point store_url at the primary" in running.text(), "the message with its remedy")
    before = stored()
    set_read_only("off")
    product.wait_until(lambda: len(stored()) > len(before), "what waited")
    product.wait_until(lambda: "everything that waited is stored" in running.text(), "the word that it is over")
    assert running.popen.poll() is None
    assert running.stop() == 0


def test_one_shot_commands_tell_that_the_database_is_away_and_to_try_again(product, settings):
    for command in (("rank",), ("export", "measurements"), ("config", "check"), ("availability",)):
        done = product.run("--config", settings, *command, env={"THUOCDO_LANG": "en"})
        assert done.returncode == 3, (command, done.stdout, done.stderr)
        assert "try again" in done.stderr
        assert "Traceback" not in done.stderr
        assert "not-a-secret" not in done.stderr
