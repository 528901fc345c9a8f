"""
What blackbox_exporter would say about one measurement, under its own metric names, so that its dashboards and alerts still work.

`/probe` always answers with probe_success 0 or 1, as a blackbox_exporter user expects; there an inconclusive probe (blocked, our
own line, …) is a 0 whose thuocdo_measurement_outcome says so. `/metrics` leaves probe_success out instead, so that an alert on
`probe_success == 0` there never fires for a fault of ours.

What a probe that was made did not come to is 0 under blackbox_exporter's names, as there (`probe_http_status_code <= 199` is how
public alerts find a portal that is down), on `/metrics` unless it is inconclusive. Under our own names what was not measured is
absent, never 0; and of a probe that was not made nothing is told but that.

Source: prometheus/blackbox_exporter 0.23, prober/http.go, prober/tls.go and prober/utils.go. Where we say something else on
purpose stands in docs/operations.md, and in tests/integration/test_blackbox_parity.py, which compares both programs.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from exporters.text import Exposition, Family, exposed
from thuocdo.core.kinds.kind import Kind, Value
from thuocdo.core.model import Measurement, Outcome, Reason

PROBE_SUCCESS_HELP = (
    "Displays whether or not the probe was a success; an inconclusive probe is 0 here, "
    "see thuocdo_measurement_outcome for whose fault it was"
)
METRICS_SUCCESS_HELP = "Displays whether or not the probe was a success; absent while the last probe is inconclusive"

_MOST_DIGITS = 8  # of a number in an attribute, which may be the portal's own words

_PHASES = ("resolve", "connect", "tls", "processing", "transfer")

_PLAIN = ((),)
"""Label values of the one series of a family without labels."""

_MOST_REMEMBERED = 65_536  # addresses
_FNV_START, _FNV_PRIME = 0x811C9DC5, 0x01000193

Sample = tuple[tuple[str, ...], float]
"""Values of a family's own labels, and the series' value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """
    One metric family and how to read it off a measurement.

    labels: names of the family's own labels. most: series that one measurement can give. read: gives (label values, value) per
    series; nothing where it was not measured. zeros: label values of the series that are 0 where they were not measured.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    most: int = 1
    read: Callable[[Measurement], Iterable[Sample]]
    zeros: tuple[tuple[str, ...], ...] = ()

    def told(self, measurement: Measurement, *, inconclusive: bool = False) -> Iterable[Sample]:
        """Return its series, zeros among them; inconclusive: also of a measurement that is so."""
        found = tuple(self.read(measurement))
        if len(found) >= len(self.zeros) or not _is_told(measurement, inconclusive=inconclusive):
            return found
        return (dict.fromkeys(self.zeros, 0.0) | dict(found)).items()


def _is_told(measurement: Measurement, *, inconclusive: bool) -> bool:
    """Tell whether a probe was made that says what it came to; an inconclusive one only where that is wanted."""
    outcome = measurement.observation.outcome
    return measurement.duration_seconds > 0 and (inconclusive or outcome is not Outcome.INCONCLUSIVE)


def _value(name: str) -> Callable[[Measurement], Iterable[Sample]]:
    def read(measurement: Measurement) -> Iterator[Sample]:
        value = measurement.observation.values.get(name)
        if value is not None:
            yield (), value

    return read


def _success(measurement: Measurement) -> Iterator[Sample]:
    yield (), float(measurement.observation.outcome is Outcome.OK)


def _conclusive_success(measurement: Measurement) -> Iterable[Sample]:
    return () if measurement.observation.outcome is Outcome.INCONCLUSIVE else _success(measurement)


def _duration(measurement: Measurement) -> Iterator[Sample]:
    """The exchange itself where it came to an end, else the time until the probe gave up; nothing where none was made."""
    seconds = measurement.observation.values.get("total_seconds", measurement.duration_seconds)
    if seconds > 0:
        yield (), seconds


def _lookup(measurement: Measurement) -> Iterator[Sample]:
    """The time to find the address, or until it was clear that there is none."""
    seen = measurement.observation
    seconds = seen.values.get("resolve_seconds")
    if seconds is None and seen.reason is Reason.DNS_FAILURE and measurement.duration_seconds > 0:
        seconds = measurement.duration_seconds
    if seconds is not None:
        yield (), seconds


def _phases(measurement: Measurement) -> Iterator[Sample]:
    for phase in _PHASES:
        seconds = measurement.observation.values.get(f"{phase}_seconds")
        if seconds is not None:
            yield (phase,), seconds


def _tls(measurement: Measurement) -> Iterator[Sample]:
    if "status_code" in measurement.observation.values:
        yield (), float("tls_version" in measurement.observation.attributes)


def _tls_version(measurement: Measurement) -> Iterator[Sample]:
    version = measurement.observation.attributes.get("tls_version", "")
    if version:  # Python writes TLSv1.3, blackbox_exporter TLS 1.3
        yield (version.replace("TLSv", "TLS "),), 1.0


def _content_length(measurement: Measurement) -> Iterator[Sample]:
    """The length that the server told before the body, -1 where it told none; it is what came, or the probe would have failed."""
    size = measurement.observation.values.get("body_bytes")
    if size is not None:
        yield (), -1.0 if "body_framing" in measurement.observation.attributes else size


def _unpacked(measurement: Measurement) -> Iterator[Sample]:
    """Of a body that came packed and is too large to be unpacked for its size alone, -1: unknown, as of a length not told."""
    values = measurement.observation.values
    if "body_bytes" in values:
        yield (), values.get("unpacked_bytes", -1.0)


def _chain(measurement: Measurement) -> Iterator[Sample]:
    told = measurement.observation.attributes
    if "certificate_fingerprint" in told:
        names = (f"CN={told.get(f'certificate_{whose}', '')}" for whose in ("issuer", "subject"))
        yield (told["certificate_fingerprint"], *names, told.get("certificate_names", "")), 1.0


def _ip_protocol(measurement: Measurement) -> Iterator[Sample]:
    version = _number(measurement.observation.attributes.get("ip_version", ""))
    if version is not None and "address" in measurement.observation.attributes:
        yield (), version


def _address_hash(measurement: Measurement) -> Iterator[Sample]:
    address = measurement.observation.attributes.get("address")
    if address:
        yield (), _hash_of(address)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _hash_of(address: str) -> float:
    """Return FNV-1a (32 bits) of an address as bytes: the number by which blackbox_exporter shows that it changed."""
    found = _FNV_START
    for byte in ip_address(address.partition("%")[0]).packed:
        found = (found ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return float(found)


def _attribute(name: str) -> Callable[[Measurement], Iterable[Sample]]:
    def read(measurement: Measurement) -> Iterator[Sample]:
        number = _number(measurement.observation.attributes.get(name, ""))
        if number is not None:
            yield (), number

    return read


def _regex(measurement: Measurement) -> Iterator[Sample]:
    if measurement.observation.reason is Reason.CONTENT_MISMATCH:
        yield (), 1.0


def _outcome(measurement: Measurement) -> Iterator[Sample]:
    observation = measurement.observation
    yield (observation.outcome.value, observation.reason.value if observation.reason else ""), 1.0


def _number(text: str) -> float | None:
    is_number = len(text) <= _MOST_DIGITS and text.isascii() and text.replace(".", "", 1).isdigit()
    return float(text) if is_number else None


def _refusals(measurement: Measurement) -> Iterator[Sample]:
    attributes = measurement.observation.attributes
    refusals = _number(attributes.get("refusals", ""))
    if measurement.observation.reason is Reason.BLOCKED and refusals is not None:
        yield (attributes.get("left_alone", ""),), refusals


def _timestamp(measurement: Measurement) -> Iterator[Sample]:
    yield (), measurement.started_at.timestamp()


def _steps(measurement: Measurement) -> Iterator[Sample]:
    told = measurement.observation.attributes.get("step_seconds")
    for step, seconds in json.loads(told).items() if told else ():
        yield (step,), float(seconds)


SUCCESS = Metric(name="probe_success", help=PROBE_SUCCESS_HELP, read=_success)
CONCLUSIVE_SUCCESS = Metric(name="probe_success", help=METRICS_SUCCESS_HELP, read=_conclusive_success)

DURATION = Metric(
    name="probe_duration_seconds", help="Returns how long the probe took to complete in seconds", read=_duration
)

HTTP_METRICS: tuple[Metric, ...] = (
    DURATION,
    Metric(
        name="probe_dns_lookup_time_seconds",
        help="Returns the time taken for probe dns lookup in seconds",
        read=_lookup,
        zeros=_PLAIN,
    ),
    Metric(
        name="probe_http_duration_seconds",
        help="Duration of http request by phase, summed over all redirects",
        labels=("phase",),
        most=len(_PHASES),
        read=_phases,
        zeros=tuple((phase,) for phase in _PHASES),
    ),
    Metric(name="probe_http_status_code", help="Response HTTP status code", read=_value("status_code"), zeros=_PLAIN),
    Metric(name="probe_http_redirects", help="The number of redirects", read=_value("redirects"), zeros=_PLAIN),
    Metric(name="probe_http_ssl", help="Indicates if SSL was used for the final redirect", read=_tls, zeros=_PLAIN),
    Metric(
        name="probe_http_version",
        help="Returns the version of HTTP of the probe response",
        read=_attribute("http_version"),
        zeros=_PLAIN,
    ),
    Metric(
        name="probe_http_content_length",
        help="Length of http content response",
        read=_content_length,
        zeros=_PLAIN,
    ),
    Metric(
        name="probe_http_uncompressed_body_length",
        help="Length of uncompressed response body",
        read=_unpacked,
        zeros=_PLAIN,
    ),
    Metric(
        name="probe_http_last_modified_timestamp_seconds",
        help="Returns the Last-Modified HTTP response header in unixtime",
        read=_value("last_modified_timestamp_seconds"),
    ),
    Metric(
        name="probe_failed_due_to_regex",
        help="Indicates if probe failed due to regex",
        read=_regex,
        zeros=_PLAIN,
    ),
    Metric(
        name="probe_ssl_earliest_cert_expiry",
        help="Returns earliest SSL cert expiry in unixtime",
        read=_value("certificate_expiry_seconds"),
    ),
    Metric(
        name="probe_ssl_last_chain_expiry_timestamp_seconds",
        help="Returns last SSL chain expiry in timestamp",
        read=_value("certificate_expiry_seconds"),
    ),
    Metric(
        name="probe_ssl_last_chain_info",
        help="Contains SSL leaf certificate information",
        labels=("fingerprint_sha256", "issuer", "subject", "subjectalternative"),
        read=_chain,
    ),
    Metric(name="probe_tls_version_info", help="Contains the TLS version used", labels=("version",), read=_tls_version),
    Metric(
        name="probe_ip_protocol",
        help="Specifies whether probe ip protocol is IP4 or IP6",
        read=_ip_protocol,
        zeros=_PLAIN,
    ),
    Metric(
        name="probe_ip_addr_hash",
        help="Specifies the hash of IP address. It's useful to detect if the IP address changes.",
        read=_address_hash,
        zeros=_PLAIN,
    ),
)
"""blackbox_exporter's own names for the http kind."""

