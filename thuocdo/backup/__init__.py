"""Backups: what cannot be measured again as one file, made while the service runs, and put back whole or not at all."""
