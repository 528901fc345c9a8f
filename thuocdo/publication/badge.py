"""
A badge that an agency may show: its places in one period, the day, and the day from which it says nothing any more.

It never claims more than the report: a set of places, of one block, of one round.
"""

from datetime import timedelta
from xml.sax.saxutils import escape

from thuocdo.core.clock import hanoi_day
from thuocdo.publication.content import RoundContent
from thuocdo.publication.tables import places
from thuocdo.publication.texts import fixed_text

VALID_FOR = timedelta(days=180)
"""After the end of a round, our own choice: no official text gives any."""

_WIDTH = 440
_FONT = "'Times New Roman', 'Liberation Serif', Tinos, 'DejaVu Serif', serif"


def badge_svg(content: RoundContent, agency_id: str) -> str | None:
    """Return the badge of an agency as SVG; None where it has no rank."""
    place = content.members[agency_id]
    if place.rank is None:
        return None
    block = fixed_text(f"package.block.{place.scorecard.block.value}")
    ranked = sum(one.rank is not None for one in content.ranking.blocks[place.scorecard.block])
    ended = hanoi_day(content.ended_at)
    lines = [
        fixed_text("package.badge.place", places=places(place.rank, place.rank_to), ranked=ranked, block=block),
        content.round.label,
        fixed_text("package.badge.day", day=f"{ended:%d/%m/%Y}"),
        fixed_text("package.badge.expires", day=f"{ended + VALID_FOR:%d/%m/%Y}"),
    ]
    if not content.approved:
        lines.append(fixed_text("package.mark.draft"))
    if content.synthetic:
        lines.append(fixed_text("package.mark.synthetic"))
    name = content.agency_name(agency_id)
    height = 44 + 20 * len(lines)
    shown = "".join(
        f'<text x="{_WIDTH // 2}" y="{48 + 20 * number}" font-size="{15 if len(line) < 52 else 11}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'role="img" aria-labelledby="ten-{agency_id} noi-dung-{agency_id}" lang="vi" xml:lang="vi">'
        f'<title id="ten-{agency_id}">{escape(fixed_text("package.badge.title", agency=name))}</title>'
        f'<desc id="noi-dung-{agency_id}">{escape(". ".join(lines))}.</desc>'
        f'<g aria-hidden="true" text-anchor="middle" font-family="{_FONT}" fill="#000">'
        f'<rect x="1" y="1" width="{_WIDTH - 2}" height="{height - 2}" fill="#fff" stroke="#000" stroke-width="2"/>'
        f'<text x="{_WIDTH // 2}" y="26" font-size="{16 if len(name) < 40 else 12}" font-weight="bold">{escape(name)}</text>'
        f"{shown}</g></svg>\n"
    )
