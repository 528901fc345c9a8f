"""`/metrics` and its pieces: what they tell, and how seldom they are rendered."""

import asyncio
import gzip
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from exporters import prometheus
from exporters.freshness import CADENCES, STALE_AFTER
from exporters.prometheus import TargetMetrics
from thuocdo.core.model import IncidentScope, IncidentState, MeasurementKey, Reason, Round
from thuocdo.core.restarts import Restarts
from thuocdo.store import MeasurementQuery
from thuocdo.web import exposition
from thuocdo.web import metrics as metrics_module
from thuocdo.web.exposition import takes_gzip
from thuocdo.web.site import STEADY_SECONDS

PIECES = ("targets", "rankings", "operations", "process")
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
STALE = timedelta(seconds=CADENCES * 1800)
"""Of the kind http, by the schedule of these tests."""
DA_NANG = 'probe_success{profile="desktop",target="da-nang-2025.home",vantage="ha-noi"}'


@pytest.fixture
def own(tmp_path, make_site, served):
    """An application of a test's own, that it may spoil, with the rankings of the common one."""
    made = make_site(tmp_path)
    for head in served.store.rankings.all():
        made.store.rankings.save(head, served.store.rankings.body(head))
    yield made
    made.store.close()


@pytest.fixture
def rendered(monkeypatch):
    """How often each piece was rendered."""
    counts = Counter()

    def counted(name, real):
        def render(*given, **named):
            counts[name] += 1
            return real(*given, **named)

        return render

    monkeypatch.setattr(TargetMetrics, "render", counted("targets", TargetMetrics.render))
    for name in ("ranking", "operations"):
        function = f"render_{name}"
        monkeypatch.setattr(metrics_module, function, counted(name, getattr(metrics_module, function)))
    return counts


@pytest.fixture(autouse=True)
def _everything_new_is_read_at_once(monkeypatch):
    """How long the newest measurements are kept is another test's matter."""
    monkeypatch.setattr("thuocdo.web.site.COST_FACTOR", 0.0)


def measured(own, target="da-nang-2025.home", reason=None, after=timedelta(minutes=1)):
    """Store a newer measurement of a target, and move the clock on to it."""
    query = MeasurementQuery(target_id=target, kind="http", newest_first=True, limit=1)
    [newest] = own.store.measurements.find(query)
    own.now += after
    key = replace(newest.key, scheduled_at=own.now)
    seen = newest.observation
    if reason:
        seen = replace(seen, outcome=reason.outcome, reason=reason, values={}, attributes={})
    own.store.measurements.write([replace(newest, key=key, started_at=own.now, observation=seen, round_id=None)])


