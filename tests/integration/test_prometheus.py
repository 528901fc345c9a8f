"""A real Prometheus scrapes a running `thuocdo run`; its usual queries have answers."""

import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
import yaml

pytestmark = pytest.mark.browser

SCHEDULE = """
id: prometheus-test
cadences:
  - {kind: http, every_seconds: 10, deadline_seconds: 5, profiles: [desktop]}
  - {kind: homepage, every_seconds: 120, deadline_seconds: 10, profiles: [desktop]}
"""


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=300) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()
    except OSError:
        return 0, ""


@pytest.fixture(scope="module")
def running(product, fleet, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    schedule = folder / "schedule.yaml"
    schedule.write_text(SCHEDULE)
    settings = fleet.settings(folder, schedule=str(schedule))
    port = yaml.safe_load(settings.read_text())["web"]["port"]
    log = (folder / "run.log").open("wb")
    process = subprocess.Popen(
        product.command("--config", settings, "run"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=product.root
    )
    base = f"http://127.0.0.1:{port}"
    product.wait_until(lambda: get(f"{base}/-/ready")[0] == 200, "/-/ready")
    product.wait_until(lambda: "probe_success{" in get(f"{base}/metrics")[1], "a first probe_success")
    yield base, port
    process.terminate()
    assert process.wait(300) == 0


def healthy_target(fleet):
    return next(
        target
        for target, facts in fleet.truth["targets"].items()
        if facts["fault"] == "none" and facts["role"] == "homepage"
    )


def test_promtool_finds_nothing_to_mend_in_the_metrics(running, debian, product):
    base, _ = running
    promtool = debian("promtool", "prometheus")
    product.wait_until(
        lambda: "thuocdo_ranking_timestamp_seconds" in get(f"{base}/metrics")[1], "a ranking of the last days"
    )
    for path in ("/metrics", "/metrics/targets", "/metrics/rankings", "/metrics/operations", "/metrics/process"):
        status, text = get(f"{base}{path}")
        assert status == 200
        done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_every_process_says_how_often_it_was_started_again(running):
    base, _ = running
    told = re.findall(r'thuocdo_process_restarts_total{process="([a-z-]+)"} (\S+)', get(f"{base}/metrics/process")[1])
    names = ("agent-browser", "agent-http", "judge", "keep", "ranker", "web")
    assert sorted(told) == [(name, "0.0") for name in names]


def test_probe_answers_like_blackbox_exporter(running, fleet, debian):
    base, _ = running
    target = healthy_target(fleet)
    status, text = get(f"{base}/probe?target={target}&module=http")
    assert status == 200
    assert "probe_success 1" in text
    for name in ("probe_duration_seconds", "probe_http_status_code", 'probe_http_duration_seconds{phase="tls"}'):
        assert name in text
    done = subprocess.run(
        [debian("promtool", "prometheus"), "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(
    "query",
    ["", "target=nowhere.home&module=http", "target={target}&module=htp", "target=https://example.com/&module=http"],
)
def test_probe_of_anything_unregistered_is_a_clear_400(running, fleet, query):
    base, _ = running
    status, text = get(f"{base}/probe?{query.format(target=healthy_target(fleet))}")
    assert status == 400
    assert len(text) > 20


@pytest.fixture(scope="module")
def prometheus(product, running, request, tmp_path_factory):
    import shutil

    binary = shutil.which("prometheus")
    request.getfixturevalue("require")(binary, "Debian's prometheus", "apt-get install prometheus")
    _, port = running
    folder = tmp_path_factory.mktemp("prometheus")
    own = product.free_port()
    (folder / "prometheus.yml").write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "2s", "scrape_timeout": "2s"},
                "scrape_configs": [{"job_name": "thuocdo", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
            }
        )
    )
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [
            binary,
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/tsdb",
            f"--web.listen-address=127.0.0.1:{own}",
        ],
        stdout=log,
        stderr=log,
    )
    base = f"http://127.0.0.1:{own}"
    product.wait_until(lambda: ask(base, "up == 1"), "a successful scrape")
    yield base
    process.terminate()
    process.wait(20)


def ask(base, query):
    status, text = get(f"{base}/api/v1/query?{urllib.parse.urlencode({'query': query})}")
    return json.loads(text)["data"]["result"] if status == 200 else []


@pytest.mark.parametrize(
    "query",
    [
        "probe_success == 1",
        "avg(probe_duration_seconds)",
        'sum by (phase) (probe_http_duration_seconds{phase="tls"})',
        "(probe_ssl_earliest_cert_expiry - time()) / 86400",
        "count by (block) (probe_success * on (target) group_left (block) thuocdo_target_info)",
        "time() - thuocdo_measurement_timestamp_seconds < 60",
        "thuocdo_build_info",
        "sum(thuocdo_agent_probes_total) or sum(thuocdo_agent_probes)",
    ],
)
def test_the_usual_queries_have_answers(prometheus, product, query):
    assert product.wait_until(lambda: ask(prometheus, query), query)
