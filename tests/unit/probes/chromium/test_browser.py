"""Which browser is used and how it is started; what it does is tested in tests/integration/test_browser_probes.py."""

from pathlib import Path

import pytest

from probes.chromium.browser import Browser
from probes.chromium.executable import BROWSER_VARIABLE, _playwright_shell, find_browser
from probes.chromium.life import arguments as _arguments
from probes.chromium.line import EGRESS_HOST
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.setting_groups import BrowserSettings


def make_executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any browser."""
    monkeypatch.delenv(BROWSER_VARIABLE, raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_browsers_are_looked_for_in_order(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_browser(BrowserSettings()) is None
    full = make_executable(bare / "bin" / "chromium")
    assert find_browser(BrowserSettings()) == full
    shell = make_executable(bare / "bin" / "chromium-headless-shell")
    assert find_browser(BrowserSettings()) == shell
    revision = _revision()
    own = make_executable(
        bare / "playwright" / f"chromium_headless_shell-{revision}" / "chrome-linux" / "chrome-headless-shell"
    )
    assert find_browser(BrowserSettings()) == own == _playwright_shell()
    named = make_executable(bare / "named")
    assert find_browser(BrowserSettings(path=named)) == named
    monkeypatch.setenv(BROWSER_VARIABLE, str(shell))
    assert find_browser(BrowserSettings(path=named)) == shell


def _revision() -> str:
    import json
    from importlib.resources import files

    catalogue = json.loads((files("playwright") / "driver" / "package" / "browsers.json").read_text(encoding="utf-8"))
    return next(str(one["revision"]) for one in catalogue["browsers"] if one["name"] == "chromium-headless-shell")


def test_named_browser_that_is_missing_is_not_replaced_by_another(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_executable(bare / "bin" / "chromium")
    assert find_browser(BrowserSettings(path=bare / "nowhere")) is None
    monkeypatch.setenv(BROWSER_VARIABLE, str(bare / "nowhere"))
    assert find_browser(BrowserSettings()) is None


@pytest.mark.parametrize(("variable", "hint"), [(None, "make setup"), ("/nowhere/chrome", "/nowhere/chrome")])
async def test_missing_browser_says_what_to_do(
    bare: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None, hint: str
) -> None:
    if variable:
        monkeypatch.setenv(BROWSER_VARIABLE, variable)
    with pytest.raises(BrowserUnavailableError, match=hint):
        await Browser.launch(BrowserSettings(), hosts=None, user_agent="ThuocDo/0")


def test_the_browser_itself_finds_no_host_but_the_way_out_of_its_pages() -> None:
    rules = next(part for part in _arguments(BrowserSettings()) if "host-resolver" in part)
    assert rules == f"--host-resolver-rules=MAP {EGRESS_HOST} 127.0.0.1,MAP * ~NOTFOUND"
    assert len(EGRESS_HOST) > 32, "no page may guess it"


def test_certificate_errors_are_only_ignored_for_keys_that_were_given() -> None:
    assert not any("certificate" in part for part in _arguments(BrowserSettings()))
    keys = tuple(f"{letter * 43}=" for letter in "kl")
    trusting = _arguments(BrowserSettings(trusted_keys=keys))
    assert f"--ignore-certificate-errors-spki-list={','.join(keys)}" in trusting
