"""`thuocdo assess`: enter points for what no probe can measure, with evidence."""

import mimetypes
from pathlib import Path
from typing import Annotated

import typer

from thuocdo.cli.context import CliContext
from thuocdo.cli.rank import known_round
from thuocdo.core import clock
from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Assessment, Round
from thuocdo.core.portals import Registry, load_registry
from thuocdo.core.yamlfile import nearest
from thuocdo.score.basis import day_digest
from thuocdo.score.criteria import CriteriaSet, load_criteria_set
from thuocdo.score.kept import Wanted
from thuocdo.score.published import day_of
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore

MOST_BYTES = 100 * 1024 * 1024
"""Of a file that shows what was assessed."""


def assess(
    ctx: typer.Context,
    agency: Annotated[str, typer.Argument(help="Id of the agency.")],
    criterion: Annotated[str, typer.Argument(help="Id of a criterion that is entered by hand.")],
    points: Annotated[float, typer.Argument(help="Points, from 0 to the criterion's own.")],
    by: Annotated[str, typer.Option(help="Who assessed it.")],
    evidence: Annotated[
        Path,
        typer.Option(
            help="File that shows it: a screenshot, a record, a letter.", exists=True, dir_okay=False, readable=True
        ),
    ],
    note: Annotated[str, typer.Option(help="What was seen.")] = "",
    criteria: Annotated[str | None, typer.Option(help="Id of the criteria set (default: the settings').")] = None,
    round_name: Annotated[
        str | None,
        typer.Option("--round", help="Name or id of the round it is for (default: the ranking of the last days)."),
    ] = None,
) -> None:
    """Enter points that a person gives; the newest entry counts, earlier ones stay as history."""
    context: CliContext = ctx.obj
    settings = context.settings
    criteria_set = load_criteria_set(settings.criteria_dir, criteria or settings.criteria_set)
    now = clock.now()
    full = _full_points(criteria_set, criterion, points)
    if not by.strip():
        raise ConfigurationError("--by is empty; name the person who assessed it")
    content = _content(evidence)
    with Store.open(settings.store_url) as store:
        round_ = _unpublished_round(store, round_name) if round_name else None
        registry = load_registry(settings.registry_dir, at=day_of(round_, now))
        if agency not in registry.agencies:
            raise ConfigurationError(f"agency '{agency}' is not in the registry{nearest(agency, registry.agencies)}")
        if round_:
            _refuse_other_files(store, round_, criteria_set, registry)
        media_type = mimetypes.guess_type(evidence.name)[0] or "application/octet-stream"
        kept = EvidenceStore(settings.evidence_dir).save("assessment", content, media_type)
        store.assessments.save(
            Assessment(
                agency_id=agency,
                criteria_set_id=criteria_set.id,
                criterion_id=criterion,
                points=points,
                entered_by=by,
                entered_at=now,
                evidence_sha256=kept.sha256,
                note=note,
                round_id=round_.id if round_ else None,
            )
        )
    text = context.translate("ranking.assessed")
    context.console.print(
        text.format(agency=agency, criterion=criterion, points=f"{points:g}", full=f"{full:g}", by=by)
    )


def _unpublished_round(store: Store, name: str) -> Round:
    """Return the round that points are entered for; one that was published stays as it is."""
    found = known_round(store, name)
    if found.published_at is not None:
        raise ConfigurationError(
            f"--round: '{found.label}' was published on {found.published_at.astimezone(clock.HANOI):%Y-%m-%d}, and stays as it is"
        )
    return found


def _refuse_other_files(store: Store, round_: Round, criteria_set: CriteriaSet, registry: Registry) -> None:
    """Refuse points for a ranking that cannot be computed with them: it rests on files, or a way of scoring, of another time."""
    by_files_of_today = Wanted(
        round=round_,
        criteria=criteria_set,
        criteria_digest=criteria_set.digest,
        registry_digest=day_digest(registry),
        read_at=clock.now(),
    )
    newest_first = store.rankings.of(criteria_set.id, round_.id)
    if newest_first and not by_files_of_today.is_answered_by(newest_first[0]):
        raise ConfigurationError(
            f"--round: '{round_.label}' was ranked by another criteria set, registry or version than those of today; "
            "put the files back as they were, or leave its ranking as it is"
        )


def _content(evidence: Path) -> bytes:
    try:
        content = read_bounded(evidence, MOST_BYTES)
    except OSError as exc:
        raise ConfigurationError(f"--evidence {evidence}: cannot be read ({exc.strerror}); give another file") from exc
    if not 0 < len(content) <= MOST_BYTES:
        raise ConfigurationError(
            f"--evidence {evidence}: it is empty, or has more than {MOST_BYTES // 1024**2} MiB; give another file"
        )
    return content


def _full_points(criteria_set: CriteriaSet, criterion_id: str, points: float) -> float:
    """Return the full points of a criterion that people enter, or say what is wrong with the entry."""
    criterion = criteria_set.criterion(criterion_id)
    if not criterion.by_hand:
        by_hand = ", ".join(one.id for one in criteria_set.criteria if one.by_hand)
        raise ConfigurationError(f"criterion '{criterion_id}' is measured by probes; people enter: {by_hand or 'none'}")
    if not 0 <= points <= criterion.points:
        raise ConfigurationError(
            f"{points:g} points are outside 0 to {criterion.points:g} of criterion '{criterion_id}'"
        )
    return criterion.points
