"""
From stored measurements to incidents: what is certain enough to wake somebody, and how available a portal was.

`judge.py` is the heart: it takes readings in the order of their scheduled instants, one after the other, and remembers as
little as it must (`memory.py`); what it says depends on nothing but the readings and their instants, so any number of restarts
in between changes nothing. `ledger.py` brings the store in line with it, `process.py` does both every few seconds.
"""
