"""What Alertmanager makes of the templates of our notices."""

import json
import shutil
import subprocess

import pytest

from dashboards.notice import template_file


@pytest.fixture
def told(require, tmp_path):
    """Return a template's text for some alerts, by Alertmanager's own tool."""
    amtool = shutil.which("amtool")
    require(amtool, "amtool", "apt-get install prometheus-alertmanager")
    (tmp_path / "thuocdo.tmpl").write_text(template_file(), encoding="utf-8")

    def render(name, *alerts):
        is_firing = any(alert["status"] == "firing" for alert in alerts)
        data = {"status": "firing" if is_firing else "resolved", "alerts": alerts}
        (tmp_path / "data.json").write_text(json.dumps(data), encoding="utf-8")
        given = [f"--template.glob={tmp_path}/thuocdo.tmpl", f"--template.data={tmp_path}/data.json"]
        text = f'--template.text={{{{ template "{name}" . }}}}'
        done = subprocess.run([amtool, "template", "render", *given, text], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return render


def alert(name, status="firing", **annotations):
    told = {"summary": f"{name}: cổng ngừng hoạt động", "page_url": "http://s/", "runbook_url": "http://s/runbooks"}
    at = "2026-11-30T12:00:00Z"
    return {"status": status, "labels": {"severity": "critical"}, "annotations": told | annotations, "startsAt": at}


@pytest.mark.parametrize("dashboard", ["http://g/d/thuocdo-target", ""])
def test_a_notice_leads_to_grafana_only_where_there_is_one(told, dashboard):
    lines = told("thuocdo.text", alert("Huế", dashboard_url=dashboard)).splitlines()
    assert [line for line in lines if line.startswith("Biểu đồ")] == ([f"Biểu đồ: {dashboard}"] if dashboard else [])
    assert "Hướng dẫn xử lý: http://s/runbooks" in lines


JUST_OVER = {"began": "19:28:38 30/11/2026", "ended": "19:32:38 30/11/2026", "length": "4 phút"}


@pytest.mark.parametrize(
    ("alerts", "subject"),
    [
        ([alert("Huế")], "[CẢNH BÁO] Huế: cổng ngừng hoạt động"),
        ([alert("Huế", "resolved"), alert("Lào Cai")], "[CẢNH BÁO] Lào Cai: cổng ngừng hoạt động (và 1 cảnh báo khác)"),
        (
            [alert("Huế", **JUST_OVER), alert("Lào Cai")],
            "[CẢNH BÁO] Lào Cai: cổng ngừng hoạt động (và 1 cảnh báo khác)",
        ),
        (
            [alert("Huế", "resolved"), alert("Sơn La", **JUST_OVER)],
            "[CẢNH BÁO] Sơn La: cổng ngừng hoạt động (và 1 cảnh báo khác)",
        ),
        ([alert("Huế"), alert("Lào Cai")], "[CẢNH BÁO] Huế: cổng ngừng hoạt động (và 1 cảnh báo khác)"),
        ([alert("Huế", "resolved")], "[ĐÃ HẾT] Huế: cổng ngừng hoạt động"),
    ],
)
def test_the_subject_names_who_is_down_now(told, alerts, subject):
    assert told("thuocdo.subject", *alerts) == subject
