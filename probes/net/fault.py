"""How an exchange fails."""

import errno

from thuocdo.core.model import Reason

NO_MORE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""This machine has no more files or memory to give: whatever fails so says nothing about anybody else."""

OUT_OF_PLACES = NO_MORE | {errno.EADDRNOTAVAIL}
"""The same of a connection, which needs a port of this machine as well."""

REFUSED_HERE = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENETDOWN}
)
"""
What a connection meets at once only where this machine itself has no way to an address, or forbids it: a rule, a route that
prohibits (EACCES), refuses (EHOSTUNREACH) or swallows (EINVAL), an interface that is down. Of IPv6, EACCES may come later, too:
then a router on the way forbids it (ICMPv6, "administratively prohibited"), and that may be the portal's own.
"""

NEVER_SENT = frozenset({errno.EPERM, errno.ENETDOWN})
"""Those of them that no router's word is told as: whenever they come, they are ours."""


class ExchangeError(Exception):
    """
    An exchange that came to no complete answer. Raised where the cause is known best, so that nobody has to guess it later.

    ForbiddenHopError stands for a hop that was refused, IncompleteChainError for a chain that may be completed,
    FlawedCertificateError for a certificate with a fault of its own.

    Args:
        reason: what kind of failure it is.
        detail: one line for people, without secrets.

    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        # It may quote what a server sent, and must be fit for any database.
        self.detail = "".join(sign if sign.isprintable() else "\ufffd" for sign in detail)


class IncompleteChainError(ExchangeError):
    """A certificate whose issuer is not known and was not sent along; where it is may stand in it."""


class FlawedCertificateError(ExchangeError):
    """A certificate of a known issuer and the right name that is refused all the same: it ran out, or forbids its key's use."""


class ForbiddenHopError(ExchangeError):
    """A hop that leads where a probe must not go: it was not asked, and nothing of it is kept, not even its name."""


class NoRouteError(OSError):
    """A way that this machine itself does not know, or forbids: nothing was sent."""


def forbidden_here(error: OSError) -> str:
    """Return one line for people of a connection that this machine did not let go."""
    if error.errno == errno.ENETDOWN:
        return "the network of this machine is down"
    return f"this machine forbids the connection: {error.strerror}"


def exhausted(error: OSError) -> ExchangeError:
    """Return the fault of an exchange for which this machine had nothing left."""
    return ExchangeError(Reason.PROBER_SATURATED, f"this machine can open no more connections: {error.strerror}")
