"""A simulated fleet of portals on loopback that knows the truth about itself."""