def test_metrics_tell_results_ranking_and_agents(served):
    answer = served.client.get("/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'probe_success{profile="desktop",target="da-nang-2025.home",vantage="ha-noi"} 1.0' in answer.text
    assert 'thuocdo_agency_rank{agency="da-nang-2025",block="province",criteria_set="survey-2023"} 1.0' in answer.text
    assert 'thuocdo_agent_missed_starts_total{agent="agent-http",vantage="ha-noi"} 4.0' in answer.text


def test_metrics_of_an_empty_store_are_empty_not_broken(tmp_path, make_site):
    made = make_site(tmp_path, filled=False)
    answer = made.client.get("/metrics")
    assert answer.status == 200
    assert "thuocdo_target_info" in answer.text
    assert "probe_success{" not in answer.text


def test_the_whole_is_its_pieces_in_their_order(served):
    whole = served.client.get("/metrics")
    assert whole.body == b"".join(served.client.get(f"/metrics/{name}").body for name in PIECES)


@pytest.mark.parametrize("path", ["/metrics", *(f"/metrics/{name}" for name in PIECES), "/probe"])
def test_who_takes_openmetrics_gets_the_same_series_in_openmetrics(served, path):
    path += "?target=da-nang-2025.home&module=http" if path == "/probe" else ""
    plain = served.client.get(path)
    answer = served.client.get(path, headers={"Accept": OPENMETRICS})
    assert answer.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert answer.text.endswith("\n# EOF\n")
    assert answer.text.count("# EOF") == 1
    theirs = [sample for family in openmetrics_families(answer.text) for sample in family.samples]
    ours = [sample for family in text_string_to_metric_families(plain.text) for sample in family.samples]
    assert [(one.name, one.labels) for one in theirs] == [(one.name, one.labels) for one in ours]
    assert "# TYPE thuocdo_agent_probes_total" not in answer.text


def test_openmetrics_is_packed_apart(served):
    headers = {"Accept": OPENMETRICS, "Accept-Encoding": "gzip"}
    packed = served.client.get("/metrics", headers=headers)
    assert packed.headers["content-type"].startswith("application/openmetrics-text")
    assert gzip.decompress(packed.body).endswith(b"# EOF\n")
    assert not gzip.decompress(served.client.get("/metrics", headers={"Accept-Encoding": "gzip"}).body).endswith(
        b"EOF\n"
    )


def test_the_process_tells_what_it_takes_and_what_was_started_again(own):
    restarts = Restarts(own.settings.data_dir, ("judge", "web"))
    restarts.add("judge")
    text = own.client.get("/metrics/process").text
    for name in ("process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds", "python_info"):
        assert f"\n# TYPE {name} " in text
    assert 'thuocdo_process_restarts_total{process="judge"} 1.0' in text
    assert 'thuocdo_process_restarts_total{process="web"} 0.0' in text
    restarts.forget()
    own.now += timedelta(seconds=metrics_module.PROCESS_SECONDS + 1)
    assert "thuocdo_process_restarts_total" not in own.client.get("/metrics/process").text


def test_a_target_has_its_name_and_address_on_its_info_series(served):
    lines = served.client.get("/metrics/targets").text.splitlines()
    [form] = [line for line in lines if line.startswith("thuocdo_target_info{") and "eform-1.001193" in line]
    assert 'url="https://dichvucong.danang.example.vn/khai-sinh"' in form
    assert 'name="Đà Nẵng: ' in form


def test_no_family_stands_in_two_pieces_and_each_is_valid_alone(served):
    seen = Counter()
    for name in PIECES:
        answer = served.client.get(f"/metrics/{name}")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        seen.update(family.name for family in text_string_to_metric_families(answer.text))
    assert set(seen.values()) == {1}
    assert {"thuocdo_target_info", "thuocdo_agency_rank", "thuocdo_incident_open"} <= set(seen)


@pytest.mark.parametrize("path", ["/metrics", *(f"/metrics/{name}" for name in PIECES)])
def test_who_takes_gzip_gets_the_same_in_gzip(served, path):
    plain = served.client.get(path)
    packed = served.client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert (plain.headers["vary"], packed.headers["vary"]) == ("Accept, Accept-Encoding", "Accept, Accept-Encoding")
    assert int(packed.headers["content-length"]) == len(packed.body)
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["content-type"] == plain.headers["content-type"]


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        *(("gzip", True), ("GZIP", True), ("gzip, deflate, br", True), ("deflate, gzip;q=0.5", True), ("*", True)),
        *(("", False), ("identity", False), ("gzip;q=0", False), ("gzip;q=0.0, *", False), ("*;q=0", False)),
        *(("br", False), ("gzip;q=x", False), ("gzip ; q=1.0", True), (";;q=,,=", False), ("x-gzip", False)),
    ],
)
def test_a_client_says_whether_it_takes_gzip(accepted, takes):
    assert takes_gzip([accepted]) is takes


def test_nothing_is_rendered_twice_while_nothing_changes(own, rendered):
    first = own.client.get("/metrics")
    for path in ("/metrics", *(f"/metrics/{name}" for name in PIECES), "/metrics"):
        own.client.get(path)
    assert own.client.get("/metrics").body == first.body
    assert rendered == {"targets": 1, "ranking": 1, "operations": 1}


def test_a_new_measurement_renders_targets_and_operations_once(own, rendered):
    own.client.get("/metrics")
    measured(own, reason=Reason.TIMEOUT)
    for _ in range(3):
        assert f"{DA_NANG} 0.0" in own.client.get("/metrics").text
    assert rendered == {"targets": 2, "ranking": 1, "operations": 2}


def test_what_a_piece_does_not_hold_renders_it_not(own, rendered):
    for name in PIECES:
        own.client.get(f"/metrics/{name}")
    own.store.incidents.save_judged_at(own.now + timedelta(seconds=1))
    for name in PIECES:
        own.client.get(f"/metrics/{name}")
    assert rendered == {"targets": 1, "ranking": 1, "operations": 2}


def test_a_new_ranking_renders_its_piece_alone(own, rendered):
    own.client.get("/metrics")
    began = own.now
    own.store.rounds.begin(Round(id="next", label="next", started_at=began, planned=0))
    own.store.rounds.end("next", began)
    own.store.rounds.publish("next", began, "Lan")
    assert "thuocdo_agency_rank" not in own.client.get("/metrics").text
    own.rank()
    answer = own.client.get("/metrics")
    assert 'thuocdo_ranking_stored{criteria_set="survey-2023"} 1.0' in answer.text
    assert rendered == {"targets": 1, "ranking": 3, "operations": 1}


