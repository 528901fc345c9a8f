"""Of a commune's target `/metrics` says what alerts and boards need, and no more."""

import re
from dataclasses import replace

import pytest

from dashboards.portal_alerts import PORTAL_ALERTS
from exporters.communes import MOST_SERIES
from exporters.prometheus import most_series_of_target, render_metrics
from exporters.ranks import ShownRanking
from exporters.text import text_of
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, TargetRole


@pytest.fixture
def commune(target):
    return replace(target, block=Block.COMMUNE, parent_id="da-nang-2025", agency_id="da-nang-2025-xa-mau")


@pytest.fixture
def names_told(make, whole_duty, now):
    """Return the names of the series of a target, one each."""

    def of(target):
        kinds = [kind.name for kind in all_kinds().values() if target.role in kind.roles]
        text = text_of(
            render_metrics(
                measurements=[make(kind) for kind in kinds],
                targets={target.id: target},
                shown=ShownRanking(criteria_set_id="survey-2023", ranking=None),
                agents=(),
                duty=whole_duty,
                kinds=all_kinds(),
                now=now,
            )
        ).decode()
        return [line.partition("{")[0] for line in text.splitlines() if f'target="{target.id}"' in line]

    return of


@pytest.mark.parametrize("role", TargetRole)
def test_a_communes_target_has_few_series_whatever_kinds_there_are(commune, names_told, role):
    target = replace(commune, role=role)
    profiles = {kind.name: 1 for kind in all_kinds().values() if role in kind.roles}
    told = names_told(target)
    most = most_series_of_target(profiles, all_kinds(), steps=9, target=target)
    assert len(told) == most <= MOST_SERIES
    assert len(names_told(replace(target, block=Block.PROVINCE))) > 1.5 * MOST_SERIES


def test_what_is_told_of_a_communes_home_page(commune, names_told):
    assert sorted(names_told(commune)) == [
        "probe_duration_seconds",
        "probe_ssl_earliest_cert_expiry",
        "probe_success",
        "thuocdo_homepage_load_seconds",
        "thuocdo_incident_certificate_expiry_timestamp_seconds",
        "thuocdo_incident_open",
        "thuocdo_incident_part_duration_seconds",
        "thuocdo_incident_part_end_timestamp_seconds",
        *["thuocdo_incident_part_start_timestamp_seconds"] * 2,
        "thuocdo_incident_start_timestamp_seconds",
        "thuocdo_maintenance_active",
        "thuocdo_measurement_outcome",
        "thuocdo_measurement_timestamp_seconds",
        "thuocdo_target_info",
    ]


def test_what_is_told_of_a_communes_form(commune, names_told):
    told = names_told(replace(commune, role=TargetRole.EFORM))
    assert {"thuocdo_eform_ready_seconds", "thuocdo_measurement_outcome", "thuocdo_target_info"} <= set(told)
    assert not [
        name for name in told if name.startswith(("thuocdo_accessibility", "thuocdo_resilience", "thuocdo_step"))
    ]


def test_the_alerts_of_outages_slowdowns_and_certificates_work_for_communes(commune, names_told):
    told = {*names_told(commune), "thuocdo_build_info"}  # which is of no target
    for alert in PORTAL_ALERTS:
        if alert.name in ("PortalDown", "PortalDegraded", "CertificateExpiresSoon", "CertificateExpiresVerySoon"):
            assert set(re.findall(r"(?:thuocdo|probe)_[a-z_]+", alert.expr)) <= told


def test_a_commune_is_joined_with_its_province(make, commune, make_duty, now, samples):
    text = text_of(
        render_metrics(
            measurements=[make()],
            targets={commune.id: commune},
            shown=ShownRanking(criteria_set_id="survey-2023", ranking=None),
            agents=(),
            duty=make_duty(),
            kinds=all_kinds(),
            now=now,
        )
    ).decode()
    ((labels, _),) = samples(text, "thuocdo_target_info")
    assert (labels["block"], labels["parent"]) == ("commune", "da-nang-2025")
