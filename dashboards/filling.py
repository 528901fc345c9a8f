"""
What stands in an alert's texts beside words: who it is about, how long, how much, since when, and why.

Go templates for Prometheus, which can ask for what it needs when the text is made; Grafana's cannot, and says less. Its functions
write English (`6m 44s`, `23.1%`); what is written here is rewritten into the reader's language.
"""

import re
from collections.abc import Mapping, Sequence

from dashboards.alert import Alert
from dashboards.causes import FAILURES, UNSEEN, by_label, cause_in_words, slowness_in_words, step_by_cause
from dashboards.runbooks import first_step
from thuocdo.core.i18n import translator
from thuocdo.core.model import IncidentState, Reason

START = "thuocdo_incident_start_timestamp_seconds"
END = "thuocdo_incident_end_timestamp_seconds"
DURATION = "thuocdo_incident_duration_seconds"
PART_START = "thuocdo_incident_part_start_timestamp_seconds"
PART_END = "thuocdo_incident_part_end_timestamp_seconds"
PART_DURATION = "thuocdo_incident_part_duration_seconds"
EXPIRY = "thuocdo_incident_certificate_expiry_timestamp_seconds"

LEFT_AGO = "2m"
"""So long an alert is held whose target has left the registry: longer than a restart of ours, in which that may happen."""

LEFT_WITHIN = "150s"
"""In which its last series are looked for: as long, and a scrape more."""

MOST_PARTS = 8
"""Of an incident that a notice names; its page has all."""

HANOI_SECONDS = 25200
"""Ahead of UTC, always."""

_FIGURES = ("reason", "status", "seconds", "usual_seconds", "certificate")

_CAUSES = (("cause", "vi"), ("cause_en", "en"))

_LABEL = re.compile(r"\{\{ (\$labels\.\w+) \}\}")
_UNITS: Mapping[str, Sequence[str]] = {
    "vi": (" ngày", " giờ", " phút", " giây"),
    "en": (" d", " h", " min", " s"),
}


def left_parts(name: str, matchers: str, quote: str = '"') -> str:
    """
    Return a query of series of parts, those that were there until just now included, but for such as have ended.

    Args:
        name: of the series.
        matchers: that choose among them; those of the label target choose among what has ended, too.
        quote: round strings.
    """
    of_target = "".join(f"{matcher}," for matcher in matchers.split(",") if matcher.startswith("target="))
    ended = f"last_over_time({PART_END}{{{of_target}state!={quote}withdrawn{quote}}}[{LEFT_WITHIN}])"
    return f"last_over_time({name}{{{matchers}}}[{LEFT_WITHIN}]) unless on (target, part, aspect, id) {ended}"


def fill(text: str, language: str, *, asks: bool) -> str:
    """
    Return a text as Go's template.

    <portal>: name and address of what an alert with the label `target` is about. <length>: the alert's value, seconds, as a
    length of time. <share>: its value, 0..1, in percent. <count>: its value as a whole number. <mistakes>: those for which a
    reload failed.

    Args:
        text: of an alert.
        language: vi or en.
        asks: whether it can be asked for what the labels do not say.
    """
    parts = {
        "<portal>": _portal() if asks else "{{ $labels.target }}",
        "<mistakes>": _mistakes(language) if asks else "",
        "<length>": _length(language),
        "<share>": _share(language),
        "<count>": '{{ $value | printf "%.0f" }}',
    }
    for name, part in parts.items():
        text = text.replace(name, part)
    return text


def about_incident(alert: Alert) -> dict[str, str]:
    """Return the annotations that tell of the incident which an alert is about: what is empty does not hold."""
    if alert.state == IncidentState.EXPIRING:
        return _about_certificate(alert)
    this, over, lasted = _series_of(alert)
    told = {name: _label(f"sort({_any_of(alert)})", name) for name in _FIGURES}
    ending = _label(f"{over} unless on () {this}", "state")
    before = ""
    if alert.state:
        ending = _with("thuocdo_maintenance_active{target='{{ $labels.target }}'}", "maintenance", ending)
        ending = about_leaving(alert, ending)
        before = f" or min({_before(alert)})"
    return told | {
        "began": _instant(f"min({this}) or min({over} - {lasted}){before}"),
        "ended": _instant(f"max({over} unless on () {this})"),
        "ending": ending,
        "length": _length("vi"),
        "length_en": _length("en"),
        **_in_words(alert, f"sort({_any_of(alert)})"),
        **(_parts(alert) if alert.state else {}),
    }


