"""Files that are edited in the seconds in which a service starts, and when a process of it is started again."""

import signal
import urllib.request

import psutil
import pytest
import yaml

pytestmark = [pytest.mark.timeout(240), pytest.mark.turns(share=0.5)]

CHILDREN = 6
INFO = 'name="Tỉnh"'
"""Of thuocdo_target_info."""
HALF_WRITTEN = "agencies:\n  - {id: p01, block: province, name_vi: [\n"


@pytest.fixture
def service(product, background, tmp_path):
    """Start `thuocdo run` over one portal of this machine; service.registry is its file, service.children its processes."""
    registry, port = tmp_path / "registry" / "fleet.yaml", product.free_port()
    registry.parent.mkdir()
    portal = {"id": "p01", "homepage_url": "http://127.0.0.1:9/", "confidence": "high", "networks": ["127.0.0.0/8"]}
    agency = {"id": "p01", "block": "province", "name_vi": "Tỉnh", "name_en": "Province", "source": "test"}
    text = yaml.safe_dump({"agencies": [agency | {"portals": [portal]}]}, allow_unicode=True)
    registry.write_text(text, encoding="utf-8")
    settings = {
        "data_dir": str(tmp_path / "data"),
        "registry_dir": str(registry.parent),
        "web": {"port": port},
        "vantage": {"id": "ha-noi", "reference_urls": ["http://127.0.0.1:9/"]},
    }
    (tmp_path / "thuocdo.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    command = product.command("--config", tmp_path / "thuocdo.yaml", "run")
    running = background(command, tmp_path / "run.log")
    running.again = lambda: background(command, tmp_path / "again.log")
    running.registry, running.written, running.settings = registry, text, tmp_path / "thuocdo.yaml"

    def children():
        found = psutil.Process(running.popen.pid).children() if running.popen.poll() is None else ()
        return {name: one for one in found if (name := named(one))}

    def page(path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return answer.read().decode()
        except OSError:  # it opens just now
            return ""

    running.children, running.page = children, page
    return running


def named(process):
    """Return which of ours a process is, empty once it is none."""
    try:
        line = process.cmdline()
    except psutil.Error:
        return ""
    return next((name for name in ("agent", "judge", "ranker", "keep", "web") if name in line), "") and " ".join(
        line[7:]
    )


def test_a_service_starts_by_what_it_checked_and_goes_on_by_it(service, product):
    # The files were looked at; no process has read them yet.
    product.wait_until(lambda: "http://127.0.0.1" in service.text(), "the address of the pages")
    service.registry.write_text(HALF_WRITTEN, encoding="utf-8")
    product.wait_until(lambda: len(service.children()) == CHILDREN, "all processes")
    product.wait_until(lambda: INFO in service.page("/metrics"), "the metrics")

    # One that dies is started again by the same.
    judge = next(one for name, one in service.children().items() if "judge" in name)
    judge.send_signal(signal.SIGKILL)
    product.wait_until(
        lambda: any("judge" in name and one.pid != judge.pid for name, one in service.children().items()),
        "the judge",
    )

    # Told to read them, it keeps what it has, and says where the mistake is.
    done = product.run("--config", service.settings, "reload")
    assert done.returncode == 2
    assert f"{service.registry}:" in done.stderr
    product.wait_until(lambda: 'file="fleet.yaml"' in service.page("/metrics"), "the mistake")
    assert INFO in service.page("/metrics")

    # Mended, it takes up what is new.
    service.registry.write_text(service.written.replace("Tỉnh", "Tỉnh mới"), encoding="utf-8")
    assert product.run("--config", service.settings, "reload").returncode == 0
    product.wait_until(lambda: 'name="Tỉnh mới"' in service.page("/metrics"), "the new name")
    assert "thuocdo_config_problem{" not in service.page("/metrics")
    assert len(service.children()) == CHILDREN
    assert service.stop() == 0


def test_a_machine_that_restarts_over_a_half_written_file_goes_on_by_what_was_in_force(service, product):
    product.wait_until(lambda: INFO in service.page("/metrics"), "the metrics")
    assert service.stop() == 0
    service.registry.write_text(HALF_WRITTEN, encoding="utf-8")
    again = service.again()
    product.wait_until(lambda: INFO in service.page("/metrics"), "the metrics")
    product.wait_until(lambda: 'file="fleet.yaml"' in service.page("/metrics"), "the mistake")
    assert "what was in force before stays so" in again.text()
    assert "thuocdo_config_last_reload_successful 0.0" in service.page("/metrics")

    service.registry.write_text(service.written.replace("Tỉnh", "Tỉnh mới"), encoding="utf-8")
    assert product.run("--config", service.settings, "reload").returncode == 0
    product.wait_until(lambda: 'name="Tỉnh mới"' in service.page("/metrics"), "the new name")
    assert "thuocdo_config_last_reload_successful 1.0" in service.page("/metrics")
    assert again.stop() == 0
