"""What a notification says: Alertmanager's template, Vietnamese first, then English; reasons in words from the catalogue."""

from thuocdo.core.i18n import translator
from thuocdo.core.model import Reason

_TEXTS = """\
{{/* Written by `thuocdo alerts write`; what stands in dashboards/notice.py is changed there, not here. */}}

{{ define "thuocdo.subject" -}}
[{{ if eq .Status "firing" }}CẢNH BÁO{{ else }}ĐÃ HẾT{{ end }}] {{ (index .Alerts 0).Annotations.summary }}
{{- if gt (len .Alerts) 1 }} (và {{ len (slice .Alerts 1) }} cảnh báo khác){{ end }}
{{- end }}

{{/* Hanoi is 25200 s ahead of UTC, always; Alertmanager before 0.28 cannot set a time zone. */}}
{{ define "thuocdo.hanoi" }}{{ (.UTC.Add 25200000000000).Format "15:04 02/01/2006" }}{{ end }}

{{ define "thuocdo.severity" -}}
{{ if eq . "critical" }}khẩn cấp{{ else if eq . "warning" }}cần lưu ý{{ else }}{{ . }}{{ end }}
{{- end }}

{{ define "thuocdo.text" -}}
{{ range .Alerts.Firing -}}
🔴 {{ .Annotations.summary }}
{{ .Annotations.description }}
Mức độ: {{ template "thuocdo.severity" .Labels.severity }}
{{- if .Annotations.reason }}
Nguyên nhân: {{ template "thuocdo.reason.vi" .Annotations.reason }}
{{- end }}
Phát cảnh báo lúc: {{ template "thuocdo.hanoi" .StartsAt }} (giờ Hà Nội)
Chi tiết: {{ .Annotations.page_url }}
Biểu đồ: {{ .Annotations.dashboard_url }}
Cách xử lý: {{ .Annotations.runbook_url }}

{{ end -}}
{{ range .Alerts.Resolved -}}
🟢 Đã hết: {{ .Annotations.summary }}
Từ {{ template "thuocdo.hanoi" .StartsAt }} đến {{ template "thuocdo.hanoi" .EndsAt }} (giờ Hà Nội)
Chi tiết: {{ .Annotations.page_url }}

{{ end -}}
— English —
{{ range .Alerts.Firing -}}
🔴 {{ .Annotations.summary_en }}
{{ .Annotations.description_en }}
{{- if .Annotations.reason }}
Cause: {{ template "thuocdo.reason.en" .Annotations.reason }}
{{- end }}

{{ end -}}
{{ range .Alerts.Resolved -}}
🟢 Over: {{ .Annotations.summary_en }}
{{ end -}}
{{- end }}
"""


def template_file() -> str:
    """Return the text of thuocdo.tmpl: `thuocdo.subject` is one line, `thuocdo.text` says everything."""
    return _TEXTS + "".join(_reasons(language) for language in ("vi", "en"))


def _reasons(language: str) -> str:
    translate = translator(language)
    words = ["{{ if", *["{{- else if"] * len(Reason)]
    branches = (
        f'{word} eq . "{reason}" }}}}{translate(f"reason.{reason}")}'
        for word, reason in zip(words, Reason, strict=False)
    )
    chain = "\n".join(branches)
    return f'\n{{{{ define "thuocdo.reason.{language}" -}}}}\n{chain}\n{{{{- else }}}}{{{{ . }}}}{{{{ end }}}}\n{{{{- end }}}}\n'
