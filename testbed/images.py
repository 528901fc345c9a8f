"""Pictures that weigh what they should: noise that no compression makes smaller."""

import random
import struct
import zlib
from functools import cache


@cache
def noise_png(width: int, height: int, seed: int, *, gray: bool = False) -> bytes:
    """Return a picture of noise, 3 bytes a pixel (1 where gray); the same arguments give the same picture."""
    pixel_bytes, colour_type = (1, 0) if gray else (3, 2)
    dice = random.Random(f"{width} {height} {seed}")
    rows = b"".join(b"\0" + dice.randbytes(pixel_bytes * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
