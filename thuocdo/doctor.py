"""
Looks at the machine and says what is off and how to mend it.

Nothing is changed, and a store that is not there yet is not created. What is asked over a line is named by the settings: our own
pages, name servers, Alertmanager; no portal, and no reference page.
"""

import asyncio
import ctypes
import os
import platform
import shutil
import sqlite3
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

import uvloop

from probes.chromium.executable import driver_trouble, find_browser
from probes.identity.known_pages import IDENTITY, KnownPages
from probes.journeys.session import load_sessions
from probes.manners.politeness import refusing_hosts
from probes.manners.refusals import WaitSource
from probes.monitor import LAG_LIMIT_SECONDS, PRESSURE_FILE, PRESSURE_LIMIT_RATIO, Monitor
from thuocdo.core import clock
from thuocdo.core.checks import Check, CheckState
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreError
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.incidents.conflicts import conflict_checks
from thuocdo.reports.storage import days_until_full
from thuocdo.reports.storage_seen import Seen, engine_of, look
from thuocdo.signs_of_life import running_checks
from thuocdo.store import Store

LOOK_SECONDS = 0.5  # for how long loop and clocks are watched
CLOCK_STEP_SECONDS = 0.010
EARLIEST_CLOCK = datetime(2026, 1, 1, tzinfo=UTC)  # this program is younger
SQLITE_NEEDED = (3, 24, 0)  # ON CONFLICT DO NOTHING
FREE_LOW_BYTES = 1_000_000_000
FREE_TOO_LOW_BYTES = 100_000_000
FREE_IN_FILE_BYTES = 100_000_000
FULL_SOON_DAYS = 30
FULL_NOW_DAYS = 3  # a weekend
VERSION_TIMEOUT_SECONDS = 10
SESSION_WARNING = timedelta(hours=48)  # a person needs a working day to log in again
MISSED_RATIO = 0.05  # of what was due, as of the alert ProbesMissed
MISSED_SPAN = timedelta(hours=24)
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


def examine(settings: Settings) -> tuple[Check, ...]:
    """Return every check, in the order of the table; takes about a second, and some more where somebody does not answer."""
    lag_seconds, step_seconds = uvloop.run(_watch())
    return (
        _python(),
        _openssl(),
        _browser(settings),
        _sqlite(),
        _clock(clock.now(), step_seconds, synchronised=_synchronised()),
        _loop_lag(lag_seconds),
        _cpu_pressure(PRESSURE_FILE),
        _store(settings),
        _disk(settings.data_dir),
        *_missed(settings, clock.now()),
        *_growth(settings, clock.now()),
        *running_checks(settings, clock.now()),
        *_contradictions(settings, clock.now()),
        *_refusals(settings.data_dir / "politeness"),
        *_other_pages(settings.data_dir / IDENTITY),
        *_sessions(settings.sessions_dir, os.environ, clock.now()),
    )


async def _watch() -> tuple[float, float]:
    """Return the loop's worst lag, and by how much the wall clock moved against the monotonic one, in seconds."""
    async with Monitor() as monitor:
        since, wall = time.monotonic(), time.time()
        await asyncio.sleep(LOOK_SECONDS)
        elapsed = time.monotonic() - since
        return monitor.worst_lag_seconds(since), abs(time.time() - wall - elapsed)


def _sessions(folder: Path, environment: Mapping[str, str], now: datetime) -> Iterator[Check]:
    """Tell of each login session that a person supplied, before it runs out."""
    for session in load_sessions(folder, environment).values():
        facts: dict[str, str | int | float] = {"portal": session.portal_id}
        remedy = (
            "Forms behind the login are not measured without it: log in by hand again and hand the new session over."
        )
        if session.expires_at is None:
            yield Check(name="Login session of {portal}", state=CheckState.OK, value="no end is told", facts=facts)
            continue
        facts["until"] = f"{session.expires_at.astimezone(clock.HANOI):%Y-%m-%d %H:%M}"
        if session.is_over(now):
            yield Check(
                name="Login session of {portal}",
                state=CheckState.OFF,
                value="ran out: {until}",
                remedy=remedy,
                facts=facts,
            )
        elif session.is_over(now + SESSION_WARNING):
            yield Check(
                name="Login session of {portal}",
                state=CheckState.WARNING,
                value="until {until}",
                remedy=remedy,
                facts=facts,
            )
        else:
            yield Check(name="Login session of {portal}", state=CheckState.OK, value="until {until}", facts=facts)


def _python() -> Check:
    return Check(name="Python", state=CheckState.OK, value="{version}", facts={"version": platform.python_version()})


