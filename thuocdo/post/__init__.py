"""Letters to people, by mail."""
