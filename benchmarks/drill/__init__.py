"""The operations drill: what those on duty are told when portals, and we ourselves, fail (`make drill`)."""
