"""Criteria sets as data: one YAML file each, read by thuocdo.score.criteria."""
