"""
Why a certificate is refused, told by one judge.

Of several faults of a certificate Chromium names another than OpenSSL does: an expired one without its issuer is "of an unknown
authority" to the one and "expired" to the other, and people read both on one page as two faults.
"""

import asyncio
from dataclasses import replace

from probes.net.addresses import reach_of
from probes.net.client import FetchOptions
from probes.net.fault import ExchangeError
from probes.tools import Tools
from thuocdo.core.model import Job, Observation, Reason

LONGEST_SECONDS = 10.0


async def told_by_openssl(job: Job, observation: Observation, tools: Tools) -> Observation:
    """
    Return a browser's observation of a certificate that is refused, with the cause that a plain request meets.

    Where a plain request meets none, what the browser says stays. The caller has waited for the host's turn.
    """
    wish = FetchOptions(ip_version=job.target.ip_version, most_bytes=None, gated=False)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await tools.http.follow(job.target.url, wish, [], reach=reach_of(job.target))
    except ExchangeError as exc:
        if exc.reason is Reason.CERTIFICATE_INVALID:
            return replace(observation, detail=exc.detail)
    except TimeoutError:
        pass
    return observation
