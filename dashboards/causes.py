"""Why, and what to do first: in words of both languages, as Prometheus writes them into an alert's annotations."""

from collections.abc import Iterable, Mapping

from dashboards.first_steps import FIRST_STEPS
from thuocdo.core.i18n import translator
from thuocdo.core.model import Outcome, Reason

FAILURES = tuple(one for one in Reason if one.outcome is Outcome.FAILED)
UNSEEN = tuple(one for one in Reason if one.outcome is Outcome.INCONCLUSIVE)
"""Of an alert that is about no incident, because nothing could be seen."""

_CERTIFICATES: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "expired": ": đã hết hạn",
        "other_name": ": cấp cho tên miền khác",
        "untrusted": ": không rõ nơi cấp, hoặc thiếu chứng thư trung gian",
    },
    "en": {
        "expired": ": it has expired",
        "other_name": ": it is for another name",
        "untrusted": ": its issuer is unknown, or an intermediate certificate is missing",
    },
}

_STATUS = (
    '{{ if .Labels.status }}{{ if eq .Labels.reason "http_error" }} {{ .Labels.status }}'
    "{{ else }} (HTTP {{ .Labels.status }}){{ end }}{{ end }}"
)
_SLOW = {
    "vi": "phản hồi mất {{ .Labels.seconds | reReplaceAll `[.]` `,` }} giây, {{ if .Labels.usual_seconds }}"
    "thường là {{ .Labels.usual_seconds | reReplaceAll `[.]` `,` }} giây{{ else }}chậm với bất kỳ ai{{ end }}",
    "en": "it takes {{ .Labels.seconds }} s, {{ if .Labels.usual_seconds }}usually {{ .Labels.usual_seconds }} s"
    "{{ else }}which is poor for anybody{{ end }}",
}


def cause_in_words(language: str, reasons: Iterable[Reason]) -> str:
    """Return a template that says why, with its figures, of a sample with one of these reasons as a label; else nothing."""
    translate = translator(language)
    texts = {reason.value: translate(f"reason.{reason}") for reason in reasons}
    if Reason.CERTIFICATE_INVALID.value in texts:
        texts[Reason.CERTIFICATE_INVALID.value] += by_label("certificate", _CERTIFICATES[language])
    return by_label("reason", texts) + _STATUS


def slowness_in_words(language: str) -> str:
    """Return a template that says how slow, of a sample with these times as labels; else nothing."""
    return f"{{{{ if .Labels.seconds }}}}{_SLOW[language]}{{{{ end }}}}"


def step_by_cause(language: str, reasons: Iterable[Reason], otherwise: str) -> str:
    """Return a template of the one thing to do first, of a sample with a reason; otherwise: where that leads to none."""
    return by_label(
        "reason", {one.value: FIRST_STEPS[one][language] for one in reasons if one in FIRST_STEPS}, otherwise
    )


def by_label(label: str, texts: Mapping[str, str], otherwise: str = "") -> str:
    """Return a template that gives a text by a sample's label; otherwise: where that is none of these."""
    if not texts:
        return otherwise
    branches = (
        f'{{{{ {"else if" if number else "if"} eq .Labels.{label} "{value}" }}}}{text}'
        for number, (value, text) in enumerate(texts.items())
    )
    last = f"{{{{ else }}}}{otherwise}" if otherwise else ""
    return "".join(branches) + f"{last}{{{{ end }}}}"
