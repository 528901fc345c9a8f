"""Time of a walk that is ours and no portal's: a page rested, and a person would have acted at once."""


class Idle:
    """Spans in which a page rested until we acted; instants are seconds of time.monotonic()."""

    def __init__(self) -> None:
        self._spans: list[tuple[float, float]] = []

    def add(self, rested_at: float, acted_at: float) -> None:
        """Note that a page had rested since an instant when we acted."""
        self._spans.append((rested_at, acted_at))

    def between(self, begun: float, ended: float) -> float:
        """Return how many seconds of the time between two instants are ours; what we did after it made it no longer."""
        total, counted_to = 0.0, begun
        for rested_at, acted_at in sorted(span for span in self._spans if span[1] <= ended):
            total += max(0.0, acted_at - max(rested_at, counted_to))
            counted_to = max(counted_to, acted_at)
        return total
