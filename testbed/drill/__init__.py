"""A fleet of portals in which what is wrong is changed while it is probed, for the operations drill."""
