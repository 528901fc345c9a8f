"""The closed sets have a text in both languages, whoever adds a member."""

from importlib.resources import files

import pytest
from babel.messages.pofile import read_po

from thuocdo.core.i18n import LANGUAGES, translator
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import (
    Block,
    FindingOutcome,
    IncidentScope,
    IncidentState,
    Outcome,
    PageKind,
    Reason,
    TargetRole,
)

KEYS = [
    *(f"outcome.{outcome}" for outcome in Outcome),
    *(f"outcome.{outcome}.explain" for outcome in Outcome),
    *(f"reason.{reason}" for reason in Reason),
    *(f"reason.{reason}.explain" for reason in Reason),
    *(f"page_kind.{kind}" for kind in PageKind),
    *(f"block.{block}" for block in Block),
    *(f"role.{role}" for role in TargetRole),
    *(f"finding.{outcome}" for outcome in FindingOutcome),
    *(f"incident_scope.{scope}" for scope in IncidentScope),
    *(f"incident_state.{state}" for state in IncidentState),
    *(
        f"incident.target.{state}.{when}"
        for state in IncidentState
        if state is not IncidentState.ENDED
        for when in ("now", "past")
    ),
    *(f"kind.{name}" for name in all_kinds()),
    *(f"value.{kind.name}.{value.name}" for kind in all_kinds().values() for value in kind.values),
    *(f"value.{name}.availability_ratio" for name in all_kinds()),
]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_member_of_a_closed_set_has_a_text(lang):
    translate = translator(lang)
    assert [key for key in KEYS if translate(key) == key] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_explanation_is_one_sentence(lang):
    translate = translator(lang)
    for reason in Reason:
        text = translate(f"reason.{reason}.explain")
        assert text.endswith(".")
        assert ". " not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_other_room_gives_a_text_of_ours_another_meaning(lang):
    folder = files("thuocdo") / "locale" / lang
    texts: dict[str, dict[str, str]] = {}
    for file in folder.iterdir():
        if file.name.endswith(".po"):
            with file.open("rb") as content:
                for message in read_po(content):
                    if message.id:
                        texts.setdefault(str(message.id), {})[file.name] = str(message.string)
    own = {"web.po", "closed_sets.po", "exporters.po"}
    assert {key: found for key, found in texts.items() if own & set(found) and len(set(found.values())) > 1} == {}
