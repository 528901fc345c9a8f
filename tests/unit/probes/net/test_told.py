import gzip
import zlib

import pytest
from multidict import CIMultiDict

from probes.net.client import HopResponse
from probes.net.coding import unpacked
from probes.net.told import add_told, unpacked_bytes

MOST = 1000


def answer(body=b"", **headers):
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return HopResponse(
        url="http://a.test/", status=200, version="1.1", headers=named, body_head=body, body_bytes=len(body)
    )


def told(**headers):
    values, attributes = {}, {}
    add_told(answer(**headers), values, attributes)
    return values, attributes


@pytest.mark.parametrize(
    "date",
    ["Wed, 21 Oct 2015 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT", "Wed Oct 21 07:28:00 2015"],
)
def test_a_date_is_read_in_the_three_forms_of_http(date):
    assert told(Last_Modified=date)[0] == {"last_modified_timestamp_seconds": 1445412480.0}


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "0", "Wed, 21 Oct 99999999999 07:28:00 GMT", "Wed, 99 Oct 2015 99:99:99 GMT", "\ud800" * 9],
)
def test_what_is_no_date_is_not_measured(date):
    values, _ = told(Last_Modified=date)
    assert all(0 <= seconds <= 253_402_300_799 for seconds in values.values())


@pytest.mark.parametrize(
    ("headers", "framing"),
    [
        ({"Content_Length": "5"}, {}),
        ({"Transfer_Encoding": "chunked"}, {"body_framing": "chunked"}),
        ({"Transfer_Encoding": "chunked", "Content_Length": "5"}, {"body_framing": "chunked"}),
        ({}, {"body_framing": "close"}),
    ],
)
def test_how_the_end_of_a_body_is_known(headers, framing):
    assert told(**headers)[1] == framing


def size(body, coding, *, head=None):
    whole = answer(body, Content_Encoding=coding)
    kept = body if head is None else body[:head]
    cut = HopResponse(
        url=whole.url, status=200, version="1.1", headers=whole.headers, body_head=kept, body_bytes=len(body)
    )
    return unpacked_bytes(cut, unpacked(kept, coding, MOST), MOST)


def test_the_size_of_what_was_packed():
    page = b"trang " * 100
    assert size(page, "") == size(page, "identity") == len(page)
    assert size(gzip.compress(page), "gzip") == len(page)
    assert size(zlib.compress(page), "deflate") == len(page)


def test_a_large_body_is_not_unpacked_for_its_size():
    page = b"trang " * 1000
    assert size(gzip.compress(page), "gzip") == len(page)  # gzip says so at its end
    assert size(zlib.compress(page), "deflate") is None
    assert size(gzip.compress(page), "gzip", head=20) is None
    assert size(page, "", head=20) == len(page)


def test_what_cannot_be_unpacked_has_no_size():
    assert size(b"no gzip at all", "gzip") is None
    assert size(b"brotli", "br") is None
