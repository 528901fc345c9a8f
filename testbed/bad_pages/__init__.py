"""The failure list: every page that can hurt a browser probe, one per fault, and what a right probe makes of each."""
