"""
What blackbox_exporter would say about one measurement, under its own metric names, so that its dashboards and alerts still work.

`/probe` always answers with probe_success 0 or 1, as a blackbox_exporter user expects; there an inconclusive probe (blocked, our
own line, …) is a 0 whose thuocdo_measurement_outcome says so. `/metrics` leaves probe_success out instead, so that an alert on
`probe_success == 0` there never fires for a fault of ours. A value that was not measured is absent, never 0.

Source: prometheus/blackbox_exporter 0.23, prober/http.go and prober/handler.go.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from exporters.text import Family, text_of
from thuocdo.core.kinds.kind import Kind, Value
from thuocdo.core.model import Measurement, Outcome, Reason

PROBE_SUCCESS_HELP = (
    "Displays whether or not the probe was a success; an inconclusive probe is 0 here, "
    "see thuocdo_measurement_outcome for whose fault it was"
)
METRICS_SUCCESS_HELP = "Displays whether or not the probe was a success; absent while the last probe is inconclusive"

_MOST_DIGITS = 8  # of a number in an attribute, which may be the portal's own words

_PHASES = ("resolve", "connect", "tls", "processing", "transfer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """
    One metric family and how to read it off a measurement.

    labels: names of the family's own labels. most: series that one measurement can give. read: gives (label values, value) per
    series; nothing where it was not measured.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    most: int = 1
    read: Callable[[Measurement], Iterable[tuple[tuple[str, ...], float]]]


def _value(name: str) -> Callable[[Measurement], Iterable[tuple[tuple[str, ...], float]]]:
    def read(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
        value = measurement.observation.values.get(name)
        if value is not None:
            yield (), value

    return read


def _success(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
    yield (), float(measurement.observation.outcome is Outcome.OK)


def _conclusive_success(measurement: Measurement) -> Iterable[tuple[tuple[str, ...], float]]:
    return () if measurement.observation.outcome is Outcome.INCONCLUSIVE else _success(measurement)


def _duration(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
    """The exchange itself where it came to an end, else the time until the probe gave up; nothing where none was made."""
    seconds = measurement.observation.values.get("total_seconds", measurement.duration_seconds)
    if seconds > 0:
        yield (), seconds


def _phases(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
    for phase in _PHASES:
        seconds = measurement.observation.values.get(f"{phase}_seconds")
        if seconds is not None:
            yield (phase,), seconds


def _tls(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
    if "status_code" in measurement.observation.values:
        yield (), float("tls_version" in measurement.observation.attributes)


def _tls_version(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
    version = measurement.observation.attributes.get("tls_version", "")
    if version:  # Python writes TLSv1.3, blackbox_exporter TLS 1.3
        yield (version.replace("TLSv", "TLS "),), 1.0


def _attribute(name: str) -> Callable[[Measurement], Iterable[tuple[tuple[str, ...], float]]]:
    def read(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
        number = _number(measurement.observation.attributes.get(name, ""))
        if number is not None:
            yield (), number

    return read


def _regex(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
    if measurement.observation.outcome is not Outcome.INCONCLUSIVE:
        yield (), float(measurement.observation.reason is Reason.CONTENT_MISMATCH)


def _outcome(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
    observation = measurement.observation
    yield (observation.outcome.value, observation.reason.value if observation.reason else ""), 1.0


def _number(text: str) -> float | None:
    is_number = len(text) <= _MOST_DIGITS and text.isascii() and text.replace(".", "", 1).isdigit()
    return float(text) if is_number else None


def _refusals(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
    attributes = measurement.observation.attributes
    refusals = _number(attributes.get("refusals", ""))
    if measurement.observation.reason is Reason.BLOCKED and refusals is not None:
        yield (attributes.get("left_alone", ""),), refusals


def _timestamp(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
    yield (), measurement.started_at.timestamp()


def _steps(measurement: Measurement) -> Iterator[tuple[tuple[str, ...], float]]:
    told = measurement.observation.attributes.get("step_seconds")
    for step, seconds in json.loads(told).items() if told else ():
        yield (step,), float(seconds)


SUCCESS = Metric(name="probe_success", help=PROBE_SUCCESS_HELP, read=_success)
CONCLUSIVE_SUCCESS = Metric(name="probe_success", help=METRICS_SUCCESS_HELP, read=_conclusive_success)

HTTP_METRICS: tuple[Metric, ...] = (
    Metric(
        name="probe_duration_seconds", help="Returns how long the probe took to complete in seconds", read=_duration
    ),
    Metric(
        name="probe_dns_lookup_time_seconds",
        help="Returns the time taken for probe dns lookup in seconds",
        read=_value("resolve_seconds"),
    ),
    Metric(
        name="probe_http_duration_seconds",
        help="Duration of http request by phase, summed over all redirects",
        labels=("phase",),
        most=len(_PHASES),
        read=_phases,
    ),
    Metric(name="probe_http_status_code", help="Response HTTP status code", read=_value("status_code")),
    Metric(name="probe_http_redirects", help="The number of redirects", read=_value("redirects")),
    Metric(name="probe_http_ssl", help="Indicates if SSL was used for the final redirect", read=_tls),
    Metric(
        name="probe_http_version",
        help="Returns the version of HTTP of the probe response",
        read=_attribute("http_version"),
    ),
    Metric(name="probe_http_content_length", help="Length of http content response", read=_value("body_bytes")),
    Metric(name="probe_failed_due_to_regex", help="Indicates if probe failed due to regex", read=_regex),
    Metric(
        name="probe_ssl_earliest_cert_expiry",
        help="Returns earliest SSL cert expiry in unixtime",
        read=_value("certificate_expiry_seconds"),
    ),
    Metric(name="probe_tls_version_info", help="Contains the TLS version used", labels=("version",), read=_tls_version),
    Metric(
        name="probe_ip_protocol",
        help="Specifies whether probe ip protocol is IP4 or IP6",
        read=_attribute("ip_version"),
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


def render_probe(measurement: Measurement, kind: Kind) -> bytes:
    """
    Return the body of `/probe` for one measurement of one kind, live or stored.

    Args:
        measurement: what is told; its run time stands in thuocdo_measurement_timestamp_seconds.
        kind: the module that was asked for.

    """
    metrics = [SUCCESS, *(HTTP_METRICS if kind.answers else HTTP_METRICS[:1])]
    metrics += [*MEASUREMENT_METRICS, *value_metrics(kind), STEP_METRIC]
    return text_of(_family(metric, measurement) for metric in metrics)


def _family(metric: Metric, measurement: Measurement) -> Family:
    family = Family(metric.name, metric.help, metric.labels)
    for values, value in metric.read(measurement):
        family.add(values, value)
    return family
