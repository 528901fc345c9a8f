"""Calendars as data: what a Government decides each year beside the law's days, read by thuocdo.rounds.working_days."""
