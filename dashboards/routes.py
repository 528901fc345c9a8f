"""
Alertmanager's configuration: who is told of what, together with what, and what is left unsaid because something else explains it.

Only what Alertmanager 0.25 and newer have in common is used, except where owners.py says otherwise.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from dashboards.owners import Owners, Team
from dashboards.rules import GENERATED

CENTRAL = "central"
DEAD_MAN = "dead-man"

GROUP_WAIT = "19s"
"""
So long that what two looks of the judge, 10 s apart, confirm of one cause is told together: these may be two scrapes, 15 s
apart, which two evaluations see up to 18 s apart. So short that all of it stays within the 60 s that docs/operations.md promises.
"""

GROUP_INTERVAL = "1m"
REPEAT_INTERVAL = "4h"
WATCHDOG_INTERVAL = "5m"

SLOW = "ErrorBudgetBurnSlow"
SLOW_INTERVAL = "24h"
"""It is about a day, so it is told once a day."""

TOGETHER = ["alertname", "owner", "vantage"]
"""Labels whose alerts are told together: all that befalls an owner's portals at once is one mail, whatever they are made with."""

FAMILY = "FamilyDown"
OF_FAMILY = ["alertname", "family"]
"""Of it alone: two platforms that are down are two causes, and two providers to call."""

_BURNING = "ErrorBudgetBurnFast|ErrorBudgetBurnSlow"
_OF_PORTALS = "PortalDown|PortalBroken|PortalReplaced|PortalFlapping|PortalDegraded|PortalUnseen"
_BUSY = "AgentSaturated|ProbesMissed|BrowserRestarts|StoreBacklog|ClockOffset"

INHIBITIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    # Without our metrics nothing else can be known, nor that it has ended.
    (
        "ProberAbsent",
        f"{_OF_PORTALS}|FamilyDown|VantageDown|{_BURNING}|Certificate.+|CoverageLow|SessionExpires",
        (),
    ),
    (
        "ProberAbsent",
        f"AgentSilent|MeasurementsOverdue|JudgeStalled|RankingOverdue|ProcessRestarts|ConfigReloadFailed|{_BUSY}",
        (),
    ),
    # A broken line of ours spoils ratios over all vantage points. Incidents need nothing: judging leaves a broken line out.
    ("VantageDown", f"{_BURNING}|CoverageLow|PortalUnseen", ()),
    ("VantageDown", _BUSY, ("vantage",)),
    ("FamilyDown", f"PortalDown|PortalFlapping|PortalDegraded|{_BURNING}", ("family",)),
    # What a portal shows is told although its family fell: a platform that is down does not explain another page.
    (
        "PortalDown",
        f"PortalBroken|PortalReplaced|PortalFlapping|PortalDegraded|PortalUnseen|CoverageLow|Certificate.+|{_BURNING}",
        ("target",),
    ),
    ("PortalReplaced", "PortalDegraded|CoverageLow", ("target",)),
    ("PortalBroken", "PortalDegraded", ("target",)),
    ("PortalUnseen", "CoverageLow", ("target",)),
    ("PortalFlapping", f"PortalDegraded|{_BURNING}", ("target",)),
    ("ErrorBudgetBurnFast", "ErrorBudgetBurnSlow", ("target",)),
    ("CertificateExpiresVerySoon", "CertificateExpiresSoon", ("target",)),
    ("AgentSilent", _BUSY, ("agent", "vantage")),
    ("AgentSilent", "MeasurementsOverdue", ("vantage",)),
)
"""(what explains, what is then left unsaid, labels in which both must agree)."""


def alertmanager_file(owners: Owners) -> str:
    """Return the text of alertmanager.yml."""
    config = {
        **({"global": _mail(owners)} if owners.smtp else {}),
        "templates": ["thuocdo.tmpl"],
        "route": _route(owners),
        "inhibit_rules": [
            {
                "source_matchers": [f'alertname="{source}"'],
                "target_matchers": [f'alertname=~"{targets}"'],
                **({"equal": list(equal)} if equal else {}),
            }
            for source, targets, equal in INHIBITIONS
        ],
        "receivers": [
            _receiver(CENTRAL, owners.central, resolved=True),
            _receiver(DEAD_MAN, owners.dead_man, resolved=False),
            *(_receiver(receiver_name(name), team, resolved=True) for name, team in owners.owners.items()),
        ],
    }
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False, width=120)
    return GENERATED.format(source="dashboards/routes.py and the file of owners") + text


def _route(owners: Owners) -> dict[str, Any]:
    watchdog = {
        "receiver": DEAD_MAN,
        "matchers": ['alertname="Watchdog"'],
        "group_wait": "0s",
        "repeat_interval": WATCHDOG_INTERVAL,
    }
    families = {"receiver": CENTRAL, "matchers": [f'alertname="{FAMILY}"'], "group_by": OF_FAMILY}
    slow = {"matchers": [f'alertname="{SLOW}"'], "repeat_interval": SLOW_INTERVAL}
    to_owners = [
        {"receiver": receiver_name(name), "matchers": [f'owner="{name}"'], "routes": [slow]} for name in owners.owners
    ]
    return {
        "receiver": CENTRAL,
        "group_by": TOGETHER,
        "group_wait": GROUP_WAIT,
        "group_interval": GROUP_INTERVAL,
        "repeat_interval": REPEAT_INTERVAL,
        "routes": [watchdog, families, *to_owners, {"receiver": CENTRAL, **slow}],
    }


def _mail(owners: Owners) -> Mapping[str, Any]:
    smtp = owners.smtp
    if smtp is None:
        return {}
    return {
        "smtp_smarthost": smtp.smarthost,
        "smtp_from": smtp.sender,
        **({"smtp_auth_username": smtp.username} if smtp.username else {}),
        **({"smtp_auth_password_file": smtp.password_file} if smtp.password_file else {}),
        "smtp_require_tls": smtp.require_tls,
    }


def receiver_name(owner: str) -> str:
    """Return what the receiver of an owner's team is called."""
    return f"owner-{owner}"


def _receiver(name: str, team: Team, *, resolved: bool) -> dict[str, Any]:
    parts = {
        "webhook_configs": [
            {"url": hook.url, "send_resolved": resolved, **_bearer(hook.token_file)} for hook in team.webhooks
        ],
        "email_configs": [
            {
                "to": mail.to,
                "send_resolved": resolved,
                "headers": {"Subject": '{{ template "thuocdo.subject" . }}'},
                "text": '{{ template "thuocdo.text" . }}',
                "html": "",
            }
            for mail in team.emails
        ],
        "telegram_configs": [
            {
                "bot_token_file": chat.token_file,
                "chat_id": chat.chat_id,
                "send_resolved": resolved,
                "parse_mode": "",
                "message": '{{ template "thuocdo.text" . }}',
            }
            for chat in team.telegram
        ],
    }
    return {"name": name, **{kind: entries for kind, entries in parts.items() if entries}}


def _bearer(token_file: str) -> dict[str, Any]:
    return {"http_config": {"authorization": {"credentials_file": token_file}}} if token_file else {}
