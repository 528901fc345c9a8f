"""What a process loads: its own, and no more."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from thuocdo.cli import COMMANDS

ROOT = Path(__file__).parents[3]

# A name that sys.modules holds as None cannot be imported; so it is on a machine that lacks it.
WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(sys.argv[2].split(",")))
from importlib import import_module
import_module(sys.argv[1])
"""


def loads_without(module, *missing):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, module, ",".join(missing)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["web", "judge", "ranker", "rank", "round", "portals", "config", "run"])
def test_what_measures_nothing_itself_starts_without_playwright(command):
    place = COMMANDS[command][0] if command in COMMANDS else f"{command}:{command}"
    loaded, said = loads_without(f"thuocdo.cli.{place.partition(':')[0]}", "playwright")
    assert loaded, said


def test_the_judge_needs_neither_a_web_server_nor_frames():
    loaded, said = loads_without("thuocdo.cli.judge", "playwright", "fastapi", "pandas", "aiohttp", "numpy")
    assert loaded, said


def test_the_ranker_needs_no_web_server():
    loaded, said = loads_without("thuocdo.cli.ranker", "playwright", "fastapi", "aiohttp")
    assert loaded, said


def test_help_loads_no_command():
    program = (
        "import sys, runpy\nsys.argv = ['thuocdo', '--help']\n"
        "try:\n    runpy.run_module('thuocdo', run_name='__main__')\nexcept SystemExit as exc:\n    assert not exc.code\n"
        "print([name for name in ('playwright', 'pandas', 'numpy', 'sqlalchemy', 'pydantic_settings', 'aiohttp', 'fastapi')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_help_says_of_a_command_is_what_it_says_of_itself(name):
    place, text = COMMANDS[name]
    module, _, attribute = place.partition(":")
    found = getattr(import_module(f"thuocdo.cli.{module}"), attribute)
    own = found.info.help if isinstance(found, typer.Typer) else found.__doc__
    assert " ".join(own.split("\n\n")[0].split()) == text
