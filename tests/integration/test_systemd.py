"""
The units of deploy/systemd as `thuocdo install-service` writes them, held against systemd's own judgement.

No unit is started here: there is no systemd at work. What their filters of system calls let through is tried by the kernel's own
means: Chromium with its sandbox, and the program, run under the very lists that the units name.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.integration.conftest import wait_until
from thuocdo.cli.service_files import HIDDEN_FOLDERS

ROOT = Path(__file__).parents[2]
UNITS = ("thuocdo.service", "thuocdo-backup.service", "thuocdo-backup.timer")
MOST_EXPOSED = {"thuocdo.service": 2.5, "thuocdo-backup.service": 1.5}
"""Of 10, as systemd 252 counts: what the browser's sandbox, JavaScript and the network need."""

# Applied from the outermost to the innermost filter; the second allows what the first did not forbid.
CONFINE = """\
import ctypes, json, os, sys

library = ctypes.CDLL("libseccomp.so.2")
library.seccomp_init.restype = ctypes.c_void_p
ALLOW, EPERM, MASKED_EQ = 0x7FFF0000, 0x00050001, 7

class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("mask", ctypes.c_uint64), ("value", ctypes.c_uint64)]

def load(default, rules):
    context = ctypes.c_void_p(library.seccomp_init(default))
    for action, name, compare in rules:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # of other architectures, or newer than the library
            continue
        given = (Compare * 1)(Compare(compare[0], MASKED_EQ, compare[1], compare[1])) if compare else None
        assert library.seccomp_rule_add_array(context, action, number, 1 if given else 0, given) == 0, name
    assert library.seccomp_load(context) == 0

asked = json.loads(sys.argv[1])
forbidden = [(EPERM, "clone", (0, flag)) for flag in asked["flags"]] + [(EPERM, "unshare", (0, flag)) for flag in asked["flags"]]
forbidden += [(0x00050000 | 38, "clone3", None)]  # ENOSYS: its flags cannot be seen
if asked["no_code"]:
    forbidden += [(EPERM, "mprotect", (2, 4)), (EPERM, "pkey_mprotect", (2, 4)), (EPERM, "mmap", (2, 6))]
load(ALLOW, forbidden)
# libseccomp and execve are needed to get there at all.
load(EPERM, [(ALLOW, name, None) for name in asked["allowed"]])
os.execvp(sys.argv[2], sys.argv[2:])
"""
NAME_SPACES = {"cgroup": 0x02000000, "ipc": 0x08000000, "net": 0x40000000, "mnt": 0x00020000, "pid": 0x20000000}
NAME_SPACES |= {"user": 0x10000000, "uts": 0x04000000}


@pytest.fixture(scope="module")
def systemd(require):
    found = shutil.which("systemd-analyze")
    require(found, "systemd-analyze", "apt-get install systemd")
    return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A root with all files in it, for the program of this very installation."""
    root = tmp_path_factory.mktemp("root")
    program = Path(sys.executable).parent / "thuocdo"
    if any(program.is_relative_to(folder) for folder in HIDDEN_FOLDERS):
        pytest.skip(f"a service sees nothing of {program}: that its units are in order is NOT TESTED here")
    command = [sys.executable, "-m", "thuocdo", "install-service", "--root", root, "--program", program]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return root


def unit(installed, name):
    return installed / "etc/systemd/system" / name


def settings_of(installed, name):
    """Key -> all values of a unit, in order."""
    found = {}
    for line in unit(installed, name).read_text(encoding="utf-8").splitlines():
        key, is_one, value = line.partition("=")
        if is_one and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_wrong(systemd, installed, name):
    done = subprocess.run([systemd, "verify", unit(installed, name)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", MOST_EXPOSED)
def test_a_unit_is_no_more_exposed_than_it_must_be(systemd, installed, name):
    limit = round(MOST_EXPOSED[name] * 10)
    command = [systemd, "security", "--offline=true", "--no-pager", f"--threshold={limit}", unit(installed, name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_user_and_folders_are_what_systemd_would_make_of_them(installed, require):
    programs = [shutil.which(name) for name in ("systemd-sysusers", "systemd-tmpfiles")]
    require(all(programs), "systemd-sysusers and systemd-tmpfiles", "apt-get install systemd")
    command = [programs[0], "--dry-run", f"--root={installed}", installed / "etc/sysusers.d/thuocdo.conf"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "thuocdo" in done.stderr + done.stdout
    # As ourselves, below a folder of our own: the user is not there.
    folders = (installed / "etc/tmpfiles.d/thuocdo.conf").read_text(encoding="utf-8")
    found = dict(re.findall(r"^d (\S+) (\d{4}) \w+ thuocdo -$", folders, flags=re.MULTILINE))
    assert found == {"/var/lib/thuocdo": "0750", "/var/backups/thuocdo": "0700", "/etc/thuocdo": "0750"}
    named = [value for name in UNITS[:2] for values in settings_of(installed, name).values() for value in values]
    assert {path for path in found if any(path in value for value in named)} == {*found}


def test_the_service_and_the_backup_call_commands_that_there_are(installed):
    for name in UNITS[:2]:
        [command] = settings_of(installed, name)["ExecStart"]
        _, _, _, *arguments = command.split()  # without the settings, which are not here
        asked = [sys.executable, "-m", "thuocdo", *arguments[:3], "--help"]
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        for option in re.findall(r"--[a-z-]+", command.partition(" --log-format json ")[2]):
            assert option in done.stdout


@pytest.fixture
def confined(systemd, installed, require):
    """
    Run a command under the filters of a unit, without any right.

    As another user; or, for what only root may read, as root without its rights.
    """
    works = os.geteuid() == 0 and shutil.which("setpriv")
    require(works, "root and setpriv", "run as root; apt-get install util-linux")

    def command(name, *command, user="10001"):
        asked = settings_of(installed, name)
        allowed = set()
        for line in asked["SystemCallFilter"]:
            takes_away, names = line.startswith("~"), line.removeprefix("~").split()
            for one in [call for each in names for call in calls_of(systemd, each)]:
                (allowed.discard if takes_away else allowed.add)(one)
        spaces = asked["RestrictNamespaces"][0].split()
        flags = [flag for space, flag in NAME_SPACES.items() if space not in spaces]
        given = {"allowed": sorted(allowed), "flags": flags, "no_code": asked.get("MemoryDenyWriteExecute") == ["yes"]}
        free = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
        confine = ["--no-new-privs", "/usr/bin/python3", "-c", CONFINE, json.dumps(given)]
        return [*free, *confine, *map(str, command)]

    return command


def run(command, folder="/tmp", **environment):
    """Run a command to its end; returns the finished process."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", **environment}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=environment, cwd=folder
    )


