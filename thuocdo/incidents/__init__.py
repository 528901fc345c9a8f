"""
From stored measurements to incidents: what is certain enough to wake somebody, and how available a portal was.

`judge.py` is the heart: it takes readings in the order of their scheduled instants, one after the other, and remembers as
little as it must (`judge_state.py`); what it says depends on nothing but the readings and their instants, so any number of
restarts in between changes nothing. `judging.py` gives it what arrives, with the help of `docket.py`; `ledger.py` brings the
store in line with what it says. `tallying.py` counts answers, and `missing.py` what was never started, beside it.
"""
