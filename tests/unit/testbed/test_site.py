"""A simulated site answers and counts."""

import pytest
from aiohttp.test_utils import make_mocked_request

from testbed.site import CSS, Resource, Site, respond


def site(**options):
    return Site(host="a.test", resources={"/": Resource(body=b"home")}, **options)


async def test_a_path_is_answered_whatever_its_query():
    answer = await site().handle(make_mocked_request("GET", "/?a=1"))
    assert (answer.status, answer.body) == (200, b"home")


async def test_an_unknown_path_is_404():
    assert (await site().handle(make_mocked_request("GET", "/nowhere"))).status == 404


@pytest.mark.parametrize(("method", "submitted"), [("GET", 0), ("HEAD", 0), ("POST", 1), ("PUT", 1), ("DELETE", 1)])
async def test_a_request_that_would_change_something_counts_as_submitted(method, submitted):
    portal = site()
    await portal.handle(make_mocked_request(method, "/"))
    assert portal.submitted == submitted
    assert portal.requests == {(method, "/"): 1}


async def test_a_fault_answers_before_the_site_and_may_leave_it_to_it():
    async def fault(request):
        return respond(Resource(body=b"", status=500)) if request.path == "/" else None

    portal = site(fault=fault)
    assert (await portal.handle(make_mocked_request("GET", "/"))).status == 500
    assert (await portal.handle(make_mocked_request("GET", "/else"))).status == 404


def test_documents_are_fetched_anew_and_the_rest_may_be_kept():
    assert "Cache-Control" not in respond(Resource(body=b"")).headers
    assert "Cache-Control" in respond(Resource(body=b"", media_type=CSS)).headers
