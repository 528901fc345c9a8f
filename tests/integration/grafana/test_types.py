"""Generated dashboards against Grafana's own types: `tsc` reads @grafana/schema of 11.6 and every panel by its type."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from dashboards.board import board_json
from dashboards.boards import BOARDS
from dashboards.edition import editions

NAMES = {
    "timeseries": "TimeSeries",
    "stat": "Stat",
    "bargauge": "BarGauge",
    "state-timeline": "StateTimeline",
    "table": "Table",
    "row": "Row",
}
OPTIONS = {
    "strict": True,
    "noEmit": True,
    "target": "es2022",
    "module": "nodenext",
    "moduleResolution": "nodenext",
    "skipLibCheck": True,
    "types": [],
}


@pytest.fixture(scope="module")
def check(product, require, tmp_path_factory):
    modules = product.root / ".cache" / "real_input" / "node_modules"
    there = shutil.which("node") and (modules / "typescript").is_dir() and (modules / "@grafana" / "schema").is_dir()
    require(there, "npm packages of tests/real_input", "scripts/setup_tests.sh")
    folder = tmp_path_factory.mktemp("types")
    (folder / "node_modules").symlink_to(modules)
    (folder / "package.json").write_text('{"type": "module"}')
    shutil.copy(Path(__file__).with_name("types.ts"), folder)
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "include": ["*.ts"]}))

    def run(boards):
        """Return the mistakes that tsc finds, one line each."""
        for board in boards:
            (folder / f"{board['uid']}.ts").write_text(source(board), encoding="utf-8")
        done = subprocess.run(
            ["node", modules / "typescript" / "bin" / "tsc", "--project", folder, "--pretty", "false"],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        for board in boards:
            (folder / f"{board['uid']}.ts").unlink()
        return done.stdout.splitlines()

    return run


def source(board):
    """A board as TypeScript: itself, and every panel by its type."""
    lines = ['import type * as types from "./types.js";', ""]
    without = {name: value for name, value in board.items() if name != "panels"}
    lines.append(f"export const board: types.Board = {json.dumps(without, ensure_ascii=False)};")
    lines += [
        f"export const panel{panel['id']}: types.{NAMES[panel['type']]} = {json.dumps(panel, ensure_ascii=False)};"
        for panel in board["panels"]
    ]
    return "\n".join(lines) + "\n"


def test_every_panel_of_every_board_is_of_grafanas_own_types(check):
    assert check([board_json(make(edition), edition) for edition in editions() for make in BOARDS]) == []


def test_a_wrong_value_an_unknown_option_and_a_missing_one_are_found(check):
    edition = editions()[0]
    board = board_json(BOARDS[0](edition), edition)
    wrong, unknown, missing, *_ = [panel for panel in board["panels"] if panel["type"] == "stat"]
    wrong["fieldConfig"]["defaults"]["thresholds"]["mode"] = "sometimes"
    unknown["options"]["colour"] = "red"
    del missing["options"]["graphMode"]
    [first, second, third] = check([board])
    assert "sometimes" in first
    assert "TS2353" in second  # an object literal may only specify known properties
    assert "graphMode" in third
