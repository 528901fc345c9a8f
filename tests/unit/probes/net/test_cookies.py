"""Cookies of one chain of redirects: who gets them back, and who does not."""

import time

import pytest

from probes.net.cookies import ChainCookies
from probes.net.destination import destination_of

HERE = "https://www.cong.gov.vn/dvc/vao"


def sent(lines, to, since=HERE):
    cookies = ChainCookies()
    cookies.take(destination_of(since), lines)
    return cookies.header(destination_of(to)).decode()


@pytest.mark.parametrize(
    ("line", "to"),
    [
        ("a=b", "https://www.cong.gov.vn/dvc/khac"),
        ("a=b; path=/", "https://www.cong.gov.vn/x"),
        ("a=b; Path=/x", "https://www.cong.gov.vn/x/y"),
        ("a=b; path=khong-co-gach", "https://www.cong.gov.vn/dvc/"),
        ("a=b; domain=cong.gov.vn; path=/", "https://khac.cong.gov.vn/"),
        ("a=b; domain=.cong.gov.vn; path=/", "https://cong.gov.vn/"),
        ("a=b; DOMAIN = .Cong.Gov.VN; path=/", "https://cong.gov.vn/"),
        ("a=b; secure; path=/", "https://www.cong.gov.vn/"),
        ("a=b; path=/", "http://www.cong.gov.vn:8080/"),
        ("a=b; path=/; max-age=60", "https://www.cong.gov.vn/"),
        ("a=b; path=/; max-age=0; max-age=60", "https://www.cong.gov.vn/"),
        ("a=b; path=/; expires=Fri, 31-Dec-9999 23:59:59 GMT", "https://www.cong.gov.vn/"),
        ("a=b; path=/; expires=no date", "https://www.cong.gov.vn/"),
        ("a=b; path=/; HttpOnly; SameSite=Strict; Priority=High", "https://www.cong.gov.vn/"),
        ("a=b; path=/; Secure; SameSite=None; Partitioned", "https://www.cong.gov.vn/"),
        ("a=b; path=/; domain=khac.gov.vn; domain=cong.gov.vn", "https://www.cong.gov.vn/"),
        ('a=b; path=/; max-age="0"', "https://www.cong.gov.vn/"),
        ("a=b; path=/; max-age=soon", "https://www.cong.gov.vn/"),
        ("a=b; path=/; expires=0", "https://www.cong.gov.vn/"),
        ("a=b; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; max-age=60", "https://www.cong.gov.vn/"),
        ("  a = b ;path=/", "https://www.cong.gov.vn./"),
    ],
)
async def test_it_is_sent_where_it_belongs(line, to):
    assert sent([line], to) == "Cookie: a=b\r\n"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "127.9.9.9", "[::1]:80", "localhost", "cong.localhost"])
@pytest.mark.parametrize(
    "line", ["a=b; Secure", "a=b; Secure; SameSite=None", "__Secure-a=b; Secure", "__Host-a=b; Secure; path=/"]
)
async def test_on_this_machine_cookies_of_tls_need_none(line, host):
    assert sent([line], f"http://{host}/x", f"http://{host}/").endswith("a=b\r\n")
    assert not sent([line], "http://cong.gov.vn/", "http://cong.gov.vn/")


@pytest.mark.parametrize(
    ("line", "to"),
    [
        ("a=b; path=/", "https://cong.gov.vn/"),  # a cookie without a domain is of one host alone
        ("a=b; path=/", "https://khac.www.cong.gov.vn/"),
        ("a=b; path=/", "https://khac.gov.vn/"),
        ("a=b", "https://www.cong.gov.vn/khac"),
        ("a=b; path=/x", "https://www.cong.gov.vn/xy"),
        ("a=b; secure; path=/", "http://www.cong.gov.vn/"),
        ("a=b; path=/; max-age=0", "https://www.cong.gov.vn/"),
        ("a=b; path=/; max-age=-5", "https://www.cong.gov.vn/"),
        ("a=b; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://www.cong.gov.vn/"),
        ("a=b; path=/; domain=khac.gov.vn", "https://khac.gov.vn/"),
        ("a=b; path=/; domain=gov.vn", "https://khac.gov.vn/"),
        ("a=b; path=/; domain=.GOV.VN", "https://khac.gov.vn/"),
        ("a=b; path=/; domain=vn", "https://khac.vn/"),
        ("", "https://www.cong.gov.vn/"),
        (";", "https://www.cong.gov.vn/"),
        ("a=b; path=/; SameSite=None", "https://www.cong.gov.vn/"),
        ("a=b; path=/; Partitioned", "https://www.cong.gov.vn/"),
        ("__Secure-a=b; path=/", "https://www.cong.gov.vn/"),
        ("__secure-a=b; path=/", "https://www.cong.gov.vn/"),
        ("__Http-a=b; path=/; secure", "https://www.cong.gov.vn/"),
        ("__Host-Http-a=b; path=/; secure", "https://www.cong.gov.vn/"),
        ("__Host-a; path=/; secure", "https://www.cong.gov.vn/"),
        ("=a=b; path=/", "https://www.cong.gov.vn/"),
        ("a=b; path=/; max-age=+0", "https://www.cong.gov.vn/"),
        ("__Host-a=b; path=/; secure; domain=cong.gov.vn", "https://www.cong.gov.vn/"),
        ("__Host-a=b; secure; path=/dvc", "https://www.cong.gov.vn/dvc/"),
        ("a=b\tc; path=/", "https://www.cong.gov.vn/"),
        ("a=b; path=/; expires=Wed, 09-Nov-1999 23:12:40 GMT", "https://www.cong.gov.vn/"),
        ("a=b; path=/; expires=Sun Nov  6 08:49:37 1994", "https://www.cong.gov.vn/"),
        ("a=b; path=/; expires=Thu 01-Jan-1970 00:00:10 GMT", "https://www.cong.gov.vn/"),
        ("a=b; path=/; expires=Mon, 01 Jan 2001 00:00:00 UTC", "https://www.cong.gov.vn/"),
        ("a=b; path=/; expires=Tue, 09 Nov 99 23:12:40 GMT", "https://www.cong.gov.vn/"),
        ("a=" + "b" * 5000, "https://www.cong.gov.vn/dvc/"),
        ("a=b\x01c; path=/", "https://www.cong.gov.vn/"),
        ("a=b; path=/" + ";x" * 20_000, "https://www.cong.gov.vn/"),
    ],
)
async def test_it_goes_nowhere_else(line, to):
    assert sent([line], to) == ""


