"""
Puts a home page under a steady, bounded load and shows how its answer time bends. A process of its own:

    pip install 'thuocdo[load]'
    locust -f scenarios/load/homepage.py --headless --host http://127.0.0.1:8080 --rate 20 --seconds 60

Refuses every host that is neither loopback nor under a mandate (scenarios/load/permission.py); stops by itself.
"""

import math
import sys
from argparse import ArgumentParser

from locust import HttpUser, LoadTestShape, constant_throughput, events, task
from locust.env import Environment

from scenarios.load.permission import check_permission
from thuocdo.cli.telling import told
from thuocdo.core import clock
from thuocdo.core.config import load_settings
from thuocdo.core.errors import ThuocdoError
from thuocdo.core.portals import load_registry

LONGEST_SECONDS = 3600


@events.init_command_line_parser.add_listener
def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--rate", type=float, default=5.0, help="Requests per second, all visitors together.")
    parser.add_argument("--seconds", type=int, default=60, help=f"Length of the run, at most {LONGEST_SECONDS}.")


@events.init.add_listener
def _refuse_without_permission(environment: Environment, **_: object) -> None:
    """Run before the first visitor is born; SystemExit is the one thing that locust does not swallow here."""
    options = environment.parsed_options
    if options is None:
        return
    today = clock.now().astimezone(clock.HANOI).date()
    try:
        settings = load_settings()
        Visitor.user_agent = settings.user_agent
        registry = load_registry(settings.registry_dir, at=today)
        check_permission(environment.host or "", options.rate, registry, today=today)
    except ThuocdoError as exc:
        for line in told(str(exc).split("\n")):
            print(line, file=sys.stderr)  # noqa: T201 - this is a command line
        raise SystemExit(2) from exc


class Visitor(HttpUser):
    """Fetches the home page once a second."""

    user_agent = ""
    wait_time = constant_throughput(1)

    @task
    def open_home_page(self) -> None:
        """Fetch the page; status 400 and above counts as failed. A redirect may lead to a host that gave no permission."""
        self.client.get("/", headers={"User-Agent": self.user_agent}, name="home page", allow_redirects=False)


class Steady(LoadTestShape):
    """As many visitors as requests per second are wanted, for the wanted time."""

    def tick(self) -> tuple[int, float] | None:
        """Return the number of visitors and how quickly they come; None ends the run."""
        options = self.runner.environment.parsed_options if self.runner else None
        if options is None or self.get_run_time() > min(options.seconds, LONGEST_SECONDS):
            return None
        visitors = max(1, math.floor(options.rate))
        return visitors, float(visitors)
