"""
Looks at what runs: the service, its agents, its judge, its pages, and what they lean on.

Whom it asks, the settings name: our own pages, name servers, Alertmanager. No portal and no reference page is asked anything.
"""

import fcntl
import http.client
import json
import os
import secrets
import socket
import ssl
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from dashboards.owners import reaches_nobody
from probes.net import dns
from probes.net.name_servers import name_server
from probes.net.resolver import is_asked_for
from probes.net.trust import REFERENCE_PAGES, refused_pages
from thuocdo.core import clock
from thuocdo.core.checks import Check, CheckState
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreError
from thuocdo.core.in_force import differing_files, settings_left_in_force
from thuocdo.core.model import AgentState
from thuocdo.core.setting_groups import WebSettings
from thuocdo.store import Store

AGENT_SILENT = timedelta(seconds=60)
"""As of the alert AgentSilent; an agent gives a sign of life every 5 s."""

JUDGE_SILENT = timedelta(seconds=120)
"""As of the alert JudgeStalled; the judge looks every `incidents.every_seconds`."""

AGENT_FORGOTTEN = timedelta(days=7)
START = timedelta(seconds=90)
"""So long after its start a service may still be on its way."""

ANSWER_SECONDS = 5.0
DNS_SECONDS = 2.0
DNS_TRIES = 2
MOST_BYTES = 2000
MOST_ALERT_BYTES = 100_000

WATCHDOG, ABSENT, DEAD_MAN = "Watchdog", "ProberAbsent", "dead-man"
"""As in dashboards/: the alert that never ends, the one of metrics that do not come, and the receiver of the first."""

_NO_ANSWER = (OSError, http.client.HTTPException, ValueError)

