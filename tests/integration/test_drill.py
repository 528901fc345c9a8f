"""The portals of the drill have their troubles, over a line that is cut and mended, and nothing leads out of their network."""

import errno
import json
import os
import shutil
import subprocess
import sys

import pytest

from benchmarks.drill.network import TOOLS


@pytest.fixture(scope="module")
def said(product, request, tmp_path_factory):
    require = request.getfixturevalue("require")
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    has_tools = os.geteuid() == 0 and all(shutil.which(tool, path=path) for tool in TOOLS)
    works = has_tools and subprocess.run(["unshare", "--net", "--mount", "true"], check=False).returncode == 0
    require(
        works, "a network namespace (root, unshare, nsenter and ip)", "run as root; apt-get install iproute2 util-linux"
    )
    folder = tmp_path_factory.mktemp("drill")
    folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.drill_troubles", folder],
        capture_output=True, text=True, timeout=300, cwd=product.root, env=os.environ | {"PATH": path}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("trouble", "answer"),
    [
        ("none", "200 True"),
        ("refused", "ConnectionRefusedError"),
        ("wrong_certificate", "SSLCertVerificationError"),
        ("no_name", "gaierror"),
        ("empty", "200 False"),
        ("hanging", "TimeoutError"),
        ("mended", "200 True"),
        ("back", "200 True"),
    ],
)
def test_a_portal_answers_as_its_trouble_wants(said, trouble, answer):
    assert said[trouble] == answer


def test_a_line_that_is_cut_lets_nothing_through(said):
    assert not said["cut"].startswith("200")


def test_requests_that_reach_a_page_are_counted(said):
    assert int(said["requests"]) == 3  # well, empty, mended


def test_nothing_leads_out(said):
    assert int(said["outside"]) == errno.ENETUNREACH
