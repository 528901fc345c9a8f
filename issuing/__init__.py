"""Profiles of bodies that issue reports, as data: one YAML file each, read by thuocdo.publication.issuing."""