Facts = dict[str, str | int | float]

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
_WHAT_RUNS_SAYS = (
    "See what it said last (journalctl --unit thuocdo, or its own log); what died is started again by itself."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Service:
    """`thuocdo run` over a data folder. pid: empty = not at work. started_at: when it last was begun."""

    pid: str
    started_at: datetime

    def is_new(self, now: datetime) -> bool:
        """Tell whether it may still be on its way."""
        return timedelta(0) <= now - self.started_at < START


def running_checks(settings: Settings, now: datetime) -> Iterator[Check]:
    """Yield a check for each part that runs, or that is leant on; takes seconds where somebody does not answer."""
    service = _service(settings.data_dir)
    if service is not None:
        yield _of_service(service)
        if service.pid:
            yield from _edited_files(settings)
    yield from _of_store(settings, service, now)
    yield from _pages(settings.web, service, now)
    yield from _name_servers(settings)
    yield from _reference_pages(settings)
    if settings.alertmanager_url:
        yield from _alertmanager(settings.alertmanager_url)
    if settings.owners:
        yield _who_is_told(settings.owners)


def _edited_files(settings: Settings) -> Iterator[Check]:
    """Tell whether a service at work has been told of what people edited."""
    left = settings_left_in_force(settings)
    if left is None:
        return
    name = "Registry, schedule, criteria, maintenance"
    differing = differing_files(settings, left)
    if not differing:
        yield Check(name=name, state=CheckState.OK, value="as they are in force")
        return
    yield Check(
        name=name,
        state=CheckState.WARNING,
        value="{count} not as they are in force, {file} among them",
        remedy="When they are ready run `thuocdo reload`: what is edited counts from then on.",
        facts={"count": len(differing), "file": str(differing[0])},
    )


def _service(data_dir: Path) -> _Service | None:
    """Return the service of a data folder; None where there never was one."""
    path = data_dir / "run.lock"
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        started_at = datetime.fromtimestamp(os.fstat(file).st_mtime, UTC)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            words = os.pread(file, 100, 0).decode("ascii", errors="replace").split()
            return _Service(pid=words[0] if words else "?", started_at=started_at)
        except OSError:  # a file system without locks: nobody can tell
            return None
        return _Service(pid="", started_at=started_at)
    finally:
        os.close(file)


def _of_service(service: _Service) -> Check:
    if service.pid:
        return Check(name="Service", state=CheckState.OK, value="at work (pid {pid})", facts={"pid": service.pid})
    remedy = "Nothing is measured, nobody is told: start it (systemctl start thuocdo). If it ended by itself, its log says why."
    return Check(name="Service", state=CheckState.OFF, value="`thuocdo run` is not at work here", remedy=remedy)


def _of_store(settings: Settings, service: _Service | None, now: datetime) -> Iterator[Check]:
    """Tell of agents and judge by what they left in the store."""
    file = settings.store_url.removeprefix("sqlite:///")
    if file != settings.store_url and not Path(file).exists():
        return
    try:
        with Store.open(settings.store_url) as store:
            agents = [one for one in store.agents.all() if now - one.seen_at < AGENT_FORGOTTEN]
            judged_at = store.incidents.judged_at()
    except StoreError:
        return  # told by the check of the store
    is_here = service is not None and service.pid != ""
    for agent in agents:
        # An agent of this machine whose service is not at work has been told of; a round ends, and its agents with it.
        if is_here or agent.vantage_id != settings.vantage.id:
            yield _agent(agent, service if agent.vantage_id == settings.vantage.id else None, now)
    if service is not None and is_here:
        if not any(agent.vantage_id == settings.vantage.id for agent in agents):
            state = CheckState.WARNING if service.is_new(now) else CheckState.OFF
            yield Check(name="Agents", state=state, value="none gave a sign of life yet", remedy=_WHAT_RUNS_SAYS)
        yield _judge(judged_at, service, now)


def _agent(agent: AgentState, service: _Service | None, now: datetime) -> Check:
    facts: Facts = {
        "agent": agent.agent,
        "vantage": agent.vantage_id,
        "seconds": round((now - agent.seen_at).total_seconds()),
    }
    name, value = "Agent {agent} ({vantage})", "last sign of life {seconds} s ago"
    if now - agent.seen_at <= AGENT_SILENT:
        return Check(name=name, state=CheckState.OK, value=value, facts=facts)
    state = CheckState.WARNING if service is not None and service.is_new(now) else CheckState.OFF
    remedy = _WHAT_RUNS_SAYS
    if service is None:
        remedy = "Look at that machine: does its service run, does it reach the store? One taken away is forgotten after 7 days."
    return Check(name=name, state=state, value=value, remedy=remedy, facts=facts)


def _judge(judged_at: datetime | None, service: _Service, now: datetime) -> Check:
    if judged_at is None:
        state = CheckState.WARNING if service.is_new(now) else CheckState.OFF
        return Check(name="Judge of incidents", state=state, value="has not looked yet", remedy=_WHAT_RUNS_SAYS)
    facts: Facts = {"seconds": round((now - judged_at).total_seconds())}
    value = "last look {seconds} s ago"
    if now - judged_at <= JUDGE_SILENT:
        return Check(name="Judge of incidents", state=CheckState.OK, value=value, facts=facts)
    state = CheckState.WARNING if service.is_new(now) else CheckState.OFF
    return Check(name="Judge of incidents", state=state, value=value, remedy=_WHAT_RUNS_SAYS, facts=facts)


def _pages(web: WebSettings, service: _Service | None, now: datetime) -> Iterator[Check]:
    """Tell whether our pages answer, or could be served."""
    if web.port == 0:
        return  # any free one
    host = _EVERYWHERE.get(web.host, web.host)
    facts: Facts = {"address": f"[{host}]:{web.port}" if ":" in host else f"{host}:{web.port}"}
    if service is not None and service.pid:
        said = _trouble(f"http://{facts['address']}/-/ready")
        if not said:
            yield Check(name="Our own pages", state=CheckState.OK, value="{address} answers", facts=facts)
            return
        state = CheckState.WARNING if service.is_new(now) else CheckState.OFF
        value = "{address}: {error}"
        yield Check(
            name="Our own pages", state=state, value=value, remedy=_WHAT_RUNS_SAYS, facts=facts | {"error": said}
        )
        return
    try:
        with socket.socket(socket.AF_INET6 if ":" in web.host else socket.AF_INET) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((web.host, web.port))
    except OSError as exc:
        remedy = "Stop what uses the port, or set web.port and web.host otherwise; the service would not start."
        facts["error"] = exc.strerror or str(exc)
        yield Check(name="Our own pages", state=CheckState.OFF, value="{address}: {error}", remedy=remedy, facts=facts)
    else:
        yield Check(name="Our own pages", state=CheckState.OK, value="{address} is free", facts=facts)


def _name_servers(settings: Settings) -> Iterator[Check]:
    """Tell whether the name servers that the settings name answer; with a hosts_file none is ever asked."""
    if settings.hosts_file is not None:
        return
    hosts = (urlsplit(url).hostname or "" for url in settings.vantage.reference_urls)
    host = next((host for host in hosts if is_asked_for(host)), "vn")
    said = {text: _dns_trouble(text, host) for text in settings.vantage.name_servers}
    remedy = "Times of DNS grow and probes may fail for it: correct vantage.name_servers, or let port 53 through to it."
    for text, trouble in said.items():
        facts: Facts = {"server": text, "error": trouble}
        if not trouble:
            yield _root_answer(text)
            continue
        state = CheckState.OFF if all(said.values()) else CheckState.WARNING
        yield Check(name="Name server {server}", state=state, value="{error}", remedy=remedy, facts=facts)


def _root_answer(server: str) -> Check:
    """Tell what a name server that answers for names says of the root: probes ask for that, too, where a portal's name fails."""
    facts: Facts = {"server": server, "error": _dns_trouble(server, "", fine=frozenset(range(16)) - {dns.SERVFAIL})}
    value = "answers for names, not for the root ({error})" if facts["error"] else "answers"
    return Check(name="Name server {server}", state=CheckState.OK, value=value, facts=facts)


def _reference_pages(settings: Settings) -> Iterator[Check]:
    """Tell of the reference pages, as far as probes have met them: none is asked here."""
    urls = settings.vantage.reference_urls
    if not urls:
        remedy = "Without any, a fault of our own line is held against portals: name some in vantage.reference_urls."
        yield Check(name="Reference pages", state=CheckState.WARNING, value="none configured", remedy=remedy)
        return
    refused = [page for page in refused_pages(settings.data_dir / REFERENCE_PAGES) if page.url in urls]
    for page in refused:
        remedy = (
            "Fewer pages are left to tell a fault of ours by: name another in vantage.reference_urls. Where several are refused, "
            "look at this machine's clock and its authorities (ca_file)."
        )
        since = f"{page.since.astimezone(clock.HANOI):%Y-%m-%d %H:%M}"
        facts: Facts = {"address": page.url, "error": page.detail, "since": since}
        value = "{error}; known since {since}"
        yield Check(name="Reference page {address}", state=CheckState.WARNING, value=value, remedy=remedy, facts=facts)
    if not refused:
        facts = {"number": len(urls)}
        yield Check(name="Reference pages", state=CheckState.OK, value="{number} configured", facts=facts)


def _alertmanager(url: str) -> Iterator[Check]:
    """Tell whether Alertmanager answers and, by the alert that never ends, whether a notice would find its way to people."""
    facts: Facts = {"address": url}
    said = _trouble(f"{url.rstrip('/')}/-/ready")
    if said:
        remedy = "Nobody is told of anything: start it, or correct alertmanager_url."
        facts["error"] = said
        yield Check(name="Alertmanager", state=CheckState.OFF, value="{address}: {error}", remedy=remedy, facts=facts)
        return
    yield Check(name="Alertmanager", state=CheckState.OK, value="{address} answers", facts=facts)
    yield _way_of_notices(_receivers(url))


def _way_of_notices(receivers: Mapping[str, frozenset[str]]) -> Check:
    """Tell where the way of a notice is broken; receivers: alert -> who is told of it."""
    if WATCHDOG not in receivers:
        value = "Prometheus sends none of our alerts to Alertmanager"
        remedy = (
            "Nobody is told of anything. Two minutes after their start: does prometheus.yml name the rule files and "
            "Alertmanager, and may its user read the rules "
            "(runuser -u prometheus -- promtool check config /etc/prometheus/prometheus.yml)?"
        )
    elif DEAD_MAN not in receivers[WATCHDOG]:
        value = "Alertmanager has another configuration than ours"
        remedy = "Nobody of yours is told: let it read what `thuocdo alerts write` wrote (--config.file), then start it anew."
    elif ABSENT in receivers:
        value = "Prometheus does not get our metrics"
        remedy = "No outage is told: does prometheus.yml name the address of our pages, with the job thuocdo?"
    else:
        return Check(name="Way of notices", state=CheckState.OK, value="whole, up to Alertmanager")
    return Check(name="Way of notices", state=CheckState.OFF, value=value, remedy=remedy)


def _receivers(url: str) -> Mapping[str, frozenset[str]]:
    """Return whom Alertmanager tells of the alerts that show whether all is connected; nothing where it does not say."""
    asked = urlencode({"filter": f'alertname=~"{WATCHDOG}|{ABSENT}"'})
    try:
        answer = _ask(f"{url.rstrip('/')}/api/v2/alerts?{asked}", MOST_ALERT_BYTES)
        alerts = json.loads(answer.body)
        return {alert["labels"]["alertname"]: frozenset(one["name"] for one in alert["receivers"]) for alert in alerts}
    except (*_NO_ANSWER, LookupError, TypeError):
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What an address answered; body: its first bytes as text."""

    status: int
    body: str


def _ask(url: str, most_bytes: int) -> _Answer:
    """Ask an address once; raises one of _NO_ANSWER. No redirect is followed."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.netloc, timeout=ANSWER_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        answer = connection.getresponse()
        return _Answer(status=answer.status, body=answer.read(most_bytes).decode("utf-8", errors="replace"))
    finally:
        connection.close()


def _who_is_told(owners: Path) -> Check:
    facts: Facts = {"path": str(owners)}
    try:
        if not reaches_nobody(owners):
            return Check(name="Who is told", state=CheckState.OK, value="as {path} says", facts=facts)
    except ConfigurationError as exc:
        facts["error"] = str(exc)
        remedy = "Alerts go where they went before: correct the file."
        return Check(name="Who is told", state=CheckState.OFF, value="{error}", remedy=remedy, facts=facts)
    remedy = (
        "Alerts reach nobody yet: write who is told into {path}, then let Alertmanager read what `thuocdo alerts write` or "
        "`thuocdo prepare` makes of it."
    )
    return Check(name="Who is told", state=CheckState.WARNING, value="nobody", remedy=remedy, facts=facts)


def _trouble(url: str) -> str:
    """Return what is wrong with an address that should answer 200; empty: nothing."""
    try:
        answer = _ask(url, MOST_BYTES)
    except _NO_ANSWER as exc:
        return getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
    if answer.status == http.client.OK:
        return ""
    first = next(iter(answer.body.splitlines()), "")[:200]
    return f"{answer.status} {first}".strip()


def _dns_trouble(text: str, host: str, fine: Collection[int] = (dns.NOERROR, dns.NXDOMAIN)) -> str:
    """Return what is wrong with a name server that is asked for a host (empty: the root); empty: it answers with a fine code."""
    try:
        server, asked = name_server(text), dns.question(host, dns.TYPE_A) if host else dns.ROOT
    except (ConfigurationError, dns.BadNameError) as exc:
        return str(exc)
    trouble = ""
    for _ in range(DNS_TRIES):
        message_id = secrets.randbits(16)
        try:
            with socket.socket(server.family, socket.SOCK_DGRAM) as line:
                line.settimeout(DNS_SECONDS)
                line.connect(server.address)
                line.send(dns.query(message_id, asked))
                answer = dns.read_answer(line.recv(4096), message_id, asked)
        except TimeoutError:
            trouble = f"no answer within {DNS_SECONDS:.0f} s"
        except (OSError, dns.MalformedError) as exc:
            trouble = getattr(exc, "strerror", None) or str(exc)
        else:
            return "" if answer.code in fine else dns.RCODE_NAMES.get(answer.code, str(answer.code))
    return trouble
