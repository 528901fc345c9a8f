"""A Grafana server, asked over its HTTP API. grafana-client is imported when one is first asked: it takes long to load."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dashboards.board import Json
from thuocdo.core.errors import ThuocdoError

if TYPE_CHECKING:
    from grafana_client import GrafanaApi

TIMEOUT_SECONDS = 20.0

_OF_THE_SERVER = ("id", "version")
"""What a server adds to a dashboard that it is given."""

_WHAT_TO_DO = {
    HTTPStatus.UNAUTHORIZED: "the token is not valid (any more); make one for a service account and set THUOCDO_GRAFANA__TOKEN",
    HTTPStatus.FORBIDDEN: "the token may not do this; its service account needs the role Editor",
    HTTPStatus.NOT_FOUND: "there is no Grafana at this address; if it is served below a path, give the path too",
    HTTPStatus.PRECONDITION_FAILED: "somebody saved this dashboard just now; look with `thuocdo grafana diff` and try again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """
    A dashboard as the server has it.

    board: its JSON without what the server adds. version: counts its saves. message, by: given with the newest save, and by whom.
    provisioned: it comes from a file on the server, and cannot be saved over the API.
    """

    board: Json
    version: int
    message: str
    by: str
    provisioned: bool


class Server:
    """
    One server.

    Args:
        url: its address, with the path where it is not at the root.
        token: of a service account.
        user_agent: who we say we are.
        ca_file: certificates to trust besides the usual ones, or None.
    """

    def __init__(self, *, url: str, token: str, user_agent: str, ca_file: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._user_agent = user_agent
        self._ca_file = ca_file

    def find(self, uid: str) -> Found | None:
        """Return a dashboard, or None where there is none of this uid."""
        answer = self._get_or_none(f"/dashboards/uid/{uid}")
        if answer is None:
            return None
        with self._explaining(f"dashboard {uid}"):
            newest = _newest(self._api.dashboard_versions.get_dashboard_versions_by_uid(uid))
        return Found(
            board={name: value for name, value in answer["dashboard"].items() if name not in _OF_THE_SERVER},
            version=answer["dashboard"]["version"],
            message=newest.get("message") or "",
            by=newest.get("createdBy") or answer["meta"].get("updatedBy", ""),
            provisioned=bool(answer["meta"].get("provisioned")),
        )

    def ensure_folder(self, uid: str, title: str) -> None:
        """Make a folder where there is none of this uid; its title is left as people changed it."""
        if self._get_or_none(f"/folders/{uid}") is None:
            with self._explaining(f"folder {uid}"):
                self._api.folder.create_folder(title, uid=uid)

    def save(self, board: Json, *, folder_uid: str, message: str, over_version: int | None) -> None:
        """
        Save a dashboard.

        Args:
            board: its JSON.
            folder_uid: where it lies.
            message: stands in the dashboard's history.
            over_version: the one that it replaces, so that nothing saved meanwhile is lost; None = there is none.

        """
        version = {} if over_version is None else {"version": over_version}
        payload = {"dashboard": board | version, "folderUid": folder_uid, "message": message, "overwrite": False}
        with self._explaining(f"dashboard {board['uid']}"):
            self._api.dashboard.update_dashboard(payload)

    @cached_property
    def _api(self) -> "GrafanaApi":
        from grafana_client import GrafanaApi

        parts = urlsplit(self.url)
        api = GrafanaApi(
            self._token,
            host=parts.hostname or "",
            port=parts.port,
            url_path_prefix=f"{parts.path.strip('/')}/".lstrip("/"),
            protocol=parts.scheme,
            verify=self._ca_file or True,
            timeout=TIMEOUT_SECONDS,
            user_agent=self._user_agent,
        )
        with self._explaining("/api/health"):
            api.client.GET("/health")
        return api

    def _get_or_none(self, path: str) -> Any:
        from grafana_client.client import GrafanaException

        api = self._api  # which finds out whether there is a Grafana at all: afterwards 404 means the thing asked for
        with self._explaining(path):
            try:
                return api.client.GET(path)
            except GrafanaException as exc:
                if exc.status_code == HTTPStatus.NOT_FOUND:
                    return None
                raise

    @contextmanager
    def _explaining(self, what: str) -> Iterator[None]:
        """Say where, what, and what to do of whatever goes wrong with the server; the token stands in none of it."""
        from grafana_client.client import GrafanaException

        try:
            yield
        except GrafanaException as exc:
            advice = _WHAT_TO_DO.get(exc.status_code, f"it says: {exc.message}")
            status = f" ({exc.status_code})" if exc.status_code else ""
            raise ThuocdoError(f"Grafana at {self.url}: {what}: refused{status}; {advice}") from exc
        except OSError as exc:  # what its HTTP library raises, an answer that is no JSON included
            kind = type(exc).__name__
            raise ThuocdoError(
                f"Grafana at {self.url}: {what}: no answer of a Grafana ({kind}); check the address and that it runs"
            ) from exc


def _newest(answer: Any) -> dict[str, Any]:
    """Return the newest version's entry; Grafana before 11 answers with the bare list."""
    versions = answer.get("versions", []) if isinstance(answer, dict) else answer
    return max(versions, key=lambda entry: entry["version"], default={})
