"""Pictures: what is private is painted over, and where that cannot be there is none."""

import io
from base64 import b64encode
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.async_api import Error

from probes.chromium import picture as module
from probes.chromium.drawn import Box, Drawn, Run
from probes.chromium.filmstrip import Frame
from probes.chromium.filmstrip_image import filmstrip_image
from probes.chromium.picture import Picture, take_part, take_picture

VIEW = Box(left=0, top=0, right=200, bottom=100)
NUMBER = Box(left=50, top=40, right=150, bottom=60)


def drawn(left: float = 50.0, *, text: str = "0912345678") -> Drawn:
    at = Box(left=left, top=40, right=left + 100, bottom=60)
    return Drawn(view=VIEW, runs=(Run(text=text, box=at, whole=text, block=(0, 0), form=False),), fields=())


def shot(scale: int = 1) -> bytes:
    image = Image.new("RGB", (200 * scale, 100 * scale), "white")
    ImageDraw.Draw(image).rectangle([side * scale for side in (50, 40, 149, 59)], fill="black")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


class Page:
    """Gives one picture again and again."""

    def __init__(self, png: bytes | None = None) -> None:
        self.png = shot() if png is None else png
        self.pictures = 0
        self.in_transition = False

    async def send(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        if method == "Page.getLayoutMetrics":
            return {"cssVisualViewport": {"pageX": 0, "pageY": 0, "clientWidth": 200, "clientHeight": 100}}
        if method == "Runtime.evaluate":
            return {"result": {"value": self.in_transition}}
        self.pictures += 1
        return {"data": b64encode(self.png).decode()}

    def on(self, event: str, f: Any) -> None: ...


def looks(monkeypatch: pytest.MonkeyPatch, *seen: Drawn) -> None:
    left = list(seen)

    async def look(_: object, *, framed: bool = False) -> tuple[Drawn, None]:
        return left.pop(0) if len(left) > 1 else left[0], None

    monkeypatch.setattr(module, "look", look)
    monkeypatch.setattr(module, "is_framed", lambda _: False)
    monkeypatch.setattr(module, "parse_drawn", lambda drawn, _: drawn)


def darkest(content: bytes, box: Box = VIEW) -> int:
    with Image.open(io.BytesIO(content)) as opened:
        scale = opened.width / 200
        part = opened.convert("L").crop((box.left * scale, box.top * scale, box.right * scale, box.bottom * scale))
    return int(np.asarray(part).min())


@pytest.mark.parametrize("scale", [1, 2])
async def test_what_is_private_is_painted_over_at_any_density(monkeypatch: pytest.MonkeyPatch, scale: int) -> None:
    looks(monkeypatch, drawn())
    picture = await take_picture(Page(shot(scale)), form=False)
    assert picture is not None
    assert darkest(picture.raw or b"") == 0
    assert darkest(picture.jpeg) > 60  # the bar is grey


async def test_what_moved_meanwhile_is_painted_over_all_along(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, drawn(20), drawn(80))
    picture = await take_picture(Page(), form=False)
    assert picture is not None
    assert darkest(picture.jpeg) > 60


async def test_a_page_that_does_not_rest_gives_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, *(drawn(), drawn(text="x")) * 5)
    page = Page()
    assert await take_picture(page, form=False) is None
    assert page.pictures == 3


async def test_a_page_that_shows_pictures_of_its_past_gives_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, drawn())
    page = Page()
    page.in_transition = True
    assert await take_picture(page, form=False) is None
    assert page.pictures == 3


async def test_a_page_that_cannot_be_looked_at_gives_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost(_: object, *, framed: bool = False) -> Drawn:
        raise Error("Target closed")

    monkeypatch.setattr(module, "look", lost)
    for outlines in (False, True):
        assert await take_picture(Page(), form=True, outlines=outlines) is None
    assert await take_part(Page(), {"x": 0, "y": 0, "width": 50, "height": 50}, form=False) is None


async def test_outlines_show_nothing_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, drawn(text="Xin chào"))
    page = Page()
    picture = await take_picture(page, form=True, outlines=True)
    assert picture is not None
    assert page.pictures == 0
    assert (darkest(picture.jpeg, NUMBER), darkest(picture.jpeg, Box(left=0, top=0, right=30, bottom=30))) == (
        pytest.approx(132, abs=20), 255,
    )  # fmt: skip


async def test_a_part_is_cut_out_of_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, drawn())
    part = await take_part(Page(), {"x": 100, "y": 30, "width": 500, "height": 40}, form=False)
    with Image.open(io.BytesIO(part or b"")) as opened:
        assert (opened.format, opened.size) == ("PNG", (100, 40))
        assert np.asarray(opened.convert("L")).min() > 60
    assert await take_part(Page(), {"x": 0, "y": 500, "width": 50, "height": 50}, form=False) is None


def test_a_filmstrip_shows_what_the_end_shows_and_the_rest_coarsely() -> None:
    raw = shot()
    masked = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(masked).rectangle((50, 40, 149, 59), fill="#00ff00")
    file = io.BytesIO()
    masked.save(file, "PNG")
    end = Picture(jpeg=file.getvalue(), raw=raw)
    elsewhere = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(elsewhere).line((0, 5, 200, 5), fill="black")
    file = io.BytesIO()
    elsewhere.save(file, "PNG")
    strip = filmstrip_image([Frame(at_seconds=1.0, jpeg=raw), Frame(at_seconds=2.0, jpeg=file.getvalue())], 0.0, end)
    with Image.open(io.BytesIO(strip)) as opened:
        first = np.asarray(opened.convert("RGB").crop((8, 8, 208, 108))).astype(int)
        second = np.asarray(opened.convert("L").crop((216, 8, 416, 108))).astype(int)
    assert (first[50, 100] - (0, 255, 0)).__abs__().max() < 40  # as the end may be shown
    assert first.min(axis=2).max() > 200
    assert second[5].min() > 150  # a line is no line any more