def calls_of(systemd, name):
    """The system calls of a set, the sets in it included."""
    if not name.startswith("@"):
        return [name]
    lines = subprocess.run([systemd, "syscall-filter", name], capture_output=True, text=True, check=True).stdout
    found = [line.strip() for line in lines.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return [call for one in found for call in calls_of(systemd, one)]


def test_the_filters_forbid_what_they_are_there_for(confined):
    code = "import ctypes; library = ctypes.CDLL(None, use_errno=True)\n"
    code += "print(*(library.unshare(flag) for flag in (0x04000000, 0x00020000, 0x08000000)), library.unshare(0x10000000))\n"
    code += (
        "for call in ((165, b'x', b'/mnt', b'tmpfs', 0, None), (250, 0, 0, 0, 0), (101, 0, 0, 0, 0), (175, 0, 0, 0)):\n"
    )
    code += " print(library.syscall(*call), ctypes.get_errno())"  # mount, keyctl, ptrace, init_module
    done = run(confined("thuocdo.service", "/usr/bin/python3", "-c", code))
    assert done.stdout.splitlines() == ["-1 -1 -1 0", *["-1 1"] * 4], done.stderr


@pytest.mark.browser
def test_chromium_keeps_its_sandbox_under_the_filters_of_the_service(confined, require, tmp_path):
    browser = shutil.which("chromium-headless-shell")
    require(browser, "Debian's chromium-headless-shell", "apt-get install chromium-headless-shell")
    with TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o777)
        page = "data:text/html,<script>document.write([1,2,3].map(x => x * 2).join())</script>"
        options = ("--headless", "--disable-gpu", f"--user-data-dir={folder}/profile", "--dump-dom", page)
        done = run(confined("thuocdo.service", browser, *options), folder)
    assert "2,4,6" in done.stdout, done.stderr
    assert "No usable sandbox" not in done.stderr


def test_the_clock_can_be_asked_and_not_set_under_the_filters_of_the_service(confined):
    code = "import ctypes; library = ctypes.CDLL(None); print(library.adjtimex(ctypes.create_string_buffer(1024)))\n"
    code += "import time\ntry: time.clock_settime(time.CLOCK_REALTIME, 0)\nexcept PermissionError: print('no')"
    done = run(confined("thuocdo.service", "/usr/bin/python3", "-c", code))
    answer, refused = done.stdout.split()
    assert int(answer) >= 0, done.stderr
    assert refused == "no"


def test_all_processes_are_at_work_and_a_backup_is_made_under_the_filters_of_their_units(confined, tmp_path):
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "none.yaml").write_text("agencies: []\n")
    (tmp_path / "backups").mkdir()
    settings = tmp_path / "thuocdo.yaml"
    settings.write_text("data_dir: data\nregistry_dir: portals\nweb: {port: 0}\n")
    program = (sys.executable, "-m", "thuocdo", "--config", settings, "--log-format", "json")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    with (tmp_path / "log").open("w") as log:
        service = subprocess.Popen(
            confined("thuocdo.service", *program, "run", user="0"), env=environment, cwd=tmp_path, stdout=subprocess.PIPE,
            stderr=log, text=True,
        )  # fmt: skip
        try:
            address = wait_until(lambda: re.search(r'"url": "(.+?)"', (tmp_path / "log").read_text()), "an address")
            wait_until(lambda: is_ready(address[1]), "the pages")
            made = run(
                confined("thuocdo-backup.service", *program, "backup", "backups", "--keep", "3", user="0"),
                tmp_path,
                PYTHONPATH=str(ROOT),
            )
        finally:
            service.send_signal(signal.SIGTERM)
            assert service.wait(timeout=300) == 0
    assert made.returncode == 0, made.stderr
    assert (service.stdout.read(), made.stdout) == ("", ""), (
        "what is said goes into the log, and each line of it is JSON"
    )
    assert json.loads(made.stderr.splitlines()[0])["file"].startswith("backups/thuocdo-")
    assert len(list((tmp_path / "backups").iterdir())) == 1
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line for line in lines if line["level"] not in ("info", "debug") and "browser" not in line["event"]] == []


def is_ready(address):
    """Whether the pages answer."""
    try:
        with urllib.request.urlopen(f"{address}-/ready", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
