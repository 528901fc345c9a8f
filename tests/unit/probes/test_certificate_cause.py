"""A browser and a plain request tell one cause of one flawed certificate, by a real server that has it."""

import asyncio
import ssl
from datetime import UTC, datetime

import pytest
import trustme

from probes.certificate_cause import told_by_openssl
from probes.manners.politeness import Politeness
from probes.net.client import HttpClient
from probes.runner import Runner
from probes.tools import Tools
from thuocdo.core import clock
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, Job, Observation, Reason, Target, TargetRole

HOST = "hue.test"
BROWSERS = "the browser says ERR_CERT_AUTHORITY_INVALID"


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
async def asked(tmp_path, authority):
    """Return a function that gives what is told of a server with a certificate."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    client = HttpClient(hosts={HOST: "127.0.0.1"}, ca_file=tmp_path / "ca.pem", user_agent="ThuocDo/test")
    tools = Tools(
        http=client, robots=None, browser=None, evidence=None, evidence_policy=None, journeys={}, profiles={},
        user_agent="", versions={},
    )  # fmt: skip
    servers = []

    async def ask(certificate):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate.configure_cert(context)

        async def answer(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        target = Target(
            id="hue.home", role=TargetRole.HOMEPAGE, url=f"https://{HOST}:{port}/", agency_id="hue", portal_id="hue",
            block=Block.PROVINCE,
        )  # fmt: skip
        job = Job(
            target=target,
            kind="homepage",
            vantage_id="v",
            profile="desktop",
            scheduled_at=clock.now(),
            deadline_seconds=9.0,
        )
        seen = Observation.ended(Reason.CERTIFICATE_INVALID, BROWSERS)
        return job, await told_by_openssl(job, seen, tools), tools

    yield ask
    for server in servers:
        server.close()
    await client.close()


async def test_an_expired_certificate_is_told_as_plain_requests_tell_it(asked, authority):
    past = datetime(2020, 1, 1, tzinfo=UTC)
    for issuer, cause in (
        (authority, "certificate has expired"),
        (trustme.CA(), "unable to get local issuer certificate"),
    ):
        _, told, _ = await asked(issuer.issue_cert(HOST, not_before=datetime(2019, 1, 1, tzinfo=UTC), not_after=past))
        assert told == Observation.ended(Reason.CERTIFICATE_INVALID, f"certificate refused: {cause}")


async def test_what_only_the_browser_refuses_stays_as_it_says(asked, authority):
    _, told, _ = await asked(authority.issue_cert(HOST))
    assert told.detail == BROWSERS


async def test_the_runner_asks_after_a_browser_was_refused(asked, authority, tmp_path):
    past = datetime(2020, 1, 1, tzinfo=UTC)
    job, _, tools = await asked(authority.issue_cert(HOST, not_before=datetime(2019, 1, 1, tzinfo=UTC), not_after=past))
    assert await observed(job, tools, tmp_path) == "certificate refused: certificate has expired"


async def observed(job, tools, folder):
    class Right:
        def begin(self):
            return 0.0

        async def is_trusting(self):
            return True

        async def keep_looking(self):
            pass

    async def probe(_job, _tools):
        return Observation.ended(Reason.CERTIFICATE_INVALID, BROWSERS)

    class Ran:
        run = staticmethod(probe)

    runner = Runner(
        kinds=all_kinds(), probes={"homepage": Ran()}, tools=tools, connectivity=Right(), politeness=Politeness(folder),
        monitor=None,
    )  # fmt: skip
    return (await runner._observe(job)).detail
