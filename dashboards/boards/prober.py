"""The prober itself: whether its own numbers can be trusted, and who is watching the watcher."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.edition import Edition
from dashboards.limits import (
    AGENT_SILENT,
    BAD,
    CLOCK,
    CPU_PRESSURE,
    GOOD,
    JUDGED_AGO,
    LOOP_LAG,
    RESTARTS,
    SATURATED,
    SILENCE,
    UNSAVED,
    Steps,
)
from dashboards.panels import Panel, Query, bars, lines, number
from dashboards.prober_alerts import SILENT_SECONDS
from dashboards.queries import age, none_is_zero
from dashboards.variables import variables
from dashboards.words import INSTANT, LENGTH, kinds, per_second, seconds, yes_no

AGENTS = 'agent=~"$agent",vantage=~"$vantage"'
LEGEND = "{{agent}} · {{vantage}}"


def board(edition: Edition) -> Board:
    """Return the board of the prober."""
    t = edition.t
    return Board(
        name="prober",
        title=t("The prober itself"),
        description=t(
            "Agents, load, lateness, clock and configuration: a busy prober measures itself, not the portals."
        ),
        variables=variables(edition, "agent", "vantage"),
        annotations=annotations(edition, where='scope="vantage",vantage=~"$vantage"'),
        pages=(),
        rows=(
            Row(title=t("Now"), panels=_now(edition)),
            Row(title=t("Load"), panels=_load(edition)),
            Row(title=t("Probes"), panels=_probes(edition)),
            Row(title=t("Clock and order"), panels=_order(edition)),
        ),
    )


def _now(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    seen = f"thuocdo_agent_last_seen_timestamp_seconds{{{AGENTS}}}"
    return (
        number(t("Version"), t("Of the running program."), "thuocdo_build_info", unit="none", legend="{{version}}"),
        number(
            t("Agents alive"),
            t("Those that gave a sign of life within a minute."),
            none_is_zero(f"count(time() - {seen} < {SILENT_SECONDS})", "thuocdo_build_info"),
            unit="short",
            steps=((None, BAD), (1.0, GOOD)),
        ),
        number(
            t("Oldest sign of life"),
            t(
                "Of the agents the one that has said nothing for longest; one that was taken out of service goes after a while."
            ),
            age(f"min({seen})"),
            unit=LENGTH,
            decimals=0,
            steps=SILENCE,
        ),
        number(
            t("Configuration in force"),
            t("Whether the last reload of registry and criteria succeeded; if not, the old ones stay in force."),
            "min(thuocdo_config_last_reload_successful)",
            unit="none",
            texts=yes_no(t),
        ),
        number(
            t("Loaded"),
            t("When the configuration in force was read."),
            "max(thuocdo_config_last_reload_success_timestamp_seconds) * 1000",
            unit=INSTANT,
        ),
        number(
            t("Waiting to be stored"),
            t("Measurements that the store has not taken yet; they grow when it is away or the disk is full."),
            f"sum(thuocdo_agent_unsaved_measurements{{{AGENTS}}})",
            unit="short",
            steps=UNSAVED,
        ),
    )


def _load(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        _gauge(
            t("Lateness of the event loop"),
            t(
                "Worst recent lateness, by which a time could be wrong; dashed: 10 ms, beyond which times "
                "take no part in a score."
            ),
            "thuocdo_agent_loop_lag_seconds",
            seconds(t),
            LOOP_LAG,
        ),
        _gauge(
            t("CPU pressure"),
            t(
                "Share of time in which something on the machine waited for a CPU; dashed: 55 %, beyond which a browser's times "
                "take no part in a score."
            ),
            "thuocdo_agent_cpu_pressure_ratio",
            "percentunit",
            CPU_PRESSURE,
        ),
        _gauge(t("Probes running"), t("Probes in flight."), "thuocdo_agent_probes_in_flight", "short"),
        _gauge(t("Probes waiting"), t("Due probes that wait for their turn."), "thuocdo_agent_queue_length", "short"),
    )


def _gauge(title: str, description: str, metric: str, unit: str, steps: Steps | None = None) -> Panel:
    return lines(title, description, (Query(expr=f"{metric}{{{AGENTS}}}", legend=LEGEND),), unit=unit, steps=steps)


def _probes(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t

    def rate(counter: str) -> str:
        return f"rate(thuocdo_agent_{counter}_total{{{AGENTS}}}[$__rate_interval])"

    def hourly(counter: str) -> tuple[Query, ...]:
        return (Query(expr=f"increase(thuocdo_agent_{counter}_total{{{AGENTS}}}[1h])", legend=LEGEND),)

    return (
        lines(
            t("Probes per second"),
            t("Probes that ended."),
            (Query(expr=rate("probes"), legend=LEGEND),),
            unit=per_second(t),
        ),
        lines(
            t("Saturated probes"),
            t(
                "Share of the probes taken while the prober was too busy to be trusted; their times take no part in a score; "
                "dashed: 20 %, at which the central team is told."
            ),
            (Query(expr=f"{rate('saturated_probes')} / {rate('probes')}", legend=LEGEND),),
            unit="percentunit",
            steps=SATURATED,
        ),
        lines(
            t("Missed starts per hour"),
            t("Probes that were due and not started in time; never caught up."),
            hourly("missed_starts"),
            unit="short",
            width=12,
        ),
        lines(
            t("Late starts per hour"),
            t("Probes started more than 1 s after their time."),
            hourly("late_starts"),
            unit="short",
            width=12,
        ),
        lines(
            t("Browser restarts per hour"),
            t("Times the browser had to be started anew; dashed: 3, at which the central team is told."),
            hourly("browser_restarts"),
            unit="short",
            steps=RESTARTS,
            width=12,
        ),
        bars(
            t("Newest measurement of each kind"),
            t(
                "How long ago each kind of probe was last started; a kind that stands still, or is missing here, is not measured."
            ),
            Query(
                expr=f"sort_desc({age('max by (kind) (thuocdo_measurement_timestamp_seconds)')})",
                legend="{{kind}}",
            ),
            unit=LENGTH,
            width=12,
            names=kinds(t),
        ),
    )


def _order(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        lines(
            t("Clock offset"),
            t(
                "The kernel's own estimate; absent where nothing keeps the clock. Dashed: a tenth of a "
                "second, at which it is told."
            ),
            (Query(expr=f"thuocdo_agent_clock_offset_seconds{{{AGENTS}}}", legend=LEGEND),),
            unit=seconds(t),
            steps=CLOCK,
            low=None,
            width=8,
            empty=t("Nothing keeps the clock."),
        ),
        lines(
            t("Age of the last sign of life"),
            t("Grows in a straight line while an agent is dead; dashed: a minute, at which the central team is told."),
            (Query(expr=age(f"thuocdo_agent_last_seen_timestamp_seconds{{{AGENTS}}}"), legend=LEGEND),),
            unit=LENGTH,
            steps=AGENT_SILENT,
            width=8,
        ),
        lines(
            t("Time since the incidents were judged"),
            t("Dashed: two minutes, beyond which nobody is being watched, and the central team is told."),
            (Query(expr=age("max(thuocdo_judge_last_run_timestamp_seconds)"), legend=t("Judge")),),
            unit=LENGTH,
            steps=JUDGED_AGO,
            width=8,
        ),
    )
