"""
Where `/probe` says something else than blackbox_exporter, on purpose, and the queries by which both are compared.

The one table: whatever is not in it has to be equal, and docs/operations.md tells each of its rows.
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """
    A stated exception.

    title: of its row in docs/operations.md. cases: for which it holds. families: that may differ.
    """

    title: str
    cases: Collection[str]
    families: Collection[str]


EXCEPTIONS = (
    Stated(title="HTTP version", cases=("http2",), families=("probe_http_version",)),
    Stated(title="Redirect to another agency", cases=("elsewhere",), families=("probe_success",)),
    Stated(title="Packed body", cases=("gzip",), families=("probe_http_content_length",)),
    Stated(title="Failed TLS handshake", cases=("expired",), families=("probe_http_duration_seconds",)),
    Stated(title="Name that does not exist", cases=("gone",), families=("probe_http_duration_seconds",)),
)

IN_SCRAPES = (
    Stated(
        title="Scrape shorter than the probe",
        cases=("timeout",),
        families=(
            *("probe_http_duration_seconds", "probe_dns_lookup_time_seconds"),
            *("probe_ip_protocol", "probe_ip_addr_hash"),
        ),
    ),
)
"""Besides, where a scrape does not wait for the end of a probe."""

EXACT = (
    "probe_success",
    "probe_success == 0",
    "probe_success != 1",
    "avg_over_time(probe_success[30s]) * 100",
    "min_over_time(probe_success[30s])",
    "changes(probe_success[30s])",
    "probe_http_status_code",
    "probe_http_status_code <= 199 or probe_http_status_code >= 400",
    "probe_http_status_code >= 200 and probe_http_status_code < 300",
    "probe_http_status_code != 200",
    "probe_ssl_earliest_cert_expiry",
    "(probe_ssl_earliest_cert_expiry - time()) / 86400",
    "probe_ssl_earliest_cert_expiry - time() < 86400 * 21",
    "0 <= round((last_over_time(probe_ssl_earliest_cert_expiry[10m]) - time()) / 86400, 0.1) < 20",
    "probe_ssl_last_chain_expiry_timestamp_seconds - time()",
    "probe_ssl_last_chain_info",
    "probe_tls_version_info",
    "probe_http_ssl",
    "probe_http_version",
    "probe_http_redirects",
    "probe_http_content_length",
    "probe_http_uncompressed_body_length",
    "time() - probe_http_last_modified_timestamp_seconds",
    "probe_failed_due_to_regex == 1",
    "probe_failed_due_to_regex",
    "probe_ip_protocol",
    "changes(probe_ip_addr_hash[30s])",
    'count by (instance) (probe_http_duration_seconds{phase="connect"})',
    "absent_over_time(probe_success[30s])",
)
"""Queries of public alerts and dashboards that give the very same rows and values."""

ROWS = (
    "probe_duration_seconds",
    "avg_over_time(probe_duration_seconds[30s])",
    "probe_duration_seconds > 3",
    "avg_over_time(probe_http_duration_seconds[30s])",
    "sum by (instance) (probe_http_duration_seconds)",
    "sum by (instance) (avg_over_time(probe_http_duration_seconds[30s])) > 1",
    "sum by (phase) (probe_http_duration_seconds)",
    "probe_dns_lookup_time_seconds",
    "avg_over_time(probe_dns_lookup_time_seconds[30s])",
)
"""Those that give the same rows, with times that no two probes share. Source of both: awesome-prometheus-alerts, 7587, 13659."""
