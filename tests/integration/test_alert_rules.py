"""Prometheus' and Alertmanager's own tools look at what is generated; each alert fires, keeps quiet and ends as it should."""

import json
import subprocess
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from dashboards.alerts import ALERTS, alert
from dashboards.first_steps import FIRST_STEPS
from dashboards.notice import template_file
from dashboards.owners import load_owners
from dashboards.routes import INHIBITIONS, alertmanager_file
from dashboards.rules import PublicAddresses, annotations, rule_files
from dashboards.runbooks import first_step
from thuocdo.core.model import Reason

pytestmark = pytest.mark.turns(share=0.5)

ROOT = Path(__file__).resolve().parents[2]

DAY = 86400
OWNED = {"target": "a.home", "owner": "team-a", "agency": "a", "block": "province", "family": "igate"}
AGENT = {"agent": "http", "vantage": "ha-noi"}
A_HOME = (
    'thuocdo_target_info{target="a.home",owner="team-a",agency="a",block="province",family="igate",portal="a",'
    'name="Tỉnh A",url="https://a.example/"}'
)
INFO = {
    A_HOME: "1x3000",
    'thuocdo_target_info{target="b.home",owner="b",agency="b",block="province",family="igate",portal="b"}': "1x3000",
    "thuocdo_objective_ratio": "0.995x3000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One course of things, a value a minute.

    series: promtool's notation. fires, quiet: minutes at which the alert stands, and does not. labels: beside name and severity.
    """

    series: dict[str, str]
    fires: tuple[int, ...] = ()
    quiet: tuple[int, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)


def started(matchers: str, values: str) -> dict[str, str]:
    return {f"thuocdo_incident_start_timestamp_seconds{{{matchers}}}": values}


def part(matchers: str, values: str) -> dict[str, str]:
    return {f"thuocdo_incident_part_start_timestamp_seconds{{{matchers}}}": values}


def part_over(matchers: str, end: str, length: str) -> dict[str, str]:
    return {
        f"thuocdo_incident_part_end_timestamp_seconds{{{matchers}}}": end,
        f"thuocdo_incident_part_duration_seconds{{{matchers}}}": length,
    }


def agent(name: str, values: str) -> dict[str, str]:
    return {f'thuocdo_agent_{name}{{agent="http",vantage="ha-noi"}}': values}


def of_kind(counter: str, values: str, kind: str = "homepage") -> dict[str, str]:
    return {f'thuocdo_agent_kind_{counter}_total{{agent="http",vantage="ha-noi",kind="{kind}"}}': values}


def judged(ok: str, failed: str, unexplained: str = "") -> dict[str, str]:
    """Unexplained: of the failed ones, without a word all."""
    return {
        'thuocdo_probes_unexplained_total{target="a.home"}': unexplained or failed,
        'thuocdo_probes_unexplained_total{target="b.home"}': "0x3000",
        'thuocdo_probes_judged_total{target="a.home",outcome="ok"}': ok,
        'thuocdo_probes_judged_total{target="a.home",outcome="failed"}': failed,
        'thuocdo_probes_judged_total{target="a.home",outcome="inconclusive"}': "0x3000",
        'thuocdo_probes_judged_total{target="b.home",outcome="ok"}': "0+1x3000",
        'thuocdo_probes_judged_total{target="b.home",outcome="failed"}': "0x3000",
    }


def expiry(days: int) -> dict[str, str]:
    """A certificate that is judged to run out soon comes below so many days at minute 10, and is renewed at minute 40."""
    return {
        'thuocdo_incident_certificate_expiry_timestamp_seconds{target="a.home",part="a.home",state="expiring"}': (
            f"{days * DAY + 600}x39 stale"
        )
    }


BUILD = 'thuocdo_build_info{version="1"}'


def left(minute: int) -> dict[str, str]:
    """a.home leaves the registry after so many minutes."""
    return {A_HOME: f"1x{minute} stale", BUILD: "1x200"}


REMOVED = left(10)
DOWN = 'target="a.home",part="a.home",role="homepage",aspect="service",state="down",agency="a",id="1"'
FORM = 'target="a.form-1",part="a.form-{}",role="eform",aspect="service",state="broken",agency="a",id="1"'
REPLACED = DOWN.replace("down", "replaced")
UNSEEN = 'thuocdo_measurement_outcome{target="a.home",kind="http",outcome="inconclusive",reason="blocked"}'
BROKEN, FLAPPING = DOWN.replace("down", "broken"), DOWN.replace("down", "flapping")
FORMS = {
    f'thuocdo_target_info{{target="a.form-{number}",owner="team-a",agency="a",block="province",family="igate",portal="a",'
    f'name="Tỉnh A: thủ tục {number}",url="https://a.example/{number}"}}': "1x3000"
    for number in (1, 2)
}
MAINTAINED = {'thuocdo_maintenance_active{target="a.home"}': "1x100"}

CASES: dict[str, tuple[Case, ...]] = {
    "PortalDown": (
        Case(
            series=part(f'{DOWN},reason="timeout"', "_x5 300x10 stale"),
            fires=(6, 15),
            quiet=(4, 19),
            labels=OWNED,
        ),
        # Another reason comes to the fore: the alert stays one and the same.
        Case(
            series=part(f'{DOWN},reason="timeout"', "300x9 stale")
            | part(f'{DOWN},reason="http_error"', "_x10 300x10 stale"),
            fires=(8, 9, 10, 11, 20),
            quiet=(24,),
            labels=OWNED,
        ),
        # A scrape that is missed resolves nothing.
        Case(series=part(DOWN, "300x4 stale 300x5 stale"), fires=(4, 5, 6, 9), quiet=(14,), labels=OWNED),
        Case(series=part(DOWN, "300x20") | MAINTAINED, quiet=(1, 10, 20)),
        Case(series=started('scope="vantage",state="down",vantage="ha-noi"', "300x20"), quiet=(1, 10, 20)),
        # Its end holds it a little longer, so that it can be told; no alert begins with one.
        Case(
            series=part(DOWN, "300x10 stale") | part_over(DOWN, "_x11 900x1 stale", "_x11 300x1 stale"),
            fires=(10, 11, 12, 14),
            quiet=(16,),
            labels=OWNED,
        ),
        Case(series=part_over(DOWN, "_x5 900x5 stale", "_x5 300x5 stale"), quiet=(5, 6, 8, 12)),
        # So does that its target leaves the registry; where we are away, nobody knows.
        Case(series=part(DOWN, "300x10 stale") | REMOVED, fires=(10, 11, 12, 13, 14), quiet=(15, 20), labels=OWNED),
        Case(
            series=part(DOWN, "300x10 stale") | REMOVED | {BUILD: "1x10 stale"},
            fires=(11, 12),
            quiet=(13, 20),
            labels=OWNED,
        ),
        Case(series=REMOVED, quiet=(10, 11, 12, 20)),
        # So does maintenance that begins.
        Case(
            series=part(DOWN, "300x30") | {'thuocdo_maintenance_active{target="a.home"}': "_x10 1x20"},
            fires=(10, 11, 12),
            quiet=(14, 20, 30),
            labels=OWNED,
        ),
    ),
    "PortalReplaced": (
        Case(
            series=part(f'{REPLACED},reason="not_the_portal"', "_x5 300x10 stale"),
            fires=(6, 15),
            quiet=(4, 19),
            labels=OWNED,
        ),
        # A scrape that is missed resolves nothing.
        Case(series=part(REPLACED, "300x4 stale 300x5 stale"), fires=(4, 5, 6, 9), quiet=(14,), labels=OWNED),
        Case(series=part(REPLACED, "300x20") | MAINTAINED, quiet=(1, 10, 20)),
        Case(series=part(DOWN, "300x20"), quiet=(1, 10)),
    ),
    "PortalBroken": (
        Case(series=part(BROKEN, "_x5 300x10 stale"), fires=(6, 15), quiet=(4, 19), labels=OWNED),
        Case(series=part(BROKEN, "300x20") | MAINTAINED, quiet=(1, 10, 20)),
        # Forms of one portal are one alert, by the first of them, as long as any is broken.
        Case(
            series=part(FORM.format(1), "_x5 300x10 stale") | part(FORM.format(2), "_x8 480x12 stale") | FORMS,
            fires=(6, 10, 17, 20),
            quiet=(4, 24),
            labels=OWNED | {"target": "a.form-1"},
        ),
        Case(series=part(DOWN, "300x20"), quiet=(1, 10)),
    ),
    "PortalFlapping": (
        Case(series=part(FLAPPING, "_x5 300x10 stale"), fires=(6, 15), quiet=(4, 19), labels=OWNED),
        Case(series=part(FLAPPING, "300x20") | MAINTAINED, quiet=(1, 10, 20)),
        Case(series=part(DOWN, "300x20"), quiet=(1, 10)),
    ),
    "PortalDegraded": (
        Case(
            series=part(DOWN.replace("down", "degraded"), "_x5 300x10 stale"),
            fires=(6, 15),
            quiet=(4, 19),
            labels=OWNED,
        ),
        Case(series=part(DOWN, "300x20"), quiet=(1, 10)),
    ),
    "FamilyDown": (
        Case(
            series=started('scope="family",state="down",family="igate",reason="timeout"', "_x5 300x10 stale"),
            fires=(6, 15),
            quiet=(4, 19),
            labels={"family": "igate"},
        ),
    ),
    "VantageDown": (
        Case(
            series=started(
                'scope="vantage",state="down",vantage="ha-noi",reason="no_connectivity"', "_x5 300x10 stale"
            ),
            fires=(6, 15),
            quiet=(4, 19),
            labels={"vantage": "ha-noi"},
        ),
    ),
    "CertificateExpiresSoon": (
        Case(series=expiry(21), fires=(11, 39, 40), quiet=(9, 10, 43), labels=OWNED),
        Case(series=expiry(5), fires=(1, 20, 39), quiet=(43,), labels=OWNED),
        Case(series=expiry(21) | MAINTAINED, fires=(11, 39), labels=OWNED),
        Case(series=expiry(5) | left(39), fires=(39, 43), quiet=(44,), labels=OWNED),
    ),
    "CertificateExpiresVerySoon": (
        Case(series=expiry(7), fires=(11, 39, 40), quiet=(9, 10, 43), labels=OWNED),
        Case(series=expiry(21), quiet=(22, 39)),
    ),
    "ErrorBudgetBurnFast": (
        Case(series=judged("0+1x300", "0x60 1+1x20 21x300"), fires=(75, 80, 95), quiet=(59, 62, 110), labels=OWNED),
        # Its target leaves the registry: it is held for as long as any other, and ends.
        Case(
            series=judged("0+1x75 stale", "0x60 1+1x15 stale") | left(75),
            fires=(75, 77, 92),
            quiet=(62, 94),
            labels=OWNED,
        ),
        # All of it was told as an outage.
        Case(series=judged("0+1x300", "0x60 1+1x20 21x300", "0x300"), quiet=(65, 75, 80, 90)),
        # One failure of a portal that is seldom probed, and of one that was just entered.
        Case(series=judged("0+0.2x300", "0x60 1x300"), quiet=(61, 65, 75)),
        Case(series=judged("0x10 1+1x300", "0x10 1x300"), quiet=(11, 13, 15, 20)),
        Case(series=judged("0+1x300", "0+0.05x300"), quiet=(30, 120, 300)),
        Case(series=judged("0+1x300", "0+1x300") | MAINTAINED, quiet=(75,)),
        # The process was started anew: its counters begin at zero, and nothing is counted again.
        Case(series=judged("0+1x100 0+1x100", "0x100 0x100"), quiet=(99, 102, 110)),
    ),
    "ErrorBudgetBurnSlow": (
        Case(series=judged("0+0.97x2000", "0+0.03x1500 45x500"), fires=(600, 1500), quiet=(0, 1800), labels=OWNED),
        # It was told as a fast one already.
        Case(series=judged("0+1x2000", "0x100 1+1x60 61x1800"), quiet=(300, 600, 1200, 1500)),
        Case(series=judged("0+1x2000", "0+0.004x2000"), quiet=(600, 1500)),
    ),
    "SessionExpires": (
        Case(
            series={'thuocdo_eform_session_expiry_timestamp_seconds{target="a.home"}': "3600x39 stale"} | left(39),
            fires=(39, 43),
            quiet=(44,),
            labels={"target": "a.home"},
        ),
        Case(
            series={
                'thuocdo_eform_session_expiry_timestamp_seconds{target="a.eform-1",vantage="ha-noi",profile="desktop"}': (
                    f"{48 * 3600 + 600}x39 {30 * DAY}x60"
                )
            },
            fires=(22, 39),
            quiet=(9, 18, 43),
            labels={"target": "a.eform-1"},
        ),
    ),
    "PortalUnseen": (
        Case(series={UNSEEN: "_x5 1x30 stale"}, fires=(26, 35, 39), quiet=(6, 24, 42), labels=OWNED),
        Case(series={UNSEEN: "1x60"} | left(30), fires=(30, 37), quiet=(38,), labels=OWNED),
        # One wall after the other is one.
        Case(
            series={UNSEEN: "1x12 stale", UNSEEN.replace("blocked", "captcha"): "_x13 1x20 stale"},
            fires=(22, 33),
            quiet=(18,),
            labels=OWNED,
        ),
        # Whatever is seen in between ends it: an answer, a failure, another page.
        *(
            Case(series={UNSEEN: "1x15 stale _x2 1x15 stale", seen: "_x16 1x2 stale"}, quiet=(14, 16, 22, 32))
            for seen in (
                UNSEEN.replace("inconclusive", "ok").replace("blocked", ""),
                UNSEEN.replace("inconclusive", "failed").replace("blocked", "timeout"),
                UNSEEN.replace("blocked", "not_the_portal"),
            )
        ),
        # A restart of ours, and a missed scrape, forget nothing.
        Case(series={UNSEEN: "1x10 stale _x2 1x20 stale"}, fires=(21, 33), quiet=(9, 19), labels=OWNED),
        Case(series={UNSEEN: "1x18 stale _x2 1x20 stale"}, fires=(23, 30), quiet=(9, 19), labels=OWNED),
        Case(series={UNSEEN: "1x60"} | MAINTAINED, quiet=(25, 60)),
        # After planned maintenance nobody knows how long.
        Case(
            series={UNSEEN: "1x60", 'thuocdo_maintenance_active{target="a.home"}': "1x15 stale"},
            fires=(37,),
            quiet=(16, 25, 34),
            labels=OWNED,
        ),
        # Of two places each knows for itself.
        Case(
            series={UNSEEN.replace("}", ',vantage="ha-noi"}'): "1x60"}
            | {UNSEEN.replace("blocked", "").replace("inconclusive", "ok").replace("}", ',vantage="da-nang"}'): "1x60"},
            fires=(21,),
            quiet=(18,),
            labels=OWNED,
        ),
        # While our own line is lost nobody knows that the wall is gone; that alone is no wall.
        Case(
            series={
                UNSEEN: "1x29 stale _x29 1x25 stale",
                UNSEEN.replace("blocked", "no_connectivity"): "_x30 1x29 stale",
            },
            fires=(25, 31, 45, 59, 62, 75, 84),
            quiet=(18, 94),
            labels=OWNED,
        ),
        Case(series={UNSEEN.replace("blocked", "no_connectivity"): "1x60"}, quiet=(25, 60)),
        Case(series={UNSEEN.replace("blocked", "timeout"): "1x60"}, quiet=(25, 60)),
        Case(series={UNSEEN.replace('"http"', '"homepage"'): "1x60"}, quiet=(25, 60)),
    ),
    "CoverageLow": (
        Case(
            series={'thuocdo_target_coverage_ratio{target="a.home",window="1d"}': "0.5x80 stale"} | left(80),
            fires=(80, 84),
            quiet=(85,),
            labels={"target": "a.home"},
        ),
        Case(
            series={'thuocdo_target_coverage_ratio{target="a.home",window="1d"}': "0.9x9 0.5x100 0.9x60"},
            fires=(72, 109),
            quiet=(9, 60, 114),
            labels={"target": "a.home"},
        ),
        # A scrape that is missed, or a restart of ours, resolves nothing.
        Case(
            series={'thuocdo_target_coverage_ratio{target="a.home",window="1d"}': "0.5x80 stale 0.5x20"},
            fires=(72, 80, 81, 82, 100),
            quiet=(50,),
            labels={"target": "a.home"},
        ),
        Case(series={'thuocdo_target_coverage_ratio{target="a.home",window="month"}': "0.1x200"}, quiet=(100, 200)),
        # What was missed is no firewall's doing, and told of the agent.
        Case(
            series={
                'thuocdo_target_coverage_ratio{target="a.home",window="1d"}': "0.1x200",
                'thuocdo_target_missed_ratio{target="a.home",window="1d"}': "0.8x100 0.5x100",
            },
            fires=(180,),
            quiet=(99, 150),
            labels={"target": "a.home"},
        ),
    ),
    "Watchdog": (Case(series={}, fires=(0, 100)),),
    "ProberAbsent": (
        Case(series={'thuocdo_build_info{version="1"}': "1x5 stale _x9 1x10"}, fires=(8, 14), quiet=(4, 6, 17)),
    ),
    "AgentSilent": (
        Case(
            series=agent("last_seen_timestamp_seconds", "0+60x5 300x9 960+60x20"),
            fires=(9, 14),
            quiet=(5, 6, 18),
            labels=AGENT,
        ),
    ),
    "MeasurementsOverdue": (
        Case(
            series={
                'thuocdo_vantage_last_measurement_timestamp_seconds{vantage="ha-noi"}': "0+60x5 300x12 1080+60x10",
                'thuocdo_vantage_silence_limit_seconds{vantage="ha-noi"}': "300x40",
                'thuocdo_vantage_last_measurement_timestamp_seconds{vantage="da-nang"}': "0x40",
                'thuocdo_vantage_silence_limit_seconds{vantage="da-nang"}': "4500x40",
            },
            fires=(12, 17),
            quiet=(5, 10, 19),
            labels={"vantage": "ha-noi"},
        ),
    ),
    "ProcessRestarts": (
        Case(
            series={'thuocdo_process_restarts_total{process="judge"}': "0x10 3x1 7x40"},
            fires=(13, 20),
            quiet=(10, 30),
            labels={"process": "judge"},
        ),
        Case(series={'thuocdo_process_restarts_total{process="judge"}': "0x10 2x40"}, quiet=(13, 20)),
    ),
    "JudgeStalled": (
        Case(
            series={
                "thuocdo_judge_last_run_timestamp_seconds": "0+60x5 300x9 960+60x20",
                'thuocdo_build_info{version="1"}': "1x100",
            },
            fires=(10, 14),
            quiet=(5, 7, 18),
        ),
        Case(series={'thuocdo_build_info{version="1"}': "1x100"}, fires=(3, 50)),
        # Without any metrics this is not what is wrong.
        Case(series={}, quiet=(3, 50)),
    ),
    "RankingOverdue": (
        Case(
            series={'thuocdo_ranking_due_timestamp_seconds{criteria_set="survey-2023"}': "_x5 300x150 stale _x20"},
            fires=(131, 150),
            quiet=(6, 60, 124, 160),
            labels={"criteria_set": "survey-2023"},
        ),
    ),
    "AgentSaturated": (
        Case(
            series=agent("probes_total", "0+10x300") | agent("saturated_probes_total", "0x20 5+5x39 200x200"),
            fires=(50, 59),
            quiet=(19, 25, 90),
            labels=AGENT,
        ),
        Case(series=agent("probes_total", "0+10x100") | agent("saturated_probes_total", "0+1x100"), quiet=(50, 100)),
    ),
    "ProbesMissed": (
        Case(
            series=of_kind("due", "0+10x300") | of_kind("missed", "0x20 2+2x39 80x200"),
            fires=(50, 59),
            quiet=(19, 25, 110),
            labels=AGENT | {"kind": "homepage"},
        ),
        Case(series=of_kind("due", "0+100x100") | of_kind("missed", "0+1x100"), quiet=(50, 100)),
        # A kind that keeps up hides none that does not.
        Case(
            series=of_kind("due", "0+1000x100", kind="http")
            | of_kind("missed", "0x100", kind="http")
            | of_kind("due", "0+1x100")
            | of_kind("missed", "0+1x100"),
            fires=(50,),
            labels=AGENT | {"kind": "homepage"},
        ),
        # One of a kind that is due a few times a day.
        Case(series=of_kind("due", "0x40 1x100") | of_kind("missed", "0x40 1x100"), quiet=(45, 55, 65)),
    ),
    "BrowserRestarts": (
        Case(series=agent("browser_restarts_total", "0x10 6x200"), fires=(15, 60), quiet=(9, 80), labels=AGENT),
        Case(series=agent("browser_restarts_total", "0x10 1x200"), quiet=(9, 15, 80)),
    ),
    "StoreBacklog": (
        Case(series=agent("unsaved_measurements", "0x5 500x20 0x20"), fires=(12, 25), quiet=(5, 9, 28), labels=AGENT),
    ),
    "ClockOffset": (
        Case(series=agent("clock_offset_seconds", "0x5 0.5x20 0x20"), fires=(12, 25), quiet=(5, 9, 28), labels=AGENT),
    ),
    "ConfigReloadFailed": (
        Case(series={"thuocdo_config_last_reload_successful": "1x5 0x9 1x20"}, fires=(6, 14), quiet=(5, 16)),
    ),
}


def promtool_test(name: str, case: Case) -> dict[str, object]:
    expr = f'ALERTS{{alertname="{name}",alertstate="firing"}}'
    labels = {"alertname": name, "alertstate": "firing", "severity": alert(name).severity.value} | case.labels
    expected = "ALERTS{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"
    return {
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in (INFO | case.series).items()],
        "promql_expr_test": [
            *(
                {"expr": expr, "eval_time": f"{minute}m", "exp_samples": [{"labels": expected, "value": 1}]}
                for minute in case.fires
            ),
            *({"expr": expr, "eval_time": f"{minute}m", "exp_samples": []} for minute in case.quiet),
        ],
    }


def passes(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def written(folder: Path, name: str, cases: tuple[Case, ...]) -> Path:
    """Write promtool's test of one alert, with that alert's rule alone: all of them together take minutes."""
    rules = yaml.safe_load(rule_files(PublicAddresses())["alerts.yml"])
    names = (name, "ErrorBudgetBurnFast") if name == "ErrorBudgetBurnSlow" else (name,)
    for group in rules["groups"]:
        group["rules"] = [rule for rule in group["rules"] if rule["alert"] in names]
    (folder / f"{name}.rules.yml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    recorded = ["recording.yml"] if "ErrorBudget" in name else []
    last = max(minute for case in cases for minute in (*case.fires, *case.quiet))
    test = {
        "rule_files": [f"{name}.rules.yml", *recorded],
        "evaluation_interval": "5m" if last > 300 else "1m",
        "tests": [promtool_test(name, case) for case in cases],
    }
    path = folder / f"{name}.test.yml"
    path.write_text(yaml.safe_dump(test), encoding="utf-8")
    return path


def test_every_alert_has_a_case_that_fires_and_one_that_does_not():
    assert set(CASES) == {one.name for one in ALERTS}
    for name, cases in CASES.items():
        assert any(case.fires for case in cases), name
        quiet_again = any(case.fires and case.quiet and max(case.quiet) > max(case.fires) for case in cases)
        assert quiet_again or name == "Watchdog", f"{name}: no case in which it ends"


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("name", CASES)
def test_an_alert_fires_keeps_quiet_and_ends(debian, tmp_path, name):
    (tmp_path / "recording.yml").write_text(rule_files(PublicAddresses())["recording.yml"], encoding="utf-8")
    file = written(tmp_path, name, CASES[name])
    passes([debian("promtool", "prometheus"), "test", "rules", file], cwd=tmp_path)


def test_promtool_tells_an_alert_that_does_not_fire(debian, tmp_path):
    file = written(
        tmp_path, "ClockOffset", (Case(series=agent("clock_offset_seconds", "0x30"), fires=(20,), labels=AGENT),)
    )
    with pytest.raises(AssertionError, match="FAILED"):
        passes([debian("promtool", "prometheus"), "test", "rules", file], cwd=tmp_path)


def test_promtool_finds_nothing_to_mend_in_the_committed_rules(debian):
    found = passes(
        [debian("promtool", "prometheus"), "check", "rules", *(ROOT / "dashboards/prometheus/rules").glob("*.yml")]
    )
    assert f"SUCCESS: {len(ALERTS)} rules found" in found


OWNERS = """
central: {webhooks: [{url: "http://127.0.0.1:9095/central"}]}
dead_man: {webhooks: [{url: "http://127.0.0.1:9095/watchdog"}]}
smtp: {smarthost: "mail.example.vn:587", from: thuocdo@example.vn, username: thuocdo, password_file: /etc/alertmanager/smtp}
owners:
  team-a:
    webhooks: [{url: "http://127.0.0.1:9096/zalo", token_file: /etc/alertmanager/zalo}]
    emails: [{to: truc-ban@example.vn}]
    telegram: [{chat_id: -1001, token_file: /etc/alertmanager/telegram}]
"""


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alertmanager")
    (folder / "owners.yaml").write_text(OWNERS, encoding="utf-8")
    text = alertmanager_file(load_owners(folder / "owners.yaml", frozenset({"team-a"})))
    assert "bot_token_file: /etc/alertmanager/telegram" in text
    # Debian's 0.25 knows no file for this one secret yet.
    text = text.replace("bot_token_file: /etc/alertmanager/telegram", "bot_token: none")
    (folder / "alertmanager.yml").write_text(text, encoding="utf-8")
    (folder / "thuocdo.tmpl").write_text(template_file(), encoding="utf-8")
    return folder


def test_amtool_finds_nothing_to_mend(debian, alertmanager):
    for folder in (alertmanager, ROOT / "dashboards/alertmanager"):
        passes([debian("amtool", "prometheus-alertmanager"), "check-config", folder / "alertmanager.yml"])


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=PortalDown owner=team-a target=a.home severity=critical", "owner-team-a"),
        ("alertname=PortalReplaced owner=team-a target=a.home severity=critical", "owner-team-a"),
        ("alertname=PortalReplaced owner=b target=b.home severity=critical", "central"),
        ("alertname=CertificateExpiresSoon owner=team-a target=a.home severity=warning", "owner-team-a"),
        ("alertname=PortalDown owner=b target=b.home severity=critical", "central"),
        ("alertname=FamilyDown family=igate severity=critical", "central"),
        ("alertname=VantageDown vantage=ha-noi severity=critical", "central"),
        ("alertname=CoverageLow target=a.home severity=warning", "central"),
        ("alertname=ProberAbsent severity=critical", "central"),
        ("alertname=Watchdog severity=none", "dead-man"),
    ],
)
def test_an_alert_goes_to_its_owner_or_to_the_central_team(debian, alertmanager, labels, receiver):
    config = f"--config.file={alertmanager}/alertmanager.yml"
    tool = debian("amtool", "prometheus-alertmanager")
    passes([tool, "config", "routes", "test", config, f"--verify.receivers={receiver}", *labels.split()])


@pytest.fixture
def running(debian, product, background, alertmanager, tmp_path):
    """A real Alertmanager: running.post(alerts), running.suppressed() -> names and labels of what is left unsaid."""
    port = product.free_port()
    base = f"http://127.0.0.1:{port}/api/v2"
    background(
        [
            debian("prometheus-alertmanager", "prometheus-alertmanager"),
            f"--config.file={alertmanager}/alertmanager.yml",
            f"--storage.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ],
        tmp_path / "alertmanager.log",
    )

    def post(*alerts):
        body = json.dumps([{"labels": labels} for labels in alerts]).encode()
        asked = urllib.request.Request(f"{base}/alerts", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(asked, timeout=300).close()

    def states():
        with urllib.request.urlopen(f"{base}/alerts", timeout=300) as answer:
            return [(one["labels"], bool(one["status"]["inhibitedBy"])) for one in json.loads(answer.read())]

    def is_up():
        try:
            return states() == []
        except OSError:
            return False

    product.wait_until(is_up, "Alertmanager")
    return SimpleNamespace(post=post, states=states)


@pytest.mark.parametrize(("source", "targets", "equal"), INHIBITIONS)
def test_what_one_cause_explains_is_left_unsaid_and_nothing_else(running, product, source, targets, equal):
    names = targets.replace("Certificate.+", "CertificateExpiresSoon|CertificateExpiresVerySoon").split("|")
    same = dict.fromkeys(equal, "same")
    # Each about a target of its own, so that they do not explain each other.
    explained = [{"alertname": name, "target": f"{name}.home"} | same for name in names]
    others = [{"alertname": name, "target": f"{name}.other"} | dict.fromkeys(equal, name) for name in names if equal]
    running.post({"alertname": source} | same, {"alertname": "Watchdog"}, *explained, *others)

    def unsaid():
        return sorted(sorted(labels.items()) for labels, inhibited in running.states() if inhibited)

    product.wait_until(lambda: len(running.states()) == 2 + len(explained) + len(others), "all alerts")
    product.wait_until(lambda: len(unsaid()) >= len(explained), "inhibition")
    assert unsaid() == sorted(sorted(labels.items()) for labels in explained)


ID = "target-a.home-19700101T000130.000Z"
PART = f'target="a.home",part="a.home",role="homepage",aspect="service",agency="a",id="{ID}"'
FAILING = f'{PART},state="down",reason="http_error",status="502",seconds="",usual_seconds="",certificate=""'
SLOW = f'{PART},state="degraded",reason="",status="",seconds="4.6",usual_seconds="1.5",certificate=""'
BROKEN_FORM = FORM.format(1).replace('id="1"', f'id="{ID}"')
CERTIFICATE = 'target="a.home",part="a.home",role="homepage",aspect="certificate",state="expiring",agency="a"'
LINKED = PublicAddresses(site="http://site", grafana="http://grafana")
LINKS = {
    "page_url": f"http://site/incidents/{ID}",
    "dashboard_url": "http://grafana/d/thuocdo-target?var-target=a.home",
}
SLOWLY = {
    "summary": "Tỉnh A (https://a.example/): cổng chậm bất thường",
    "summary_en": "Tỉnh A (https://a.example/): the portal is unusually slow",
    "reason": "",
    "status": "",
    "seconds": "4.6",
    "step": first_step("PortalDegraded", "vi"),
    "step_en": first_step("PortalDegraded", "en"),
    "parts": "trang chủ (chậm kéo dài)",
    "parts_en": "home page (slow for long)",
    "length": "2 giờ 5 phút",
    "length_en": "2 h 5 min",
}
TOLD = {
    "open": LINKS
    | {
        "summary": "Tỉnh A (https://a.example/): cổng ngừng hoạt động",
        "summary_en": "Tỉnh A (https://a.example/): the portal is down",
        "reason": "http_error",
        "status": "502",
        "seconds": "",
        "usual_seconds": "",
        "certificate": "",
        "cause": "Máy chủ báo lỗi HTTP 502",
        "cause_en": "HTTP error 502",
        "step": FIRST_STEPS[Reason.HTTP_ERROR]["vi"],
        "step_en": FIRST_STEPS[Reason.HTTP_ERROR]["en"],
        "parts": "trang chủ (ngừng hoạt động)",
        "parts_en": "home page (down)",
        "began": "07:01:30 01/01/1970",
        "ended": "",
        "ending": "",
        "length": "8 phút 30 giây",
        "length_en": "8 min 30 s",
    },
    "over": {
        "ended": "07:10:22 01/01/1970",
        "ending": "down",
        "length": "8 phút 52 giây",
        "length_en": "8 min 52 s",
        "parts": "",
        "parts_en": "",
    },
    "in two incidents": {
        "parts": "trang chủ (ngừng hoạt động); chứng thư số của trang chủ (sắp hết hạn)",
        "parts_en": "home page (down); certificate of home page (runs out soon)",
    },
    "with a form": {
        "parts": "trang chủ (ngừng hoạt động); Tỉnh A: thủ tục 1 (không dùng được)",
        "parts_en": "home page (down); Tỉnh A: thủ tục 1 (answers, does not work)",
    },
    "refused": {
        "reason": "certificate_invalid",
        "status": "",
        "certificate": "expired",
        "cause": "Chứng thư số không hợp lệ: đã hết hạn",
        "cause_en": "Certificate invalid: it has expired",
        "step": FIRST_STEPS[Reason.CERTIFICATE_INVALID]["vi"],
        "step_en": FIRST_STEPS[Reason.CERTIFICATE_INVALID]["en"],
    },
    "maintained": {"ending": "maintenance", "length": "12 phút 15 giây", "length_en": "12 min 15 s"},
    "removed": {"ending": "removed", "parts": "", "parts_en": "", "length": "11 phút", "length_en": "11 min"},
    "we are away": {"length": "9 phút 15 giây", "length_en": "9 min 15 s"},
    "moved": {
        "summary": "Xã A (https://a.example/): cổng ngừng hoạt động",
        "summary_en": "Xã A (https://a.example/): the portal is down",
        "ending": "moved",
        "length": "11 phút 15 giây",
        "length_en": "11 min 15 s",
    },
    "slow": SLOWLY
    | {"usual_seconds": "1.5", "cause": "phản hồi mất 4,6 giây, thường là 1,5 giây"}
    | {"cause_en": "it takes 4.6 s, usually 1.5 s"},
    "slow at once": SLOWLY
    | {"usual_seconds": "", "cause": "phản hồi mất 4,6 giây, chậm với bất kỳ ai"}
    | {"cause_en": "it takes 4.6 s, which is poor for anybody"},
}
"""What annotations must be as Prometheus fills them; the later ones differ from the first in these."""


def told(name: str, which: str) -> dict[str, str]:
    fixed = annotations(alert(name), LINKED)
    return fixed | (ENDING if which == "ending" else TOLD["open"] | TOLD[which])


ENDING = LINKS | {
    "summary": "Tỉnh A (https://a.example/): chứng thư số hết hạn trong chưa đầy 7 ngày",
    "summary_en": "Tỉnh A (https://a.example/): the certificate expires within 7 days",
    "expires": "07:00:00 06/01/1970",
    "ending": "",
    "cause": "chứng thư số còn 4 ngày 23 giờ, hết hạn lúc 07:00:00 06/01/1970 (giờ Hà Nội)",
    "cause_en": "the certificate is valid for 4 d 23 h more, until 07:00:00 06/01/1970 (Hanoi)",
    "parts": "chứng thư số của trang chủ (sắp hết hạn)",
    "parts_en": "certificate of home page (runs out soon)",
    "length": "4 ngày 23 giờ",
    "length_en": "4 d 23 h",
}


@pytest.fixture
def assert_told(debian, tmp_path):
    """
    Assert what one alert says, as Prometheus fills it: assert_told(name, minute, series, labels, texts, links, every=...).

    others: (labels, texts) of further ones that stand.
    """

    def check(
        name: str,
        minute: int,
        series: Mapping[str, str],
        labels: Mapping[str, str],
        texts: Mapping[str, str],
        links: PublicAddresses,
        every: str = "1m",
        others: Sequence[tuple[Mapping[str, str], Mapping[str, str]]] = (),
    ) -> None:
        rules = yaml.safe_load(rule_files(links)["alerts.yml"])
        for group in rules["groups"]:
            group["rules"] = [rule for rule in group["rules"] if rule["alert"] == name]
        (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules), encoding="utf-8")
        expected = [
            {"exp_labels": {"severity": alert(name).severity.value, **of_one}, "exp_annotations": {**said}}
            for of_one, said in ((labels, texts), *others)
        ]
        test = {
            "rule_files": ["rules.yml"],
            "evaluation_interval": every,
            "tests": [
                {
                    "interval": "1m",
                    "input_series": [{"series": one, "values": values} for one, values in series.items()],
                    "alert_rule_test": [{"eval_time": f"{minute}m", "alertname": name, "exp_alerts": expected}],
                }
            ],
        }
        (tmp_path / "test.yml").write_text(yaml.safe_dump(test, allow_unicode=True), encoding="utf-8")
        passes([debian("promtool", "prometheus"), "test", "rules", "test.yml"], cwd=tmp_path)

    return check


@pytest.mark.parametrize(
    ("name", "which", "minute", "series"),
    [
        ("PortalDown", "open", 10, part(FAILING, "_x4 90x20")),
        ("PortalDown", "with a form", 10, part(FAILING, "_x4 90x20") | part(BROKEN_FORM, "_x4 500x20") | FORMS),
        (
            "PortalDown",
            "in two incidents",
            10,
            part(FAILING, "_x4 90x20") | part(f'{CERTIFICATE},id="other",reason="",status=""', "_x4 500x20"),
        ),
        (
            "PortalDown",
            "refused",
            10,
            part(
                FAILING.replace("http_error", "certificate_invalid")
                .replace('"502"', '""')
                .replace('certificate=""', 'certificate="expired"'),
                "_x4 90x20",
            ),
        ),
        (
            "PortalDown",
            "over",
            13,
            part(FAILING, "_x4 90x6 stale") | part_over(FAILING, "_x11 622x1 stale", "_x11 532x1 stale"),
        ),
        (
            "CertificateExpiresVerySoon",
            "ending",
            60,
            {f'thuocdo_incident_certificate_expiry_timestamp_seconds{{{CERTIFICATE},id="{ID}"}}': f"{5 * DAY}x100"}
            | part(f'{CERTIFICATE},id="{ID}",reason="",status=""', "0x100"),
        ),
        (
            "PortalDown",
            "maintained",
            15,
            part(FAILING, "_x4 90x30") | {'thuocdo_maintenance_active{target="a.home"}': "_x13 1x20"},
        ),
        ("PortalDegraded", "slow", 127, part(SLOW, "_x4 90x200")),
        ("PortalDegraded", "slow at once", 127, part(SLOW.replace('"1.5"', '""'), "_x4 90x200")),
        ("PortalDown", "removed", 13, part(FAILING, "_x4 90x6 stale") | REMOVED),
        # The last series that Prometheus has are those of minute 10: ours are away at 11, and back without the target at 12.
        (
            "PortalDown",
            "removed",
            13,
            part(FAILING, "_x4 90x6 stale") | REMOVED | {BUILD: "1x10 stale _x0 1x20"},
        ),
        ("PortalDown", "we are away", 12, part(FAILING, "_x4 90x6 stale") | REMOVED | {BUILD: "1x10 stale"}),
        # It was over before it left.
        (
            "PortalDown",
            "over",
            14,
            part(FAILING, "_x4 90x6 stale")
            | part_over(FAILING, "_x11 622x1 stale", "_x11 532x1 stale")
            | {A_HOME: "1x12 stale", BUILD: "1x60"},
        ),
    ],
)
def test_prometheus_fills_the_texts_with_name_figures_true_start_end_and_length(
    assert_told, name, which, minute, series
):
    assert_told(name, minute, INFO | series, OWNED, told(name, which), LINKED, every="15s")


def test_a_portal_whose_agency_is_another_in_the_registry_is_told_on_under_that_and_not_as_over(assert_told):
    moved = OWNED | {"agency": "xa-a", "owner": "team-b"}
    info = (
        'thuocdo_target_info{target="a.home",owner="team-b",agency="xa-a",block="province",family="igate",portal="a",'
        'name="Xã A",url="https://a.example/"}'
    )
    series = INFO | part(FAILING, "_x4 90x20") | REMOVED | {info: "_x11 1x20"}
    texts = told("PortalDown", "moved")
    anew = texts | {"ending": "", "length": "11 phút 30 giây", "length_en": "11 min 30 s"}
    assert_told("PortalDown", 13, series, OWNED, texts, LINKED, "15s", [(moved, anew)])


MISTAKE = (
    """file="fleet.yaml",line="3",suggestion="url",problem="fleet.yaml:3: unknown key 'ur1'; did you mean 'url'?","""
    'problem_vi="fleet.yaml:3: không có khóa nào tên “ur1”; có phải là “url” không?"'
)
OF_NO_FILE = 'file="",line="",suggestion="",problem="no criteria set",problem_vi="chưa có bộ tiêu chí"'


def test_a_failed_reload_is_told_with_file_line_and_what_may_be_meant(assert_told):
    series = {
        "thuocdo_config_last_reload_successful": "0x20",
        f"thuocdo_config_problem{{{MISTAKE}}}": "1x20",
        f"thuocdo_config_problem{{{OF_NO_FILE}}}": "2x20",
    }
    texts = annotations(alert("ConfigReloadFailed"), PublicAddresses()) | {
        "description": "Lần nạp lại cấu hình gần nhất thất bại; Thước Đo vẫn dùng bản cũ. fleet.yaml:3: không có khóa nào "
        "tên “ur1”; có phải là “url” không? chưa có bộ tiêu chí. Chạy `thuocdo config check` để xem mọi lỗi.",
        "description_en": "The last reload failed; Thước Đo still uses what was in force before. fleet.yaml:3: unknown key "
        "'ur1'; did you mean 'url'? no criteria set. `thuocdo config check` names every mistake.",
    }
    assert alert("ConfigReloadFailed").severity.value == "warning"
    assert_told("ConfigReloadFailed", 5, series, {}, texts, PublicAddresses())


def test_who_is_kept_out_is_told_by_what(assert_told):
    filled = {
        "summary": "Tỉnh A (https://a.example/): máy đo bị chặn hoặc cổng đổi hướng",
        "summary_en": "Tỉnh A (https://a.example/): the prober is kept out, or led elsewhere",
        "reason": "blocked",
        "cause": "Bị tường lửa chặn",
        "cause_en": "Blocked by a firewall",
        "ending": "",
        "page_url": "http://site/agencies/a",
        "dashboard_url": "http://grafana/d/thuocdo-target?var-target=a.home",
    }
    assert alert("PortalUnseen").severity.value == "warning"
    texts = annotations(alert("PortalUnseen"), LINKED) | filled
    assert_told("PortalUnseen", 25, INFO | {UNSEEN: "1x30"}, OWNED, texts, LINKED)


@pytest.fixture
def rendered(debian, alertmanager, tmp_path):
    """Render a notice as Alertmanager does: rendered(name, which, ...) -> subject, then the text."""

    def render(name: str, *which: str, firing: bool) -> str:
        status = "firing" if firing else "resolved"
        alerts = [
            {
                "status": status,
                "labels": {"alertname": name, "severity": alert(name).severity.value} | OWNED,
                "annotations": told(name, one),
                "startsAt": "2026-11-28T19:30:00Z",
                "endsAt": "0001-01-01T00:00:00Z" if firing else "2026-11-28T19:41:00Z",
            }
            for one in which
        ]
        (tmp_path / "data.json").write_text(json.dumps({"status": status, "alerts": alerts}), encoding="utf-8")
        return passes(
            [
                debian("amtool", "prometheus-alertmanager"),
                "template",
                "render",
                f"--template.glob={alertmanager}/thuocdo.tmpl",
                '--template.text={{ template "thuocdo.subject" . }}\n{{ template "thuocdo.text" . }}',
                f"--template.data={tmp_path}/data.json",
            ]
        )

    return render


def vietnamese(text: str) -> list[str]:
    return text.partition("— English —")[0].strip().splitlines()


def test_a_notice_names_portal_cause_start_and_first_step_before_all_else(rendered):
    text = rendered("PortalDown", "open", firing=True)
    assert vietnamese(text) == [
        "[CẢNH BÁO] Tỉnh A (https://a.example/): cổng ngừng hoạt động",
        "🔴 Tỉnh A (https://a.example/): cổng ngừng hoạt động",
        "Nguyên nhân: Máy chủ báo lỗi HTTP 502",
        "Đang gặp sự cố: trang chủ (ngừng hoạt động)",
        "Bắt đầu: 07:01:30 01/01/1970 (giờ Hà Nội), đến lúc báo đã 8 phút 30 giây",
        "Việc cần làm trước: Xem nhật ký của máy chủ web và của ứng dụng phía sau; kiểm tra ứng dụng và cơ sở dữ liệu có đang "
        "chạy không.",
        "Mức độ: khẩn cấp",
        alert("PortalDown").vi.description,
        f"Trang sự cố: http://site/incidents/{ID}",
        "Biểu đồ: http://grafana/d/thuocdo-target?var-target=a.home",
        "Hướng dẫn xử lý: http://site/runbooks#portaldown",
    ]
    assert "Cause: HTTP error 502" in text
    assert "Began: 07:01:30 01/01/1970 (Hanoi), 8 min 30 s by now" in text


def test_the_notice_of_the_end_tells_the_true_length_and_the_cause(rendered):
    assert vietnamese(rendered("PortalDown", "over", firing=False)) == [
        "[ĐÃ HẾT] Tỉnh A (https://a.example/): cổng ngừng hoạt động",
        "🟢 Đã hết: Tỉnh A (https://a.example/): cổng ngừng hoạt động",
        "Kéo dài 8 phút 52 giây: từ 07:01:30 01/01/1970 đến 07:10:22 01/01/1970 (giờ Hà Nội)",
        "Nguyên nhân: Máy chủ báo lỗi HTTP 502",
        f"Trang sự cố: http://site/incidents/{ID}",
    ]


def test_maintenance_that_begins_in_an_outage_does_not_say_that_it_is_over(rendered):
    text = rendered("PortalDown", "maintained", firing=False)
    assert vietnamese(text)[0] == "[TẠM NGƯNG BÁO] Tỉnh A (https://a.example/): cổng ngừng hoạt động"
    assert "sự cố CHƯA hết" in text
    assert "Đã hết" not in text
    assert "Over" not in text


def test_what_left_the_registry_is_not_told_as_over(rendered):
    text = rendered("PortalDown", "removed", firing=False)
    assert vietnamese(text) == [
        "[THÔI THEO DÕI] Tỉnh A (https://a.example/): cổng ngừng hoạt động",
        "⚪ Thôi theo dõi: Tỉnh A (https://a.example/): cổng ngừng hoạt động",
        "Địa chỉ này đã được đưa ra khỏi danh bạ khi sự cố chưa hết.",
        "Sự cố bắt đầu: 07:01:30 01/01/1970 (giờ Hà Nội)",
        "Nguyên nhân: Máy chủ báo lỗi HTTP 502",
        f"Trang sự cố: http://site/incidents/{ID}",
    ]
    assert "No longer watched: Tỉnh A" in text
    text = rendered("PortalDown", "moved", firing=False)
    assert vietnamese(text)[0] == "[CHUYỂN] Xã A (https://a.example/): cổng ngừng hoạt động"
    assert "Sự cố CHƯA hết và được báo tiếp theo danh bạ mới." in text
    assert "It is NOT over" in text
    still = vietnamese(rendered("PortalDown", "removed", firing=True))
    assert still[2] == "Địa chỉ này đã được đưa ra khỏi danh bạ khi sự cố chưa hết."


def test_a_slow_portal_is_told_with_both_its_times(rendered):
    text = rendered("PortalDegraded", "slow", firing=True)
    assert "Nguyên nhân: phản hồi mất 4,6 giây, thường là 1,5 giây" in text
    assert "đến lúc báo đã 2 giờ 5 phút" in text
    assert "Cause: it takes 4.6 s, usually 1.5 s" in text


def test_a_refused_certificate_says_why_and_every_part_is_named(rendered):
    assert "Nguyên nhân: Chứng thư số không hợp lệ: đã hết hạn" in rendered("PortalDown", "refused", firing=True)
    text = rendered("PortalDown", "with a form", firing=True)
    assert "Đang gặp sự cố: trang chủ (ngừng hoạt động); Tỉnh A: thủ tục 1 (không dùng được)" in text


def test_a_certificate_that_runs_out_is_told_with_its_last_day(rendered):
    text = rendered("CertificateExpiresVerySoon", "ending", firing=True)
    assert "Nguyên nhân: chứng thư số còn 4 ngày 23 giờ, hết hạn lúc 07:00:00 06/01/1970 (giờ Hà Nội)" in text
    assert f"Trang sự cố: http://site/incidents/{ID}" in text
    assert "Đang gặp sự cố: chứng thư số của trang chủ (sắp hết hạn)" in text


def test_a_portal_that_is_slow_from_its_first_day_has_no_usual_time(rendered):
    text = rendered("PortalDegraded", "slow at once", firing=True)
    assert "Nguyên nhân: phản hồi mất 4,6 giây, chậm với bất kỳ ai\n" in text
    assert "Cause: it takes 4.6 s, which is poor for anybody\n" in text


def test_one_that_has_just_ended_says_so_in_a_notice_of_others(rendered):
    text = rendered("PortalDown", "over", "open", firing=True)
    assert "Vừa hết, kéo dài 8 phút 52 giây: từ 07:01:30 01/01/1970 đến 07:10:22 01/01/1970 (giờ Hà Nội)" in text
    assert "Bắt đầu: 07:01:30 01/01/1970 (giờ Hà Nội), đến lúc báo đã 8 phút 30 giây" in text


def test_two_portals_of_an_owner_stand_in_one_notice(rendered):
    assert "(và 1 cảnh báo khác)" in rendered("PortalDown", "open", "open", firing=True).splitlines()[0]
