"""A browser whose surroundings fail it: stopped, orphaned, without memory, files, rights. That is never a portal's fault."""

import asyncio
import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from environment import Server, arguments, launch, look, processes, serving

from probes import languages
from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.chromium.life import Life
from thuocdo.core.model import Observation, Outcome, Reason
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: its surroundings are NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.turns(share=0.5)]

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
Require = Callable[[object, str, str], None]

LIMIT_SECONDS = 8.0
ENOUGH_SECONDS = 30.0
PATIENCE_SECONDS = 15.0
KINDS = ("homepage", "eform", "accessibility")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as opened:
        yield opened


@pytest.fixture
async def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    """A browser of which nothing is left once it is closed, whatever was done to it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = set(psutil.Process().children(recursive=True))
    launched = await launch()
    yield launched
    await launched.close()
    await languages.close()
    await until(lambda: set(psutil.Process().children(recursive=True)) <= before, "the browser's processes to end")
    await until(lambda: not list(tmp_path.iterdir()), "the scratch folders to go")
    await until(lambda: not tasks_of_ours(), f"the tasks to end: {tasks_of_ours()}")


def tasks_of_ours() -> list[str]:
    """What the product or Playwright still does."""
    codes = [getattr(one.get_coro(), "cr_code", None) for one in asyncio.all_tasks()]
    ours = [code for code in codes if code and ("/probes/" in code.co_filename or "/playwright/" in code.co_filename)]
    return [code.co_qualname for code in ours]


async def until(condition: Callable[[], object], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"waited in vain for {what}")


def lives(browser: Browser) -> list[Life]:
    return [one.present for one in (browser._timed, browser._guarded) if one.present]


def session_of(life: Life) -> int:
    return os.getsid(life.process.pid)


def browser_of(life: Life) -> list[psutil.Process]:
    return [life.process]


def driver_of(life: Life) -> list[psutil.Process]:
    return [life.driver]


def renderers_of(life: Life) -> list[psutil.Process]:
    return [one for one in processes(session_of(life)) if "--type=renderer" in arguments(one)]


def network_of(life: Life) -> list[psutil.Process]:
    return [one for one in processes(session_of(life)) if any("NetworkService" in part for part in arguments(one))]


def stop(victims: list[psutil.Process]) -> None:
    """Stop processes, and return once they do stand still: a signal to one that is busy takes its time."""
    assert victims
    for victim in victims:
        victim.send_signal(signal.SIGSTOP)
    until_seconds = time.monotonic() + PATIENCE_SECONDS
    while any(victim.status() != psutil.STATUS_STOPPED for victim in victims):
        assert time.monotonic() < until_seconds, "processes that were told to stop go on"
        time.sleep(0.01)


async def look_at_all(browser: Browser, server: Server, path: str, seconds: float) -> list[Observation]:
    return list(await asyncio.gather(*(look(browser, kind, server.url(path), seconds=seconds) for kind in KINDS)))


async def in_the_middle(browser: Browser, server: Server, then: Callable[[Life], None]) -> list[Observation]:
    """Do something to both browsers while a page of each kind is being opened; return what the probes said."""
    pending = asyncio.create_task(look_at_all(browser, server, "/waits", LIMIT_SECONDS))
    await until(lambda: server.asked["/never"] >= len(KINDS), "all pages to be asked for")
    for life in lives(browser):
        then(life)
    # Over their limit by more than closing takes, they would be given up for a fault of our own.
    async with asyncio.timeout(LIMIT_SECONDS + PATIENCE_SECONDS):
        return await pending


async def assert_the_next_are_fine(browser: Browser, server: Server) -> None:
    seen = await look_at_all(browser, server, "/good", ENOUGH_SECONDS)
    assert [(one.outcome, one.detail) for one in seen] == [(Outcome.OK, "")] * len(KINDS)


@pytest.mark.sampled(share=0.25)
@pytest.mark.parametrize(
    "whom", [browser_of, driver_of, renderers_of, network_of], ids=["browser", "driver", "renderers", "network"]
)
async def test_what_is_stopped_in_the_middle_costs_a_probe_and_is_replaced(
    whom: Callable[[Life], list[psutil.Process]], server: Server, browser: Browser
) -> None:
    await look_at_all(browser, server, "/good", ENOUGH_SECONDS)
    old = [session_of(life) for life in lives(browser)]
    seen = await in_the_middle(browser, server, lambda life: stop(whom(life)))
    assert [one.reason for one in seen] == [Reason.BROWSER_UNAVAILABLE] * len(KINDS), [one.detail for one in seen]
    await assert_the_next_are_fine(browser, server)
    assert browser.restarts_total == 2
    assert [processes(session) for session in old] == [[], []]
    assert server.sent.total() == 0


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("whom", [browser_of, driver_of], ids=["browser", "driver"])
async def test_what_was_stopped_between_two_probes_costs_none(
    whom: Callable[[Life], list[psutil.Process]], server: Server, browser: Browser
) -> None:
    await look_at_all(browser, server, "/good", ENOUGH_SECONDS)
    old = [session_of(life) for life in lives(browser)]
    for life in lives(browser):
        stop(whom(life))
    await assert_the_next_are_fine(browser, server)
    assert browser.restarts_total == 2
    assert [processes(session) for session in old] == [[], []]


async def test_a_browser_that_nobody_took_note_of_ending_is_replaced(server: Server, browser: Browser) -> None:
    """Its parent is stopped, so it stays behind as a zombie; a renderer of it is, too, so it would never end by itself."""
    await look_at_all(browser, server, "/good", ENOUGH_SECONDS)
    old = [session_of(life) for life in lives(browser)]

    def make_zombie(life: Life) -> None:
        parent = life.process.parent()
        assert parent
        stop([parent, *renderers_of(life)])
        life.process.kill()

    seen = await in_the_middle(browser, server, make_zombie)
    assert [one.reason for one in seen] == [Reason.BROWSER_UNAVAILABLE] * len(KINDS), [one.detail for one in seen]
    await assert_the_next_are_fine(browser, server)
    assert browser.restarts_total == 2
    await until(lambda: [processes(session) for session in old] == [[], []], "what the zombie left to end")


def agent(
    wishes: list[str], *before: str, shell: Sequence[str] = ("sh", "-ec"), **settings: str
) -> subprocess.Popen[str]:
    """
    Start an agent's browser in a process of its own.

    before: commands of a shell that make its surroundings first; the last one may end with "exec" and how it is run. shell: what
    runs them.
    """
    told = shlex.join([sys.executable, str(Path(__file__).with_name("environment.py")), *wishes])
    *first, last = [*before, "exec"]
    if first and first[-1].startswith("exec "):
        last = first.pop()
    return subprocess.Popen(
        [*shell, "; ".join([*first, f"{last} {told}"])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env={**os.environ, "SECONDS_PER_PROBE": "60", "PYTHONPATH": str(ROOT), **settings},
    )


async def told_by(started: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Wait for an agent's end and return what it told; it ends well, whatever its browser did."""
    try:
        out, err = await asyncio.to_thread(started.communicate, timeout=350)
    except subprocess.TimeoutExpired:
        started.kill()
        pytest.fail("the agent hangs")
    assert started.returncode == 0, err[-3000:]
    assert "Task exception was never retrieved" not in err, err[-3000:]
    return [json.loads(line) for line in out.splitlines()]


