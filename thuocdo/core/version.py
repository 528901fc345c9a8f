"""The version of this program, as it stands in user agent, pages and measurements."""

__version__ = "0.1.0"
