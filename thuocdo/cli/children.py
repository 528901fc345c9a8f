"""The processes that `run`, `round` and `demo` start, as command lines of this program."""

import socket
from collections.abc import Iterable

from thuocdo.cli.context import CliContext
from thuocdo.core.kinds.kind import Engine
from thuocdo.processes.supervisor import Child


def agent_children(context: CliContext, round_id: str | None, engines: Iterable[Engine] = Engine) -> list[Child]:
    """Return the agents of one machine, one per engine."""
    chosen = ("--round", round_id) if round_id else ()
    return [
        Child(
            name=f"agent-{engine.value}",
            arguments=context.arguments("agent", engine.value, *chosen),
            ends=round_id is not None,
            leads=round_id is None and engine is Engine.HTTP,  # a minute without it is a minute nobody was looked at
        )
        for engine in engines
    ]


def judge_child(context: CliContext) -> Child:
    """Return the process that judges: it must share no loop with a stop-watch, nor keep a page waiting."""
    return Child(name="judge", arguments=context.arguments("judge"))


def ranker_child(context: CliContext) -> Child:
    """Return the process that computes rankings, so that nobody waits for one."""
    return Child(name="ranker", arguments=context.arguments("ranker"))


def keep_child(context: CliContext) -> Child:
    """Return the process that lets go of what is too old: nobody may wait for it."""
    return Child(name="keep", arguments=context.arguments("keep"))


def web_child(context: CliContext, listener: socket.socket) -> Child:
    """Return the web process, listening on a socket that outlives its restarts."""
    descriptor = listener.fileno()
    return Child(
        name="web", arguments=context.arguments("web", "--descriptor", str(descriptor)), descriptors=(descriptor,)
    )
