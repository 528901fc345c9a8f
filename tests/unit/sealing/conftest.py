"""A round that is ready to be sealed, its package, and keys."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.sealing.sealed_rounds import SEALED, Ready, new_signer, ready_round
from thuocdo.sealing.packages import Sealed
from thuocdo.sealing.sealing import seal_round
from thuocdo.sealing.signing import Signer


@pytest.fixture(scope="session")
def signer() -> Signer:
    return new_signer()


@pytest.fixture(scope="session")
def machine() -> Signer:
    return new_signer()


@pytest.fixture
def ready(tmp_path: Path, signer: Signer, machine: Signer) -> Iterator[Ready]:
    made = ready_round(tmp_path, signer=signer, machine=machine)
    yield made
    made.store.close()


@pytest.fixture(scope="session")
def sealed_once(tmp_path_factory: pytest.TempPathFactory, signer: Signer, machine: Signer) -> Sealed:
    folder = tmp_path_factory.mktemp("sealed")
    made = ready_round(folder, signer=signer, machine=machine)
    with made.store as store:
        return seal_round(store, made.what, folder / "packages", signer, now=SEALED)


@pytest.fixture
def package(sealed_once: Sealed, tmp_path: Path) -> Path:
    """A copy of a whole package, to be tampered with."""
    return Path(shutil.copytree(sealed_once.folder, tmp_path / "package"))


@pytest.fixture
def rewritten(package: Path) -> Callable[[str, Callable[[bytes], bytes]], None]:
    """Change a file of the package: rewritten(name, function of its bytes)."""

    def rewrite(name: str, change: Callable[[bytes], bytes]) -> None:
        file = package / name
        before = file.read_bytes()
        after = change(before)
        assert after != before, "the test changes nothing"
        file.write_bytes(after)

    return rewrite
