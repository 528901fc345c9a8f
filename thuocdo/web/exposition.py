"""What machines scrape, in the format and the packing that each of them takes."""

import gzip
from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import Response

from exporters.text import CONTENT_TYPE, OPENMETRICS_CONTENT_TYPE, Exposition, takes_openmetrics, text_of

FASTEST = 1
"""Level of compression: names repeat so often that higher ones save little, and cost several times more."""


class Body:
    """
    What is sent, in either format, plain and compressed: each is made once, when somebody first takes it so.

    Args:
        exposition: what it says.
    """

    def __init__(self, exposition: Exposition) -> None:
        self.exposition = exposition
        self._plain: dict[bool, bytes] = {}
        self._packed: dict[bool, bytes] = {}

    def plain(self, *, openmetrics: bool) -> bytes:
        """Return it as text."""
        if openmetrics not in self._plain:
            self._plain[openmetrics] = text_of(self.exposition, openmetrics=openmetrics)
        return self._plain[openmetrics]

    def packed(self, *, openmetrics: bool) -> bytes:
        """Return it in gzip."""
        if openmetrics not in self._packed:
            self._packed[openmetrics] = gzip.compress(self.plain(openmetrics=openmetrics), FASTEST, mtime=0)
        return self._packed[openmetrics]

    def made(self, *, openmetrics: bool, packs: bool) -> bytes:
        """Return it in one of its forms."""
        return self.packed(openmetrics=openmetrics) if packs else self.plain(openmetrics=openmetrics)


def forms_of(request: Request) -> tuple[bool, bool]:
    """Return whether a client takes OpenMetrics, and whether it takes gzip."""
    headers = request.headers
    return (
        takes_openmetrics(",".join(headers.getlist("accept"))),
        takes_gzip(headers.getlist("accept-encoding")),
    )


def response_of(content: bytes, *, openmetrics: bool, packs: bool) -> Response:
    """Return an answer that says in which form it is."""
    headers = {"Vary": "Accept, Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packs else {})
    return Response(content, media_type=OPENMETRICS_CONTENT_TYPE if openmetrics else CONTENT_TYPE, headers=headers)


def takes_gzip(accepted: Sequence[str]) -> bool:
    """Tell whether a client takes gzip, by its `Accept-Encoding`; a weight of 0 is a refusal (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for coding in ",".join(accepted).lower().split(","):
        name, _, weight = coding.partition(";")
        weights[name.strip()] = _weight(weight)
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weight(text: str) -> float:
    name, _, value = text.partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
