"""When to measure: pure planning of due jobs from targets, cadence and a clock."""