def _openssl() -> Check:
    facts = {"version": ssl.OPENSSL_VERSION}
    if ssl.HAS_TLSv1_3:
        return Check(name="OpenSSL", state=CheckState.OK, value="{version}", facts=facts)
    remedy = "Without TLS 1.3 strict portals look broken: use a Python built with OpenSSL 1.1.1 or newer."
    return Check(name="OpenSSL", state=CheckState.WARNING, value="{version}", remedy=remedy, facts=facts)


def _browser(settings: Settings) -> Check:
    kinds = ", ".join(kind.name for kind in all_kinds().values() if kind.engine is Engine.BROWSER)
    path = find_browser(settings.browser)
    if path is None:
        remedy = (
            "Not measured without it: {kinds}. Install chromium-headless-shell or chromium, "
            "or set THUOCDO_BROWSER to an executable file."
        )
        return Check(name="Browser", state=CheckState.OFF, value="not found", remedy=remedy, facts={"kinds": kinds})
    try:
        command = [str(path), "--version"]
        done = subprocess.run(  # noqa: S603 - the program that the settings name
            command, capture_output=True, text=True, timeout=VERSION_TIMEOUT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as exc:
        remedy = "Not measured without it: {kinds}. The program does not start; install it again or choose another."
        facts = {"path": str(path), "error": str(exc), "kinds": kinds}
        return Check(name="Browser", state=CheckState.OFF, value="{path}: {error}", remedy=remedy, facts=facts)
    if trouble := driver_trouble():
        remedy = "Not measured without it: {kinds}. The program that leads the browser misses something of this system."
        facts = {"error": trouble, "kinds": kinds}
        return Check(name="Browser", state=CheckState.OFF, value="{error}", remedy=remedy, facts=facts)
    facts = {"version": done.stdout.strip(), "path": str(path)}
    return Check(name="Browser", state=CheckState.OK, value="{version} ({path})", facts=facts)


def _sqlite() -> Check:
    facts = {"version": sqlite3.sqlite_version}
    if sqlite3.sqlite_version_info >= SQLITE_NEEDED:
        return Check(name="SQLite", state=CheckState.OK, value="{version}", facts=facts)
    remedy = "The store needs SQLite 3.24 or newer: use a newer Python or system, or PostgreSQL."
    return Check(name="SQLite", state=CheckState.OFF, value="{version}", remedy=remedy, facts=facts)


def _clock(now: datetime, step_seconds: float, *, synchronised: bool | None) -> Check:
    facts: dict[str, str | float] = {"utc": f"{now:%Y-%m-%d %H:%M:%S} UTC", "step_seconds": round(step_seconds, 6)}
    if now < EARLIEST_CLOCK:
        remedy = "The clock is wrong, so every stored instant would be: set it, then start chrony or systemd-timesyncd."
        return Check(name="Clock", state=CheckState.OFF, value="{utc}", remedy=remedy, facts=facts)
    if step_seconds > CLOCK_STEP_SECONDS:
        remedy = "The clock is being moved while we look: wait until time synchronisation has settled."
        return Check(name="Clock", state=CheckState.WARNING, value="{utc}", remedy=remedy, facts=facts)
    if synchronised is False:
        remedy = "Durations are exact all the same, instants may not be: start chrony or systemd-timesyncd."
        return Check(
            name="Clock", state=CheckState.WARNING, value="{utc}, not synchronised", remedy=remedy, facts=facts
        )
    value = "{utc}, synchronised" if synchronised else "{utc}"
    return Check(name="Clock", state=CheckState.OK, value=value, facts=facts)


def _synchronised() -> bool | None:
    """Ask the kernel whether its clock is synchronised; None where it does not say."""
    try:
        # An empty struct timex asks and sets nothing; it is 208 bytes, the kernel never writes more.
        answer: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(1024))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else answer != _TIME_ERROR


def _loop_lag(lag_seconds: float) -> Check:
    facts = {"lag_milliseconds": round(lag_seconds * 1000, 1)}
    if lag_seconds <= LAG_LIMIT_SECONDS:
        return Check(name="Event loop lag", state=CheckState.OK, value="{lag_milliseconds} ms", facts=facts)
    remedy = "Above 10 ms measurements are marked suspect: give this machine less to do, or more CPU."
    return Check(
        name="Event loop lag", state=CheckState.WARNING, value="{lag_milliseconds} ms", remedy=remedy, facts=facts
    )


