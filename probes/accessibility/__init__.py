"""
Barriers on a page: an engine (axe-core), and acts that do what a person does and see where it ends.

examination.py opens the page and has both played; act.py is what an act is; every act is a module of its own, with its rules.
"""

from probes.accessibility.examination import probe

__all__ = ["probe"]
