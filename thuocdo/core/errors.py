"""
Every error this project raises for somebody to catch.

    ThuocdoError
    ├── ConfigurationError      settings, registry, cadence, criteria or journey files; exit code 2
    ├── UnknownTargetError      a target id that no registry knows; exit code 2
    ├── BrowserUnavailableError no browser, or it died through no fault of the page; the probe ends inconclusive
    ├── AgentAwayError          the HTTP agent of this machine does not answer
    ├── AgentBrokeError         it answered that it broke, or with what is no measurement
    ├── SealedPackageError      what should be the package of a sealed round cannot be opened as one
    ├── TimestampAwayError      no time-stamp server gives a token; the round is sealed without one for now
    ├── MailAwayError           a mail server does not take a letter just now; it is sent another time
    └── StoreError              the store cannot be opened, read or written
        └── StoreUnavailableError   for now: disk full, database locked or away; the caller keeps what it has and tries again

A message says where, what and what to do. A portal that is down is never an exception: it is a measurement.
"""

from collections.abc import Sequence


class ThuocdoError(Exception):
    """The base of all errors raised on purpose."""


class ConfigurationError(ThuocdoError):
    """
    One or more mistakes in what a person wrote; all of them are reported at once.

    Args:
        problems: one line each: where, what, and what to do.
    """

    def __init__(self, problems: Sequence[str] | str) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class UnknownTargetError(ThuocdoError):
    """A target id that no registry knows."""


class BrowserUnavailableError(ThuocdoError):
    """There is no browser, it does not start, or it died or froze through no fault of the page being probed."""


class AgentAwayError(ThuocdoError):
    """The HTTP agent of this machine does not answer."""


class AgentBrokeError(ThuocdoError):
    """The HTTP agent of this machine broke on a probe: its fault, not the portal's."""


class SealedPackageError(ThuocdoError):
    """What should be the package of a sealed round cannot be opened as one: it is none, is cut short, or was made to do harm."""


class TimestampAwayError(ThuocdoError):
    """No time-stamp server gives a token just now; the round is sealed without one."""


class MailAwayError(ThuocdoError):
    """A mail server is not there, or does not take a letter; nothing was sent."""


class StoreError(ThuocdoError):
    """The store cannot be opened, read or written."""


class StoreUnavailableError(StoreError):
    """The store cannot take data just now; nothing that it held is lost."""
