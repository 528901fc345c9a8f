"""Reads pictures as a machine would that looks for persons: at several sizes, both ways round, by OCR of Vietnamese."""

import io
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageOps

SCALES = (1, 2, 3)
LONGEST_PIXELS = 4_200
WINDOW = 7
"""So many digits or letters in a row of a secret are a leak."""


def why_blind() -> str:
    """Return why nothing can be read on this machine; empty where it can."""
    if shutil.which("tesseract") is None:
        return "NO TESSERACT ON THIS MACHINE: what pictures show is NOT TESTED; make setup-tests installs it"
    known = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False).stdout.split()
    return (
        ""
        if "vie" in known
        else "TESSERACT HAS NO VIETNAMESE: what pictures show is NOT TESTED; make setup-tests installs it"
    )


def read(picture: bytes) -> str:
    """Return everything that can be read in a picture, one reading after the other."""
    return "\n".join(_readings(picture))


def control(picture: bytes, secrets: dict[str, str], enough: int) -> set[str]:
    """Return which secrets can be read in a picture in which nothing is hidden; reads on until there are enough of them."""
    told = ""
    found: set[str] = set()
    for reading in _readings(picture):
        told = f"{told}\n{reading}"
        found = set(leaked(secrets, told))
        if len(found) >= enough:
            break
    return found


def _readings(picture: bytes) -> Iterator[str]:
    """Read a picture in one size after the other, the small ones first, both ways round at once."""
    with Image.open(io.BytesIO(picture)) as opened:
        grey = opened.convert("L")
    sizes = [scale for scale in SCALES if max(grey.size) * scale <= LONGEST_PIXELS] or [1]
    with ThreadPoolExecutor(2) as pool:
        for scale in sizes:
            yield "\n".join(pool.map(_read, _both(grey.resize((grey.width * scale, grey.height * scale)))))


def leaked(secrets: dict[str, str], read_text: str) -> dict[str, str]:
    """Return the secrets of which so much stands in a text that somebody could be found by it, with what was found."""
    lines = [_plain(line) for line in read_text.splitlines()]
    lines += [one + other for one, other in zip(lines, lines[1:], strict=False)]
    found = {}
    for name, secret in secrets.items():
        plain = _plain(secret)
        windows = {plain[at : at + WINDOW] for at in range(max(1, len(plain) - WINDOW + 1))}
        hit = next((window for window in windows if any(window in line for line in lines)), "")
        if hit:
            found[name] = hit
    return found


def _both(grey: Image.Image) -> tuple[Image.Image, Image.Image]:
    return grey, ImageOps.invert(grey)


def _read(picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG")
    command = ["tesseract", "stdin", "stdout", "-l", "vie", "--psm", "11"]
    env = {"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    return subprocess.run(command, input=file.getvalue(), capture_output=True, check=True, env=env).stdout.decode()


def _plain(text: str) -> str:
    """Return letters and digits without accents, capitals and gaps."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return "".join(sign for sign in apart if sign.isalnum())
