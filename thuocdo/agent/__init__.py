"""The processes at a vantage point: an agent plans and runs the kinds of one engine and hands measurements to a sink."""
