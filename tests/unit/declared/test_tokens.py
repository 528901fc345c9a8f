"""Tokens: shown once, kept as digests, withdrawn at once."""

from dataclasses import replace

import pytest

from tests.unit.declared.conftest import NOW
from thuocdo.declared.tokens import digest_of, holder, new_token


def test_a_token_is_known_again_and_stands_nowhere():
    token, kept = new_token("tinh-a", "may", "An", NOW)
    assert holder(token, [new_token("tinh-b", "may", "An", NOW)[1], kept]) == kept
    assert token not in repr(kept)
    assert kept.digest == digest_of(token)


def test_no_two_are_alike():
    assert len({new_token("tinh-a", "may", "An", NOW)[0] for _ in range(50)}) == 50


def test_one_that_was_withdrawn_is_none():
    token, kept = new_token("tinh-a", "may", "An", NOW)
    assert holder(token, [replace(kept, withdrawn_at=NOW)]) is None


@pytest.mark.parametrize("text", ["", "tdo_", "Bearer", "tdo_" + "x" * 300, "tdo_é", "{digest}"])
def test_any_other_text_is_none(text):
    _, kept = new_token("tinh-a", "may", "An", NOW)
    assert holder(text.replace("{digest}", kept.digest), [kept]) is None
