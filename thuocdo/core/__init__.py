"""The ground: what travels between the stages, what a kind is, settings, errors, time, texts. It imports no stage."""