def _cpu_pressure(file: Path) -> Check:
    try:
        some = file.read_text(encoding="ascii").splitlines()[0]
        percent = float(some.split("avg10=")[1].split()[0])
    except (OSError, IndexError, ValueError):
        remedy = "Busy time is used instead, which is coarser; kernels since 4.20 count pressure (boot option psi=1)."
        return Check(name="CPU pressure", state=CheckState.WARNING, value="not counted by this kernel", remedy=remedy)
    facts = {"percent": percent}
    if percent <= PRESSURE_LIMIT_RATIO * 100:
        return Check(name="CPU pressure", state=CheckState.OK, value="{percent} %", facts=facts)
    remedy = "Page times grow with it: give this machine less to do, or lower browser.max_pages."
    return Check(name="CPU pressure", state=CheckState.WARNING, value="{percent} %", remedy=remedy, facts=facts)


def _store(settings: Settings) -> Check:
    file = settings.store_url.removeprefix("sqlite:///")
    if file != settings.store_url and not Path(file).exists():
        if os.access(_existing(Path(file).parent), os.W_OK):
            return Check(name="Store", state=CheckState.OK, value="{file}: made at the first run", facts={"file": file})
        remedy = "Make the folder writable for this user, or choose another data_dir."
        return Check(
            name="Store", state=CheckState.OFF, value="{file}: cannot be made", remedy=remedy, facts={"file": file}
        )
    try:
        with Store.open(settings.store_url) as store:
            rows = store.measurements.count()
    except StoreError as exc:
        # The store's message says what to do.
        return Check(name="Store", state=CheckState.OFF, value="{error}", facts={"error": str(exc)})
    return Check(name="Store", state=CheckState.OK, value="{rows} measurements", facts={"rows": rows})


def _missed(settings: Settings, now: datetime) -> Iterator[Check]:
    """Tell of the agents that were asked for more than they could start, and which target lost most by it."""
    file = settings.store_url.removeprefix("sqlite:///")
    if file != settings.store_url and not Path(file).exists():
        return
    try:
        with Store.open(settings.store_url) as store:
            agents = [agent for agent in store.agents.all() if now - agent.seen_at < MISSED_SPAN]
            lost = store.missed.totals(now - MISSED_SPAN, now)
    except StoreError:
        return  # told by the check of the store
    remedy = (
        "The schedule asks for more than this machine can do, and coverage falls: measure fewer targets or less often, raise "
        "browser.cpu_share for kinds that need the browser, or use a stronger machine."
    )
    for agent in agents:
        for kind, missed in agent.missed_by_kind.items():
            of_kind = [one for one in lost if (one.kind, one.vantage_id) == (kind, agent.vantage_id)]
            if missed <= MISSED_RATIO * agent.due_by_kind.get(kind, 0) or not of_kind:
                continue
            most = max(of_kind, key=lambda one: one.missed)
            facts: dict[str, str | int | float] = {
                "agent": agent.agent,
                "vantage": agent.vantage_id,
                "kind": kind,
                "percent": round(100 * missed / agent.due_by_kind[kind], 1),
                "missed": sum(one.missed for one in of_kind),
                "targets": len({one.target_id for one in of_kind}),
                "target": most.target_id,
                "most": most.missed,
            }
            yield Check(
                name="Missed probes of kind {kind} ({vantage})",
                state=CheckState.WARNING,
                value="{percent} % since the agent was started; in 24 h {missed} of {targets} targets, most of {target}: {most}",
                remedy=remedy,
                facts=facts,
            )


def _contradictions(settings: Settings, now: datetime) -> Iterator[Check]:
    file = settings.store_url.removeprefix("sqlite:///")
    if file != settings.store_url and not Path(file).exists():
        return
    try:
        with Store.open(settings.store_url) as store:
            yield from conflict_checks(store, now)
    except StoreError:
        return  # told by the check of the store


def _refusals(folder: Path) -> Iterator[Check]:
    """Tell of the hosts that refused us and are left alone; capped: they asked for more than a day, and get one."""
    for host, refusal in refusing_hosts(folder).items():
        facts: dict[str, str | int | float] = {"host": host, "minutes": ceil(refusal.left_seconds / 60)}
        capped = refusal.wait is WaitSource.CAPPED
        remedy = "It answered 403 or 429 and is not asked meanwhile: write to who runs it, name the user_agent, ask to be let in."
        value = (
            "left alone for {minutes} min; it asked for more than a day" if capped else "left alone for {minutes} min"
        )
        yield Check(name="{host} refuses us", state=CheckState.WARNING, value=value, remedy=remedy, facts=facts)


