"""
What the Dockerfile makes, without an engine: the wheel, and the wheel at work under the container's restrictions.

There is no Docker here, so the kernel's own means stand in for it: name spaces, a read-only root, a user without any capability,
no new privileges, the seccomp profile of docker-compose.yml, no network but loopback, and the run-time packages only.
"""

import compileall
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import tomllib
import zipfile
from functools import partial
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytestmark = [pytest.mark.browser, pytest.mark.turns(share=0.5)]

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(distribution("pip").locate_file("."))

SECCOMP = """\
import ctypes, json, os, sys

library = ctypes.CDLL("libseccomp.so.2")
library.seccomp_init.restype = ctypes.c_void_p
profile = json.load(open(sys.argv[1]))
assert profile["defaultAction"] == "SCMP_ACT_ALLOW"
context = ctypes.c_void_p(library.seccomp_init(0x7FFF0000))
for rule in profile["syscalls"]:
    for name in rule["names"]:
        number = library.seccomp_syscall_resolve_name(name.encode())
        assert number != -1, f"libseccomp knows no system call {name}"
        if number >= 0:  # else of other architectures
            assert library.seccomp_rule_add(context, 0x00050000 | rule["errnoRet"], number, 0) == 0, name
assert library.seccomp_load(context) == 0
os.execvp(sys.argv[2], sys.argv[2:])
"""

# In a mount name space of its own: /mnt/image is the image, /mnt/root the working folder with the volume in it.
# LD_LIBRARY_PATH: a Python that was built by hand may have a library of its own.
ENTER = """\
set -eu
ip link set lo up
mount -t tmpfs -o mode=0755 tmpfs /mnt
mkdir /mnt/image /mnt/packages /mnt/python /mnt/root
mount --bind "$1" /mnt/image
mount --bind "$2" /mnt/packages
mount --bind "$3" /mnt/python
mkdir /mnt/root/data
mount -t tmpfs -o mode=0750,uid=10001,gid=10001,nosuid,nodev tmpfs /mnt/root/data
mount -t tmpfs -o mode=1777,size=1g,noexec,nosuid,nodev tmpfs /tmp
mount -t tmpfs -o mode=1777,size=512m,noexec,nosuid,nodev tmpfs /dev/shm
mount -o remount,bind,ro /mnt
mount -o remount,bind,ro /
cd /mnt/root
exec env -i PATH=/mnt/image/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp LANG=C.UTF-8 \
    LD_LIBRARY_PATH=/mnt/python/lib \
    setpriv --reuid 10001 --regid 10001 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs \
    /mnt/image/bin/python /mnt/image/seccomp.py /mnt/image/seccomp.json bash -c "$4"
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel, built from what `docker build` gets to see."""
    context, folder = tmp_path_factory.mktemp("context"), tmp_path_factory.mktemp("wheel")
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").split():
        source = ROOT / line.removeprefix("!")
        if line.startswith("!") and source.is_dir():
            shutil.copytree(source, context / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif line.startswith("!"):
            shutil.copy(source, context)
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=context, check=True, capture_output=True, text=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """What the wheel holds, compiled, as both images have it."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder)
    compileall.compile_dir(folder, quiet=1)
    return folder


@pytest.fixture(scope="session")
def name_spaces(require):
    """Arguments that run a command in name spaces of its own, all of it ended with it."""
    unshare, *others = (
        shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") for tool in ("unshare", "setpriv", "ip")
    )
    works = (
        os.geteuid() == 0
        and unshare
        and all(others)
        and subprocess.run([unshare, "--mount", "--net", "true"], check=False, capture_output=True).returncode == 0
    )
    require(works, "name spaces (root, unshare, setpriv and ip)", "run as root; apt-get install iproute2 util-linux")
    return [unshare, "--mount", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]


@pytest.fixture(scope="session")
def http_container(name_spaces, installed, tmp_path_factory):
    """Run a bash script in a container of the stage `http`; returns the finished process."""
    image = tmp_path_factory.mktemp("http")
    fill(image, installed, with_node=False)
    return partial(run, name_spaces, image, "/none")


@pytest.fixture(scope="session")
def browser_container(name_spaces, installed, require, tmp_path_factory):
    """Run a bash script in a container of the stage `browser`; returns the finished process."""
    browser = shutil.which("chromium-headless-shell")
    require(browser, "Debian's chromium-headless-shell", "apt-get install chromium-headless-shell")
    image = tmp_path_factory.mktemp("browser")
    fill(image, installed, with_node=True)
    return partial(run, name_spaces, image, browser)


def run(name_spaces, image, browser, script):
    """Run a bash script in an image."""
    exports = f"export THUOCDO_WEB__HOST=0.0.0.0 THUOCDO_BROWSER={browser}; "
    folders = map(str, (image, PACKAGES, sys.base_prefix))
    enter = [*name_spaces, "sh", "-c", ENTER, "sh", *folders, exports + textwrap.dedent(script)]
    return subprocess.run(enter, capture_output=True, text=True, timeout=300, check=False)


def fill(image, installed, *, with_node):
    """Make the virtual environment of the image: the wheel as it is installed, links to what it needs."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = image / "lib" / version / "site-packages"
    shutil.copytree(installed, site)
    site.chmod(0o755)
    image.chmod(0o755)
    (image / "pyvenv.cfg").write_text("home = /mnt/python/bin\n")
    (image / "bin").mkdir()
    (image / "bin" / "python").symlink_to(f"/mnt/python/bin/{version}")
    # What the wheel itself asks for: .venv may remember an older pyproject.toml.
    own = Distribution.at(next(site.glob("thuocdo-*.dist-info")))
    files = [file for name in needed(own) for file in distribution(name).files or ()]
    for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
        (site / top).symlink_to(f"/mnt/packages/{top}")
    if not with_node:
        (site / "playwright").unlink()
        shutil.copytree(PACKAGES / "playwright", site / "playwright", ignore=shutil.ignore_patterns("node"))
    shutil.copy(ROOT / "deploy" / "seccomp.json", image)
    (image / "seccomp.py").write_text(SECCOMP)


def needed(package, extras=frozenset(), seen=None):
    """Names of the distributions that a distribution needs to run, itself left out."""
    seen = set() if seen is None else seen
    for text in package.requires or ():
        wanted = Requirement(text)
        applies = wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in (extras or {""}))
        if applies and (wanted.name, frozenset(wanted.extras)) not in seen:
            seen.add((wanted.name, frozenset(wanted.extras)))
            needed(distribution(wanted.name), wanted.extras, seen)
    return {name for name, _ in seen}