def assert_fine(told: list[dict[str, Any]]) -> None:
    assert [(one["kind"], one["reason"], one["detail"]) for one in told if one["reason"]] == []
    assert_nothing_left(told)


def assert_nothing_left(told: list[dict[str, Any]]) -> None:
    assert told[-1]["kind"] in ("close", "launch"), told
    assert told[-1].get("left", []) == []
    assert [one for one in told[-1].get("tasks", []) if "probes" in one or "playwright" in one] == []


@pytest.fixture
def wishes(server: Server) -> list[str]:
    return [f"{kind}={server.url('/good')}" for kind in ("homepage", "eform")]


@pytest.fixture
def mounts(require: Require) -> list[str]:
    """What a shell does first to have mounts of its own; skips loudly where that needs more rights."""
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "x", "/mnt"], capture_output=True, check=False)
    require(tried.returncode == 0, "the right to make mounts of one's own", "run the tests as root")
    return ["unshare", "-m", "sh", "-ec"]


@pytest.mark.sampled(share=1 / 3)
@pytest.mark.parametrize(
    "lack",
    [
        ["mount -t tmpfs -o size=16k,ro x /dev/shm"],
        ["mount -t tmpfs -o size=64k x /dev/shm", "head -c 60k /dev/zero > /dev/shm/full"],
        [],
    ],
    ids=["read-only", "full", "none"],
)
async def test_pages_are_probed_without_shared_memory(
    lack: list[str], mounts: list[str], wishes: list[str], tmp_path: Path
) -> None:
    new = tmp_path / "dev"
    names = "null zero full random urandom"  # what any process needs, as in a careless container
    none = [f"mkdir {new}", f"for n in {names}; do touch {new}/$n; mount --bind /dev/$n {new}/$n; done"]
    lack = lack or [*none, f"mount --rbind {new} /dev", "test ! -e /dev/shm"]
    assert_fine(await told_by(agent(wishes, *lack, shell=mounts)))


