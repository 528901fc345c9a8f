"""
The real blackbox_exporter and `/probe` side by side, against the same servers: series by series, and by the queries people use.

Whatever differs on purpose stands in parity_stated.py and, by the same titles, in docs/operations.md. It needs root, since
blackbox_exporter gets the tests' name server in a mount namespace of its own; nothing outside is ever asked.
"""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.parity_servers import DOMAIN, NAME_SERVER, serving
from tests.integration.parity_stated import EXACT, EXCEPTIONS, IN_SCRAPES, ROWS

pytestmark = pytest.mark.turns(share=0.5)

TIMES = ("probe_duration_seconds", "probe_dns_lookup_time_seconds", "probe_http_duration_seconds")
"""Of which it is compared whether they are 0: no two probes take the same time."""

TRANSFER = ("probe_http_duration_seconds", ("phase", "transfer"))
"""Of which it is compared whether it is there: a body that comes in one packet with its head takes no time by our clock."""


BLACKBOX = {
    "modules": {
        "http_2xx": {
            "prober": "http",
            "timeout": "10s",
            "http": {"preferred_ip_protocol": "ip4", "tls_config": {"ca_file": "{ca_file}"}},
        },
        "http_text": {
            "prober": "http",
            "timeout": "10s",
            "http": {"preferred_ip_protocol": "ip4", "fail_if_body_not_matches_regexp": ["Không có trên trang"]},
        },
    }
}
NAMESPACE = """\
mount --bind "$1/resolv.conf" "$(readlink -f /etc/resolv.conf)" &&
exec "$2" --config.file="$1/blackbox.yml" --web.listen-address="$3"
"""
NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {chain};
    ssl_certificate_key {key};
    root {folder};
  }}
}}
"""
SCHEDULE = """
id: parity
cadences:
  - {kind: http, every_seconds: 10, deadline_seconds: 5}
"""


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()
    except OSError:
        return 0, ""


def registry_of(urls):
    """Every case is an agency of its own, so that a redirect from one to another leads elsewhere."""
    network = "networks: [127.0.0.0/8]"
    return "agencies:\n" + "".join(
        f"  - {{id: {case}, block: province, name_vi: {case}, name_en: {case}, source: test, portals: [\n"
        f'      {{id: {case}, homepage_url: "{url}", confidence: high, source: test, {network}'
        + (', expected_text: "Không có trên trang"' if case == "other-text" else "")
        + "}]}\n"
        for case, url in urls.items()
    )


@dataclass(kw_only=True)
class Both:
    """Both programs: where they listen, and the addresses of the cases."""

    ours: str
    theirs: str
    urls: dict[str, str]


@pytest.fixture(scope="module")
def both(product, request, tmp_path_factory):
    require = request.getfixturevalue("require")
    found = {name: shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
             for name in ("prometheus-blackbox-exporter", "nginx", "unshare")}  # fmt: skip
    require(found["prometheus-blackbox-exporter"], "Debian's blackbox_exporter", "scripts/setup_tests.sh")
    require(found["nginx"], "Debian's nginx", "scripts/setup_tests.sh")
    may = found["unshare"] and subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
    require(may and may.returncode == 0, "a mount namespace", "run the tests as root")
    folder = tmp_path_factory.mktemp("parity")
    folder.chmod(0o755)
    started = []
    with serving(folder) as parity:
        try:
            port = product.free_port()
            chain, key = parity.authority.files("http2", days=30)
            (folder / "index.html").write_bytes(b"<title>x</title>" + b"<p>Dich vu cong truc tuyen</p>" * 200)
            user = "user root;\n" if os.geteuid() == 0 else ""
            (folder / "nginx.conf").write_text(user + NGINX.format(folder=folder, port=port, chain=chain, key=key))
            command = [found["nginx"], "-c", folder / "nginx.conf", "-p", folder]
            started.append(product.Process(command, folder / "nginx.log"))
            parity.add("http2", port, secure=True)

            theirs = f"127.0.0.1:{product.free_port()}"
            (folder / "resolv.conf").write_text(f"nameserver {NAME_SERVER}\n")
            configuration = yaml.safe_dump(BLACKBOX).replace("'{ca_file}'", str(parity.authority.file))
            (folder / "blackbox.yml").write_text(configuration)
            command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", NAMESPACE, "sh"]
            program = found["prometheus-blackbox-exporter"]
            started.append(product.Process([*command, folder, program, theirs], folder / "blackbox.log"))

            web = product.free_port()
            reference = parity.urls["ok"].replace(f"ok.{DOMAIN}", "127.0.0.1")
            (folder / "portals").mkdir()
            (folder / "portals" / "cases.yaml").write_text(registry_of(parity.urls), encoding="utf-8")
            (folder / "schedule.yaml").write_text(SCHEDULE)
            settings = folder / "thuocdo.yaml"
            settings.write_text(
                yaml.safe_dump(
                    {
                        "data_dir": "data",
                        "registry_dir": "portals",
                        "schedule": "schedule.yaml",
                        "ca_file": str(parity.authority.file),
                        "vantage": {"name_servers": [NAME_SERVER], "reference_urls": [reference]},
                        "web": {"port": web},
                    }
                )
            )
            for name in (("agent", "http"), ("web",)):
                arguments = product.command("--config", settings, *name)
                started.append(product.Process(arguments, folder / f"{name[0]}.log"))
            base = f"http://127.0.0.1:{web}"
            product.wait_until(lambda: get(f"http://{theirs}/-/healthy")[0] == 200, "blackbox_exporter")
            product.wait_until(lambda: get(f"{base}/-/ready")[0] == 200, "/-/ready")
            ready = f"{base}/probe?target=ok.home&module=http_2xx"
            product.wait_until(lambda: get(ready)[0] == 200, "the agent")
            yield Both(ours=base, theirs=f"http://{theirs}", urls=parity.urls)
        finally:
            for process in reversed(started):
                process.stop()


def samples(text):
    """Return the value of every probe_* series by (name, its labels)."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("probe_")
    }