def test_the_wheel_has_every_file_of_its_packages(wheel):
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
        "packages"
    ]
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "docs"}
    assert folders <= set(packages), "a room without its line in pyproject.toml would be missing after an installation"
    with zipfile.ZipFile(wheel) as file:
        inside = set(file.namelist())
    ignored = {"__pycache__"}
    there = {
        path.relative_to(ROOT).as_posix()
        for package in packages
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not ignored & set(path.parts)
    }
    assert there - inside == set()
    for one in (
        "criteria/survey-2023.yaml",
        "portals/provinces.yaml",
        "schedules/default.yaml",
        "scenarios/journeys/generic.yaml",
        "thuocdo/locale/vi/cli.po",
        "thuocdo/web/templates/base.html",
    ):
        assert one in inside


def test_commands_need_nothing_but_the_image(http_container):
    done = http_container(
        """
        python -m thuocdo config check && echo checks && python -m thuocdo doctor --json
        touch x 2>/dev/null || echo read-only
        """
    )
    first, *told, last = done.stdout.splitlines()
    assert first == "Không có lỗi.", done.stderr
    checks = told[told.index("checks") + 1 :]
    states = {check["name"]: check["state"] for check in map(json.loads, checks)}
    assert {name for name, state in states.items() if state == "off"} == {"Browser"}
    assert last == "read-only"


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize(("command", "code"), [("run", 0), ("demo --folder data", 3)])
def test_the_health_check_sees_the_service_come_up_and_it_stops_when_asked(http_container, command, code):
    done = http_container(
        f"""
        python -m thuocdo {command} >/tmp/log 2>&1 & service=$!
        for i in $(seq 1500); do
            {health_check()} && break
            sleep 0.2
        done
        {health_check()} && echo healthy
        kill $service; wait $service; echo "ended with $?"
        find data -name thuocdo.sqlite
        cat /tmp/log >&2
        """
    )
    assert done.stdout.splitlines()[:2] == ["healthy", f"ended with {code}"], done.stderr  # a demo was midway
    assert "thuocdo.sqlite" in done.stdout


