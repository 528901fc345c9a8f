"""Where addresses lead, as browsers read them."""

import pytest

from probes.net.destination import destination_of, led_to, location_text
from probes.net.fault import ExchangeError

BASE = "https://cong.test/a/b?c"


@pytest.mark.parametrize(
    ("location", "url"),
    [
        (b"/x", "https://cong.test/x"),
        (b"x", "https://cong.test/a/x"),
        (b"?q", "https://cong.test/a/b?q"),
        (b"  /x \t", "https://cong.test/x"),
        (b"/caf\xe9", "https://cong.test/caf%E9"),
        (b"/x?q=\xe9\xff", "https://cong.test/x?q=%E9%FF"),
        ("/hồ-sơ?q=tìm kiếm".encode(), "https://cong.test/h%E1%BB%93-s%C6%A1?q=t%C3%ACm%20ki%E1%BA%BFm"),
        (b"/a%20b%2Fc%41?d=%20+%2B", "https://cong.test/a%20b%2Fc%41?d=%20+%2B"),
        (b"\\x\\y", "https://cong.test/x/y"),
        (b"\\\\other.test\\x", "https://other.test/x"),
        (b"https:\\\\other.test/x?a\\b", "https://other.test/x?a\\b"),
        (b"//other.test", "https://other.test/"),
        (b"///other.test/x", "https://other.test/x"),
        (b"https:///other.test/x", "https://other.test/x"),
        (b"https:/x", "https://cong.test/x"),
        (b"https:x", "https://cong.test/a/x"),
        (b"http:/other.test/x", "http://other.test/x"),
        (b"ht\ttps://other.test/x", "https://other.test/x"),
        (b"HTTPS://OTHER.TEST:443/X", "https://other.test/X"),
        (b"http://other.test:80/", "http://other.test/"),
        (b"http://other.test:8080", "http://other.test:8080/"),
        (b"http://other.test./x", "http://other.test./x"),
        (b"/x/../y/./z/%2e%2e/w", "https://cong.test/y/w"),
        (b"../../../x", "https://cong.test/x"),
        (b"/x#part", "https://cong.test/x"),
        (b"#part", "https://cong.test/a/b?c"),
        (b'/{x}|y"<>', "https://cong.test/%7Bx%7D|y%22%3C%3E"),
        ("http://cổng.test/".encode(), "http://xn--cng-qmz.test/"),
        (b"http://c%E1%BB%95ng.test/", "http://xn--cng-qmz.test/"),
        (b"http://u:secret@other.test/x", "http://other.test/x"),
        (b"http://u@other.test/x", "http://other.test/x"),
        (b"http://u:@:@other.test/x", "http://other.test/x"),
        (b"http://0x7f.1/x", "http://127.0.0.1/x"),
    ],
)
def test_a_location_leads_where_browsers_go(location, url):
    assert led_to(BASE, location_text(location)) == url


@pytest.mark.parametrize(
    "location",
    [
        *(b"http://", b"ftp://a.test/", b"http://a.test:99999/", b"//[::1/", b"javascript:x", b"data:text/html,x"),
        *(b"about:blank", b"http://a b.test/", b"http://a%00.test/", b"mailto:a@b.test", b"http://a.test:x/"),
        *(b"http://" + b"a" * 20_000, b"/" + b"\xe9" * 100_000, b"http://" + b"u" * 2000 + b"@a.test/"),
    ],
)
def test_an_address_that_is_none_is_told(location):
    with pytest.raises(ExchangeError) as caught:
        led_to(BASE, location_text(location))
    assert "none" in caught.value.detail


@pytest.mark.parametrize(
    ("url", "host", "port", "first", "named"),
    [
        ("http://cong.test", "cong.test", 80, "GET / HTTP/1.1", "cong.test"),
        ("http://cong.test/?", "cong.test", 80, "GET /? HTTP/1.1", "cong.test"),
        ("https://CONG.test:443/x?y#z", "cong.test", 443, "GET /x?y HTTP/1.1", "cong.test"),
        ("https://cong.test.:8443/", "cong.test", 8443, "GET / HTTP/1.1", "cong.test.:8443"),
        ("http://u:secret@cong.test/x", "cong.test", 80, "GET /x HTTP/1.1", "cong.test"),
        ("http://[::1]:81/", "::1", 81, "GET / HTTP/1.1", "[::1]:81"),
        ("http://Cổng.test/Tra cứu", "xn--cng-qmz.test", 80, "GET /Tra%20c%E1%BB%A9u HTTP/1.1", "xn--cng-qmz.test"),
    ],
)
def test_a_place_says_whom_to_ask_and_what(url, host, port, first, named):
    place = destination_of(url)
    assert (place.host, place.port) == (host, port)
    assert place.request.decode() == f"{first}\r\nHost: {named}\r\n"
    assert "secret" not in repr(place)


@pytest.mark.parametrize("url", ["http://a.test:0/", "http://./", "x", "", "http://" + "a." * 200 + "test/"])
def test_a_place_that_nobody_can_ask_is_none(url):
    with pytest.raises(ExchangeError):
        destination_of(url)


@pytest.mark.parametrize("port", [1, 22, 25, 6000, 6667, 10080])
def test_a_port_of_another_protocol_is_not_asked(port):
    with pytest.raises(ExchangeError, match="another protocol"):
        destination_of(f"http://a.test:{port}/")
