"""Addresses show where a request went and nothing of what it carried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.redaction.addresses import kept_parameters, known_hosts, redact_host, redact_path, redact_url, site
from probes.redaction.words import HIDDEN
from thuocdo.core.model import Block, Target, TargetRole

SECRET = st.from_regex(r"S[a-zA-Z0-9_.~-]{7,40}E", fullmatch=True)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://h.vn/a/b", "https://h.vn/a/b"),
        ("https://h.vn:8443/a?sid=abc&b=#top", f"https://h.vn:8443/a?sid={HIDDEN}&b={HIDDEN}"),
        ("https://u:p@h.vn/x;jsessionid=1A2B/y", "https://h.vn/x/y"),
        ("https://h.vn/apply/65f0c0ffee65f0c0ffee65f0", f"https://h.vn/{HIDDEN}/{HIDDEN}"),
        ("https://h.vn/?eyJhbGciOiJIUzI1NiJ9", f"https://h.vn/?{HIDDEN}"),
        ("https://h.vn/?a@b.vn=1&nguyenvana=2", f"https://h.vn/?{HIDDEN}={HIDDEN}&{HIDDEN}={HIDDEN}"),
        ("https://h.vn/u/a%40b.vn/image.png", f"https://h.vn/u/{HIDDEN}/image.png"),
        ("https://h.vn/ho-so/nguyenvanan/Nguyen-Van-Phuc", f"https://h.vn/ho-so/{HIDDEN}/{HIDDEN}"),
        ("https://h.vn/ho-so/Nguy%E1%BB%85n%20V%C4%83n%20A", f"https://h.vn/ho-so/{HIDDEN}"),
        ("https://h.vn/079/203/001/234", f"https://h.vn/{HIDDEN}/{HIDDEN}/{HIDDEN}/{HIDDEN}"),
        ("https://h.vn/chunks/main-3f2a1b4c5d6e7f80.js", f"https://h.vn/chunks/main-{HIDDEN}.js"),
        ("https://h.vn/lib/jquery-3.6.0.min.js", f"https://h.vn/lib/jquery-3.{HIDDEN}.min.js"),
        (
            "https://h.vn/thu-tuc-1-001193-dang-ky-khai-sinh-2024",
            f"https://h.vn/thu-tuc-1-{HIDDEN}-dang-ky-khai-sinh-{HIDDEN}",
        ),
        ("https://h.vn/DichVuCongTrucTuyen.aspx", "https://h.vn/DichVuCongTrucTuyen.aspx"),
        ("https://nguyenvanan.cdn.h.vn/a.js", f"https://{HIDDEN}.cdn.h.vn/a.js"),
        ("data:image/png;base64,iVBORw0KGgo", f"data:{HIDDEN}"),
        ("blob:https://h.vn/4b7c", f"blob:{HIDDEN}"),
        ("javascript:alert(1)", f"javascript:{HIDDEN}"),
        ("nguyenvanan:x", HIDDEN),
        ("about:blank", "about:blank"),
        ("/a/b", "/a/b"),
        ("http://[::1]:80/a", "http://[::1]:80/a"),
        ("http://[fe80::1%25nguyenvanan]/a", f"http://{HIDDEN}/a"),
        ("http://[fe80::1%nguyenvanan]:80/a", f"http://{HIDDEN}:80/a"),
        ("http://[", HIDDEN),
        ("", ""),
    ],
)
def test_address_keeps_its_shape_and_loses_its_values(url: str, clean: str) -> None:
    assert redact_url(url) == clean


@pytest.mark.parametrize(
    ("host", "clean"),
    [
        ("dichvucong.danang.gov.vn", "dichvucong.danang.gov.vn"),
        ("nguyenvanan.danang.gov.vn", f"{HIDDEN}.danang.gov.vn"),
        ("user:hush@danang.gov.vn:8443", "danang.gov.vn:8443"),
        ("0912345678.h.vn", f"{HIDDEN}.h.vn"),
        ("0912345678.vn", f"{HIDDEN}.vn"),
        ("d1a2b3c4.cloudfront.net", f"{HIDDEN}.cloudfront.net"),
        ("127.0.0.1:80", "127.0.0.1:80"),
        ("nguyenvanan.id.vn", f"{HIDDEN}.id.vn"),
        ("www.nguyenvanan.name.vn", f"www.{HIDDEN}.name.vn"),
        ("nguyen.name", f"{HIDDEN}.name"),
        ("cong-ty.com.vn", "cong-ty.com.vn"),
        ("", ""),
    ],
)
def test_a_host_keeps_who_serves(host: str, clean: str) -> None:
    assert redact_host(host) == clean


def test_hosts_of_the_registry_are_told_as_they_are() -> None:
    target = Target(
        id="a.home", role=TargetRole.HOMEPAGE, url="https://tuyensinh.hue.gov.vn/", agency_id="a", portal_id="a",
        block=Block.PROVINCE, own_hosts=frozenset({"hosotuyensinh.hue.gov.vn"}),
    )  # fmt: skip
    own = known_hosts(target)
    assert redact_url("https://hosotuyensinh.hue.gov.vn:8443/a", own) == "https://hosotuyensinh.hue.gov.vn:8443/a"
    assert redact_host("tuyensinh.hue.gov.vn", own) == "tuyensinh.hue.gov.vn"
    assert redact_host("tuyensinh.hue.gov.vn") == f"{HIDDEN}.hue.gov.vn"


def test_parameters_are_told_by_known_names() -> None:
    assert kept_parameters("/?page=2&nguyenvana=x&0912345678&token=") == ["page", HIDDEN, HIDDEN, "token"]


def test_a_site_is_what_somebody_registered() -> None:
    assert [site(host) for host in ("cdn.danang.gov.vn", "a.b.com", "10.0.0.1")] == [
        "danang.gov.vn",
        "b.com",
        "10.0.0.1",
    ]


@given(SECRET, SECRET, SECRET, SECRET)
def test_no_value_of_an_address_survives(user: str, value: str, nameless: str, fragment: str) -> None:
    clean = redact_url(f"https://{user}:{user}@h.vn/x;id={value}/y?a={value}&{nameless}&b=#{fragment}")
    assert clean == f"https://h.vn/x/y?a={HIDDEN}&{HIDDEN}&b={HIDDEN}"


@given(st.text(max_size=300))
def test_whatever_stands_there_is_taken_and_twice_is_as_good_as_once(text: str) -> None:
    once = redact_url(text)
    assert redact_url(once) == once
    redact_path(text)
    redact_host(text)


@pytest.mark.parametrize("unit", ["a", "a/", "?a=", "&", ";", "%", "a.", "//", "@", ":"])
def test_an_address_of_a_megabyte_is_cut(unit: str) -> None:
    assert len(redact_url(unit * (1_048_576 // len(unit)))) < 10_000
