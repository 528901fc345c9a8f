"""Kind 2, by its letters: where browsers look for a document's charset, and where they do not, so that they show other signs."""

from testbed.verdicts.page import EXPECTED, SENTENCE, TITLE, Respond, VerdictPage, fine, outage, shown
from thuocdo.core.model import Reason

_CHARSET = "gb18030"
"""It has every letter, and read otherwise gives none of them."""
_META = f"<meta charset={_CHARSET}>"
_LINKS = "<link rel=x href=y>" * 90
_STYLE = "<style>" + ".a{color:red}" * 200 + "</style>"
_WORDS = f"<h1>{EXPECTED}</h1><p>{SENTENCE * 25}</p><a href=/thu-tuc>Thủ tục</a> <a href=/nop>Nộp hồ sơ</a>"


def _encoded(head: str, *, media: str = "text/html", before: str = "<!doctype html>", body: str = _WORDS) -> Respond:
    """Return a page in a charset that it names somewhere."""
    text = f"{before}<html lang=vi><head>{head}<title>{TITLE}</title></head><body>{body}</body></html>"
    return shown(text.encode(_CHARSET), media=media)


def _read(name: str, does: str, respond: Respond) -> VerdictPage:
    return fine(f"charset-{name}", does, respond, expected_text=EXPECTED)


def _garbled(name: str, does: str, head: str = "", body: str = _WORDS, media: str = "text/html") -> VerdictPage:
    """Return a page in UTF-8 that does not say so where browsers look: they show other signs, and only they are asked."""
    text = f"<!doctype html><html lang=vi><head>{head}<title>{TITLE}</title></head><body>{body}</body></html>"
    respond = shown(text, media=media)
    return outage(
        f"charset-{name}", does, respond, Reason.CONTENT_MISMATCH, kinds=("homepage",), expected_text=EXPECTED
    )


PAGES: tuple[VerdictPage, ...] = (
    _read("quoted", "the header names it in quotes", _encoded("", media=f'text/html; charset="{_CHARSET}"')),
    _read("capitals", "in capitals, with a semicolon behind", _encoded("", media=f"TEXT/HTML; CHARSET={_CHARSET.upper()};")),
    _read("behind", "behind something else in quotes", _encoded("", media=f'text/html; x="; charset=utf-8"; charset={_CHARSET}')),
    _read("late", "the document names it behind its first kilobyte", _encoded(_LINKS + _META)),
    _read("late-style", "behind a long style", _encoded(_STYLE + _META)),
    _read("late-comment", "behind a long comment", _encoded(f"<!-- {SENTENCE * 20} -->{_META}")),
    _read("late-instead", "behind a long script, as what stands for the header", _encoded(
        f"<script>{'x=1;' * 400}</script><meta http-equiv=content-type content='text/html; charset={_CHARSET}'>")),
    _read("declared", "as documents of XML do", _encoded("", before=f'<?xml version="1.0" encoding="{_CHARSET}"?>')),
    _read("in-title", "another one stands in a script that is only text", _encoded(f"<script>'<meta charset=utf-8>'</script>{_META}")),
    _garbled("apostrophes", "the header names it in apostrophes, which are no quotes", media="text/html; charset='utf-8'"),
    _garbled("in-body", "the document names it far down its body", body=f"{_WORDS}<meta charset=utf-8>"),
    _garbled("behind-head", "behind the end of a long head", _LINKS, f"<meta charset=utf-8>{_WORDS}"),
    _garbled("in-style", "in a style alone", "<style>/*<meta charset=utf-8>*/</style>"),
)  # fmt: skip
