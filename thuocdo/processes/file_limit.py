"""How many files and connections a process may have open: as many as the system grants, and a word where that is little."""

import resource

import structlog

NEEDED = 1024
FOR_THE_PROCESS = 48
PER_PROBE = 3
"""Store, pipes and libraries take some forty; an HTTP probe a connection, one to a name server, and one that is being closed."""

log = structlog.get_logger(__name__)


def raise_file_limit() -> int:
    """Raise the limit of open files to what the system grants this user, for this process and its children, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = NEEDED if hard == resource.RLIM_INFINITY else min(hard, max(soft, NEEDED))
    if soft == resource.RLIM_INFINITY or soft >= most:
        granted = soft
    else:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        granted = most
    if 0 <= granted < NEEDED:
        log.warning(
            "few files may be open at once, so fewer probes run side by side; raise the limit (ulimit -n, LimitNOFILE)",
            limit=granted,
            needed=NEEDED,
        )
    return granted


def probes_within(open_files: int) -> int:
    """Return how many HTTP probes may be in flight with so many open files; at least one."""
    return max(1, (open_files - FOR_THE_PROCESS) // PER_PROBE) if open_files >= 0 else NEEDED