def about_leaving(alert: Alert, otherwise: str = "") -> str:
    """
    Return a template of why an alert stands no longer although nothing is over; empty where it is not so.

    removed: its target is not in the registry any more. moved: it is, and belongs to another there.
    """
    info = "thuocdo_target_info{target='{{ $labels.target }}'"
    whose = ",".join(f"{name}='{{{{ $labels.{name} }}}}'" for name in alert.labels if name != "target")
    moved = _with(f"{info}}} unless on () {info},{whose}}}", "moved", otherwise) if whose else otherwise
    return _with(f"thuocdo_build_info unless on () {info}}}", "removed", moved)


def about_cause(alert: Alert) -> dict[str, str]:
    """Return the annotations that tell why, of an alert that is about no incident."""
    if not alert.cause:
        return {}
    words = {key: _first(alert.cause, cause_in_words(language, UNSEEN)) for key, language in _CAUSES}
    return {"reason": _label(alert.cause, "reason"), **words}


def _in_words(alert: Alert, asked: str) -> dict[str, str]:
    """Return the annotations that say why in words, and what to do first; asked: query of the incident or of its parts."""
    if alert.state == IncidentState.DEGRADED:
        return {key: _first(asked, slowness_in_words(language)) for key, language in _CAUSES}
    ours = (Reason.NO_CONNECTIVITY, *FAILURES)
    reasons = (Reason.NOT_THE_PORTAL,) if alert.state == IncidentState.REPLACED else FAILURES if alert.state else ours
    told = {key: _first(asked, cause_in_words(language, reasons)) for key, language in _CAUSES}
    if "vantage" in alert.labels:  # what a portal's people do first mends no line of ours
        return told
    for key, language in (("step", "vi"), ("step_en", "en")):
        own = first_step(alert.name, language)
        told[key] = _first(asked, step_by_cause(language, reasons, own), own)
    return told


def incident_page(alert: Alert) -> str:
    """Return the path of the incident's page, or of the alert's own where it is about none."""
    if not alert.about:
        return alert.page
    return _with(_any_of(alert), '/incidents/{{ . | first | label "id" }}', alert.page)


def _series_of(alert: Alert) -> tuple[str, str, str]:
    """Return queries of the start of what an alert is about, and of its end and length where it has just ended."""
    if not alert.state:
        return f"{START}{{{alert.about}}}", f"{END}{{{alert.about}}}", f"{DURATION}{{{alert.about}}}"
    matchers = f"{alert.about},state='{alert.state}'"
    # Of parts that have just ended those in this state count; where none was, whichever were.
    over, lasted = (f"({name}{{{matchers}}} or on () {name}{{{alert.about}}})" for name in (PART_END, PART_DURATION))
    return f"{PART_START}{{{matchers}}}", over, lasted


def _before(alert: Alert) -> str:
    """Return a query of the start of what an alert is about whose target has left the registry."""
    return left_parts(PART_START, f"{alert.about},state='{alert.state}'", "'")


def _any_of(alert: Alert) -> str:
    """Return a query of whatever is known of what an alert is about: its start, its end, its start until just now."""
    this, over, _ = _series_of(alert)
    return f"{this} or on () {over}" + (f" or on () {_before(alert)}" if alert.state else "")


def _about_certificate(alert: Alert) -> dict[str, str]:
    before = left_parts(EXPIRY, alert.about, "'")
    asked = f"min({EXPIRY}{{{alert.about}}}) or min({before})"
    expires = _instant(asked)
    return {
        "expires": expires,
        "cause": _with(asked, f"chứng thư số còn {_length('vi')}, hết hạn lúc {expires} (giờ Hà Nội)"),
        "cause_en": _with(asked, f"the certificate is valid for {_length('en')} more, until {expires} (Hanoi)"),
        "ending": about_leaving(alert),
        "length": _length("vi"),
        "length_en": _length("en"),
        **_parts(alert),
    }


def _parts(alert: Alert) -> dict[str, str]:
    """
    Return the annotations that name all parts of the incident that last, each with its state.

    Each query asks for the few series of one target or incident: joined with the whole registry, the texts of a few hundred
    alerts take longer than the interval at which they are made anew.
    """
    return {key: _each_part(alert, language) for key, language in (("parts", "vi"), ("parts_en", "en"))}


