"""Which incidents last, on every board that names them: who, where, since when, for how long, and why."""

from dashboards.edition import Edition
from dashboards.panels import Panel
from dashboards.queries import age, open_incidents, open_parts
from dashboards.tables import Column, rows
from dashboards.words import LENGTH, RECENT, aspects, incident_states, part_states, reasons, scopes


def open_now(edition: Edition, where: str, others: str, *, height: int) -> Panel:
    """
    Return the table of open incidents, as wide as a board.

    Args:
        edition: gives the language.
        where: label matchers that choose among thuocdo_target_info.
        others: label matchers that choose incidents of families and vantage points.
        height: in grid rows.

    """
    t = edition.t
    start = open_incidents(where, others)
    to_incident = "${web}/incidents/${__data.fields.id}"
    return rows(
        t("Who has an incident now"),
        t(
            "Every incident that is confirmed and not over, the oldest first; how long in hours, minutes and seconds. Figure: "
            "the HTTP status; of a slow one, its seconds and the usual ones. A click on the name leads to the incident with "
            "its evidence."
        ),
        (
            Column(title=t("Scope"), label="scope", texts=scopes(t), width=140),
            Column(title=t("Who"), label="name", link=to_incident, width=190),
            Column(title="id", label="id", hidden=True),
            Column(title=t("Address"), label="url", link="${__value.raw}"),
            Column(title=t("State"), label="state", texts=incident_states(t), width=175),
            Column(title=t("Cause"), label="reason", texts=reasons(t)),
            Column(title=t("Figure"), label="figure", width=100),
            *_lasting(edition, start),
        ),
        width=24,
        height=height,
        sort=t("Since"),
        descending=False,
        empty=t("No incident is confirmed."),
    )


def parts_now(edition: Edition, where: str, *, height: int) -> Panel:
    """
    Return the table of what is wrong with portals now, part by part, as wide as a board.

    Args:
        edition: gives the language.
        where: label matchers that choose among thuocdo_target_info.
        height: in grid rows.

    """
    t = edition.t
    start = open_parts(where)
    return rows(
        t("Parts of open incidents"),
        t(
            "What each portal's incident is made of: the home page, each form, and certificates that run out soon; each has a "
            "state and a beginning of its own. The oldest first. A click on the part leads to the incident."
        ),
        (
            Column(title=t("Part"), label="name", link="${web}/incidents/${__data.fields.id}"),
            Column(title="id", label="id", hidden=True),
            Column(title=t("What of it"), label="aspect", texts=aspects(t), width=140),
            Column(title=t("State"), label="state", texts=part_states(t), width=190),
            Column(title=t("Cause"), label="reason", texts=reasons(t)),
            *_lasting(edition, start),
        ),
        width=24,
        height=height,
        sort=t("Since"),
        descending=False,
        empty=t("No part of any portal is hit."),
    )


def _lasting(edition: Edition, start: str) -> tuple[Column, Column]:
    """Return the columns of since when something lasts, and how long; start: query of its beginnings."""
    t = edition.t
    return (
        Column(title=t("Since"), expr=f"{start} * 1000", unit=RECENT, width=110),
        Column(title=t("How long"), expr=age(start), unit=LENGTH, decimals=0, width=100),
    )
