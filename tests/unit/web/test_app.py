import asyncio
import threading

import pytest

from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.store.rankings import Rankings
from thuocdo.web.app import create_app


@pytest.mark.parametrize("address", ["/", "/metrics", "/api/rankings.json", "/nothing", "/static/thuocdo.css"])
def test_every_answer_forbids_scripts_and_framing(served, address):
    headers = served.client.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/", "/agencies", "/metrics", "/probe", "/api/measurements.json"])
def test_nothing_can_be_written(served, method, address):
    assert served.client.get(address, method=method).status == 405


def test_mistakes_in_the_registry_stop_it_from_starting(tmp_path):
    (tmp_path / "bad.yaml").write_text("agencies: [{id: x}]")
    with pytest.raises(ConfigurationError) as found:
        create_app(Settings(data_dir=tmp_path, registry_dir=tmp_path), store=None, probe_now=None)
    assert "block" in str(found.value)


def test_simulated_figures_say_so_on_every_page(tmp_path, make_site):
    made = make_site(tmp_path, simulated=True, ranked=True)
    for address in ("/", "/agencies", "/method"):
        assert "Số liệu mô phỏng." in made.client.get(address).text
    assert '"simulated": true' in made.client.get("/api/rankings.json").text


def test_the_event_loop_is_free_while_a_ranking_is_read(served, monkeypatch):
    reading, go_on = threading.Event(), threading.Event()
    real = Rankings.of

    def slow(*given):
        reading.set()
        assert go_on.wait(10)
        return real(*given)

    monkeypatch.setattr(Rankings, "of", slow)

    async def both():
        page = asyncio.create_task(served.client.call("/?criteria=website-2025&round=2026-11&lang=en"))
        assert await asyncio.to_thread(reading.wait, 10)
        health = await served.client.call("/-/healthy")
        go_on.set()
        return health.status, (await page).status

    assert asyncio.run(both()) == (200, 200)
