"""Whatever agencies, sources and portals are called or answer, pages show it as text, and no page runs a script."""

import re
from dataclasses import replace
from urllib.parse import quote

import pytest

from thuocdo.store import MeasurementQuery

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
LINK = "javascript:alert(1)"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, make_site, shipped_sets):
    """A site in which everything that a person or a portal writes is an attack."""
    own = make_site(tmp_path_factory.mktemp("hostile"), sets=shipped_sets)
    file = own.settings.registry_dir / "fleet.yaml"
    text = file.read_text(encoding="utf-8").replace("source: test", f"source: '{LINK}'")
    name = '"' + SCRIPT.replace('"', '\\"') + '"'
    text = re.sub(r"name_(vi|en): (Huế|Hue)(?=,)", lambda found: f"name_{found[1]}: {name}", text)
    file.write_text(text, encoding="utf-8")
    assert own.client.get("/-/reload", method="POST").status == 200
    [stored] = list(
        own.store.measurements.find(MeasurementQuery(target_id="can-tho-2025.home", kind="http", newest_first=True))
    )[:1]
    seen = replace(stored.observation, detail=SCRIPT, attributes={"final_host": SCRIPT})
    key = replace(stored.key, target_id="hue-2025.home")
    own.store.measurements.write([replace(stored, key=key, agency_id="hue-2025", observation=seen)])
    own.rank()
    yield own
    own.store.close()


def pages_of(client):
    """Return every page that can be reached by links from the first."""
    left, found = ["/", "/?lang=en"], {}
    while left:
        address = left.pop()
        if address in found or len(found) > 80:
            continue
        found[address] = client.get(address)
        if found[address].headers.get("content-type", "").startswith("text/html"):
            left += [one.replace("&amp;", "&") for one in re.findall(r'href="(/[^"#]*)', found[address].text)]
    return found


def test_no_page_runs_what_somebody_wrote(hostile):
    found = pages_of(hostile.client)
    assert len(found) >= 60
    html = {address: one for address, one in found.items() if one.headers["content-type"].startswith("text/html")}
    assert any("&lt;script&gt;alert(1)" in one.text for one in html.values())
    for address, one in html.items():
        assert one.status == 200, address
        assert "<script" not in one.text.lower(), address
        assert "<img src=x" not in one.text.lower(), address
        assert not re.search(r"""(href|src|action)=["']?\s*javascript:""", one.text, re.IGNORECASE), address
        assert one.headers["content-security-policy"].startswith("default-src 'none'"), address


@pytest.mark.parametrize(
    "address",
    [
        "/?criteria={}",
        "/?round={}",
        "/agencies/{}",
        "/targets/{}",
        "/incidents?agency={}",
        "/incidents/{}",
        "/?lang={}",
        "/{}",
    ],
)
def test_what_is_asked_for_comes_back_as_text(hostile, address):
    answer = hostile.client.get(address.format(quote(SCRIPT, safe="")))
    assert "<script" not in answer.text.lower()
    assert "<img src=x" not in answer.text.lower()
