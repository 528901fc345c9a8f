"""Lists of procedures: taken in as they are, compared by code; what differs is told, never called wrong."""
