"""The prober itself: whether its own numbers can be trusted, and who is watching the watcher."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.edition import Edition
from dashboards.panels import BAD, GOOD, WARN, Panel, Query, bars, lines, number
from dashboards.queries import none_is_zero
from dashboards.variables import variables
from dashboards.words import kinds, yes_no

AGENTS = 'agent=~"$agent",vantage=~"$vantage"'
LEGEND = "{{agent}} {{vantage}}"


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
            t("Those that gave a sign of life within 2 minutes."),
            none_is_zero(f"count(time() - {seen} < 120)"),
            unit="short",
            steps=((None, BAD), (1.0, GOOD)),
        ),
        number(
            t("Longest silence"),
            t("Age of the oldest agent's last sign of life; agents that were taken out of service go after a while."),
            f"max(time() - {seen})",
            unit="s",
            decimals=0,
            steps=((None, GOOD), (60.0, WARN), (120.0, BAD)),
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
            unit="dateTimeFromNow",
        ),
        number(
            t("Waiting to be stored"),
            t("Measurements that the store has not taken yet; they grow when it is away or the disk is full."),
            f"sum(thuocdo_agent_unsaved_measurements{{{AGENTS}}})",
            unit="short",
            steps=((None, GOOD), (100.0, WARN), (1000.0, BAD)),
        ),
    )


def _load(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        _gauge(
            t("Lateness of the event loop"),
            t("Worst recent lateness, by which a time could be wrong."),
            "thuocdo_agent_loop_lag_seconds",
            "s",
        ),
        _gauge(
            t("CPU pressure"),
            t("Share of time in which something on the machine waited for a CPU."),
            "thuocdo_agent_cpu_pressure_ratio",
            "percentunit",
        ),
        _gauge(t("Probes running"), t("Probes in flight."), "thuocdo_agent_probes_in_flight", "short"),
        _gauge(t("Probes waiting"), t("Due probes that wait for their turn."), "thuocdo_agent_queue_length", "short"),
    )


def _gauge(title: str, description: str, metric: str, unit: str) -> Panel:
    return lines(title, description, (Query(expr=f"{metric}{{{AGENTS}}}", legend=LEGEND),), unit=unit, width=6)


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
            unit="ops",
            width=8,
        ),
        lines(
            t("Saturated probes"),
            t(
                "Share of the probes taken while the prober was too busy to be trusted; their times take no part in a score."
            ),
            (Query(expr=f"{rate('saturated_probes')} / {rate('probes')}", legend=LEGEND),),
            unit="percentunit",
            width=8,
        ),
        lines(
            t("Missed starts per hour"),
            t("Probes that were due and not started in time; never caught up."),
            hourly("missed_starts"),
            unit="short",
            width=8,
        ),
        lines(
            t("Late starts per hour"),
            t("Probes started more than 1 s after their time."),
            hourly("late_starts"),
            unit="short",
            width=8,
        ),
        lines(
            t("Browser restarts per hour"),
            t("Times the browser had to be started anew."),
            hourly("browser_restarts"),
            unit="short",
            width=8,
        ),
        bars(
            t("Newest measurement of each kind"),
            t(
                "How long ago each kind of probe was last started; a kind that stands still, or is missing here, is not measured."
            ),
            Query(
                expr="sort_desc(time() - max by (kind) (thuocdo_measurement_timestamp_seconds))",
                legend="{{kind}}",
            ),
            unit="s",
            width=8,
            names=kinds(t),
        ),
    )


def _order(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        lines(
            t("Clock offset"),
            t("The kernel's own estimate; absent where nothing keeps the clock."),
            (Query(expr=f"thuocdo_agent_clock_offset_seconds{{{AGENTS}}}", legend=LEGEND),),
            unit="s",
            low=None,
            width=8,
        ),
        lines(
            t("Age of the last sign of life"),
            t("Grows in a straight line while an agent is dead."),
            (Query(expr=f"time() - thuocdo_agent_last_seen_timestamp_seconds{{{AGENTS}}}", legend=LEGEND),),
            unit="s",
            width=8,
        ),
        lines(
            t("Time since the incidents were judged"),
            t("Beyond a few minutes nobody is being watched."),
            (Query(expr="time() - max(thuocdo_judge_last_run_timestamp_seconds)", legend=t("Judge")),),
            unit="s",
            steps=((None, GOOD), (600.0, BAD)),
            width=8,
        ),
    )