async def test_a_full_temporary_folder_is_told_with_what_to_do(
    mounts: list[str], wishes: list[str], tmp_path: Path
) -> None:
    full = ["mount -t tmpfs -o size=64k,nr_inodes=4 x $TMPDIR", "cat /dev/zero > $TMPDIR/full || true"]
    told = await told_by(agent(wishes, *full, shell=mounts, TMPDIR=str(tmp_path)))
    assert [one["reason"] for one in told] == [Reason.BROWSER_UNAVAILABLE]
    assert "TMPDIR" in told[0]["detail"], told
    assert_nothing_left(told)


async def test_a_temporary_folder_that_is_full_all_but_for_a_little_ends_nothing(
    mounts: list[str], wishes: list[str], tmp_path: Path
) -> None:
    full = ["mount -t tmpfs -o size=2m x $TMPDIR", "head -c 1900k /dev/zero > $TMPDIR/full"]
    told = await told_by(agent(wishes, *full, shell=mounts, TMPDIR=str(tmp_path)))
    assert {one["reason"] for one in told} <= {None, Reason.BROWSER_UNAVAILABLE}, told
    assert_nothing_left(told)


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize(
    "home",
    [["h=$(mktemp -d)", "mount -t tmpfs -o ro x $h", "export HOME=$h"], ["unset HOME"]],
    ids=["read-only", "none"],
)
async def test_a_home_is_not_needed(home: list[str], mounts: list[str], wishes: list[str]) -> None:
    assert_fine(await told_by(agent(wishes, *home, shell=mounts)))


@pytest.fixture
def confined(require: Require) -> Iterator[Path]:
    """The folder of a control group that has 500 MB of memory."""
    old, new = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
    place = old if (old / "memory.limit_in_bytes").exists() else new
    limit = "memory.limit_in_bytes" if place == old else "memory.max"
    group = place / f"thuocdo-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / limit).write_text(str(500 * 2**20))
        made = True
    except OSError:
        made = False
    require(made, "a control group for memory", "run the tests as root where cgroups can be written")
    if place == new:
        with suppress(OSError):
            (group / "memory.swap.max").write_text("0")
    yield group
    group.rmdir()


async def test_a_page_that_eats_all_memory_there_is_takes_no_agent_along(
    confined: Path, server: Server, wishes: list[str]
) -> None:
    eating = [f"{kind}={server.url('/eats')}" for kind in ("homepage", "eform")]
    order = [eating[0], wishes[0], eating[1], wishes[1]]
    told = await told_by(agent(order, f"echo $$ > {confined}/cgroup.procs"))
    assert [one["kind"] for one in told] == ["launch", "homepage", "homepage", "eform", "eform", "close"], told
    _, eats, fine, eats_too, fine_too, _ = told
    assert {eats["reason"], eats_too["reason"]} <= {Reason.PAGE_CRASH, Reason.BROWSER_UNAVAILABLE}, told
    assert [fine["reason"], fine_too["reason"]] == [None, None], told
    assert_nothing_left(told)
    reached = next(one for name in ("memory.max_usage_in_bytes", "memory.peak") if (one := confined / name).exists())
    assert int(reached.read_text()) > 400 * 2**20, "the page met the limit"
    await until(lambda: not (confined / "cgroup.procs").read_text(), "all that the agent started to end")


