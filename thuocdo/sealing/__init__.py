"""
Sealed rounds: a package that says what was measured, what came of it and who answers for it, and how anybody checks all of it.

The formats are described in docs/sealing.md.
"""
