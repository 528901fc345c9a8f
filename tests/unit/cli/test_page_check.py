"""Which page may be visited again at once."""

import json

import pytest

from thuocdo.cli.visiting import is_on_this_machine
from thuocdo.core.config import Settings


@pytest.mark.parametrize(("host", "here"), [("127.0.0.1", True), ("localhost", True), ("example.gov.vn", False)])
def test_without_a_map_only_a_literal_address_is_this_machine(host, here):
    assert is_on_this_machine(Settings(), host) is here


@pytest.mark.parametrize(
    ("host", "here"), [("here.test", True), ("nowhere.test", True), ("unmapped.test", True), ("far.test", False)]
)
def test_with_a_map_its_addresses_tell(tmp_path, host, here):
    hosts = {"here.test": "127.0.0.2", "far.test": "192.0.2.1", "nowhere.test": None}
    (tmp_path / "hosts.json").write_text(json.dumps(hosts))
    assert is_on_this_machine(Settings(hosts_file=tmp_path / "hosts.json"), host) is here


def test_a_map_that_cannot_be_read_makes_nobody_this_machine(tmp_path):
    (tmp_path / "hosts.json").write_text("[]")
    assert not is_on_this_machine(Settings(hosts_file=tmp_path / "hosts.json"), "127.0.0.1")
