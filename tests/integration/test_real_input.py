"""`thuocdo check` on pages that nobody here wrote, served by a real nginx."""

import json

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.turns(share=0.5, among="software of others")]


def check(product, tmp_path, *arguments, journeys=False):
    env = {"THUOCDO_DATA_DIR": str(tmp_path / "data")}
    if journeys:
        env["THUOCDO_JOURNEYS_DIR"] = str(product.root / "tests" / "real_input" / "journeys")
    done = product.run("check", *arguments, "--json", env=env, timeout=200)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_a_form_drawn_by_formio_becomes_ready_and_nothing_is_submitted(site, product, tmp_path):
    base, log = site
    code, (page,) = check(product, tmp_path, f"{base}/formio/", "--journey", "formio", "--only", "eform", journeys=True)
    assert (code, page["outcome"], page["reason"]) == (0, "ok", None), page["detail"]
    assert page["values"]["eform.fields"] == 24
    assert page["values"]["eform.required_fields"] >= 10
    assert page["values"]["eform.ready_seconds"] >= page["values"]["eform.load_seconds"] * 0.5
    requests = log.read_text()
    assert "GET /formio/provinces.json" in requests
    assert "POST" not in requests


def test_govuk_frontends_own_page_is_measured_and_hardly_faulted(site, product, tmp_path):
    base, _ = site
    _, (page,) = check(product, tmp_path, f"{base}/govuk/")
    assert page["outcome"] == "ok", page["detail"]
    assert {m["kind"] for m in page["measurements"]} == {"http", "homepage", "accessibility"}
    values = page["values"]
    if "homepage.load_seconds" in values:  # a machine that is too busy gives no times
        assert values["homepage.fcp_seconds"] <= values["homepage.lcp_seconds"] + 1e-6
    assert page["score"] > 75
    assert not [f for f in page["findings"] if f["outcome"] == "failed" and f["rule"] == "color-contrast"]


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("name", ["index.html", "library/asyncio.html"])
def test_the_python_documentation_is_measured(site, product, tmp_path, name):
    base, _ = site
    code, (page,) = check(product, tmp_path, f"{base}/python/{name}", "--only", "http,homepage,accessibility")
    assert page["url"] == f"{base}/python/{name}"
    assert page["outcome"] == "ok", page["detail"]
    assert page["values"]["http.status_code"] == 200
    assert 0 < page["values"]["homepage.ttfb_seconds"] < page["values"].get("homepage.load_seconds", 20.0)
    assert page["values"]["homepage.requests"] >= 3
    assert page["tested"]
    assert code == int(any(f["outcome"] == "failed" for f in page["findings"]))


def test_two_pages_are_told_in_the_order_of_their_addresses(site, product, tmp_path):
    base, _ = site
    urls = [f"{base}/python/index.html", f"{base}/python/library/asyncio.html"]
    _, pages = check(product, tmp_path, *urls, "--only", "http")
    assert [page["url"] for page in pages] == urls


def test_a_page_that_is_not_there_is_a_finding(site, product, tmp_path):
    base, _ = site
    code, (page,) = check(product, tmp_path, f"{base}/nowhere", "--only", "http")
    assert (code, page["outcome"], page["reason"]) == (1, "failed", "http_error")


def test_the_table_names_every_probe_and_where_the_evidence_lies(site, product, tmp_path):
    base, _ = site
    done = product.run(
        "check", f"{base}/python/index.html", "--only", "http,homepage", "--evidence",
        env={"THUOCDO_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "120"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Byte đầu tiên (TTFB)" in done.stdout
    assert str(tmp_path / "data" / "evidence")[:40] in done.stdout.replace("\n", "")
