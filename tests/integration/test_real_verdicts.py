"""Pages that nobody here wrote are ok when they are, and are not once they are broken on purpose."""

import mimetypes
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.verdicts import verdicts
from probes.chromium.executable import find_browser
from testbed.verdicts.page import Asked, Respond, Send, Truth, VerdictPage, answer, document, ok, one_of
from thuocdo.core.model import Outcome, Reason
from thuocdo.core.setting_groups import BrowserSettings

pytestmark = [pytest.mark.timeout(3600), pytest.mark.turns(share=0.5, among="software of others")]

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / ".cache" / "real_input" / "node_modules"
PYTHON = Path("/usr/share/doc/python3-doc/html")
OF_PYTHON = ("index.html", "library/asyncio.html", "tutorial/index.html", "contents.html", "library/functions.html")
TO_BE_FINISHED = {"startbootstrap-coming-soon/dist/index.html"}
"""Says of itself that there is no site yet."""
KINDS = ("http", "homepage")

BROKEN = {
    "emptied": document("", title=""),
    "default": document("<h1>Welcome to nginx!</h1><p>The web server is working.</p>", title="Welcome to nginx!"),
    "login": document("<form><input name=u><input name=p type=password><button>Đăng nhập</button></form>", title="Đăng nhập"),
    "away": document("<h1>Hẹn gặp lại</h1><p>Chúng tôi nghỉ một thời gian.</p>", title="Thông báo"),
}  # fmt: skip
"""What is put in the place of a page."""


def folder(root: Path, page: str) -> Respond:
    """Show a page and what it loads, as it lies in a folder."""

    async def respond(asked: Asked, send: Send) -> None:
        file = root / (page if asked.path == "/" else Path(page).parent / asked.path.lstrip("/"))
        if not file.is_file() or not file.resolve().is_relative_to(root.resolve()):
            await send(answer("404", "404 Not Found"))
            return
        media = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        await send(answer(file.read_bytes(), media=media))

    return respond


def instead(html: str, good: Respond) -> Respond:
    """Show something else at the page's own address."""

    async def respond(asked: Asked, send: Send) -> None:
        if asked.path == "/":
            await send(answer(html))
        else:
            await good(asked, send)

    return respond


def of_packages() -> Iterator[tuple[str, Path, str]]:
    for package in sorted(PACKAGES.glob("startbootstrap-*")):
        for file in sorted([*package.glob("*.html"), *package.glob("dist/*.html")]):
            yield f"{package.name.removeprefix('startbootstrap-')}-{file.stem}", package, str(file.relative_to(package))


def pages(require) -> list[VerdictPage]:
    require(
        PACKAGES.is_dir() and PYTHON.is_dir(), "npm packages of tests/real_input, python3-doc", "scripts/setup_tests.sh"
    )
    found = [
        *of_packages(),
        *((f"python-{Path(page).stem}{number}", PYTHON, page) for number, page in enumerate(OF_PYTHON)),
    ]
    assert len(found) >= 25
    return [
        VerdictPage(
            name=name.lower().replace("_", "-"),
            does="a page that nobody here wrote",
            truth=dict.fromkeys(KINDS, Truth.FINE),
            expected=dict.fromkeys(KINDS, _expected(root, page)),
            respond=folder(root, page),
        )
        for name, root, page in found
    ]


def _expected(root: Path, page: str) -> frozenset[Reason | None]:
    if f"{root.name}/{page}" in TO_BE_FINISHED:
        return one_of(Reason.CONTENT_MISMATCH)
    return ok(Reason.LOGIN_REQUIRED) if "login" in page else ok()


def broken(good: list[VerdictPage]) -> list[VerdictPage]:
    return [
        VerdictPage(
            name=f"{name}-{page.name}",
            does=f"{name} on purpose",
            truth=dict.fromkeys(KINDS, Truth.OUTAGE),
            expected=dict.fromkeys(
                KINDS,
                one_of(Reason.CONTENT_MISMATCH, Reason.LOGIN_REQUIRED, Reason.NOT_THE_PORTAL, Reason.MAINTENANCE_PAGE),
            ),
            respond=instead(html, page.respond),
            before=page.respond,
        )
        for page in good
        for name, html in BROKEN.items()
    ]


async def test_plain_documents_of_others(require) -> None:
    good = pages(require)
    found = await verdicts([*good, *broken([one for one in good if one.expected["http"] == ok()])], ["http"])
    assert not [str(one) for one in found if not one.is_right]
    assert not [
        str(one)
        for one in found
        if one.page in good and one.seen.outcome is Outcome.FAILED and None in one.page.expected["http"]
    ]


@pytest.mark.browser
async def test_pages_of_others_in_a_browser(require, pytestconfig) -> None:
    if find_browser(BrowserSettings()) is None:
        pytest.skip("NO BROWSER ON THIS MACHINE: verdicts of the browser are NOT TESTED")
    chance, good = random.Random(os.environ["SAMPLE_SEED"]), pages(require)
    whole = pytestconfig.getoption("--whole")
    shown = good if whole else chance.sample(good, 6)
    to_break = chance.sample([one for one in good if one.expected["http"] == ok()], 6 if whole else 1)
    found = await verdicts([*shown, *broken(to_break)], ["homepage"])
    assert not [str(one) for one in found if not one.is_right]
