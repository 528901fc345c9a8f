"""What a process loads: its own, and no more."""

import subprocess
import sys
from pathlib import Path

from thuocdo.cli import COMMANDS

ROOT = Path(__file__).parents[2]

# A name that sys.modules holds as None cannot be imported; so it is on a machine that lacks it.
WITHOUT = """
import sys, traceback
from importlib import import_module
modules, missing = (one.split(",") for one in sys.argv[1:])
sys.modules.update(dict.fromkeys(missing))
for module in modules:
    try:
        import_module(module)
    except ImportError:
        traceback.print_exc()
        print(module)
"""


def needing(modules: list[str], *missing: str) -> tuple[list[str], str]:
    """Return those of the modules that cannot be imported without what is missing, and what they said."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, ",".join(modules), ",".join(missing)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split(), done.stderr


def test_what_measures_nothing_itself_starts_without_playwright() -> None:
    commands = ["web", "judge", "ranker", "rank", "round", "portals", "config", "run"]
    places = [COMMANDS[name][0] if name in COMMANDS else name for name in commands]
    found, said = needing([f"thuocdo.cli.{place.partition(':')[0]}" for place in places], "playwright")
    assert found == [], said


def test_the_judge_needs_neither_a_web_server_nor_frames() -> None:
    found, said = needing(["thuocdo.cli.judge"], "playwright", "fastapi", "pandas", "aiohttp", "numpy")
    assert found == [], said


def test_the_ranker_needs_no_web_server() -> None:
    found, said = needing(["thuocdo.cli.ranker"], "playwright", "fastapi", "aiohttp")
    assert found == [], said


def test_only_asking_a_grafana_loads_its_http_library() -> None:
    code = "import sys, thuocdo.cli.grafana; sys.exit('niquests' in sys.modules or 'grafana_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_help_loads_no_command() -> None:
    program = (
        "import sys, runpy\nsys.argv = ['thuocdo', '--help']\n"
        "try:\n    runpy.run_module('thuocdo', run_name='__main__')\nexcept SystemExit as exc:\n    assert not exc.code\n"
        "print([name for name in ('playwright', 'pandas', 'numpy', 'sqlalchemy', 'pydantic_settings', 'aiohttp', 'fastapi')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(name in done.stdout for name in COMMANDS)
