"""What anybody needs who would compute a round again: versions, digests, window, seeds."""

from thuocdo.core.clock import iso
from thuocdo.core.i18n import translator
from thuocdo.core.version import __version__
from thuocdo.publication.content import RoundContent
from thuocdo.publication.texts import fixed_text
from thuocdo.publication.wording import FORMATS
from thuocdo.reports.times import TIMES_METHOD_VERSION
from thuocdo.score.rank_sets import CONFIDENCE, DRAWS

_word = translator("vi")


def method_rows(content: RoundContent) -> list[tuple[str, str]]:
    """Return what a round was computed by, each with its name."""
    ranking, criteria, round_ = content.ranking, content.criteria, content.round
    rows = [
        ("round", f"{round_.label} ({round_.id})"),
        ("window", f"{iso(round_.started_at)} – {iso(content.ended_at)}"),
        ("computed", iso(ranking.computed_at)),
        (
            "criteria",
            f"{criteria.title_vi} ({criteria.id}, {fixed_text('package.method.version', version=criteria.version)})",
        ),
        ("criteria_digest", ranking.criteria_digest),
        ("criteria_source", criteria.source),
        ("registry_digest", ranking.registry_digest),
        ("method", ranking.method_version),
        ("software", __version__),
        ("measurements", FORMATS.number(ranking.measurements, 0)),
        ("runs", FORMATS.number(ranking.runs, 0)),
        ("profiles", ", ".join(_word(f"profile.{name}") for name in ranking.profiles)),
        ("confidence", FORMATS.percent(CONFIDENCE)),
    ]
    if content.comparisons:
        rows += [
            ("times_method", str(TIMES_METHOD_VERSION)),
            ("draws", FORMATS.number(DRAWS, 0)),
            ("seed", ", ".join(sorted({str(one.asked.seed) for one in content.comparisons}))),
        ]
    rows += [("frozen", f"{name} = {value}") for name, value in sorted(round_.settings.items())]
    return [(fixed_text(f"package.method.{name}"), text) for name, text in rows]
