"""A WordPress that nobody here wrote: ok while it works, and not once it is broken in the ways in which it breaks."""

import json
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.turns(share=0.5, among="software of others")]

WORDPRESS = Path("/usr/share/wordpress")
OURS = Path("tests/real_input/wordpress")
THEME = Path("wp-content/themes/twentytwentythree")


@pytest.fixture
def database(debian, background, product, tmp_path_factory):
    """A MariaDB of the test's own: its socket, its process."""
    folder = tmp_path_factory.mktemp("db")  # the path of a socket must be short
    install, server = (debian(name, "mariadb-server-core") for name in ("mariadb-install-db", "mariadbd"))
    common = ["--no-defaults", f"--datadir={folder}/data", "--user=root"]
    subprocess.run(
        [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    socket = folder / "s"
    process = background(
        [server, *common, f"--socket={socket}", "--skip-networking", f"--pid-file={folder}/pid"], folder / "log"
    )
    product.wait_until(socket.exists, "MariaDB")
    return socket, process


@pytest.fixture
def wordpress(product, require, background, database, tmp_path):
    """An installed WordPress with some articles: its address, its folder, the process of its database."""
    php = shutil.which("php")
    require(
        php and (WORDPRESS / THEME).is_dir(),
        "Debian's wordpress, wordpress-theme-twentytwentythree, php-mysql",
        "scripts/setup_tests.sh",
    )
    socket, process = database
    site, base = tmp_path / "site", f"http://127.0.0.1:{product.free_port()}"
    shutil.copytree(WORDPRESS, site)
    (site / "wp-config.php").unlink()  # Debian's own asks for files in /etc
    shutil.copy(product.root / OURS / "wp-config.php", site)
    environment = os.environ | {"WORDPRESS_SOCKET": str(socket)}
    subprocess.run(
        [php, product.root / OURS / "install.php", site, base],
        check=True, capture_output=True, timeout=300, env=environment,
    )  # fmt: skip
    background(
        [php, "-S", base.removeprefix("http://"), "-t", site],
        tmp_path / "php.log",
        env=environment | {"PHP_CLI_SERVER_WORKERS": "4"},
        sweeps=True,  # PHP's own server leaves its workers behind
    )
    product.wait_until(lambda: _serves(base), "WordPress")
    return base, site, process


def _serves(base):
    try:
        urllib.request.urlopen(base, timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.sampled(share=0.5)
def test_wordpress_while_it_works_and_once_it_is_broken(product, wordpress, tmp_path):
    base, site, database = wordpress

    def said(path="/"):
        done = product.run(
            "check", f"{base}{path}", "--only", "http,homepage", "--json",
            env={"THUOCDO_DATA_DIR": str(tmp_path / "data")}, timeout=200,
        )  # fmt: skip
        (page,) = [json.loads(line) for line in done.stdout.splitlines()]
        reasons = {one["kind"]: one["reason"] for one in page["measurements"]}
        assert {*reasons} == {"http", "homepage"}
        return {*reasons.values()}

    assert said() == {None}
    assert said("/wp-admin/") == {"login_required"}
    maintenance = site / ".maintenance"
    maintenance.write_text("<?php $upgrading = time();")
    assert said() == {"maintenance_page"}
    maintenance.unlink()
    (site / THEME).rename(tmp_path / "theme")  # it answers 200 with nothing at all
    assert said() == {"content_mismatch"}
    (tmp_path / "theme").rename(site / THEME)
    assert said() == {None}
    database.stop()
    assert said() == {"http_error"}
