"""The fleet: all portals on loopback, with the files that tell a client how to reach them and what is true about them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from testbed.faults import Fault
from testbed.output import write_configuration, write_registry, write_truth
from testbed.plan import DOMAIN, plan_fleet
from testbed.portal import BuiltPortal, build_portal
from testbed.server import Authority, Listeners, bind
from testbed.site import TEXT, Resource, Site
from testbed.walls import login

REFERENCE_HOSTS = tuple(f"ref{number}.{DOMAIN}" for number in (1, 2, 3))
VNEID_HOST = f"vneid.{DOMAIN}"


class Fleet:
    """
    A simulated fleet; use it with `async with`.

    Args:
        directory: where its files go; made when missing.
        seed: the same seed gives the same fleet, up to the port.
        port: one port for all hosts; 0 takes a free one.
        time_scale: every injected delay is multiplied by it, > 0.

    Raises:
        OSError: the port is taken, or the directory cannot be written.
    """

    def __init__(self, directory: Path, *, seed: int, port: int = 0, time_scale: float = 1.0) -> None:
        self.directory = directory
        self.seed = seed
        self.port = port
        self.time_scale = time_scale
        self.portals: tuple[BuiltPortal, ...] = ()
        self.sites: dict[str, Site] = {}
        self._listeners = Listeners()

    async def __aenter__(self) -> Self:
        (self.directory / "registry").mkdir(parents=True, exist_ok=True)
        (self.directory / "ready.json").unlink(missing_ok=True)
        plans = plan_fleet(self.seed, time_scale=self.time_scale)
        addresses = {plan.host: plan.address for plan in plans}
        others = {host: f"127.77.3.{number}" for number, host in enumerate((*REFERENCE_HOSTS, VNEID_HOST), start=1)}
        unknown = [plan.host for plan in plans if plan.fault is Fault.UNKNOWN_HOST]
        hosts: dict[str, str | None] = {**addresses, **others, **dict.fromkeys(unknown)}
        sockets = bind([address for address in hosts.values() if address], self.port)
        self.port = next(iter(sockets.values())).getsockname()[1]
        authority = Authority(
            hosts=list(hosts), expired=[p.host for p in plans if p.fault is Fault.EXPIRED_CERTIFICATE]
        )
        self.portals = tuple(build_portal(plan, port=self.port) for plan in plans)
        self.sites = {portal.plan.host: portal.site for portal in self.portals} | _service_sites()
        try:
            for portal in self.portals:
                plan = portal.plan
                if plan.fault is Fault.PLAIN_TEXT:
                    await self._listeners.serve_plain_text(sockets[plan.address])
                elif plan.fault is Fault.REFUSED:
                    self._listeners.refuse(sockets[plan.address])
                elif plan.fault is Fault.FULL_BACKLOG:
                    self._listeners.fill_backlog(sockets[plan.address])
                elif plan.fault is not Fault.UNKNOWN_HOST:
                    tls = authority.expired if plan.fault is Fault.EXPIRED_CERTIFICATE else authority.good
                    await self._listeners.serve(portal.site, sockets[plan.address], tls)
            for host, address in others.items():
                await self._listeners.serve(self.sites[host], sockets[address], authority.good)
            self._write_files(authority, hosts)
        except BaseException:
            await self._listeners.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._listeners.close()
        self.write_served()
        (self.directory / "ready.json").unlink(missing_ok=True)

    @property
    def submitted(self) -> int:
        """How many requests arrived that would have submitted something; must stay 0."""
        return sum(site.submitted for site in self.sites.values())

    def write_served(self) -> None:
        """Write what was asked for so far: served.json, replaced at one go."""
        served = {
            "submitted": self.submitted,
            "hosts": {
                host: {f"{method} {path}": number for (method, path), number in sorted(site.requests.items())}
                for host, site in sorted(self.sites.items())
                if site.requests
            },
        }
        _write_json(self.directory / "served.json", served)

    def _write_files(self, authority: Authority, hosts: dict[str, str | None]) -> None:
        today = datetime.now(UTC).date()
        authority.write(self.directory / "ca.pem")
        _write_json(self.directory / "hosts.json", hosts)
        write_registry(self.directory / "registry", self.portals, port=self.port, today=today)
        write_configuration(
            self.directory / "thuocdo.yaml",
            trusted_key=authority.trusted_key,
            reference_urls=[f"https://{host}:{self.port}/generate_204" for host in REFERENCE_HOSTS],
        )
        write_truth(
            self.directory / "truth.json", self.portals, port=self.port, seed=self.seed, time_scale=self.time_scale
        )
        _write_json(self.directory / "ready.json", {"port": self.port, "seed": self.seed, "portals": len(self.portals)})


def _service_sites() -> dict[str, Site]:
    """The well-kept pages that tell our own line's fault from a portal's, and the central login."""
    nothing = Resource(body=b"", media_type=TEXT, status=204)
    sites = {host: Site(host=host, resources={"/generate_204": nothing}) for host in REFERENCE_HOSTS}
    page = login("Đăng nhập bằng tài khoản định danh điện tử VNeID")
    return {**sites, VNEID_HOST: Site(host=VNEID_HOST, resources={"/dang-nhap": page})}


def _write_json(file: Path, value: object) -> None:
    new = file.with_suffix(".new")
    new.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    new.replace(file)
