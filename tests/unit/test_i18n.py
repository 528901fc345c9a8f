"""Every text that a user can meet has its Vietnamese, and every keyed id has both languages."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from probes.journeys.journey_end import JourneyEnd
from thuocdo.core.i18n import LANGUAGES, translations, translator
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, Outcome, PageKind, Reason, TargetRole
from thuocdo.core.profiles import PROFILES

ROOT = Path(__file__).resolve().parents[2]
KEYED = re.compile(r"^[a-z_]+(\.[a-z0-9_-]+)+$")


def message_ids():
    methods = [("**.py", "python"), ("**/templates/**", "jinja2.ext.babel_extract")]
    keywords = {"translate": None, "_": None, "gettext": None, "ngettext": (1, 2), "t": None, "announce": None}
    keywords["inform"] = (2,)  # after the context that it is said in
    found = set()
    for folder in ("thuocdo", "exporters", "dashboards", "testbed"):
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, methods, keywords=keywords):
            ids = message if isinstance(message, tuple) else (message,)
            found |= {i for i in ids if i and not KEYED.match(i)}
    return found


def test_every_message_id_has_its_vietnamese():
    vietnamese = translations("vi")
    catalogue = getattr(vietnamese, "_catalog", {})
    known = {key[0] if isinstance(key, tuple) else key for key in catalogue}
    missing = sorted(i for i in message_ids() if i not in known)
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_closed_sets_have_texts_in_both_languages(language):
    translate = translator(language)
    ids = (
        [f"outcome.{o}" for o in Outcome]
        + [f"reason.{r}" for r in Reason]
        + [f"page_kind.{k}" for k in PageKind]
        + [f"block.{b}" for b in Block]
        + [f"role.{r}" for r in TargetRole]
        + [f"kind.{k}" for k in all_kinds()]
        + [f"profile.{p}" for p in PROFILES]
        + [f"met.{m}" for m in JourneyEnd]
    )
    assert [i for i in ids if translate(i) == i] == []


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="klingon"):
        translator("klingon")
