"""What every benchmark hands over: a Markdown table for people and benchmarks/out/<name>.json for machines."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OUT = Path(__file__).parent / "out"
HEADING = "| figure | value | must | aim | holds |\n|---|---|---|---|---|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    One measured figure.

    must, aim: upper limits (lower ones where `at_least`), None = no limit was set; holds: it keeps `must`.
    """

    figure: str
    value: float
    must: float | None = None
    aim: float | None = None
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether the figure keeps what it must."""
        if self.must is None:
            return True
        return self.value >= self.must if self.at_least else self.value <= self.must


def publish(name: str, figures: Sequence[Figure]) -> None:
    """Print the figures as a table and write them to benchmarks/out/<name>.json."""
    print(HEADING)
    for one in figures:
        sign = "≥" if one.at_least else "≤"
        limits = ["–" if limit is None else f"{sign} {limit:g}" for limit in (one.must, one.aim)]
        print(f"| {one.figure} | {one.value:.3g} | {' | '.join(limits)} | {'yes' if one.holds else 'NO'} |")
    OUT.mkdir(exist_ok=True)
    rows = [
        {"figure": one.figure, "value": one.value, "must": one.must, "aim": one.aim, "holds": one.holds}
        for one in figures
    ]
    (OUT / f"{name}.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Print what falls short of what it must, over all results that lie in benchmarks/out."""
    results = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(OUT.glob("*.json"))}
    limited = [(name, row) for name, rows in results.items() for row in rows if row["must"] is not None]
    short = [
        f"- {name}: {row['figure']}: {row['value']:.3g}, must {row['must']:g}"
        for name, row in limited
        if not row["holds"]
    ]
    print(f"\n{len(limited) - len(short)} of {len(limited)} figures with a limit keep it.", *short, sep="\n")


if __name__ == "__main__":
    main()