def asked(base, url, module):
    status, text = get(f"{base}/probe?{urllib.parse.urlencode({'target': url, 'module': module})}")
    assert status == 200, text
    return samples(text)


CASES = (
    *("ok", "redirect", "not-found", "broken", "chunked", "until-close", "gzip", "tls", "tls-soon", "expired", "http2"),
    "slow",
    *("refused", "to-refused", "elsewhere", "other-text", "gone", "timeout"),
)


def test_every_case_is_compared(both):
    assert set(both.urls) == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_every_series_is_the_same_but_for_what_is_stated(both, case):
    url = both.urls[case]
    theirs = asked(both.theirs, url, "http_text" if case == "other-text" else "http_2xx")
    ours = asked(both.ours, url.removesuffix("/"), "http_2xx")
    excused = {family for stated in EXCEPTIONS if case in stated.cases for family in stated.families}
    differs = {}
    for series in sorted({*ours, *theirs}):
        one, other = ours.get(series), theirs.get(series)
        is_same = one == other
        if series[0] in TIMES and one is not None and other is not None:
            is_same = series == TRANSFER or (one > 0) is (other > 0)
        if not is_same:
            differs[series] = (one, other)
    assert {series[0] for series in differs} == excused, differs


def test_the_docs_state_the_same_exceptions(product):
    for page in ("operations.md", "operations.vi.md"):
        text = (product.root / "docs" / page).read_text(encoding="utf-8")
        for stated in (*EXCEPTIONS, *IN_SCRAPES):
            for family in stated.families:
                assert f"`{family}`" in text
        if page == "operations.md":
            for stated in (*EXCEPTIONS, *IN_SCRAPES):
                assert f"| {stated.title} |" in text


