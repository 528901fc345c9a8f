"""What all unit tests share."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import URL, Engine

from probes.identity.features import features_of, glance_at
from probes.identity.known_pages import IDENTITY, KnownPages, Look
from probes.markup import title_of
from testbed.verdicts.page import document, portal
from thuocdo.core.model import Block, Job, Target, TargetRole
from thuocdo.store import Store, database


@pytest.fixture(scope="session", autouse=True)
def _no_authorities_of_the_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No certificate of the world is trusted by a unit test; reading all of them takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        nothing = tmp_path_factory.mktemp("authorities")
        patch.setenv("SSL_CERT_DIR", str(nothing))
        patch.setenv("SSL_CERT_FILE", str(nothing / "none.pem"))
        yield


@pytest.fixture(scope="session")
def _connect_to_a_copy(tmp_path_factory: pytest.TempPathFactory) -> Callable[[URL], Engine]:
    """Return what opens a file of SQLite and, where there is none, first puts a copy of a migrated one there."""
    migrated, connect = tmp_path_factory.mktemp("migrated") / "empty.sqlite", database.connect

    def connect_to_a_copy(url: URL) -> Engine:
        path = Path(str(url.database))
        if url.get_backend_name() == "sqlite" and path != migrated and not path.exists():
            if not migrated.exists():
                Store.open(f"sqlite:///{migrated}").close()
            with suppress(OSError):  # where there can be no file, the store itself says why
                _put_whole(migrated, path)
        return connect(url)

    return connect_to_a_copy


@pytest.fixture(autouse=True)
def _new_files_are_copies(_connect_to_a_copy: Callable[[URL], Engine]) -> Iterator[None]:
    """
    A new file of SQLite is a copy of one that was migrated: all revisions take longer than most tests.

    The first one really goes through them, and so does whatever a test starts as a process. It holds for one test at a time, not
    for the session: tests/integration/store, which asks what comes of files that went through the revisions, may be part of it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "connect", _connect_to_a_copy)
        yield


def _put_whole(source: Path, path: Path) -> None:
    """Copy a file to where none is; several that do so at once see one whole file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    try:
        copyfile(source, half)
        os.link(half, path)
    finally:
        half.unlink(missing_ok=True)


@pytest.fixture
def another_page() -> Callable[[Path, str], None]:
    """Let quite another page stand where a target's known one stood: another_page(data folder, id of a target)."""

    def ask(data_dir: Path, target_id: str) -> None:
        pages, start = KnownPages(data_dir / IDENTITY), datetime(2026, 11, 30, tzinfo=UTC)
        target = Target(
            id=target_id, role=TargetRole.HOMEPAGE, url="https://p.test/", agency_id="a", portal_id="p", block=Block.PROVINCE
        )  # fmt: skip
        job = Job(
            target=target, kind="homepage", vantage_id="v", profile="desktop", scheduled_at=start, deadline_seconds=1
        )
        for minutes, html in (
            (0, portal()),
            (9, portal()),
            (18, portal()),
            (27, document("<p>x</p>", title="Nhà cái")),
        ):
            glance = glance_at(title_of(html), len(html))
            look = Look(
                glance=glance,
                title=title_of(html),
                features=lambda html=html, glance=glance: features_of(html, target.url, glance),
            )
            pages.look(job, look, start + timedelta(minutes=minutes))

    return ask
