"""Who is told of what, as the command line finds it: the file of owners, and one clear line as long as it names nobody."""

from pathlib import Path

from dashboards.owners import reaches_nobody
from thuocdo.cli.context import CliContext
from thuocdo.core.config import bundled


def owners_file(context: CliContext, given: Path | None) -> Path:
    """Return the file of owners: the one that is given, that of the settings, or the one that ships."""
    return given or context.settings.owners or bundled("dashboards") / "owners.yaml"


def say_who_is_told(context: CliContext, owners: Path) -> None:
    """
    Say in one clear line that alerts reach nobody, as long as they do not.

    Raises:
        ConfigurationError: the file of owners cannot be read.
    """
    if reaches_nobody(owners):
        context.announce(
            "ALERTS REACH NOBODY YET: write who is told into {path}, then let Alertmanager read what `thuocdo alerts write` or "
            "`thuocdo prepare` makes of it.",
            style="bold yellow",
            is_warning=True,
            path=str(owners),
        )
