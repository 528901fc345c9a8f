from datetime import date, datetime
from pathlib import Path

import pytest

from schedules.round_plan import RoundType, load_round_plan
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block

WHOLE = """\
id: 2026-q4
label: Quý IV năm 2026
type: official
from: 2026-12-07
vantages: [ha-noi]
criteria: qd473-2024
"""


def read(folder, text, name="2026-q4.yaml"):
    (folder / name).write_text(text, encoding="utf-8")
    return load_round_plan(folder / name, all_kinds())


def test_a_type_says_what_the_file_leaves_out(tmp_path):
    official = read(tmp_path, WHOLE)
    assert (official.type, official.days, len(official.starts)) == (RoundType.OFFICIAL, 7, 9)
    assert official.loads == {"http": 1, "homepage": 1, "eform": 1}
    assert official.ranked == {Block.MINISTRY, Block.PROVINCE}
    quick = read(tmp_path, WHOLE.replace("official", "quick"))
    assert (quick.days, len(quick.starts)) == (3, 8)


def test_blocks_are_two_hours_by_clocks_in_hanoi(tmp_path):
    plan = read(tmp_path, WHOLE + 'hours: ["22:00", "06:00"]\ndays: 2\n')
    assert [(one.day, one.start) for one in plan.blocks] == [
        (0, datetime(2026, 12, 7, 6, tzinfo=HANOI)),
        (0, datetime(2026, 12, 7, 22, tzinfo=HANOI)),
        (1, datetime(2026, 12, 8, 6, tzinfo=HANOI)),
        (1, datetime(2026, 12, 8, 22, tzinfo=HANOI)),
    ]
    assert plan.ends_at == datetime(2026, 12, 9, tzinfo=HANOI)
    assert plan.first_day == date(2026, 12, 7)


def test_the_example_is_a_plan():
    assert load_round_plan(Path(__file__).parents[3] / "rounds" / "example.yaml", all_kinds()).label == "Đợt ví dụ"


def test_another_byte_is_another_plan(tmp_path):
    assert read(tmp_path, WHOLE).digest != read(tmp_path, WHOLE + "# \n").digest


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WHOLE.replace("official", "short"), "a short round needs no plan"),
        (WHOLE.replace("official", "offical"), "official"),
        (WHOLE.replace("id: 2026-q4", "id: 2026-q3"), "the file is called 2026-q4.yaml, the round '2026-q3'"),
        (WHOLE + 'hours: ["07:00"]\n', "a block begins at an even hour"),
        (WHOLE + 'hours: ["24:00"]\n', "a block begins at an even hour"),
        (WHOLE + 'hours: ["06:00", "06:00"]\n', "an hour stands twice"),
        (WHOLE + "hours: [10:00]\n", "in quotes"),
        (WHOLE + "loads: {homepag: 1}\n", "did you mean 'homepage'"),
        (WHOLE + "loads: {homepage: 0}\n", "loads.homepage"),
        (WHOLE + "profiles: [dekstop]\n", "did you mean 'desktop'"),
        (WHOLE + "profiles: [desktop, desktop]\n", "a name stands twice"),
        (WHOLE + "days: 40\n", "days"),
        (WHOLE + "minimum_coverage: 80\n", "minimum_coverage"),
        (WHOLE.replace("vantages: [ha-noi]\n", ""), "vantages"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, text, told):
    with pytest.raises(ConfigurationError, match=r"2026-q4\.yaml:") as caught:
        read(tmp_path, text)
    assert told in str(caught.value)
