"""Hosts that want to be asked over TLS only."""

import pytest

from probes.net.secured_hosts import SecuredHosts


@pytest.mark.parametrize(
    ("said", "asked", "goes"),
    [
        ("max-age=31536000", "http://a.gov.vn/x?y", "https://a.gov.vn/x?y"),
        ("max-age=31536000", "http://a.gov.vn:8080/x", "https://a.gov.vn:8080/x"),
        ("max-age=31536000", "http://b.a.gov.vn/", "http://b.a.gov.vn/"),
        ("max-age=31536000", "https://a.gov.vn/", "https://a.gov.vn/"),
        (' includeSubDomains ; MAX-AGE="5";', "http://b.a.gov.vn/", "https://b.a.gov.vn/"),
        ("max-age=5; includeSubDomains", "http://ba.gov.vn/", "http://ba.gov.vn/"),
        ("max-age=0", "http://a.gov.vn/", "http://a.gov.vn/"),
        ("includeSubDomains", "http://a.gov.vn/", "http://a.gov.vn/"),
        ("max-age=soon", "http://a.gov.vn/", "http://a.gov.vn/"),
        ("max-age=5; max-age=6", "http://a.gov.vn/", "http://a.gov.vn/"),
        ("", "http://a.gov.vn/", "http://a.gov.vn/"),
    ],
)
def test_the_address_that_browsers_ask(said, asked, goes):
    hosts = SecuredHosts()
    hosts.take("https://a.gov.vn/", {"Strict-Transport-Security": said})
    assert hosts.over_tls(asked) == goes


def test_it_is_believed_over_tls_and_of_a_name_only():
    for url in ("http://a.gov.vn/", "https://192.0.2.1/"):
        hosts = SecuredHosts()
        hosts.take(url, {"Strict-Transport-Security": "max-age=5"})
        assert hosts.over_tls(url.replace("https", "http")) == url.replace("https", "http")


def test_it_can_be_taken_back():
    hosts = SecuredHosts()
    for seconds in (5, 0):
        hosts.take("https://a.gov.vn/", {"Strict-Transport-Security": f"max-age={seconds}"})
    assert hosts.over_tls("http://a.gov.vn/") == "http://a.gov.vn/"