async def test_a_user_without_rights_probes_or_is_told_what_to_do(
    mounts: list[str], wishes: list[str], home: Path
) -> None:
    os.chown(home, NOBODY, NOBODY)
    started = agent(wishes, *opened_to_all(), f"exec {as_user(NOBODY, home)}", shell=mounts)
    seen = await told_by(started)
    if seen[0]["reason"]:
        assert "user namespaces" in seen[0]["detail"], seen
        pytest.skip("THIS SYSTEM GIVES ONLY ROOT A SANDBOX: probes of other users are NOT TESTED beyond the message")
    assert_fine(seen)
    assert [one.name for one in home.iterdir() if "thuocdo" in one.name or "playwright" in one.name] == []


@pytest.fixture
def home() -> Iterator[Path]:
    """A home for another user; not among pytest's folders, which any other session that begins closes to others again."""
    with tempfile.TemporaryDirectory(prefix="home-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def as_user(number: int, home: Path) -> str:
    """The beginning of a command that another user is to run, with a home and a folder for temporary files of his own."""
    return f"setpriv --reuid {number} --regid {number} --clear-groups env HOME={home} TMPDIR={home}"


def opened_to_all() -> list[str]:
    """Commands that let anybody reach interpreter, house and browser, also where they are in a closed folder such as /root."""
    browser = find_browser(BrowserSettings())
    assert browser
    commands = []
    for needed in {ROOT, Path(sys.base_prefix), browser.parent}:
        closed = next((one for one in reversed(needed.parents) if not one.stat().st_mode & stat.S_IXOTH), None)
        if closed:
            commands += [
                "kept=$(mktemp -d)",
                f"mount --bind {needed} $kept",
                f"mount -t tmpfs -o mode=755 x {closed}",
                f"mkdir -p {needed}",
                f"mount --bind $kept {needed}",
            ]
    return commands


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("limit", ["ulimit -n 64", "ulimit -n 256"])
async def test_too_few_files_are_told_with_what_to_do(limit: str, wishes: list[str]) -> None:
    told = await told_by(agent(wishes, limit))
    lost = [one for one in told if one["reason"]]
    assert {one["reason"] for one in lost} <= {Reason.BROWSER_UNAVAILABLE}, told
    assert_nothing_left(told)


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("number", [8, 60])
async def test_too_few_processes_are_told_with_what_to_do(
    number: int, mounts: list[str], wishes: list[str], home: Path
) -> None:
    """The limit binds no root, so it is set for a user who has nothing else running."""
    os.chown(home, NOBODY - 7, NOBODY - 7)
    limited = f"exec prlimit --nproc={number} {as_user(NOBODY - 7, home)}"
    started = agent(wishes, *opened_to_all(), limited, shell=mounts, SECONDS_PER_PROBE="25")
    seen = await told_by(started)
    assert {one["reason"] for one in seen} <= {None, Reason.BROWSER_UNAVAILABLE}, seen
    assert [one for one in seen if one["reason"]], "a browser needs more processes than that"
    assert_nothing_left(seen)


async def test_a_driver_that_never_answers_leaves_nothing(wishes: list[str], tmp_path: Path) -> None:
    silent = tmp_path / "node"
    silent.write_text("#!/bin/sh\nsleep 600\n")  # a child of its own, as Node.js has threads
    silent.chmod(0o755)
    told = await told_by(agent(wishes, PLAYWRIGHT_NODEJS_PATH=str(silent)))
    assert [one["reason"] for one in told] == [Reason.BROWSER_UNAVAILABLE]
    assert_nothing_left(told)


async def test_two_agents_on_one_machine_leave_each_other_alone(wishes: list[str], tmp_path: Path) -> None:
    settings = {"TMPDIR": str(tmp_path)}
    both = [agent(wishes, **settings) for _ in range(2)]
    for told in await asyncio.gather(*map(told_by, both)):
        assert_fine(told)
        assert told[-1]["restarts"] == 0
    assert list(tmp_path.iterdir()) == []
