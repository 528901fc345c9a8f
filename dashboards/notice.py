"""
What a notification says: Alertmanager's template, Vietnamese first, then English.

Only functions that Alertmanager 0.25 has. What must be reckoned or put into words (lengths, instants in Hanoi, causes, first
steps) comes with the annotations, so that whoever takes Alertmanager's JSON has it, too.
"""

_TEXTS = """\
{{/* Written by `thuocdo alerts write`; what stands in dashboards/notice.py is changed there, not here. */}}

{{/* ending: an alert may end because planned maintenance began, because late results showed that there was nothing, or because
its target was taken out of the registry, or belongs to another there. */}}
{{ define "thuocdo.ending" -}}
{{ if eq . "maintenance" }}TẠM NGƯNG BÁO{{ else if eq . "withdrawn" }}RÚT LẠI
{{- else if eq . "removed" }}THÔI THEO DÕI{{ else if eq . "moved" }}CHUYỂN{{ else }}ĐÃ HẾT{{ end }}
{{- end }}

{{ define "thuocdo.subject" -}}
{{- /* Who is down now gives the subject its name; who is over, or just ended, only where nobody is. */ -}}
{{ $first := index .Alerts 0 }}{{ $rank := 0 -}}
{{ range .Alerts -}}
{{ if and (eq .Status "firing") (not .Annotations.ended) (ne .Annotations.ending "removed") (ne .Annotations.ending "moved") -}}
{{ if lt $rank 2 }}{{ $first = . }}{{ $rank = 2 }}{{ end -}}
{{ else if and (eq .Status "firing") (lt $rank 1) }}{{ $first = . }}{{ $rank = 1 }}{{ end -}}
{{ end -}}
[{{ if eq .Status "firing" }}CẢNH BÁO{{ else }}{{ template "thuocdo.ending" $first.Annotations.ending }}{{ end }}]{{ " " -}}
{{ $first.Annotations.summary }}
{{- if gt (len .Alerts) 1 }} (và {{ len (slice .Alerts 1) }} cảnh báo khác){{ end }}
{{- end }}

{{/* Hanoi is 25200 s ahead of UTC, always; Alertmanager before 0.28 cannot set a time zone. */}}
{{ define "thuocdo.hanoi" }}{{ (.UTC.Add 25200000000000).Format "15:04:05 02/01/2006" }}{{ end }}

{{ define "thuocdo.mark" }}{{ if eq . "critical" }}🔴{{ else }}🟠{{ end }}{{ end }}

{{ define "thuocdo.severity" -}}
{{ if eq . "critical" }}khẩn cấp{{ else if eq . "warning" }}cần lưu ý{{ else }}{{ . }}{{ end }}
{{- end }}

{{ define "thuocdo.cause.vi" -}}
{{ if .cause }}
Nguyên nhân: {{ .cause }}
{{- end }}
{{- end }}

{{ define "thuocdo.cause.en" -}}
{{ if .cause_en }}
Cause: {{ .cause_en }}
{{- end }}
{{- end }}

{{ define "thuocdo.left.vi" -}}
{{ if eq .ending "removed" -}}
Địa chỉ này đã được đưa ra khỏi danh bạ khi {{ if .began }}sự cố{{ else }}cảnh báo{{ end }} chưa hết.
{{- else -}}
Danh bạ vừa ghi lại địa chỉ này: cơ quan, đơn vị phụ trách hoặc nền tảng đã khác. {{ if .began }}Sự cố{{ else }}Cảnh báo
{{- end }} CHƯA hết và được báo tiếp theo danh bạ mới.
{{- end }}
{{- end }}

{{ define "thuocdo.left.en" -}}
{{ if eq .ending "removed" -}}
Its address was taken out of the registry while this was not over.
{{- else -}}
The registry has another agency, owner or platform for this address now. It is NOT over, and told on under these.
{{- end }}
{{- end }}

{{ define "thuocdo.firing.vi" -}}
{{ template "thuocdo.mark" .Labels.severity }} {{ .Annotations.summary }}
{{- if or (eq .Annotations.ending "removed") (eq .Annotations.ending "moved") }}
{{ template "thuocdo.left.vi" .Annotations }}
{{- end }}
{{- template "thuocdo.cause.vi" .Annotations }}
{{- if .Annotations.parts }}
Đang gặp sự cố: {{ .Annotations.parts }}
{{- end }}
{{- if .Annotations.ended }}
Vừa hết, kéo dài {{ .Annotations.length }}: từ {{ .Annotations.began }} đến {{ .Annotations.ended }} (giờ Hà Nội)
{{- else if .Annotations.began }}
Bắt đầu: {{ .Annotations.began }} (giờ Hà Nội), đến lúc báo đã {{ .Annotations.length }}
{{- else }}
Phát cảnh báo: {{ template "thuocdo.hanoi" .StartsAt }} (giờ Hà Nội)
{{- end }}
Việc cần làm trước: {{ .Annotations.step }}
Mức độ: {{ template "thuocdo.severity" .Labels.severity }}
{{ .Annotations.description }}
{{ if or .Annotations.began .Annotations.expires }}Trang sự cố{{ else }}Chi tiết{{ end }}: {{ .Annotations.page_url }}
{{ if .Annotations.dashboard_url }}Biểu đồ: {{ .Annotations.dashboard_url }}
{{ end }}Hướng dẫn xử lý: {{ .Annotations.runbook_url }}
{{- end }}

{{ define "thuocdo.over.vi" -}}
{{ if eq .Annotations.ending "maintenance" -}}
🟡 Tạm ngưng báo: {{ .Annotations.summary }}
Bảo trì đã báo trước bắt đầu khi sự cố CHƯA hết. Hết giờ bảo trì mà sự cố vẫn còn thì sẽ báo lại.
Sự cố bắt đầu: {{ .Annotations.began }} (giờ Hà Nội), đến lúc bảo trì đã {{ .Annotations.length }}
{{- else if eq .Annotations.ending "withdrawn" -}}
⚪ Rút lại cảnh báo: {{ .Annotations.summary }}
Các kết quả đo đến muộn cho thấy không có sự cố này.
{{- else if or (eq .Annotations.ending "removed") (eq .Annotations.ending "moved") -}}
{{ if eq .Annotations.ending "removed" }}⚪ Thôi theo dõi{{ else }}🔁 Chuyển{{ end }}: {{ .Annotations.summary }}
{{ template "thuocdo.left.vi" .Annotations }}
{{- if .Annotations.began }}
Sự cố bắt đầu: {{ .Annotations.began }} (giờ Hà Nội)
{{- end }}
{{- else -}}
🟢 Đã hết: {{ .Annotations.summary }}
{{- if .Annotations.ended }}
Kéo dài {{ .Annotations.length }}: từ {{ .Annotations.began }} đến {{ .Annotations.ended }} (giờ Hà Nội)
{{- else if .Annotations.began }}
Kéo dài khoảng {{ .Annotations.length }}, từ {{ .Annotations.began }} (giờ Hà Nội)
{{- else }}
Từ {{ template "thuocdo.hanoi" .StartsAt }} đến {{ template "thuocdo.hanoi" .EndsAt }} (giờ Hà Nội)
{{- end }}
{{- end }}
{{- if not .Annotations.expires }}{{ template "thuocdo.cause.vi" .Annotations }}{{ end }}
{{ if or .Annotations.began .Annotations.expires }}Trang sự cố{{ else }}Chi tiết{{ end }}: {{ .Annotations.page_url }}
{{- end }}

{{ define "thuocdo.firing.en" -}}
{{ template "thuocdo.mark" .Labels.severity }} {{ .Annotations.summary_en }}
{{- if or (eq .Annotations.ending "removed") (eq .Annotations.ending "moved") }}
{{ template "thuocdo.left.en" .Annotations }}
{{- end }}
{{- template "thuocdo.cause.en" .Annotations }}
{{- if .Annotations.parts_en }}
Affected: {{ .Annotations.parts_en }}
{{- end }}
{{- if .Annotations.ended }}
Just over, it lasted {{ .Annotations.length_en }}: from {{ .Annotations.began }} to {{ .Annotations.ended }} (Hanoi)
{{- else if .Annotations.began }}
Began: {{ .Annotations.began }} (Hanoi), {{ .Annotations.length_en }} by now
{{- end }}
First: {{ .Annotations.step_en }}
{{ .Annotations.description_en }}
{{- end }}

{{ define "thuocdo.over.en" -}}
{{ if eq .Annotations.ending "maintenance" -}}
🟡 Not told on: {{ .Annotations.summary_en }}
Planned maintenance began while it was NOT over. If it is not over afterwards, it is told again.
{{- else if eq .Annotations.ending "withdrawn" -}}
⚪ Withdrawn: {{ .Annotations.summary_en }}
Results that came late show that there was no such thing.
{{- else if or (eq .Annotations.ending "removed") (eq .Annotations.ending "moved") -}}
{{ if eq .Annotations.ending "removed" }}⚪ No longer watched{{ else }}🔁 Moved{{ end }}: {{ .Annotations.summary_en }}
{{ template "thuocdo.left.en" .Annotations }}
{{- if .Annotations.began }}
It began: {{ .Annotations.began }} (Hanoi)
{{- end }}
{{- else -}}
🟢 Over: {{ .Annotations.summary_en }}
{{- if .Annotations.ended }}
It lasted {{ .Annotations.length_en }}: from {{ .Annotations.began }} to {{ .Annotations.ended }} (Hanoi)
{{- else if .Annotations.began }}
It lasted about {{ .Annotations.length_en }}, from {{ .Annotations.began }} (Hanoi)
{{- end }}
{{- end }}
{{- if not .Annotations.expires }}{{ template "thuocdo.cause.en" .Annotations }}{{ end }}
{{- end }}

{{ define "thuocdo.text" -}}
{{ range .Alerts.Firing }}{{ template "thuocdo.firing.vi" . }}

{{ end -}}
{{ range .Alerts.Resolved }}{{ template "thuocdo.over.vi" . }}

{{ end -}}
— English —
{{ range .Alerts.Firing }}{{ template "thuocdo.firing.en" . }}

{{ end -}}
{{ range .Alerts.Resolved }}{{ template "thuocdo.over.en" . }}

{{ end -}}
{{- end }}
"""


def template_file() -> str:
    """Return the text of thuocdo.tmpl: `thuocdo.subject` is one line, `thuocdo.text` says everything."""
    return _TEXTS
