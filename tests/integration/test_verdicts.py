"""Every page of the gallery of verdicts gets a verdict that it may have, from the product's own runner."""

import os

import pytest

from benchmarks.verdicts import verdicts
from probes import runner
from probes.chromium.executable import find_browser
from testbed.verdicts.gallery import PAGES, sample
from thuocdo.core.setting_groups import BrowserSettings

pytestmark = pytest.mark.timeout(3600)

SHARE = 0.05


def pages(config: pytest.Config, share: float):
    return PAGES if config.getoption("--whole") else sample(os.environ["SAMPLE_SEED"], share)


async def test_plain_documents_are_judged_rightly(pytestconfig) -> None:
    found = await verdicts(PAGES, ["http"])
    assert not [str(one) for one in found if not one.is_right]


@pytest.mark.browser
async def test_what_a_browser_shows_is_judged_rightly(pytestconfig, monkeypatch) -> None:
    # How soon a probe that was told to end has ended is the machine's affair, and no verdict.
    monkeypatch.setattr(runner, "OVERRUN_SECONDS", 120.0)
    if find_browser(BrowserSettings()) is None:
        pytest.skip("NO BROWSER ON THIS MACHINE: verdicts of the browser are NOT TESTED")
    found = await verdicts(pages(pytestconfig, SHARE), ["homepage", "eform"])
    assert not [str(one) for one in found if not one.is_right]
