"""What headers, queries and bodies say that a request would do; the gate is asked the same in chromium/test_request_gate.py."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.forbidden_acts import Meaning
from probes.forbidden_requests import MOST_BODY, MOST_VALUES, meaning_of_body, means_another_method

SAID = {
    "maThuTuc=1.004222&buoc=1&tiep=true": None,
    '{"procedure": "1.004222", "fields": [{"name": "hoTen", "value": ""}], "n": 1, "x": null}': None,
    "ghiChu=": None,
    "action=saveDraft": None,
    "action=luu-nhap": None,
    '{"action": "next"}': None,
    "<nhap><ma>1.004222</ma></nhap>": None,
    '--x\r\nContent-Disposition: form-data; name="ma"\r\n\r\n1.004222\r\n--x--': None,
    "action=xoa": Meaning.DELETE,
    '{"xoa": true}': Meaning.DELETE,
    '{"xoa": false}': None,
    "ThaoTac=Rút hồ sơ": Meaning.WITHDRAW,
    "op=thanhtoan": Meaning.PAY,
    "thaotac=nophoso": Meaning.SEND,
    "btn=ruthoso": Meaning.WITHDRAW,
    '{"a": {"b": [{"command": "huyHoSo"}]}}': Meaning.CANCEL,
    '{"status": "SUBMITTED"}': Meaning.SEND,
    "<a:Envelope><n:tuChoiHoSo/></a:Envelope>": Meaning.REFUSE,
    "_method=delete": Meaning.UNREADABLE,
    '{"a": ': Meaning.UNREADABLE,
    "x" * (MOST_BODY + 1): Meaning.UNREADABLE,
    "&".join(f"a{number}=1" for number in range(MOST_VALUES + 1)): Meaning.UNREADABLE,
}


def test_bodies_mean_what_a_server_would_read_in_them() -> None:
    assert {body[:60]: meaning_of_body(body) for body in SAID} == {body[:60]: told for body, told in SAID.items()}
    assert meaning_of_body(None) is Meaning.UNREADABLE


@pytest.mark.parametrize(
    ("url", "headers", "told"),
    [
        ("https://a.test/x?method=list&page=2", {"Accept": "*/*", "X-Requested-With": "XMLHttpRequest"}, False),
        ("https://a.test/x?query=query%7Bme%7Bid%7D%7D", {}, False),
        ("https://a.test/x", {"Access-Control-Request-Method": "POST"}, False),
        ("https://a.test/x", {"X-Action": "list"}, False),
        ("https://a.test/x?a=1;_method=put", {}, True),
        ("https://a.test/x?httpMethod=DELETE", {}, True),
        ("https://a.test/x?query=%20mutation%20A%7Bx%7D", {}, True),
        ("https://a.test/x", {"x-method-override": "GET"}, True),
        ("https://a.test/x", {"X-Command": "huy-ho-so"}, True),
    ],
)
def test_a_request_may_say_that_it_is_another_one(url: str, headers: dict[str, str], told: bool) -> None:
    assert means_another_method(url, headers) is told


@pytest.mark.parametrize(
    "piece",
    ["<a", "<a b", "a=", "a.", '<a b="', "<a:", '{"a":', "--a\r\n", "a&b;", "[", " ", "a b", "\u0301", 'name="a"\n'],
)
def test_bodies_are_read_in_proportion_to_their_length(piece: str) -> None:
    """Steps within an expression cannot be counted: this ends only where none goes back over what it has read."""
    for media_type in ("", "text/xml", "multipart/form-data", "application/json"):
        meaning_of_body(piece * (MOST_BODY // len(piece)), media_type)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["", "text/xml", "multipart/form-data", "application/json"]))
def test_reading_a_body_never_raises(body: str, media_type: str) -> None:
    meaning_of_body(body, media_type)
