"""Draws the dashboards for docs/dashboards, from what a real Prometheus answers: a small picture of what Grafana shows."""
