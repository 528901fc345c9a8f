"""`thuocdo demo`: the main job on a simulated fleet: one round, two rankings, then pages and metrics until Ctrl-C."""

import asyncio
import json
import os
import shlex
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from testbed.compare import compare, print_comparison
from thuocdo.agent.folder_lock import owned
from thuocdo.agent.rounds import begin_round
from thuocdo.cli.children import agent_children, judge_child, ranker_child, web_child
from thuocdo.cli.context import CliContext, Language
from thuocdo.cli.demo_rounds import DemoKeys, say_sealed, seal_burst, show_official
from thuocdo.cli.round import measure_round, show_ranking
from thuocdo.cli.run import check_everything, warn_without_browser
from thuocdo.cli.watching import ProvisionalRanking
from thuocdo.core import clock
from thuocdo.core.config import bundled
from thuocdo.core.errors import ThuocdoError
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.portals import read_registry
from thuocdo.core.stopping import Stop
from thuocdo.core.yamlfile import read
from thuocdo.processes.listening import listen
from thuocdo.processes.signals import stop_on_signals
from thuocdo.processes.supervisor import SUPERVISED, UNAVAILABLE_EXIT, supervise
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.published import published_ranking
from thuocdo.store import MeasurementQuery, Store

READY_SECONDS = 60.0
START_GAP_SECONDS = 0.3  # a quarter of the fleet's visits fail at once and cost no CPU that others would miss
BROWSER_PAGES = 6  # most of a visit to the slow half of the fleet is waiting; the CPU decides who starts


def demo(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End after the ranking instead of serving pages.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path("demo-data"),
    seed: Annotated[int, typer.Option(help="Seed of the simulated fleet.")] = 2026,
    port: Annotated[int, typer.Option(help="Port of pages and metrics.")] = 8321,
) -> int:
    """Measure a simulated fleet of 51 portals, rank it, serve the result. Nothing leaves this machine."""
    outer: CliContext = ctx.obj
    with owned(folder.absolute() / "data", "run"):
        return asyncio.run(_demo(outer, folder.absolute(), seed, port, once=once))


async def _demo(outer: CliContext, folder: Path, seed: int, port: int, *, once: bool) -> int:
    began = time.monotonic()
    stop = stop_on_signals()
    fleet_folder = folder / "fleet"
    fleet = await _start_fleet(fleet_folder, seed)
    web: asyncio.Task[int] | None = None
    store: Store | None = None
    try:
        context = CliContext(
            config_file=_write_settings(folder, fleet_folder, port),
            lang=Language(outer.lang),
            log_level="warning",
            log_format=outer.log_format,
            command="demo",
        )
        outer.console.print(outer.translate("The figures of this demo are simulated; no real portal is contacted."))
        check_everything(context.settings)
        warn_without_browser(context)
        store = Store.open(context.settings.store_url)
        with listen(context.settings) as listener:
            url = f"http://{context.settings.web.host}:{listener.getsockname()[1]}/"
            web = asyncio.create_task(supervise([web_child(context, listener), ranker_child(context)], stop))
            begun = begin_round(context.settings, store, label=time.strftime("demo %Y-%m-%d %H:%M:%S"), runs=None)
            opened, files = store, read_registry(context.settings.registry_dir)
            announced = outer.translate("{number} probes begin; it takes three to four minutes.")
            outer.console.print(announced.format(number=begun.planned))
            view = ProvisionalRanking(
                outer.console,
                outer.translate,
                lambda criteria: published_ranking(opened, files.at, criteria, now=clock.now(), round_id=begun.id),
                load_criteria_set(context.settings.criteria_dir, context.settings.criteria_set),
                began,
            )
            code, finished = await measure_round(context, store, begun, stop, view)
            if finished:
                show_ranking(context, store, begun)
                store.rounds.publish(begun.id, clock.now(), "demo")
                truth = json.loads((fleet_folder / "truth.json").read_text(encoding="utf-8"))
                comparison = compare(truth, store.measurements.find(MeasurementQuery(round_id=begun.id)))
                print_comparison(outer.console, comparison, outer.translate)
            if finished:
                with DemoKeys(folder / "keys") as keys:
                    sealed = seal_burst(context, store, begun, keys)
                    show_official(outer, context, folder, store, begun, keys)
                _say_what_next(outer, folder, None if once else url)
                say_sealed(outer, folder, sealed, us())
            if finished and not once:
                await _go_on(context, web, stop)
            stopped = 0 if finished else UNAVAILABLE_EXIT
            return max(code or stopped, web.result() if web.done() else 0)
    finally:
        stop.set()
        if web:
            await web
        if store:
            store.close()
        if fleet.returncode is None:
            fleet.terminate()
            await fleet.wait()


def us() -> str:
    """Return how a shell starts this program again."""
    own = sys.argv[0]
    return shlex.quote(own) if Path(own).name == "thuocdo" else f"{shlex.quote(sys.executable)} -m thuocdo"


def _say_what_next(outer: CliContext, folder: Path, url: str | None) -> None:
    """Say what to open and what to do next; url: of the pages, None where nobody serves them."""
    say, translate = outer.console.print, outer.translate
    say()
    if url:
        say(translate("Pages: {url}   Metrics: {url}metrics   Ctrl-C ends.").format(url=url), soft_wrap=True)
    else:
        text = translate("To look at the pages: {command}")
        say(text.format(command=f"{us()} --config {shlex.quote(str(folder / 'thuocdo.yaml'))} web"), soft_wrap=True)
    text = translate("To look at a page of your own: {command}")
    say(text.format(command=f"{us()} check https://dichvucong.example.vn/"), soft_wrap=True)
    say(translate("To measure real portals: README.md, from `thuocdo round` on"), soft_wrap=True)


async def _go_on(context: CliContext, web: asyncio.Task[int], stop: Stop) -> None:
    """Serve until stop is set; meanwhile probe over HTTP and judge, so that incidents and dashboards have something to show."""
    children = [*agent_children(context, None, [Engine.HTTP]), judge_child(context)]
    measuring = asyncio.create_task(supervise(children, stop))
    await stop.race(asyncio.wait([web, measuring], return_when=asyncio.FIRST_COMPLETED))
    stop.set()
    await measuring


async def _start_fleet(folder: Path, seed: int) -> asyncio.subprocess.Process:
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    log = (folder / "testbed.log").open("wb")
    arguments = ["-m", "testbed", "--dir", str(folder), "--seed", str(seed), "--exit-with-parent"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=log,
        stderr=log,
        env=os.environ | {SUPERVISED: "1"},
        start_new_session=True,
    )
    give_up = time.monotonic() + READY_SECONDS
    while not ready.exists():
        if process.returncode is not None or time.monotonic() > give_up:
            raise ThuocdoError(f"the simulated fleet did not start; see {folder / 'testbed.log'}")
        await asyncio.sleep(0.1)
    return process


def _write_settings(folder: Path, fleet_folder: Path, port: int) -> Path:
    """Write the demo's settings: those that the fleet wrote, with the demo's own schedule, data folder and port."""
    settings: dict[str, Any] = read(fleet_folder / "thuocdo.yaml").data
    for name in ("registry_dir", "hosts_file", "ca_file"):
        settings[name] = str(fleet_folder / settings[name])
    settings["data_dir"] = str(folder / "data")
    settings["schedule"] = str(bundled("schedules") / "demo.yaml")
    settings["web"] = {"port": port}
    settings["simulated"] = True
    settings["browser"] |= {"max_pages": BROWSER_PAGES, "start_gap_seconds": START_GAP_SECONDS, "cpu_share": 1.0}
    path = folder / "thuocdo.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
