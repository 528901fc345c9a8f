"""Load goes to this machine or to a mandated host, never further than the mandate."""

from datetime import date

import pytest

from scenarios.load.permission import check_permission
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.portals import load_registry

TODAY = date(2026, 11, 22)
REGISTRY = """
agencies:
  - id: one
    block: province
    name_vi: Một
    name_en: One
    portals:
      - {id: one, homepage_url: "https://one.thuocdo.test/", confidence: high}
      - {id: other, homepage_url: "https://other.thuocdo.test/", confidence: high}
mandates:
  - {id: m, portal: one, granted_by: Sở, document: 1/GP, valid_from: 2026-01-01, valid_to: 2026-12-31,
     load_requests_per_second: 10}
"""


@pytest.fixture
def registry(tmp_path):
    (tmp_path / "all.yaml").write_text(REGISTRY, encoding="utf-8")
    return lambda day: load_registry(tmp_path, at=day)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/", "http://127.9.9.9/"])
def test_this_machine_may_be_loaded(registry, url):
    check_permission(url, 500, registry(TODAY), today=TODAY)


def test_a_mandated_host_may_be_loaded_as_far_as_the_mandate_goes(registry):
    check_permission("https://one.thuocdo.test/", 10, registry(TODAY), today=TODAY)
    with pytest.raises(ConfigurationError, match="a mandate for 10 requests"):
        check_permission("https://one.thuocdo.test/", 11, registry(TODAY), today=TODAY)


@pytest.mark.parametrize(
    "url",
    [
        "https://other.thuocdo.test/",
        "https://dichvucong.gov.vn/",
        "http://192.168.1.1/",
        "http://127.0.0.1.evil.test/",
        "",
    ],
)
def test_everybody_else_is_refused(registry, url):
    with pytest.raises(ConfigurationError, match="refused"):
        check_permission(url, 1, registry(TODAY), today=TODAY)


def test_a_mandate_that_has_ended_allows_nothing(registry):
    day = date(2027, 1, 1)
    with pytest.raises(ConfigurationError, match="no mandate"):
        check_permission("https://one.thuocdo.test/", 1, registry(day), today=day)
