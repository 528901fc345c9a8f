"""Which Chromium is used."""

import json
import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

from thuocdo.core.setting_groups import BrowserSettings

BROWSER_VARIABLE = "THUOCDO_BROWSER"

DRIVER_SECONDS = 10


def find_browser(settings: BrowserSettings) -> Path | None:
    """
    Return the browser to use: $THUOCDO_BROWSER, the setting browser.path, Playwright's own headless shell, then the PATH.

    What a person names is final: where it is no executable file the answer is None, not some other browser.
    """
    named = os.environ.get(BROWSER_VARIABLE) or settings.path
    if named:
        path = Path(named)
        return path if path.is_file() and os.access(path, os.X_OK) else None
    own = _playwright_shell()
    if own:
        return own
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    return Path(found) if found else None


def missing_browser(settings: BrowserSettings) -> str:
    """Say why there is none and what to do."""
    variable = os.environ.get(BROWSER_VARIABLE)
    if variable:
        return f"{BROWSER_VARIABLE}: {variable} is no executable file; correct the path or unset the variable"
    if settings.path:
        return f"browser.path: {settings.path} is no executable file; correct the path or leave the key out"
    return (
        "no browser found; run `make setup`, install Debian's chromium-headless-shell, "
        f"or name a Chromium in {BROWSER_VARIABLE}"
    )


def driver_trouble() -> str:
    """
    Return what keeps Playwright's driver, which leads the browser, from starting, and what to do; empty: it starts.

    It is a program of its own (Node.js) with libraries of its own: where one is missing, a browser that is whole does not start.
    """
    node = Path(str(files("playwright"))) / "driver" / "node"
    if os.environ.get("PLAYWRIGHT_NODEJS_PATH") or not node.exists():
        return ""  # somebody else's program
    try:
        done = subprocess.run(  # noqa: S603 - ours
            [str(node), "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=DRIVER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as exc:
        return f"{node} does not start ({exc}); install thuocdo again"
    if done.returncode == 0:
        return ""
    said = next(iter(done.stderr.splitlines()), "").removeprefix(f"{node}: ") or f"exit code {done.returncode}"
    remedy = "apt-get install libatomic1" if "libatomic" in said else "install what it misses"
    return f"{node} does not start ({said}); {remedy}"


def _playwright_shell() -> Path | None:
    """Return the headless shell that `playwright install --only-shell chromium` put there, for this very Playwright."""
    package = Path(str(files("playwright"))) / "driver" / "package"
    catalogue = json.loads((package / "browsers.json").read_text(encoding="utf-8"))
    revision = next(entry["revision"] for entry in catalogue["browsers"] if entry["name"] == "chromium-headless-shell")
    place = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    try:
        folder = (
            package / ".local-browsers" if place == "0" else Path(place or Path.home() / ".cache" / "ms-playwright")
        )
    except RuntimeError:  # a user without a home, such as a number given to a container
        return None
    try:
        candidates = sorted(folder.glob(f"chromium_headless_shell-{revision}/*/*headless*shell"))
    except OSError:  # a home that this user may not read holds nothing for him
        return None
    return next((path for path in candidates if os.access(path, os.X_OK)), None)
