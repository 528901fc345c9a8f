"""Portals of the platform families that really exist, with their shapes and the truth about their forms; one module each."""
