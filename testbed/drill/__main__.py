"""
The portals of the drill as a process: `python -m testbed.drill FOLDER`, in a network that is its own.

FOLDER/places.json says who they are. It says `ready` once they answer, and then does what each line of standard input says:
`PORTAL TROUBLE`, or `PORTAL ?` for how often the portal was asked; each is answered with a line. It ends with standard input.
"""

import asyncio
import sys
from pathlib import Path

from testbed.drill.fleet import READY, DrillFleet
from testbed.drill.places import read_places
from testbed.drill.troubles import Trouble

ASKED = "?"


async def main(folder: Path) -> None:
    """Serve until standard input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with DrillFleet(read_places(folder / "places.json"), folder) as fleet:
        _say(READY)
        while line := (await reader.readline()).decode().split():
            place_id, what = line
            if what == ASKED:
                _say(str(fleet.requests(place_id)))
            else:
                await fleet.befall(place_id, Trouble(what))
                _say(what)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
