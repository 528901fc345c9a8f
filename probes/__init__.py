"""How to measure: one module per kind of probe; each is one function with one deadline, without retry or hidden fallback."""
