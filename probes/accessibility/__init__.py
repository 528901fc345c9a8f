"""
Barriers on a page: an engine (axe-core), and acts that do what a person does and see where it ends.

probe.py opens the page and has both played; act.py is what an act is; every act is a module of its own, its rules are the module
of its name in rules/, which needs no browser.
"""
