"""
What stands in an alert's texts beside words: who it is about, how long, how much, since when, and why.

Go templates for Prometheus, which can ask for what it needs when the text is made; Grafana's cannot, and says less. Its functions
write English (`6m 44s`, `23.1%`); what is written here is rewritten into the reader's language.
"""

import re
from collections.abc import Mapping, Sequence

from dashboards.alert import Alert

START = "thuocdo_incident_start_timestamp_seconds"
END = "thuocdo_incident_end_timestamp_seconds"
DURATION = "thuocdo_incident_duration_seconds"

HANOI_SECONDS = 25200
"""Ahead of UTC, always."""

_LABEL = re.compile(r"\{\{ (\$labels\.\w+) \}\}")
_UNITS: Mapping[str, Sequence[str]] = {
    "vi": (" ngày", " giờ", " phút", " giây"),
    "en": (" d", " h", " min", " s"),
}


def fill(text: str, language: str, *, asks: bool) -> str:
    """
    Return a text as Go's template.

    <portal>: name and address of what an alert with the label `target` is about. <length>: the alert's value, seconds, as a
    length of time. <share>: its value, 0..1, in percent. <count>: its value as a whole number.

    Args:
        text: of an alert.
        language: vi or en.
        asks: whether it can be asked for what the labels do not say.
    """
    parts = {
        "<portal>": _portal() if asks else "{{ $labels.target }}",
        "<length>": _length(language),
        "<share>": _share(language),
        "<count>": '{{ $value | printf "%.0f" }}',
    }
    for name, part in parts.items():
        text = text.replace(name, part)
    return text


def about_incident(alert: Alert) -> dict[str, str]:
    """Return the annotations that tell of the incident which an alert is about: what is empty does not hold."""
    this, over = f"{START}{{{alert.about}}}", f"{END}{{{alert.about}}}"
    lasted = f"{DURATION}{{{alert.about}}}"
    either = f"{this} or on () {over}"
    told = {name: _label(either, name) for name in ("reason", "status", "seconds", "usual_seconds")}
    ending = _label(f"{over} unless on () {this}", "state")
    if "target" in alert.labels:
        ending = _with("thuocdo_maintenance_active{target='{{ $labels.target }}'}", "maintenance", ending)
    return told | {
        "began": _instant(f"min({this}) or min({over} - {lasted})"),
        "ended": _instant(f"max({over} unless on () {this})"),
        "ending": ending,
        "length": _length("vi"),
        "length_en": _length("en"),
    }


def incident_page(alert: Alert) -> str:
    """Return the path of the incident's page, or of the alert's own where it is about none."""
    if not alert.about:
        return alert.page
    either = f"{START}{{{alert.about}}} or on () {END}{{{alert.about}}}"
    return _with(either, '/incidents/{{ . | first | label "id" }}', alert.page)


def _portal() -> str:
    asked = "thuocdo_target_info{target='{{ $labels.target }}'}"
    both = '{{ . | first | label "name" }} ({{ . | first | label "url" }})'
    return _with(asked, both, "{{ $labels.target }}")


def _label(asked: str, name: str) -> str:
    return _with(asked, f'{{{{ . | first | label "{name}" }}}}')


def _instant(asked: str) -> str:
    """Return a template of an instant in Hanoi, such as 02:30:08 29/11/2026."""
    written = r"reReplaceAll `^(\d+)-(\d+)-(\d+) (\d+:\d+:\d+).*` `$4 $3/$2/$1`"
    return _with(f"{HANOI_SECONDS} + ({asked})", f"{{{{ . | first | value | humanizeTimestamp | {written} }}}}")


def _with(asked: str, shown: str, otherwise: str = "") -> str:
    """Return a template that shows something of a query's answer, and something else where there is none."""
    names = " ".join(_LABEL.findall(asked))
    query = _LABEL.sub("%s", asked.replace('"', "'"))
    otherwise = f"{{{{ else }}}}{otherwise}" if otherwise else ""
    return f'{{{{ with printf "{query}" {names} | query }}}}{shown}{otherwise}{{{{ end }}}}'


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