MEASUREMENT_METRICS: tuple[Metric, ...] = (
    Metric(
        name="thuocdo_measurement_outcome",
        help="1 for the outcome and reason of the last measurement: ok, failed (the portal's fault), "
        "inconclusive (the prober's fault, or unknowable)",
        labels=("outcome", "reason"),
        read=_outcome,
    ),
    Metric(
        name="thuocdo_measurement_timestamp_seconds",
        help="Unix time at which the last measurement was started",
        read=_timestamp,
    ),
    Metric(
        name="thuocdo_refusals",
        help="Refusals (403, 429) in a row of a host that is left alone; wait: who decided for how long: own, asked "
        "(Retry-After), capped (it asked for more than a day, and is asked again after a day)",
        labels=("wait",),
        read=_refusals,
    ),
)
"""What is said of a measurement of any kind."""


STEP_METRIC = Metric(
    name="thuocdo_step_duration_seconds",
    help="Time that a step of the journey to an eForm took, our own handling included",
    labels=("step",),
    read=_steps,
)
"""Of kinds that tell the steps of a journey, one series each (`Metric.most` does not hold); see scenarios/journeys."""


def value_metrics(kind: Kind) -> tuple[Metric, ...]:
    """Return one metric per value of a kind, named thuocdo_<kind>_<value>; details have none."""
    return tuple(_value_metric(kind, value) for value in kind.values if value.metric)


def _value_metric(kind: Kind, value: Value) -> Metric:
    return Metric(name=f"thuocdo_{kind.name}_{value.name}", help=value.help, read=_value(value.name))


def render_probe(measurement: Measurement, kind: Kind) -> Exposition:
    """
    Return what `/probe` says for one measurement of one kind, live or stored.

    Args:
        measurement: what is told; its run time stands in thuocdo_measurement_timestamp_seconds.
        kind: the module that was asked for.

    """
    metrics = [SUCCESS, *(HTTP_METRICS if kind.answers else (DURATION,))]
    metrics += [*MEASUREMENT_METRICS, *value_metrics(kind), STEP_METRIC]
    return exposed(_family(metric, measurement) for metric in metrics)


def _family(metric: Metric, measurement: Measurement) -> Family:
    family = Family(metric.name, metric.help, metric.labels)
    for values, value in metric.told(measurement, inconclusive=True):
        family.add(values, value)
    return family
