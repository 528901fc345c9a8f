"""
What may be kept of what others wrote: of addresses, headers, markup, errors and pictures, for evidence and stored results.

Everything is put together anew of what is known to name nobody (words.txt); nothing is searched for what looks private.
"""

from probes.redaction.addresses import known_hosts, redact_host, redact_path, redact_url
from probes.redaction.headers import redact_header
from probes.redaction.secrets import hide_secrets
from probes.redaction.words import HIDDEN, is_known, kept_name, kept_words

__all__ = [
    "HIDDEN",
    "hide_secrets",
    "is_known",
    "kept_name",
    "kept_words",
    "known_hosts",
    "redact_header",
    "redact_host",
    "redact_path",
    "redact_url",
]