async def test_a_later_one_takes_the_place_of_an_earlier_and_an_end_takes_it_away():
    cookies = ChainCookies()
    place = destination_of(HERE)
    cookies.take(place, ["a=1", "b=2", "a=3"])
    assert cookies.header(place) == b"Cookie: b=2; a=3\r\n"
    cookies.take(place, ["a=; max-age=0"])
    assert cookies.header(place) == b"Cookie: b=2\r\n"


@pytest.mark.parametrize(
    "value", ['{"a":"b,c"}', '"quoted"', "a=b==", "x y", "a%3Bb", "tiếng-Việt", "a,b", "", "'", "a\\b", "<>@[]"]
)
async def test_a_value_comes_back_as_it_was_given(value):
    assert sent([f"a={value}; path=/"], "https://www.cong.gov.vn/") == f"Cookie: a={value}\r\n"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:81", "localhost:82", "cong"])
async def test_hosts_without_a_name_get_theirs_back_too(host):
    assert sent(["a=b; path=/"], f"http://{host}/x", since=f"http://{host}/") == "Cookie: a=b\r\n"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["abc; path=/"], "abc"),
        (["=abc; path=/"], "abc"),
        (["a b=1; path=/"], "a b=1"),
        (["a[0]=1; path=/", "a:b=2; path=/", "$c=3; path=/"], "a[0]=1; a:b=2; $c=3"),
        (["a=1; path=/", "b=2; path=/dvc", "c=3; path=/"], "b=2; a=1; c=3"),
        (["a=1; path=/", "a=2; path=/dvc"], "a=2; a=1"),
        (["a=1; path=/", "A=2; path=/"], "a=1; A=2"),
        (["a=1; path=/", "b=2; path=/", "a=1; path=/"], "a=1; b=2"),
        (["path=1; path=/"], "path=1"),
    ],
)
async def test_they_come_back_as_browsers_send_them(lines, told):
    assert sent(lines, "https://www.cong.gov.vn/dvc/x") == f"Cookie: {told}\r\n"


async def test_sixty_of_them_and_long_ones_come_back():
    assert sent([f"k{at}=v; path=/" for at in range(60)], HERE).count("k") == 60 + len("k") - 1 + "Cookie".count("k")
    assert len(sent([f"k{at}={'v' * 4000}; path=/" for at in range(3)], HERE)) > 12_000


async def test_what_is_no_utf_8_comes_back_byte_for_byte():
    cookies, place = ChainCookies(), destination_of(HERE)
    cookies.take(place, [b"a=\xe9".decode("utf-8", "surrogateescape")])
    assert cookies.header(place) == b"Cookie: a=\xe9\r\n"


async def test_one_of_tls_is_not_replaced_without_it():
    cookies = ChainCookies()
    cookies.take(destination_of(HERE), ["a=1; path=/; secure"])
    cookies.take(destination_of("http://www.cong.gov.vn/"), ["a=2; path=/"])
    assert cookies.header(destination_of(HERE)) == b"Cookie: a=1\r\n"


async def test_whatever_is_set_little_is_kept_and_soon():
    begin = time.process_time()
    cookies = ChainCookies()
    place = destination_of("https://" + "a." * 120 + "vn/" + "x/" * 8000)
    for hop in range(20):
        cookies.take(place, [f"c{hop}-{at}={'v' * 4000}" for at in range(2000)])
        assert len(cookies.header(place)) < 66_000
    assert time.process_time() - begin < 10
