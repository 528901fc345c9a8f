"""Which event loops the tests of this folder run on."""

import asyncio

import uvloop


def pytest_asyncio_loop_factories(config, item):
    """Sockets differ between the two loops: lines run here on the agents' uvloop, in the integration tests on asyncio's own."""
    if item.path.name == "test_line.py":
        return {"uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}
