"""What all unit tests share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_authorities_of_the_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No certificate of the world is trusted by a unit test; reading all of them takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        nothing = tmp_path_factory.mktemp("authorities")
        patch.setenv("SSL_CERT_DIR", str(nothing))
        patch.setenv("SSL_CERT_FILE", str(nothing / "none.pem"))
        yield