def _each_part(alert: Alert, language: str) -> str:
    t = translator(language)
    incidents = _query(f"sort(min by (id) ({PART_START}{{{alert.about}}}))")
    parts = f"printf \"sort({PART_START}{{id='%s'}})\" .Labels.id | query"
    name = (
        "{{ with printf \"thuocdo_target_info{target='%s'}\" .Labels.part | query }}"
        '{{ . | first | label "name" }}{{ else }}{{ .Labels.part }}{{ end }}'
    )
    states = {one.value: t(f"part_state.{one}") for one in IncidentState if one is not IncidentState.ENDED}
    name = by_label("role", {"homepage": t("part.page")}, name)
    name = by_label("aspect", {"certificate": t("part.certificate").format(name=name)}, name)
    return (
        f"{{{{ range $incident, $any := {incidents} }}}}{{{{ if $incident }}}}; {{{{ end }}}}"
        f"{{{{ range $number, $part := {parts} }}}}"
        f"{{{{ if lt $number {MOST_PARTS} }}}}{{{{ if $number }}}}; {{{{ end }}}}{{{{ with $part }}}}"
        f"{name} ({by_label('state', states)}){{{{ end }}}}"
        f"{{{{ else if eq $number {MOST_PARTS} }}}}; …{{{{ end }}}}{{{{ end }}}}{{{{ end }}}}"
    )


def _mistakes(language: str) -> str:
    """Return a template of the mistakes in files, each a sentence: one that asks what was meant has its mark already."""
    label = "problem_vi" if language == "vi" else "problem"
    told = f"{{{{ reReplaceAll `([^?.…])$` `$1.` .Labels.{label} }}}}"
    return f'{{{{ range query "sort(thuocdo_config_problem)" }}}} {told}{{{{ end }}}}'


def _portal() -> str:
    info = "thuocdo_target_info{target='{{ $labels.target }}'}"
    asked = f"{info} or on (target) {info} offset {LEFT_AGO}"
    both = '{{ . | first | label "name" }} ({{ . | first | label "url" }})'
    return _with(asked, both, "{{ $labels.target }}")


def _label(asked: str, name: str) -> str:
    return _with(asked, f'{{{{ . | first | label "{name}" }}}}')


def _first(asked: str, shown: str, otherwise: str = "") -> str:
    """Return a template that shows something of the first sample of a query's answer."""
    return _with(asked, f"{{{{ with first . }}}}{shown}{{{{ end }}}}", otherwise)


def _instant(asked: str) -> str:
    """Return a template of an instant in Hanoi, such as 02:30:08 29/11/2026."""
    written = r"reReplaceAll `^(\d+)-(\d+)-(\d+) (\d+:\d+:\d+).*` `$4 $3/$2/$1`"
    return _with(f"{HANOI_SECONDS} + ({asked})", f"{{{{ . | first | value | humanizeTimestamp | {written} }}}}")


def _with(asked: str, shown: str, otherwise: str = "") -> str:
    """Return a template that shows something of a query's answer, and something else where there is none."""
    otherwise = f"{{{{ else }}}}{otherwise}" if otherwise else ""
    return f"{{{{ with {_query(asked)} }}}}{shown}{otherwise}{{{{ end }}}}"


def _query(asked: str) -> str:
    """Return what asks a query in a template: labels of the alert are filled in there."""
    names = " ".join(_LABEL.findall(asked))
    query = _LABEL.sub("%s", asked.replace('"', "'"))
    return f'printf "{query}" {names} | query'


def _length(language: str) -> str:
    """Return a template of the value as a length of time by its two largest units: 33 giây, 6 phút 44 giây, 2 giờ 5 phút."""
    steps = [
        (r"\.\d+s$", "s"),
        (r"^(\d+d \d+h) .*", "$1"),
        (r"^(\d+h \d+m) .*", "$1"),
        (r" 0[hms]$", ""),
        (r"(\d)ms$", "$1 mili giây" if language == "vi" else "$1 milliseconds"),
        *((rf"(\d){letter}\b", f"${{1}}{unit}") for letter, unit in zip("dhms", _UNITS[language], strict=True)),
    ]
    return "{{ $value | humanizeDuration" + "".join(f" | reReplaceAll `{old}` `{new}`" for old, new in steps) + " }}"


def _share(language: str) -> str:
    comma = r" | reReplaceAll `\.` `,` | reReplaceAll `%` ` %`" if language == "vi" else ""
    return f"{{{{ $value | humanizePercentage{comma} }}}}"
