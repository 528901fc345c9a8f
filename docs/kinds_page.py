"""docs/kinds.md and docs/kinds.vi.md: every kind of probe, and what each of its values means."""

from collections.abc import Iterable, Iterator

from thuocdo.core.i18n import Translate, translator
from thuocdo.core.kinds.kind import Better, Kind, Nature, Ratio, Value, all_kinds

_HEADS = {
    "en": """\
# Kinds of probe

Written by `make golden` from `thuocdo/core/kinds`; what is wrong here is changed there.

A criterion names a value as `kind.value`, such as `http.total_seconds`. *Metric*: Prometheus has it as `thuocdo_<kind>_<value>`
(of the kind that says whether a portal answers under blackbox_exporter's names); what has none is stored and exported too.
""",
    "vi": """\
# Các loại phép đo

Trang này do `make golden` ghi ra từ `thuocdo/core/kinds`; muốn sửa thì sửa ở đó.

Tiêu chí gọi một chỉ số theo dạng `loại.chỉ_số`, ví dụ `http.total_seconds`. Cột *Prometheus* cho biết chỉ số có chuỗi
thời gian riêng hay không; chỉ số không có chuỗi riêng vẫn được lưu và xuất ra tệp đầy đủ.
""",
}
_COLUMNS = {
    "en": ("Value", "Name", "Unit", "Better", "Metric", "What it is"),
    "vi": ("Chỉ số", "Tên gọi", "Đơn vị", "Tốt hơn khi", "Prometheus"),
}
_UNITS = {
    "en": {Nature.SHARE: "0 to 1", Nature.SCORE: "0 to 100", Nature.INSTANT: "Unix time"},
    "vi": {
        Nature.DURATION: "giây",
        Nature.SIZE: "byte",
        Nature.SHARE: "0 đến 1",
        Nature.SCORE: "0 đến 100",
        Nature.INSTANT: "thời điểm Unix",
    },
}
_BETTER = {
    "en": {Better.LOWER: "lower", Better.HIGHER: "higher", Better.NEITHER: ""},
    "vi": {Better.LOWER: "thấp", Better.HIGHER: "cao", Better.NEITHER: ""},
}
_FACTS = {
    "en": "Of: {roles}. Every {every}{hours}; runs in a round: {runs}. Gives up after {deadline} s.{mandate}",
    "vi": "Đo: {roles}. Chu kỳ {every}{hours}; mỗi đợt đo: {runs}. Dừng chờ sau {deadline} giây.{mandate}",
}
_RUNS = {"en": ("none", "{count}"), "vi": ("không tham gia", "{count} lần")}
_HOURS = {"en": ", {0} to {1} in Hanoi", "vi": ", từ {0} đến {1} giờ Hà Nội"}
_MANDATE = {
    "en": " With the owner's written mandate only.",
    "vi": " Chỉ khi chủ quản cổng cho phép bằng văn bản.",
}
_SPANS = {"en": {86400: "day", 60: "minutes"}, "vi": {86400: "một ngày", 60: "phút"}}


def kinds_page(language: str) -> str:
    """Return the page in "vi" or "en"."""
    return _HEADS[language] + "".join(_kind(kind, language) for kind in all_kinds().values())


def _kind(kind: Kind, language: str) -> str:
    name = {"vi": kind.vi, "en": kind.en}[language]
    said = f"{kind.help}.\n\n" if language == "en" else ""
    rows = [_COLUMNS[language], tuple("-" for _ in _COLUMNS[language]), *_rows(kind.numbers, language)]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"\n## {name} (`{kind.name}`)\n\n{said}{_facts(kind, language)}\n\n{table}"


def _facts(kind: Kind, language: str) -> str:
    translate: Translate = translator(language)
    runs = kind.cadence.runs_in_round
    return _FACTS[language].format(
        roles=", ".join(translate(f"role.{role}") for role in sorted(kind.roles, reverse=True)),
        every=_span(kind.cadence.every_seconds, language),
        hours=_HOURS[language].format(*kind.cadence.hours) if kind.cadence.hours else "",
        runs=_RUNS[language][runs > 0].format(count=runs),
        deadline=f"{kind.deadline_seconds:g}",
        mandate=_MANDATE[language] if kind.needs_mandate else "",
    )


def _span(seconds: int, language: str) -> str:
    if seconds == 86400:
        return _SPANS[language][86400]
    minutes = seconds // 60
    return "minute" if (language, minutes) == ("en", 1) else f"{minutes} {_SPANS[language][60]}"


def _rows(numbers: Iterable[Value | Ratio], language: str) -> Iterator[tuple[str, ...]]:
    for number in numbers:
        unit = _UNITS[language].get(number.nature, number.nature.unit)
        told = "✓" if isinstance(number, Value) and number.metric else ""
        row = (
            f"`{number.name}`",
            {"vi": number.vi, "en": number.en}[language],
            unit,
            _BETTER[language][number.better],
            told,
        )
        yield (
            row
            if language == "vi"
            else (*row, number.help if isinstance(number, Value) else "share of runs, made of outcomes")
        )
