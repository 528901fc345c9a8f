"""The HTTP client and its stop-watches: name resolution, connections, phases of one exchange."""
