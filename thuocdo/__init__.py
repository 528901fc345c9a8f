"""Thước Đo: what the stages share, and their composition."""

__version__ = "0.1.0"
