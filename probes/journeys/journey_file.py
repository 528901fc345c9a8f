"""
Journeys as people write them: YAML, one file per platform family, every mistake named when it is loaded.

A journey only opens, follows, chooses, searches, seeks and waits; it has no way to press a key or submit.
"""

import re
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from probes.forbidden_acts import is_leading, meaning_of_words
from probes.spelling import Phrases, folded
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Target
from thuocdo.core.shapes import FilledLine, Id
from thuocdo.core.yamlfile import Strict, load, nearest

MOST_FIELDS = 10_000

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def may_not_be_named(name: str, *, link: bool) -> bool:
    """Tell whether a control with this name does what a journey never does; link: it is one, with an address of its own."""
    return meaning_of_words(name) is not None and not is_leading(name, link=link)


class Follow(Strict):
    """Click one control that leads on; the first of the names that is there."""

    role: Literal["link", "button", "tab", "menuitem"]
    name: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _never_submits(self) -> Self:
        for name in self.name:
            if may_not_be_named(name, link=self.role == "link"):
                raise ValueError(
                    f"'{name}' names a control that submits or changes something; a journey only opens a form, name the step "
                    "before, by the whole label"
                )
        return self


class Choose(Strict):
    """Choose an option of a list, by its text or simply the first real one."""

    label: tuple[str, ...] = Field(min_length=1)
    option: str | None = None
    first: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.option is None) == (self.first is None):
            raise ValueError('give either option: "text" or first: true')
        return self


class Search(Strict):
    """
    Look a procedure up: write into a search box that one of the labels names.

    The box of a form is never submitted: the address that the form would ask for is opened instead (GET only). A box without
    one searches by itself as it is written into.
    """

    label: tuple[str, ...] = Field(min_length=1)
    text: str