def _other_pages(folder: Path) -> Iterator[Check]:
    """Tell of the home pages that are quite other ones than those known, about which a person is asked."""
    questions = {state.target_id: state.question for state in KnownPages(folder).questions()}
    for target_id, asked in questions.items():
        assert asked is not None
        facts: dict[str, str | int | float] = {
            "target": target_id,
            "since": f"{asked.since.astimezone(clock.HANOI):%Y-%m-%d %H:%M}",
            "now": asked.title_now,
        }
        remedy = (
            "Look at it, then say `thuocdo identity answer {target} new --by NAME` where it is the portal's own new page, "
            "`other` where it is not; until then its results count in no score."
        )
        value = "another page than the known one since {since}, titled “{now}”"
        yield Check(name="Home page {target}", state=CheckState.WARNING, value=value, remedy=remedy, facts=facts)


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(_existing(folder)).free
    facts: dict[str, str | int | float] = {
        "free_bytes": free,
        "free_gigabytes": round(free / 1e9, 1),
        "folder": str(folder),
    }
    value = "{free_gigabytes} GB ({folder})"
    if free >= FREE_LOW_BYTES:
        return Check(name="Free disk", state=CheckState.OK, value=value, facts=facts)
    state = CheckState.WARNING if free >= FREE_TOO_LOW_BYTES else CheckState.OFF
    remedy = "Measurements wait in memory once the disk is full: free space, or choose another data_dir."
    return Check(name="Free disk", state=state, value=value, remedy=remedy, facts=facts)


def _growth(settings: Settings, now: datetime) -> Iterator[Check]:
    """Tell when the disk will be full, and of room in the store's file that does not go back to it."""
    file = settings.store_url.removeprefix("sqlite:///")
    try:
        if file != settings.store_url and not Path(file).exists():
            seen = look(settings, None, now)
        else:
            with Store.open(settings.store_url) as store:
                seen = look(settings, store, now)
    except (StoreError, ConfigurationError):
        return  # told elsewhere: by the store's own line, and by `thuocdo config check`
    yield _full(settings, seen, now)
    if seen.room is not None and not seen.room.gives_back and seen.room.free_bytes >= FREE_IN_FILE_BYTES:
        yield Check(
            name="Free room in the store",
            state=CheckState.WARNING,
            value="{gigabytes} GB",
            remedy=(
                "The file is of an earlier version and gives no room back to the disk, but uses it again. To have it back, stop "
                'thuocdo and run once: sqlite3 {file} "PRAGMA auto_vacuum=INCREMENTAL; VACUUM" (needs as much free disk as '
                "the file is large)."
            ),
            facts={"gigabytes": round(seen.room.free_bytes / 1e9, 1), "file": str(seen.room.file)},
        )


def _full(settings: Settings, seen: Seen, now: datetime) -> Check:
    """Tell when the disk of the data folder will be full; what lies on other disks is not counted."""
    disk = _existing(settings.data_dir)
    is_here = seen.room is None or seen.room.file is None or _same_disk(seen.room.file.parent, disk)
    if engine_of(settings) == "postgresql":
        is_here = False
    limits = replace(
        seen.limits,
        raw_days=seen.limits.raw_days if is_here else 0,
        rollup_days=seen.limits.rollup_days if is_here else 0,
        is_archived=seen.limits.is_archived and _same_disk(settings.archive_folder, disk),
    )
    free = shutil.disk_usage(disk).free + (seen.room.free_bytes if seen.room is not None and is_here else 0)
    days = days_until_full(free, seen.growth, limits, seen.present)
    facts: dict[str, str | int | float] = {"seen_days": round(seen.days, 1)}
    if days is None:
        return Check(name="Disk full", state=CheckState.OK, value="not within ten years", facts=facts)
    facts |= {"days": days, "day": f"{(now + timedelta(days=days)).astimezone(clock.HANOI):%Y-%m-%d}"}
    value = "{day}, as the last {seen_days} days grew" if seen.days else "{day}, by the schedule"
    if days > FULL_SOON_DAYS:
        return Check(name="Disk full", state=CheckState.OK, value=value, facts=facts)
    remedy = (
        "In {days} days: free space, keep fewer days (keep.raw_days, keep.rollup_days) or less evidence "
        "(evidence.keep_gigabytes), or put data_dir or archive_dir on a larger disk."
    )
    state = CheckState.WARNING if days > FULL_NOW_DAYS else CheckState.OFF
    return Check(name="Disk full", state=state, value=value, remedy=remedy, facts=facts)


def _same_disk(one: Path, other: Path) -> bool:
    return _existing(one).stat().st_dev == _existing(other).stat().st_dev


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
