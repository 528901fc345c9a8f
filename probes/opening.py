"""Opens and closes everything that probes of one process share."""

import os
import platform
import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import structlog

from probes import languages
from probes.chromium.browser import Browser
from probes.evidence import EvidencePolicy
from probes.identity.known_pages import IDENTITY, KnownPages
from probes.journeys.journey_file import load_journeys
from probes.journeys.session import load_sessions
from probes.kind import probes_of
from probes.manners.politeness import Politeness
from probes.manners.robots import Robots
from probes.monitor import Monitor
from probes.net.authorities import check_authority
from probes.net.client import HttpClient
from probes.net.connectivity import Connectivity
from probes.net.hosts_map import read_hosts
from probes.net.trust import REFERENCE_PAGES, Trust
from probes.runner import Runner
from probes.tools import Tools
from thuocdo.core.config import Settings
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.core.model import EvidenceSink
from thuocdo.core.profiles import PROFILES
from thuocdo.core.version import __version__

log = structlog.get_logger()


@asynccontextmanager
async def open_runner(settings: Settings, evidence: EvidenceSink, engines: Collection[Engine]) -> AsyncIterator[Runner]:
    """
    Yield a runner for the kinds of the given engines.

    Without a browser the runner still works; browser kinds then end inconclusive, browser_unavailable.
    """
    hosts = read_hosts(settings.hosts_file)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(languages.close)
        check_authority(settings.ca_file)
        monitor = await stack.enter_async_context(Monitor())
        client = HttpClient(
            hosts=hosts,
            ca_file=settings.ca_file,
            user_agent=settings.user_agent,
            name_servers=settings.vantage.name_servers,
        )
        stack.push_async_callback(client.close)
        browser = await _launch(settings, hosts) if Engine.BROWSER in engines else None
        if browser:
            stack.push_async_callback(browser.close)
        tools = Tools(
            http=client,
            robots=Robots(client),
            browser=browser,
            evidence=evidence,
            evidence_policy=EvidencePolicy(settings.evidence.every),
            journeys=load_journeys(settings.journeys_dir),
            sessions=load_sessions(settings.sessions_dir, os.environ),
            profiles=PROFILES,
            user_agent=settings.user_agent,
            versions=_versions(browser),
            known_pages=KnownPages(settings.data_dir / IDENTITY),
        )
        trust = Trust(settings.data_dir / REFERENCE_PAGES)
        connectivity = Connectivity(client, settings.vantage.reference_urls, trust=trust)
        if browser:
            browser.on_unreachable = connectivity.look_soon
        yield Runner(
            kinds=all_kinds(),
            probes=probes_of(engines),
            tools=tools,
            connectivity=connectivity,
            politeness=Politeness(settings.data_dir / "politeness"),
            monitor=monitor,
        )


async def _launch(settings: Settings, hosts: Mapping[str, str | None] | None) -> Browser | None:
    try:
        return await Browser.launch(settings.browser, hosts=hosts, user_agent=settings.user_agent)
    except BrowserUnavailableError as exc:
        log.warning("no browser: home page, eForm and accessibility are not measured", cause=str(exc))
        return None


def _versions(browser: Browser | None) -> dict[str, str]:
    versions = {
        "thuocdo": __version__,
        "python": platform.python_version(),
        "aiohttp": aiohttp.__version__,
        "openssl": ssl.OPENSSL_VERSION,
    }
    return versions | ({"browser": browser.version} if browser else {})
