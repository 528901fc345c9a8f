"""`python -m testbed --dir DIR --seed N`: runs the fleet until SIGTERM, SIGINT, or, if asked to, the end of its parent."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

import uvloop

from testbed.fleet import Fleet


def main() -> int:
    """Run the fleet; 0 = stopped as asked, 2 = it cannot start."""
    parser = argparse.ArgumentParser(
        prog="testbed", description="A simulated fleet of public-service portals on loopback."
    )
    parser.add_argument("--dir", type=Path, required=True, help="folder for its files; ready.json is written last")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same fleet")
    parser.add_argument("--port", type=int, default=0, help="one port for all hosts; 0 takes a free one")
    parser.add_argument("--time-scale", type=float, default=1.0, help="every injected delay is multiplied by it")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input closes")
    arguments = parser.parse_args()
    try:
        uvloop.run(_serve(arguments))
    except (OSError, ValueError) as exc:
        sys.stderr.write(f"testbed: {exc}\n")
        return 2
    return 0


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Fleet(arguments.dir, seed=arguments.seed, port=arguments.port, time_scale=arguments.time_scale) as fleet:
        loop.add_signal_handler(signal.SIGUSR1, fleet.write_served)
        if arguments.exit_with_parent:
            loop.add_reader(sys.stdin.fileno(), _stop_at_end, stop)
        sys.stdout.write(
            f"testbed ready: {len(fleet.portals)} portals on port {fleet.port}, files in {arguments.dir.absolute()}\n"
        )
        sys.stdout.flush()
        await stop.wait()


def _stop_at_end(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        stop.set()


if __name__ == "__main__":
    sys.exit(main())
