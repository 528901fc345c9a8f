"""The set-up scripts, run for real in a sandbox whose PATH holds only what a test puts there."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted([*ROOT.glob("scripts/*.sh"), ROOT / ".ci" / "run"])
PLAIN_TOOLS = ["bash", "env", "dirname", "cat", "sha256sum", "tail", "grep", "timeout", "rm", "mkdir", "cp"]


class Sandbox:
    """A copy of the set-up in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in PLAIN_TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name in ("scripts", ".ci", "tests/real_input"):
            shutil.copytree(ROOT / name, folder / name)
        for name in ("requirements.lock", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        self.program("id", "echo 1000")

    def program(self, name: str, body: str, folder: Path | None = None) -> Path:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\necho {name} >>{self.folder}/calls\n{body}\n")
        path.chmod(0o755)
        return path

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        base = {"PATH": str(self.bin), "HOME": str(self.folder)}
        command = [str(self.bin / "bash"), str(self.folder / script)]
        return subprocess.run(
            command, env=base | environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().split() if path.exists() else []


@pytest.fixture
def sandbox(tmp_path):
    return Sandbox(tmp_path)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_executable_and_parse(script):
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_no_lock_file_names_a_registry():
    assert not re.search(r"https?://", (ROOT / "requirements.lock").read_text())
    packages = json.loads((ROOT / "tests/real_input/package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)


def test_every_dependency_is_locked_with_a_hash():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    wanted = {re.split(r"[\[=<>~]", name)[0].strip().lower() for name in named}
    locked = set(
        re.findall(
            r"^([a-z0-9._-]+)==\S+ \\\n    --hash=sha256:", (ROOT / "requirements.lock").read_text(), re.MULTILINE
        )
    )
    assert wanted - locked == set()


def test_an_old_python_is_refused_with_what_to_do(sandbox):
    sandbox.program("python3", '[[ $1 == --version ]] && echo "Python 3.9.2" && exit 0; exit 1')
    done = sandbox.run("scripts/setup.sh")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed; python3 is Python 3.9.2" in done.stderr
    assert "make setup PYTHON=" in done.stderr


def test_a_python_without_venv_says_which_package_brings_it(sandbox):
    sandbox.program("python3", "[[ $2 == *ensurepip* ]] && exit 1; [[ $2 == *print* ]] && echo python3.12-venv; exit 0")
    done = sandbox.run("scripts/setup.sh")
    assert done.returncode == 1
    assert "sudo apt-get install python3.12-venv" in done.stderr


def test_a_browser_on_the_path_is_taken_where_the_download_fails_which_is_tried_once(sandbox):
    sandbox.program("playwright", "exit 1", sandbox.folder / ".venv/bin")
    browser = sandbox.program("chromium", "")
    for _ in range(2):
        done = sandbox.run("scripts/browser.sh")
        assert (done.returncode, done.stdout) == (0, "")
        assert (sandbox.folder / ".venv/.browser").read_text().strip() == str(browser)
    assert sandbox.calls.count("playwright") == 1


def test_a_browser_is_downloaded_once_where_that_works(sandbox):
    place = sandbox.folder / ".cache/ms-playwright/chromium_headless_shell-1/chrome-linux"
    sandbox.program("playwright", f"mkdir -p {place}; >{place}/headless_shell", sandbox.folder / ".venv/bin")
    for _ in range(2):
        assert sandbox.run("scripts/browser.sh").returncode == 0
    assert sandbox.calls.count("playwright") == 1
    assert (sandbox.folder / ".venv/.browser").read_text().strip() == str(place / "headless_shell")


def test_without_any_browser_one_line_says_what_is_off_and_nothing_is_tried_again(sandbox):
    sandbox.program("playwright", "exit 1", sandbox.folder / ".venv/bin")
    for _ in range(2):
        done = sandbox.run("scripts/browser.sh")
        assert done.returncode == 0
        [line] = done.stdout.splitlines()
        assert "no browser: home pages, eForms and accessibility are not measured, only HTTP" in line
    assert sandbox.calls.count("playwright") == 1


def test_root_gets_a_browser_from_the_distribution(sandbox):
    sandbox.program("playwright", "exit 1", sandbox.folder / ".venv/bin")
    sandbox.program("id", "echo 0")
    name = sandbox.bin / "chromium-headless-shell"
    sandbox.program("apt-get", f"[[ $* == *chromium-headless-shell* ]] && cp {sandbox.bin}/id {name}; exit 0")
    done = sandbox.run("scripts/browser.sh")
    assert (done.returncode, done.stdout) == (0, "")
    assert (sandbox.folder / ".venv/.browser").read_text().strip() == str(name)


def test_a_browser_variable_that_names_nothing_is_said(sandbox):
    done = sandbox.run("scripts/browser.sh", THUOCDO_BROWSER="/nowhere/chrome")
    assert done.returncode == 0
    assert "THUOCDO_BROWSER=/nowhere/chrome is no program" in done.stderr


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_missing_test_programs_are_named_and_fail_only_in_ci(sandbox, ci, code):
    done = sandbox.run("scripts/setup_tests.sh", CI=ci)
    assert done.returncode == code
    assert "prometheus is missing (apt-get install prometheus)" in done.stderr
    assert "npm packages of tests/real_input cannot be installed" in done.stderr


@pytest.mark.parametrize(("failing", "calls", "code"), [("lint", 1, 2), ("test", 2, 2), ("nothing", 2, 0)])
def test_ci_stops_at_the_first_failure_with_its_code(sandbox, failing, calls, code):
    sandbox.program("make", f"[[ $CI == true ]] || exit 9; [[ $1 == {failing} ]] && exit 2; exit 0")
    done = sandbox.run(".ci/run")
    assert done.returncode == code
    assert sandbox.calls.count("make") == calls
