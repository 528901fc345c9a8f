"""The kinds of probe there are: one module declares one, with its values and what they mean (`kind.py`)."""