class Seek(Strict):
    """
    Find the way without being told: follow what is called most like the way to the form, page after page.

    names: of links and controls that lead on, nearest to the form first. choose: labels of lists to choose the first entry of
    where there is no other way. search: labels of a box to look the procedure's code up in. at_most: controls followed.
    """

    names: tuple[str, ...] = Field(min_length=1)
    choose: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    at_most: int = Field(default=8, ge=1, le=20)

    @field_validator("names")
    @classmethod
    def _never_submits(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        # Some of what leads on does so only as a link: the guard asks again before every click.
        barred = [name for name in names if may_not_be_named(name, link=True)]
        if barred:
            told = ", ".join(map(repr, barred))
            raise ValueError(
                f"{told}: names of controls that submit or change something; give those of the steps before"
            )
        return names


class WaitFor(Strict):
    """Wait until a text or an element is drawn, or so many fields can be used."""

    text: str | None = None
    selector: str | None = None
    field_count: int | None = Field(default=None, ge=1, le=MOST_FIELDS)

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if sum(value is not None for value in (self.text, self.selector, self.field_count)) != 1:
            raise ValueError("give exactly one of text, selector, field_count")
        return self


ACTIONS = ("open", "follow", "choose", "search", "seek", "wait")


class JourneyStep(Strict):
    """One named act. if_present: it is left out where the page has come to rest without what it needs."""

    name: FilledLine
    open: str | None = None
    follow: Follow | None = None
    choose: Choose | None = None
    search: Search | None = None
    seek: Seek | None = None
    wait: WaitFor | None = None
    if_present: bool = False

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        given = [action for action in ACTIONS if getattr(self, action) is not None]
        if len(given) != 1:
            found = f"has {' and '.join(given)}" if given else "has no action"
            raise ValueError(f"step '{self.name}' {found}; give exactly one of {', '.join(ACTIONS)}")
        if self.if_present and given[0] in {"open", "wait", "seek"}:
            raise ValueError(
                f"step '{self.name}': if_present does not go with {given[0]}; it is for follow, choose, search"
            )
        return self

    @property
    def templates(self) -> tuple[str, ...]:
        """Texts of this step that may hold placeholders."""
        texts: list[str | None] = [self.open]
        if self.follow:
            texts += self.follow.name
        if self.choose:
            texts += [*self.choose.label, self.choose.option]
        if self.search:
            texts += [*self.search.label, self.search.text]
        if self.seek:
            texts += self.seek.names
        if self.wait:
            texts += [self.wait.text, self.wait.selector]
        return tuple(text for text in texts if text)


class FormRule(Strict):
    """When the form is ready. frame: CSS selector of the (i)frame it stands in; empty = the page and its frames."""

    minimum_fields: int = Field(ge=1, le=MOST_FIELDS)
    quiet_seconds: float = Field(default=0.5, ge=0.2, le=5)
    frame: str = ""


class Signs(Strict):
    """How a login or a captcha is known: globs of host and path, texts on the page, CSS selectors; one is enough."""

    host: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    selector: tuple[str, ...] = ()

    def on(self, url: str, text: str) -> bool:
        """Return whether address or text show a sign; selectors are for the page to look at."""
        parts = urlsplit(url)
        return (
            any(fnmatchcase(parts.hostname or "", pattern) for pattern in self.host)
            or any(fnmatchcase(parts.path, pattern) for pattern in self.path)
            or (bool(self.text) and Phrases(self.text).said_in(folded(text)) is not None)
        )


VNEID = Signs(host=("vneid.gov.vn", "*.vneid.gov.vn", "sso.dichvucong.gov.vn", "vneid.*"))
"""The central login, wherever it is met."""


class Journey(Strict):
    """
    How the eForms of one platform family are opened.

    entry: name of the step after which the procedure can be used. allowed_posts: globs of paths that must be asked with
    another method than GET for the form to open at all; a portal may keep a draft for that, so it needs a mandate.
    vneid, login: the central login and the portal's own. expired, not_online: texts by which this family says so, besides
    those that all portals use. draft_path: globs of addresses that name a draft.
    """

    family: Id
    title_vi: FilledLine
    title_en: FilledLine
    steps: tuple[JourneyStep, ...] = Field(min_length=1)
    entry: str
    form: FormRule
    allowed_posts: tuple[str, ...] = ()
    vneid: Signs = VNEID
    login: Signs = Signs()
    captcha: Signs = Signs()
    expired: tuple[str, ...] = ()
    not_online: tuple[str, ...] = ()
    draft_path: tuple[str, ...] = ()

    @field_validator("steps")
    @classmethod
    def _names_and_order(cls, steps: tuple[JourneyStep, ...]) -> tuple[JourneyStep, ...]:
        names = [step.name for step in steps]
        for name, count in Counter(names).items():
            if count > 1:
                raise ValueError(f"step '{name}' stands twice; give every step a name of its own")
        if steps[0].open is None:
            raise ValueError(
                f"step '{steps[0].name}' is the first and does not open an address; begin with open: \"{{url}}\""
            )
        for step in steps:
            for text in step.templates:
                for name in _PLACEHOLDER.findall(text):
                    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                        raise ValueError(
                            f"step '{step.name}': '{{{name}}}' is no placeholder; write {{url}} or another variable"
                        )
        return steps

    @model_validator(mode="after")
    def _entry_is_a_step(self) -> Self:
        names = [step.name for step in self.steps]
        if self.entry not in names:
            raise ValueError(
                f"entry '{self.entry}' is not the name of a step ({', '.join(names)}){nearest(self.entry, names)}"
            )
        return self

    @property
    def placeholders(self) -> frozenset[str]:
        """Names that a target's variables must give, where they are not built in."""
        texts = (text for step in self.steps for text in step.templates)
        return frozenset(name for text in texts for name in _PLACEHOLDER.findall(text))


def load_journeys(folder: Path) -> Mapping[str, Journey]:
    """
    Read all journeys of a folder, by file stem.

    Raises:
        ConfigurationError: every mistake in every file, one line each.
    """
    journeys: dict[str, Journey] = {}
    problems: list[str] = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            journeys[file.stem] = load_journey(file)
        except ConfigurationError as exc:
            problems += exc.problems
    if problems:
        raise ConfigurationError(problems)
    return journeys


def load_journey(file: Path) -> Journey:
    """
    Read one journey.

    Raises:
        ConfigurationError: every mistake in it, one line each.
    """
    return load(file, Journey)


def variables_of(target: Target) -> Mapping[str, str]:
    """Return all that a journey may fill in for this target."""
    built_in = {"url": target.url, "host": target.host, "procedure_code": target.procedure_code or ""}
    return {**built_in, **target.variables}


def journey_problem(target: Target, journeys: Mapping[str, Journey]) -> str | None:
    """Return what is wrong with a target's journey before any request is made, or None."""
    journey = journeys.get(target.journey or "")
    if journey is None:
        hint = nearest(target.journey or "", journeys) or f"; known: {', '.join(sorted(journeys)) or 'none'}"
        return f"target '{target.id}': journey '{target.journey}' is unknown{hint}"
    known = variables_of(target)
    missing = sorted(journey.placeholders - known.keys())
    if missing:
        return (
            f"target '{target.id}': journey '{target.journey}' needs the variable '{missing[0]}', which the target does not "
            f"give{nearest(missing[0], known)}; add it to the eForm's variables in the registry, or --set {missing[0]}=… by hand"
        )
    return None


def fill(template: str, variables: Mapping[str, str]) -> str:
    """Return a text of a journey with its placeholders filled in; `journey_problem` has seen to it that none is missing."""
    return _PLACEHOLDER.sub(lambda match: variables[match.group(1)], template)