def test_a_first_start_fills_the_folder_and_the_next_leaves_it_and_the_service_runs_on_it(http_container):
    settings = {
        "REGISTRY_DIR": "portals",
        "CRITERIA_DIR": "criteria",
        "SCHEDULE": "schedules/default.yaml",
        "MAINTENANCE": "schedules/maintenance.yaml",
        "OWNERS": "owners.yaml",
    }
    exports = "; ".join(f"export THUOCDO_{name}=/tmp/local/{path}" for name, path in settings.items())
    done = http_container(
        f"""
        umask 022
        mkdir /tmp/local && python -m thuocdo prepare /tmp/local >/tmp/first || exit 9
        grep -c 'đã đặt bản có sẵn' /tmp/first; grep -c 'CHƯA ĐẾN TAY AI' /tmp/first
        echo '# ours' >>/tmp/local/schedules/maintenance.yaml
        python -m thuocdo prepare /tmp/local >/tmp/second || exit 9
        grep -c 'đã đặt bản có sẵn' /tmp/second; tail -n 1 /tmp/local/schedules/maintenance.yaml
        chmod -R a-w /tmp/local  # the others see it read-only
        {exports}
        python -m thuocdo run >/tmp/log 2>&1 & service=$!
        for i in $(seq 1500); do
            {health_check()} && break
            sleep 0.2
        done
        {health_check()} && echo healthy
        grep -c 'CHƯA ĐẾN TAY AI' /tmp/log
        python -m thuocdo reload >>/tmp/log 2>&1 && echo reloaded
        python -m thuocdo --lang en doctor --json | grep -o '"Who is told", "state": "[a-z]*"'
        kill $service; wait $service; echo "ended with $?"
        cat /tmp/log >&2
        """
    )
    told = ["5", "1", "0", "# ours", "healthy", "1", "reloaded", '"Who is told", "state": "warning"', "ended with 0"]
    assert done.stdout.splitlines() == told, done.stderr


def test_a_folder_of_somebody_else_is_told_with_what_to_do(http_container):
    done = http_container("python -m thuocdo --lang en prepare /mnt/image/local; echo $?")
    assert done.stdout.splitlines()[-1] == "2"
    assert "must be there and belong to who runs this (user 10001)" in done.stderr


def test_the_health_check_fails_where_nobody_listens(http_container):
    assert http_container(health_check()).returncode != 0


def test_the_sandboxed_browser_measures_a_page_without_any_capability(browser_container):
    done = browser_container(
        """
        echo '<!doctype html><html lang=vi><title>Trang chủ</title><h1>Cổng dịch vụ công</h1><p>Nộp hồ sơ' >/tmp/index.html
        python -m http.server --bind 127.0.0.1 --directory /tmp 8000 >/tmp/server 2>&1 &
        for i in $(seq 50); do exec 3<>/dev/tcp/127.0.0.1/8000 && break; sleep 0.1; done 2>/dev/null
        grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr '\n\t' '  '; echo
        python -m thuocdo check http://127.0.0.1:8000/ --only homepage --json
        """
    )
    status, _, report = done.stdout.partition("\n")
    nothing = "0" * 16
    wanted = f"Uid: {' '.join(['10001'] * 4)} CapEff: {nothing} CapBnd: {nothing} NoNewPrivs: 1 Seccomp: 2"
    assert status.split() == wanted.split(), done.stderr
    page = json.loads(report)
    assert [measured["outcome"] for measured in page["measurements"]] == ["ok"], page


def health_check():
    """The health check of the Dockerfile as a command line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    command = json.loads(re.search(r"^HEALTHCHECK .*? CMD (\[.*\])$", text, re.M)[1])
    return shlex.join(command) + " 2>/dev/null"
