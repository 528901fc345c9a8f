"""What is promised of the first notice, reckoned from every interval on its way."""

import math
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from dashboards.recording import GROUP_INTERVALS, INCIDENT_GROUP
from dashboards.routes import GROUP_WAIT
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import answering_kind
from thuocdo.processes.judge import SETTLE_SLACK

ROOT = Path(__file__).resolve().parents[3]
PROMISED_SECONDS = 60
"""docs/operations.md: told within so long of the probe that confirms it."""


def seconds(duration: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(s|m)", duration).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


@pytest.fixture(params=["dashboards/prometheus/prometheus.yml", "deploy/prometheus/prometheus.yml"])
def scraped_every(request):
    return seconds(yaml.safe_load((ROOT / request.param).read_text(encoding="utf-8"))["global"]["scrape_interval"])


LOOK = Settings().incidents.every_seconds
EVALUATED = seconds(GROUP_INTERVALS[INCIDENT_GROUP])


def test_what_two_looks_of_the_judge_confirm_is_one_notice(scraped_every):
    scrapes_apart = math.ceil(LOOK / scraped_every) * scraped_every
    # A scrape that comes at the very moment of an evaluation is in it or in the next one.
    evaluations_apart = (scrapes_apart // EVALUATED + 1) * EVALUATED
    assert seconds(GROUP_WAIT) > evaluations_apart


def test_an_outage_is_told_within_what_is_promised(scraped_every):
    settled = timedelta(seconds=answering_kind().deadline_seconds) + SETTLE_SLACK
    assert settled.total_seconds() + LOOK + scraped_every + EVALUATED + seconds(GROUP_WAIT) < PROMISED_SECONDS


@pytest.mark.parametrize(("file", "words"), [("operations.md", "within {} s"), ("operations.vi.md", "vòng {} giây")])
def test_the_documents_tell_these_intervals(file, words):
    text = (ROOT / "docs" / file).read_text(encoding="utf-8")
    assert words.format(PROMISED_SECONDS) in text
    steps = text.partition("|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert re.findall(r"\d+", steps[-1]) == [GROUP_WAIT.rstrip("s")] * 2
    assert re.findall(r"\d+", steps[-2]) == ["15", str(EVALUATED), str(15 + EVALUATED)]
