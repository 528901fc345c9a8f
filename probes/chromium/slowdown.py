"""
How much slower than this machine a middling phone runs scripts, measured once in each browser that was started.

A fixed piece of work is done again and again in a page and the fastest tenth of the turns counts: what a busy machine takes away
makes turns longer, never shorter, and so does code that is not yet compiled. The work is of the kinds that fill the scripts of
real pages: objects, strings, sorting, JSON, patterns.

The index is scaled to Lighthouse's BenchmarkIndex, whose table of devices is the best that is published. On one machine (AMD
EPYC, 2 cores, Chromium 156, 2026-11-23) the best of several runs were 680 to 710 turns a second and an index of 2050 to 2140.
With 13 programs waiting for its 2 cores, ours was 1920 to 2010 in five runs of eight (1120 to 1540 in the others), theirs 400 to
1600.
"""

import asyncio
import json

from probes.chromium.cdp import CdpSession

PHONE_INDEX = 440.0
"""
A middling phone: a high-end desktop (1500 to 2000) slowed down by 4, well inside "mid-tier mobile" (125 to 800).

Source: github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md (table of device classes, 4x multiplier)
"""

CALIBRATION_SECONDS = 3.0
"""When to give up: the work itself ends after at most 1.1 s, but a starved machine answers late."""

_INDEX_PER_TURN_A_SECOND = 3.0  # see above

# Three runs with pauses outlast what keeps a machine busy for a moment. Together turns enough for the compiler and for a fair
# tenth; a starved or slow machine is given longer, within a limit.
_RUNS, _PAUSE_MILLISECONDS = 3, 150
_ENOUGH_MILLISECONDS, _ENOUGH_TURNS, _MOST_MILLISECONDS = 120, 40, 250

_WORK = """
(async () => {
  const turn = () => {
    const people = [];
    let seed = 7;
    for (let i = 0; i < 1500; i++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      people.push({ id: i, name: "Nguyễn Văn " + (seed % 997), age: seed % 90, tags: [seed % 7, seed % 11] });
    }
    const byName = new Map();
    for (const one of people) byName.set(one.name, (byName.get(one.name) ?? 0) + one.age);
    people.sort((a, b) => a.age - b.age || (a.name < b.name ? -1 : 1));
    const copy = JSON.parse(JSON.stringify(people));
    const text = copy.map((one) => one.name).join(", ").replace(/Văn (\\d)/g, "V. $1");
    let sum = byName.size;
    for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) | 0;
    return sum;
  };
  let sink = 0;
  const took = [];
  for (let run = 1; run <= RUNS; run++) {
    const began = performance.now();
    for (let now = began; now - began < (took.length < run * ENOUGH_TURNS ? MOST : ENOUGH); ) {
      sink ^= turn();
      took.push(performance.now() - now);
      now = performance.now();
    }
    if (run < RUNS) await new Promise((go) => setTimeout(go, PAUSE));
  }
  took.sort((a, b) => a - b);
  const fastest = took.slice(0, Math.ceil(took.length / 10));
  return { milliseconds: fastest.reduce((sum, one) => sum + one, 0) / fastest.length, sink };
})()
"""
"""Gives the milliseconds of a turn; `sink` keeps the compiler from leaving the work out."""


async def calibrate(session: CdpSession) -> float:
    """
    Measure this machine and return the factor for Emulation.setCPUThrottlingRate that makes a middling phone of it.

    Args:
        session: of a blank page of a browser that does nothing else; the page is busy for half a second to a second.

    Raises:
        TimeoutError: it took longer than CALIBRATION_SECONDS; this machine is frozen rather than slow.
        Error: Playwright's own, where the page is lost.

    """
    return slowdown_for(await machine_index(session))


async def machine_index(session: CdpSession) -> float:
    """Measure how fast scripts run on this machine, on the scale of Lighthouse's BenchmarkIndex; raises as `calibrate`."""
    limits = {
        "RUNS": _RUNS,
        "PAUSE": _PAUSE_MILLISECONDS,
        "ENOUGH": _ENOUGH_MILLISECONDS,
        "ENOUGH_TURNS": _ENOUGH_TURNS,
        "MOST": _MOST_MILLISECONDS,
    }
    script = f"{{ const {{ {', '.join(limits)} }} = {json.dumps(limits)}; {_WORK} }}"
    async with asyncio.timeout(CALIBRATION_SECONDS):
        told = await session.send(
            "Runtime.evaluate", {"expression": script, "returnByValue": True, "awaitPromise": True}
        )
    return _INDEX_PER_TURN_A_SECOND * 1000 / float(told["result"]["value"]["milliseconds"])


def slowdown_for(index: float) -> float:
    """Return how many times slower a machine of this index must run to be a middling phone; 1 where it is no faster than one."""
    return max(1.0, index / PHONE_INDEX)
