"""What stands around the text of a document: head and end of a letter by NĐ 30/2020, and the marks on every page."""

from thuocdo.publication.content import RoundContent
from thuocdo.publication.document import LetterEnd, LetterHead
from thuocdo.publication.issuing import IssuingBody
from thuocdo.publication.texts import fixed_text

BLANK = "…………"
"""Where an office writes what nobody told us."""


def marks(content: RoundContent) -> tuple[str, ...]:
    """Return what every page of every file of a package must say of it."""
    found = []
    if not content.approved:
        found.append(fixed_text("package.mark.draft"))
    if content.synthetic:
        found.append(fixed_text("package.mark.synthetic"))
    return tuple(found)


def letter_head(issuer: IssuingBody | None) -> LetterHead:
    """Return the head of the report; number and day are given by people, and so is all that no profile says."""
    return LetterHead(
        parent=issuer.parent.upper() if issuer else BLANK,
        body=issuer.name.upper() if issuer else BLANK,
        number=fixed_text("package.letter.number", abbreviation=issuer.abbreviation if issuer else "…"),
        place_and_day=fixed_text("package.letter.day", place=issuer.place if issuer else "………"),
    )


def letter_end(issuer: IssuingBody | None) -> LetterEnd:
    """Return the end of the report."""
    recipients = issuer.recipients if issuer else (BLANK,)
    return LetterEnd(
        recipients=[
            *(f"- {name};" for name in recipients),
            fixed_text("package.letter.filed", filed=issuer.filed_as if issuer else "VT, …"),
        ],
        signer_title=(issuer.signer_title if issuer else BLANK).upper(),
    )


def attached_to(issuer: IssuingBody | None) -> str:
    """Return the line of an annex that says to which report it belongs."""
    return fixed_text(
        "package.letter.attached",
        abbreviation=issuer.abbreviation if issuer else "…",
        body=issuer.name if issuer else BLANK,
    )
