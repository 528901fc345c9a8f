"""How far apart anything of ours comes to a portal; the plan keeps it beforehand, the agents of a machine keep it in fact."""

HOST_GAP_SECONDS = 0.5
"""Never two probes of one host within this time: see docs/measuring.md."""

BROWSER_INTERVAL_SECONDS = 300.0
"""At most one browser visit per target in this time, whatever the kind, unless a mandate says otherwise."""
