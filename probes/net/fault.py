"""How an exchange fails."""

from thuocdo.model import Reason


class ExchangeError(Exception):
    """
    An exchange that came to no complete answer. Raised where the cause is known best, so that nobody has to guess it later.

    Args:
        reason: what kind of failure it is.
        detail: one line for people, without secrets.

    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
