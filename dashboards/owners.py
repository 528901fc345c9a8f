"""Who is told: the file in which a person writes where the central team and each owner's team get their alerts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.yamlfile import Strict, hinting, load, read

NOBODY = "http://127.0.0.1:9095/"
"""Where the file that ships sends everything."""


def _good_url(value: str) -> str:
    if not value.startswith(("http://", "https://")) or "@" in value:
        raise ValueError(
            "an address begins with http:// or https:// and holds no password; a secret goes into token_file"
        )
    return value


class Webhook(Strict):
    """An address that takes Alertmanager's JSON. token_file: holds a bearer token, on Alertmanager's machine."""

    url: Annotated[str, AfterValidator(_good_url)]
    token_file: str = ""


class Email(Strict):
    """A mailbox."""

    to: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")


class Telegram(Strict):
    """A chat or group. token_file: holds the bot's token, on Alertmanager's machine; needs Alertmanager 0.26 or newer."""

    chat_id: int
    token_file: str = Field(min_length=1)


class Smtp(Strict):
    """
    The mail server. password_file: on Alertmanager's machine, with version 0.25 or newer; and on this one where reports are sent.
    """

    model_config = ConfigDict(populate_by_name=True)

    smarthost: str = Field(pattern=r"^[^:\s]+:\d+$")
    sender: str = Field(alias="from")
    username: str = ""
    password_file: str = ""
    require_tls: bool = True


class Team(Strict):
    """Where one team is told, in each of these places; reports: mailboxes that get its reports of periods."""

    webhooks: tuple[Webhook, ...] = ()
    emails: tuple[Email, ...] = ()
    telegram: tuple[Telegram, ...] = ()
    reports: tuple[Email, ...] = ()

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not (self.webhooks or self.emails or self.telegram):
            raise ValueError("nobody would be told; add webhooks, emails or telegram")
        return self


class Owners(Strict):
    """
    The whole file.

    central: gets whatever no owner here gets. dead_man: gets the watchdog all the time, and makes noise when it stays away.
    owners: teams by the owner's id, which is the agency's unless the registry says otherwise.
    """

    smtp: Smtp | None = None
    central: Team
    dead_man: Team
    owners: Mapping[str, Team] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _mail_server(self) -> Self:
        teams = (self.central, self.dead_man, *self.owners.values())
        if self.smtp is None and any(team.emails or team.reports for team in teams):
            raise ValueError("mail is asked for, but there is no mail server; add smtp")
        return self


def reaches_nobody(path: Path) -> bool:
    """
    Tell whether what lies there still sends alerts of the central team where nobody is, as the file does that ships.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    central = load(path, Owners).central
    return not (central.emails or central.telegram) and all(hook.url.startswith(NOBODY) for hook in central.webhooks)


def load_owners(path: Path, known: frozenset[str]) -> Owners:
    """
    Read the file.

    Args:
        path: the file.
        known: owners of the registry's targets.

    Raises:
        ConfigurationError: every mistake found; an owner that owns nothing is one.
    """
    document = read(path)
    owners = document.check(Owners)
    if owners is None:
        raise ConfigurationError(document.problems)
    near = hinting(known)
    for name in owners.owners:
        if name not in known:
            hint = near(name) or "; `thuocdo portals list` shows what is registered"
            document.report(("owners", name), f"nothing in the registry in force belongs to '{name}'{hint}")
    if document.problems:
        raise ConfigurationError(document.problems)
    return owners
