"""The fleet as a client meets it on loopback: every fault at the level it is injected at."""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.abc import AbstractResolver

from testbed.faults import Fault, Wall
from testbed.fleet import Fleet
from thuocdo.core.config import load_settings
from thuocdo.core.portals import load_registry

pytestmark = pytest.mark.asyncio(loop_scope="module")


class MapResolver(AbstractResolver):
    """Knows the hosts of hosts.json and no others."""

    def __init__(self, file):
        self._hosts = json.loads(file.read_text(encoding="utf-8"))

    async def resolve(self, host, port=0, family=socket.AF_INET):
        if not self._hosts.get(host):
            raise OSError(f"{host} does not exist")
        entry = {"hostname": host, "host": self._hosts[host], "port": port}
        return [entry | {"family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self):
        pass


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(tmp_path_factory):
    async with Fleet(tmp_path_factory.mktemp("testbed"), seed=7, time_scale=0.02) as running:
        yield running


@asynccontextmanager
async def visitor(fleet, seconds=10.0):
    tls = ssl.create_default_context(cafile=str(fleet.directory / "ca.pem"))
    connector = aiohttp.TCPConnector(resolver=MapResolver(fleet.directory / "hosts.json"), ssl=tls)
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield session


def truth_of(fleet):
    return json.loads((fleet.directory / "truth.json").read_text(encoding="utf-8"))["targets"]


def home_with(fleet, fault):
    portal = next(portal for portal in fleet.portals if portal.plan.fault is fault)
    return truth_of(fleet)[f"{portal.plan.id}.home"]


async def test_every_page_that_answers_answers_with_the_status_and_redirects_of_the_truth(fleet):
    answering = [fact for fact in truth_of(fleet).values() if fact["http"]["status"] and fact["fault"] != "endless"]
    assert len(answering) > 85

    async def ask(fact):
        async with session.get(fact["url"]) as answer:
            await answer.read()
            return {"status": answer.status, "redirects": len(answer.history)}

    async with visitor(fleet, seconds=60) as session:
        seen = await asyncio.gather(*(ask(fact) for fact in answering))
    wrong = {f["url"]: (f["http"], got) for f, got in zip(answering, seen, strict=True) if f["http"] != got}
    assert wrong == {}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNKNOWN_HOST, aiohttp.ClientConnectorDNSError),
        (Fault.REFUSED, ConnectionRefusedError),
        (Fault.EXPIRED_CERTIFICATE, aiohttp.ClientConnectorCertificateError),
        (Fault.PLAIN_TEXT, aiohttp.ClientConnectorSSLError),
        (Fault.FULL_BACKLOG, TimeoutError),
        (Fault.HANG, TimeoutError),
    ],
)
async def test_a_host_without_an_answer_fails_in_its_own_way(fleet, fault, error):
    async with visitor(fleet, seconds=1.0) as session:
        with pytest.raises((aiohttp.ClientError, TimeoutError)) as caught:
            await session.get(home_with(fleet, fault)["url"])
    found = caught.value
    assert isinstance(found, error) or isinstance(getattr(found, "os_error", None), error)


async def test_the_full_backlog_lets_nobody_in_while_the_hang_does(fleet):
    addresses = {p.plan.fault: p.plan.address for p in fleet.portals}
    for fault, gets_in in ((Fault.FULL_BACKLOG, False), (Fault.HANG, True)):
        connecting = asyncio.open_connection(addresses[fault], fleet.port)
        try:
            _, writer = await asyncio.wait_for(connecting, 1.0)
            writer.close()
            connected = True
        except TimeoutError:
            connected = False
        assert connected is gets_in


async def test_an_endless_page_goes_over_any_limit(fleet):
    async with visitor(fleet) as session, session.get(home_with(fleet, Fault.ENDLESS)["url"]) as answer:
        size = 0
        async for chunk in answer.content.iter_any():
            size += len(chunk)
            if size > 11_000_000:
                break
    assert size > 11_000_000