@pytest.fixture(scope="module")
def prometheus(both, product, request, tmp_path_factory):
    """A Prometheus that scrapes blackbox_exporter, `/probe` by the same configuration, and what is stored; gives its address."""
    binary = shutil.which("prometheus")
    request.getfixturevalue("require")(binary, "Debian's prometheus", "apt-get install prometheus")
    folder, own = tmp_path_factory.mktemp("prometheus"), product.free_port()

    def probing(job, address, url_of):
        """The configuration of blackbox_exporter's own page; only the address and the target's form differ."""
        text = {"source_labels": ["__address__"], "regex": ".*other-text.*", "target_label": "__param_module"}
        return {
            "job_name": job,
            "metrics_path": "/probe",
            "params": {"module": ["http_2xx"]},
            "static_configs": [{"targets": [url_of(url) for url in both.urls.values()]}],
            "relabel_configs": [
                {"source_labels": ["__address__"], "target_label": "__param_target"},
                {"source_labels": ["__param_target"], "target_label": "instance"},
                *([text | {"replacement": "http_text"}] if job == "blackbox" else ()),
                {"target_label": "__address__", "replacement": address.removeprefix("http://")},
            ],
        }

    stored = {
        "job_name": "stored",
        "metrics_path": "/metrics/targets",
        "static_configs": [{"targets": [both.ours.removeprefix("http://")]}],
        "metric_relabel_configs": [
            {"source_labels": ["target"], "regex": "(.+)", "target_label": "instance"},
        ],
    }
    discovered = {
        "job_name": "discovered",
        "metrics_path": "/probe",
        "http_sd_configs": [{"url": f"{both.ours}/sd/targets?module=http_2xx"}],
        "relabel_configs": [
            {"source_labels": ["__meta_thuocdo_url"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": both.ours.removeprefix("http://")},
        ],
    }
    configuration = {
        "global": {"scrape_interval": "5s", "scrape_timeout": "4s"},
        "scrape_configs": [
            probing("blackbox", both.theirs, str),
            probing("probe", both.ours, lambda url: url.removesuffix("/")),
            stored,
            discovered,
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    process = product.Process(
        [binary, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
         f"--web.listen-address=127.0.0.1:{own}", "--enable-feature=exemplar-storage"],
        folder / "prometheus.log",
    )  # fmt: skip
    address = f"http://127.0.0.1:{own}"
    try:
        product.wait_until(lambda: get(f"{address}/-/ready")[0] == 200, "prometheus")
        whole = "count by (job) (count_over_time(probe_duration_seconds[1h]) >= 5)"
        product.wait_until(
            lambda: (
                {row["metric"]["job"]: row["value"][1] for row in query(address, whole)}
                == dict.fromkeys(("blackbox", "probe", "stored", "discovered"), str(len(CASES)))
            ),
            "five scrapes of every target by every job",
        )
        yield address, time.time()
    finally:
        process.stop()


def query(address, expr, at=None):
    asked = {"query": expr} | ({"time": f"{at:.3f}"} if at else {})
    status, text = get(f"{address}/api/v1/query?{urllib.parse.urlencode(asked)}")
    return json.loads(text)["data"]["result"] if status == 200 else []


def rows_of(prometheus, urls, job, expr, excused):
    """Return the rows of a job by case and own labels, without those that are excused."""
    address, at = prometheus
    cases = {name: case for case, url in urls.items() for name in (url, url.removesuffix("/"), f"{case}.home")}
    found = {}
    for row in query(address, _of_job(expr, job), at):
        labels = {name: value for name, value in row["metric"].items() if name not in _ADDED}
        case = cases.get(labels.pop("instance", ""), "")
        if case not in excused:
            found[case, *sorted(labels.items())] = float(row["value"][1])
    return found


_ADDED = ("__name__", "job", "target", "vantage", "profile", "agency", "block", "region", "family", "owner", "parent")
"""Labels that are ours besides: nobody who comes from blackbox_exporter asks for them."""


def _of_job(expr, job):
    """Return a query about one job alone."""
    return re.sub(r"\b(probe_[a-z_]+)(\{)?", lambda found: f'{found[1]}{{job="{job}"{"," if found[2] else "}"}', expr)


def excused_in(expr, stated):
    return {case for one in stated for case in one.cases if any(family in expr for family in one.families)}


@pytest.mark.parametrize("job", ["probe", "discovered", "stored"])
@pytest.mark.parametrize("expr", [*EXACT, *ROWS])
def test_the_queries_people_use_give_the_same(both, prometheus, expr, job):
    excused = excused_in(expr, EXCEPTIONS)
    if job != "stored":
        excused |= excused_in(expr, IN_SCRAPES)
    else:
        excused |= {"elsewhere"}  # on /metrics an inconclusive probe is no row, where it is none of what was measured
    theirs = rows_of(prometheus, both.urls, "blackbox", expr, excused)
    ours = rows_of(prometheus, both.urls, job, expr, excused)
    if expr in EXACT:
        assert ours == pytest.approx(theirs)
    else:
        assert set(ours) == set(theirs)


def test_the_queries_are_about_something(both, prometheus):
    """Nothing that gives no row anywhere is compared, but for what must give none."""
    empty = {expr for expr in (*EXACT, *ROWS) if not rows_of(prometheus, both.urls, "blackbox", expr, ())}
    assert empty == {"absent_over_time(probe_success[30s])"}


def test_each_target_is_an_instance_of_its_own(both, prometheus):
    for job in ("blackbox", "probe", "discovered", "stored"):
        found = query(prometheus[0], f'count by (instance) (probe_duration_seconds{{job="{job}"}})', prometheus[1])
        assert [row["value"][1] for row in found] == ["1"] * len(CASES)


def test_prometheus_scrapes_openmetrics_and_loses_nothing(both, prometheus):
    [row] = query(prometheus[0], 'up{job="stored"}', prometheus[1])
    assert row["value"][1] == "1"
    accept = "application/openmetrics-text;version=1.0.0"
    for path in ("/metrics", "/metrics/targets", "/metrics/operations", "/metrics/process"):
        status, text = get(f"{both.ours}{path}", Accept=accept)
        assert (status, text.endswith("# EOF\n")) == (200, True)