def test_an_incident_is_told_once_it_is_judged(own):
    assert 'state="down",target="hue-2025.home"' not in own.client.get("/metrics/operations").text
    [like, *_] = [one for one in own.store.incidents.lasting() if one.scope is IncidentScope.TARGET]
    down = {"state": IncidentState.DOWN, "worst": IncidentState.DOWN}
    own.store.incidents.save(replace(like, id="new", subject_id="hue-2025.home", **down), None)
    own.store.incidents.save_judged_at(own.now + timedelta(seconds=1))
    assert 'state="down",target="hue-2025.home"' in own.client.get("/metrics/operations").text


def test_a_reload_renders_what_it_changes(own, rendered):
    own.client.get("/metrics")
    file = own.settings.registry_dir / "fleet.yaml"
    file.write_text(file.read_text().replace("region: Duyên hải Nam Trung Bộ và Tây Nguyên", "region: elsewhere"))
    own.client.get("/-/reload", method="POST")
    assert 'region="elsewhere"' in own.client.get("/metrics").text
    assert rendered["targets"] == 2


def test_what_has_grown_stale_goes_though_nothing_new_came(own):
    newest = max(one.started_at for one in own.store.measurements.latest() if one.key.kind == "http")
    own.now = newest + STALE
    assert "probe_success{" in own.client.get("/metrics/targets").text
    own.now += timedelta(seconds=1)
    assert "probe_success{" not in own.client.get("/metrics/targets").text


def test_each_series_goes_at_its_own_time(own):
    measured(own, after=STALE / 2)
    lines = own.client.get("/metrics/targets").text
    assert DA_NANG in lines
    assert 'probe_success{profile="desktop",target="bo-tu-phap.home"' in lines
    own.now += STALE / 2
    lines = own.client.get("/metrics/targets").text
    assert DA_NANG in lines
    assert 'probe_success{profile="desktop",target="bo-tu-phap.home"' not in lines


def test_an_agent_that_was_silent_for_a_week_goes(own):
    assert "thuocdo_agent_in_flight" in own.client.get("/metrics/operations").text.replace(
        "probes_in_flight", "in_flight"
    )
    own.now += STALE_AFTER + timedelta(seconds=1)
    assert 'agent="agent-http"' not in own.client.get("/metrics/operations").text


def test_what_is_counted_is_read_before_it_is_too_old_though_nothing_has_moved(own, rendered):
    """A measurement that came late moves nothing; the histogram takes none that is older than two minutes."""
    own.client.get("/metrics/operations")
    own.now += timedelta(seconds=STEADY_SECONDS + 1)
    own.client.get("/metrics/operations")
    assert rendered["operations"] == 2


def test_fifty_scrapes_at_once_are_computed_once(own, monkeypatch):
    computed, all_there = [], threading.Event()
    render = TargetMetrics.render

    def counted(*given):
        computed.append(1)
        all_there.wait(60)
        return render(*given)

    monkeypatch.setattr(TargetMetrics, "render", counted)

    async def all_at_once():
        paths = ["/metrics", "/metrics/targets"] * 25
        scrapes = [asyncio.create_task(own.client.call(path)) for path in paths]
        for _ in range(200):  # turns of the loop, in which all of them come to the point where they wait
            await asyncio.sleep(0)
        all_there.set()
        return await asyncio.gather(*scrapes)

    answers = asyncio.run(all_at_once())
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 2
    assert len(computed) == 1


def test_fifty_scrapes_in_gzip_are_compressed_once(own, monkeypatch):
    packed = []
    compress = gzip.compress

    def counted(*given, **named):
        packed.append(1)
        return compress(*given, **named)

    monkeypatch.setattr(exposition.gzip, "compress", counted)

    async def all_at_once():
        headers = {"Accept-Encoding": "gzip"}
        return await asyncio.gather(*(own.client.call("/metrics", "GET", headers) for _ in range(50)))

    assert len({answer.body for answer in asyncio.run(all_at_once())}) == 1
    assert len(packed) == 1


def test_the_lines_of_a_series_are_made_once_for_each_of_its_measurements(own, monkeypatch):
    made = Counter()
    lines = prometheus._Writer.lines

    def counted(writer, measurement, target):
        made[measurement.key] += 1
        return lines(writer, measurement, target)

    monkeypatch.setattr(prometheus._Writer, "lines", counted)
    own.client.get("/metrics")
    series = len(made)
    for _ in range(3):
        measured(own)
        own.client.get("/metrics")
    assert set(made.values()) == {1}
    assert len(made) == series + 3
    assert all(isinstance(key, MeasurementKey) for key in made)
