"""
A body in chunks whose framing no strict parser takes and every browser does, taken apart as browsers do.

Only a body that was refused comes here: lines that end in LF alone, spaces before an extension, extensions and trailers that are
none. Each form was tried on Chromium 156 (the table is tests/unit/probes/net/test_chunks.py).

Source: Chromium's net/http/http_chunked_decoder.cc.
"""

import re

LONGEST_LINE_BYTES = 16 * 1024
"""Source: Chromium, HttpChunkedDecoder::kMaxLineBufLen."""
_SIZE = re.compile(rb"0*([0-9a-fA-F]{1,15}) *(?:;.*)?", re.DOTALL)


class BadChunksError(Exception):
    """Chunks that no browser takes either; the message says why."""


class ChunkReader:
    """
    One body, fed as it comes.

    Attributes:
        is_complete: the last chunk and what follows it are there.

    """

    def __init__(self) -> None:
        self.is_complete = False
        self._line = bytearray()
        self._left = 0
        self._is_after_chunk = self._is_in_trailer = False

    def feed(self, data: bytes) -> bytes:
        """
        Return what some of the body holds; what follows its end is left alone.

        Raises:
            BadChunksError: no browser takes it.
        """
        found, at = bytearray(), 0
        while at < len(data) and not self.is_complete:
            if self._left:
                part = data[at : at + self._left]
                self._left -= len(part)
                self._is_after_chunk = not self._left
                found += part
                at += len(part)
                continue
            end = data.find(b"\n", at)
            self._line += data[at : len(data) if end < 0 else end]
            if len(self._line) > LONGEST_LINE_BYTES:
                raise BadChunksError("a line in its chunks is too long")
            at = len(data) if end < 0 else end + 1
            if end >= 0:
                line, self._line = bytes(self._line).removesuffix(b"\r"), bytearray()
                self._read(line)
        return bytes(found)

    def _read(self, line: bytes) -> None:
        if self._is_in_trailer:
            self.is_complete = not line
        elif self._is_after_chunk:
            if line:
                raise BadChunksError("a chunk is longer than it says")
            self._is_after_chunk = False
        else:
            size = _SIZE.fullmatch(line)
            if size is None:
                raise BadChunksError("the size of a chunk is none")
            self._left = int(size[1], 16)
            self._is_in_trailer = not self._left
