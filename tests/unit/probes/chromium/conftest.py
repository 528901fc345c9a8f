"""Which event loops the tests of this folder run on."""

import asyncio

import uvloop


def pytest_asyncio_loop_factories(config, item):
    """Sockets differ between the two loops, and lines run on both: under the agents on uvloop, in other tests on asyncio's."""
    if item.path.name == "test_line.py":
        return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}
