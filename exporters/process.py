"""What `/metrics` says of the process that serves it, as prometheus_client tells it, and of those that run beside it."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.exposition import choose_encoder

from exporters.text import END_OF_OPENMETRICS, OPENMETRICS_CONTENT_TYPE, Exposition, Family, Section, exposed


class ProcessMetrics:
    """Tells process_* and python_* of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._as_openmetrics, _ = choose_encoder(OPENMETRICS_CONTENT_TYPE)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)

    def render(self, restarts: Mapping[str, int]) -> Exposition:
        """
        Return the piece.

        Args:
            restarts: of the processes of this machine, by name, since `thuocdo run` began; empty = not known.
        """
        own = Section(
            head=generate_latest(self._registry),
            open_head=self._as_openmetrics(self._registry).removesuffix(END_OF_OPENMETRICS),
        )
        return (own, *exposed((_restarts(restarts),)))


def _restarts(restarts: Mapping[str, int]) -> Family:
    counter = Family(
        "thuocdo_process_restarts_total",
        "Times that a process of this machine ended and was started again since `thuocdo run` began",
        ("process",),
        "counter",
    )
    for process, number in restarts.items():
        counter.add((process,), number)
    return counter
