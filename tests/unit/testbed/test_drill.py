"""Portals of the drill answer as their trouble wants."""

import pytest
from aiohttp.test_utils import make_mocked_request

from testbed.drill.places import Place, read_places, write_places
from testbed.drill.troubles import FORM_PATH, WALL_AFTER_REQUESTS, Answering, Trouble

PLACE = Place(id="p01", name="Hà Nội", address="10.66.1.1", usual_seconds=0.0)


@pytest.fixture
def portal():
    return Answering(PLACE)


async def asked(portal, path="/", times=1):
    return [(await portal.answer(make_mocked_request("GET", path))).status for _ in range(times)]


async def test_a_portal_that_is_well_shows_its_home_page_and_its_form(portal):
    home = await portal.answer(make_mocked_request("GET", "/"))
    form = await portal.answer(make_mocked_request("GET", FORM_PATH))
    assert "Cổng dịch vụ công Hà Nội" in home.body.decode()
    assert form.body.decode().count("<input") >= 5
    assert portal.requests == 2


async def test_every_second_request_fails_while_it_flaps(portal):
    portal.befall(Trouble.FLAPPING)
    assert await asked(portal, times=4) == [503, 200, 503, 200]


async def test_a_firewall_lets_some_requests_through_each_time(portal):
    for _ in range(2):
        portal.befall(Trouble.WALL)
        assert await asked(portal, times=WALL_AFTER_REQUESTS + 1) == [200] * WALL_AFTER_REQUESTS + [403]


async def test_a_form_that_fails_leaves_the_home_page_well(portal):
    portal.befall(Trouble.FORM_FAILS)
    assert await asked(portal) + await asked(portal, FORM_PATH) == [200, 500]


@pytest.mark.parametrize(
    ("trouble", "status", "says"),
    [
        (Trouble.EMPTY, 200, ""),
        (Trouble.NOT_READY, 200, "công tác kỹ thuật"),
        (Trouble.LOGIN_IN_PLACE, 200, "Mật khẩu"),
        (Trouble.SENT_TO_LOGIN, 302, ""),
    ],
)
async def test_what_stands_in_its_place(portal, trouble, status, says):
    portal.befall(trouble)
    answer = await portal.answer(make_mocked_request("GET", "/"))
    assert answer.status == status
    assert says in answer.body.decode()
    portal.befall(Trouble.NONE)
    assert await asked(portal) == [200]


async def test_robots_are_told_whatever_is_wrong_and_count_for_nothing(portal):
    portal.befall(Trouble.EMPTY)
    assert b"User-agent" in (await portal.answer(make_mocked_request("GET", "/robots.txt"))).body
    assert portal.requests == 0


def test_places_are_read_as_they_were_written(tmp_path):
    write_places(tmp_path / "places.json", [PLACE])
    assert read_places(tmp_path / "places.json") == [PLACE]