async def test_errors_come_in_bursts_that_are_the_same_every_time(fleet):
    fact = home_with(fleet, Fault.BURSTS_OF_ERRORS)
    period, failing = fact["bursts"]["period"], fact["bursts"]["failing_requests"]
    async with visitor(fleet) as session:
        statuses = [(await session.get(fact["url"])).status for _ in range(2 * period)]
    assert statuses[:period] == statuses[period:]
    assert statuses.count(500) == 2 * len(failing)


async def test_the_rate_limit_says_how_long_to_wait(fleet):
    async with visitor(fleet) as session, session.get(home_with(fleet, Fault.TOO_MANY_REQUESTS)["url"]) as answer:
        assert answer.headers["Retry-After"] == "120"


async def test_delays_are_kept(fleet):
    slow = max((p for p in fleet.portals if p.plan.fault is Fault.NONE), key=lambda p: p.plan.home.seconds)
    delays = truth_of(fleet)[f"{slow.plan.id}.home"]["delays_seconds"]
    async with visitor(fleet) as session:
        for path, seconds in delays.items():
            start = time.monotonic()
            await (await session.get(f"https://{slow.plan.host}:{fleet.port}{path}")).read()
            assert time.monotonic() - start >= seconds


async def test_the_login_hides_the_form_and_the_reference_pages_answer(fleet):
    portal = next(p for p in fleet.portals if p.plan.eform.wall is Wall.LOGIN)
    async with visitor(fleet) as session:
        async with session.get(f"https://{portal.plan.host}:{fleet.port}{portal.eform.entry_path}") as answer:
            assert answer.url.path == "/dang-nhap"
            assert 'type="password"' in await answer.text()
        for url in load_settings(fleet.directory / "thuocdo.yaml").vantage.reference_urls:
            assert (await session.get(url)).status == 204


async def test_the_product_reads_its_registry_and_the_truth_names_the_same_targets(fleet):
    settings = load_settings(fleet.directory / "thuocdo.yaml")
    registry = load_registry(settings.registry_dir, at=datetime.now(UTC).date())
    assert set(registry.targets) == set(truth_of(fleet))
    assert all(target.mandate for target in registry.targets.values())
    assert len(registry.probed_targets()) == 102


async def test_a_post_that_reaches_a_portal_is_counted_and_written_down(tmp_path):
    async with Fleet(tmp_path, seed=1) as fleet, visitor(fleet) as session:
        healthy = next(p for p in fleet.portals if p.plan.fault is Fault.NONE)
        await session.post(f"https://{healthy.plan.host}:{fleet.port}/nop-ho-so/luu")
    served = json.loads((tmp_path / "served.json").read_text(encoding="utf-8"))
    assert served == {"submitted": 1, "hosts": {healthy.plan.host: {"POST /nop-ho-so/luu": 1}}}


def start(folder, *arguments):
    command = [sys.executable, "-m", "testbed", "--dir", str(folder), *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    give_up = time.monotonic() + 30
    while not (folder / "ready.json").exists() and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.05)
    return process


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_says_when_it_is_ready_and_stops_cleanly(tmp_path, number):
    process = start(tmp_path)
    assert "testbed ready: 51 portals on port" in process.stdout.readline()
    assert json.loads((tmp_path / "ready.json").read_text())["portals"] == 51
    os.kill(process.pid, signal.SIGUSR1)
    while not (tmp_path / "served.json").exists():  # pytest's own timeout ends this
        await asyncio.sleep(0.02)
    assert json.loads((tmp_path / "served.json").read_text())["submitted"] == 0
    process.send_signal(number)
    _, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")


async def test_it_ends_with_its_parent_when_asked_to(tmp_path):
    process = start(tmp_path, "--exit-with-parent")
    assert process.poll() is None
    process.communicate(timeout=300)  # closes its standard input
    assert process.returncode == 0


async def test_a_port_that_is_taken_is_one_clear_line(fleet, tmp_path):
    process = start(tmp_path, "--port", str(fleet.port))
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 2
    assert f"port {fleet.port} is taken" in errors
    assert len(errors.splitlines()) == 1
