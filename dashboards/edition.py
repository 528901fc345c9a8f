"""One language of the dashboards: the Vietnamese set bears the plain uids, the English one those with `-en`."""

from dataclasses import dataclass
from urllib.parse import quote

from thuocdo.core.i18n import LANGUAGES, Translate, translator

UID_PREFIX = "thuocdo-"
WEB_URL = "http://127.0.0.1:8321"
"""Where the pages of Thước Đo are, unless the settings say otherwise (grafana.web_url)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """
    What a board is told when it is made.

    language: vi or en. web_url: address of our own pages, without a slash at its end.
    """

    language: str = LANGUAGES[0]
    web_url: str = WEB_URL

    @property
    def t(self) -> Translate:
        """Turn an English text into the edition's language."""
        return translator(self.language)

    @property
    def tag(self) -> str:
        """What all boards of the edition are tagged with; the links between them follow it."""
        return "thuocdo" if self.language == "vi" else f"thuocdo-{self.language}"

    def uid(self, board: str) -> str:
        """Return the uid of a board by its short name; uids are a public contract, people keep links to them."""
        return f"{UID_PREFIX}{board}" if self.language == "vi" else f"{UID_PREFIX}{board}-{self.language}"

    def link(self, board: str, **variables: str) -> str:
        """Return a data link to a board: variables are set to the given expressions, time and data source go along."""
        given = "".join(f"&var-{name}={quote(value, safe='${}_.:')}" for name, value in variables.items())
        return f"/d/{self.uid(board)}?${{datasource:queryparam}}&${{__url_time_range}}{given}"


def editions(web_url: str = WEB_URL) -> tuple[Edition, ...]:
    """Return every edition."""
    return tuple(Edition(language=language, web_url=web_url.rstrip("/")) for language in LANGUAGES)
