"""Whoever asks under another name than ours gets nothing, so that no page elsewhere can have its own name lead here."""

import pytest

from thuocdo.core.setting_groups import WebSettings
from thuocdo.web.hosts import is_allowed

HERE = WebSettings()
NAMED = WebSettings(host="10.1.2.3", allowed_hosts=("Do.Example.VN",))
OPEN = WebSettings(host="0.0.0.0", allowed_hosts=("thuocdo",))
OPEN_6 = WebSettings(host="::")


@pytest.mark.parametrize(
    ("web", "host"),
    [
        *(
            (HERE, host)
            for host in ("localhost", "localhost:8321", "LOCALHOST", "localhost.", "127.0.0.1", "127.0.0.1:8321")
        ),
        *((HERE, host) for host in ("[::1]", "[::1]:8321", "127.0.0.2")),
        *((NAMED, host) for host in ("10.1.2.3", "10.1.2.3:80", "do.example.vn", "DO.example.vn.:443", "localhost")),
        *((OPEN, host) for host in ("thuocdo:8321", "192.0.2.7", "[2001:db8::1]:8321", "localhost")),
        (OPEN_6, "192.0.2.7"),
    ],
)
def test_our_own_names_are_answered(web, host):
    assert is_allowed([host], web)


@pytest.mark.parametrize("web", [HERE, NAMED, OPEN, OPEN_6])
@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.test",
            "evil.test:8321",
            "localhost.evil.test",
            "127.0.0.1.evil.test",
            "evil.test.",
            "notlocalhost",
            "",
        ),
        *(
            " ",
            "localhost evil.test",
            "evil.test/localhost",
            "localhost/",
            "evil.test#localhost",
            "evil.test@localhost",
        ),
        *(
            "localhost@evil.test",
            "localhost:80:80",
            "localhost:99999",
            "[::1",
            "::1]",
            "[evil.test]",
            "*",
            "localhost,evil.test",
        ),
        *("127.0.0.1\t.evil.test", "2130706433", "0x7f.1", "127.1", "ⓛocalhost", "localhost\x00"),
    ],
)
def test_any_other_name_is_not(web, host):
    assert not is_allowed([host], web)


@pytest.mark.parametrize("host", ["10.1.2.4", "192.168.1.1", "[2001:db8::1]", "0.0.0.0", "[::ffff:10.0.0.1]"])
def test_another_address_is_not_where_one_alone_is_listened_on(host):
    assert not is_allowed([host], NAMED)
    assert not is_allowed([host], HERE)


@pytest.mark.parametrize("hosts", [[], ["localhost", "localhost"], ["localhost", "evil.test"]])
def test_there_is_exactly_one(hosts):
    assert not is_allowed(hosts, HERE)


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/-/reload", "/-/healthy", "/static/style.css", "/nothing", "/probe?target=x"]
)
def test_a_request_under_another_name_reaches_nothing(served, monkeypatch, path, method):
    headers = {"Host": "evil.test", "Origin": "http://evil.test", "Sec-Fetch-Site": "same-origin"}
    answer = served.client.get(path, method=method, headers=headers)
    assert answer.status == 400
    assert answer.text.startswith("Host: these pages are not served under this name")
    assert "evil" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_request_whose_length_is_told_in_two_ways_reaches_nothing(served):
    headers = {"Content-Length": "4", "Transfer-Encoding": "chunked"}
    answer = served.client.get("/-/reload", method="POST", headers=headers)
    assert answer.status == 400
    assert answer.headers["connection"] == "close"
