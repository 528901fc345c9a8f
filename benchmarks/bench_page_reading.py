"""
How long the event loop stands still while a hostile page is read: 1 MiB of one piece again and again.

Each piece is read in a process of its own with a cap, so that the state before (BEFORE, the last commit with backtracking
expressions) can be measured in the same run; without the history it is left out. CPU time and best of three,
since the worst case of the code is asked for and not that of the machine.
"""

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from thuocdo.core.version import __version__

BEFORE = "bb60fa1"
PIECES = (
    *("<", "<!--", "<!-->", "<script ", "<script>", "<style <svg <template ", "<title ", "<title>", "<a ", "<a>"),
    *("<a href='x'>",),
    *("<a href=", '<a b="', "<a x='>'>", "<b>", "<b = ", "<b =' ", "<p><b a=1>", "<div>\n</div>", "<br/>"),
    *("<svg>", "<svg/>", "<svg"),
    *("</", "</scrip", "<![CDATA[", "]]>", "<?", "&#", '"', "=", "= ", "\0", "ế", "<noscript>", "<b> <a>"),
    *("<i><!-->", "x<b>"),
)
SIZE = 1024 * 1024
MUST_MS = 50.0
CAP_SECONDS = 5.0
_ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure and publish; with --worker read one piece."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", nargs=2, metavar=("PAGE", "PIECE"), help="module file and number of a piece")
    arguments = parser.parse_args()
    if arguments.worker:
        print(_read_ms(Path(arguments.worker[0]), PIECES[int(arguments.worker[1])]))
        return
    print(heading("Reading hostile pages, 1 MiB each", {"thuocdo": __version__, "before": BEFORE}))
    with tempfile.TemporaryDirectory() as folder:
        before = _page_before(Path(folder))
        rows = [
            (
                repr(piece),
                _measured(_ROOT / "probes" / "page.py", number),
                _measured(before, number) if before else None,
            )
            for number, piece in enumerate(PIECES)
        ]
    shown = [(name, _shown(now), "–" if before is None else _shown(was)) for name, now, was in rows]
    print(table(["piece", "ms", f"ms at {BEFORE}"], shown))
    cap = CAP_SECONDS * 1000
    worst_before = [was if was is not None else cap for _, _, was in rows] if before else []
    publish(
        "page_reading",
        [
            *(
                Figure(
                    figure=f"1 MiB of {name}, CPU-ms the loop stands still",
                    value=cap if now is None else now,
                    must=MUST_MS,
                )
                for name, now, _ in rows
            ),
            *(
                Figure(figure=f"1 MiB of {name}, CPU-ms before (at most {cap:g} were waited for)", value=was)
                for (name, _, _), was in zip(rows, worst_before, strict=False)
            ),
        ],
    )


def _page_before(folder: Path) -> Path | None:
    """Return the file of probes/page.py as it was, None where there is no history."""
    found = subprocess.run(
        ["git", "show", f"{BEFORE}:probes/page.py"],
        cwd=_ROOT,
        capture_output=True,
        check=False,
    )
    if found.returncode:
        return None
    path = folder / "page_before.py"
    path.write_bytes(found.stdout)
    return path


def _measured(page: Path, number: int) -> float | None:
    """Return the milliseconds of a piece, None where they are more than the cap."""
    command = [sys.executable, "-m", "benchmarks.bench_page_reading", "--worker", str(page), str(number)]
    try:
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, check=True, timeout=CAP_SECONDS + 2, text=True)
    except subprocess.TimeoutExpired:
        return None
    milliseconds = float(done.stdout)
    return None if milliseconds > CAP_SECONDS * 1000 else milliseconds


def _read_ms(page: Path, piece: str) -> float:
    spec = importlib.util.spec_from_file_location("page", page)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["page"] = module
    spec.loader.exec_module(module)
    html = (piece * (SIZE // len(piece) + 1))[:SIZE]
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        module.read_html(200, {}, "http://portal.test/", html)
        best = min(best, (time.process_time() - began) * 1000)
    return best


def _shown(milliseconds: float | None) -> str:
    return f"over {CAP_SECONDS * 1000:g}" if milliseconds is None else f"{milliseconds:.1f}"


if __name__ == "__main__":
    main()
