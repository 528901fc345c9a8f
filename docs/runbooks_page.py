"""docs/runbooks.md and docs/runbooks.vi.md: what to do about each alert, as our own page /runbooks shows it."""

from collections.abc import Iterator

from dashboards.alert import Alert, Severity
from dashboards.alerts import ALERTS
from dashboards.runbooks import runbooks

_HEADS = {
    "en": """\
# What to do about each alert

[Tiếng Việt](runbooks.vi.md) · Written by `make golden` from `dashboards/runbooks/en.yaml`; what is wrong here is changed there.
The page `/runbooks` of a running Thước Đo shows the same without the Internet, and notices lead to it.
""",
    "vi": """\
# Phải làm gì với từng cảnh báo

[English](runbooks.md) · Trang này do `make golden` ghi ra từ `dashboards/runbooks/vi.yaml`; muốn sửa thì sửa ở đó. Trang
`/runbooks` của Thước Đo đang chạy có cùng nội dung, không cần Internet; các thông báo dẫn tới đó.
""",
}
_SEVERITIES = {
    "en": {Severity.CRITICAL: "Critical", Severity.WARNING: "Warning", Severity.NONE: "Always stands"},
    "vi": {Severity.CRITICAL: "Khẩn cấp", Severity.WARNING: "Cần lưu ý", Severity.NONE: "Luôn bật"},
}
_WHO = {
    "en": ("to the owner", "to the central team", "to the dead man's switch"),
    "vi": ("gửi đơn vị phụ trách", "gửi nhóm trung tâm", "gửi bên nhận tín hiệu sống"),
}


def runbooks_page(language: str) -> str:
    """Return the page in "vi" or "en"."""
    return _HEADS[language] + "".join(line for alert in ALERTS for line in _section(alert, language))


def _section(alert: Alert, language: str) -> Iterator[str]:
    owner, central, switch = _WHO[language]
    who = owner if "owner" in alert.labels else switch if alert.severity is Severity.NONE else central
    book = runbooks(language)[alert.name]
    yield f"\n### {alert.name}\n\n**{_SEVERITIES[language][alert.severity]}, {who}.** {book.meaning}\n\n"
    yield from (f"{number}. {step}\n" for number, step in enumerate(book.steps, start=1))
