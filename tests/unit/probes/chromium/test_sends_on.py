"""Until when a page is waited for that is about to send its visitor on."""

import pytest

from probes.chromium.navigation import SendOn
from probes.chromium.sends_on import (
    LIGHT_SECONDS,
    SCRIPT_SECONDS,
    SECONDS,
    SLACK_SECONDS,
    TIMER_SECONDS,
    announced_until,
    is_light,
    is_same,
    scripted_until,
)
from probes.page_parts import PageParts

HERE = "https://a.test/"
MUCH = "Cổng dịch vụ công " * 200


def parts(text="Xin chờ", source="", links=0):
    return PageParts(status=200, headers={}, final_url=HERE, text=text, links=links, source=source)


def announced(seconds, url="https://a.test/vao"):
    return SendOn(url=url, delay_seconds=seconds, due=100.0 + seconds)


def test_a_page_of_little_text_and_few_links_is_light():
    assert is_light(parts())
    assert not is_light(parts(text=MUCH))
    assert not is_light(parts(links=13))


@pytest.mark.parametrize(
    ("seconds", "text", "waited"),
    [
        (1, "x", True),
        (SECONDS, MUCH, True),
        (SECONDS + 1, MUCH, False),
        (LIGHT_SECONDS, "x", True),
        (LIGHT_SECONDS + 1, "x", False),
        (60, "x", False),
    ],
)
def test_what_a_page_announces_is_waited_for_if_it_is_soon(seconds, text, waited):
    until = announced_until(announced(seconds), parts(text=text), reloaded=False)
    assert until == (100.0 + seconds + SLACK_SECONDS if waited else None)


def test_a_light_page_that_loads_itself_anew_is_waited_for_once():
    itself = announced(2, f"{HERE}#x")
    assert announced_until(itself, parts(), reloaded=False) is not None
    assert announced_until(itself, parts(), reloaded=True) is None
    assert announced_until(announced(7, HERE), parts(), reloaded=False) is None
    assert announced_until(itself, parts(text=MUCH), reloaded=False) is None
    assert announced_until(None, parts(), reloaded=False) is None


def test_addresses_are_the_same_whatever_their_fragment():
    assert is_same("https://a.test/#/a", "https://a.test/")
    assert not is_same("https://a.test/?a", "https://a.test/")


@pytest.mark.parametrize(
    ("source", "seconds"),
    [
        ("<p>x</p>", None),
        ("<script>dem()</script>", None),
        ("<script>const gio = setTimeout(dem, 100)</script>", None),
        ("<script src=/a.js></script>", SCRIPT_SECONDS),
        ("<script defer\n src='/a.js'></script>", SCRIPT_SECONDS),
        ("<script>onload = () => { location = '/vao' }</script>", SCRIPT_SECONDS),
        ("<script>setTimeout(() => location.href = '/vao', 1200)</script>", TIMER_SECONDS + SLACK_SECONDS),
        ("<body onload=\"setTimeout('location=\\'/vao\\'', 900)\">", TIMER_SECONDS + SLACK_SECONDS),
        ("<script>setTimeout(() => f.submit(), 8000)</script>", 8 + SLACK_SECONDS),
        ("<script>setTimeout(() => location.reload(), 60000)</script>", TIMER_SECONDS + SLACK_SECONDS),
    ],
)
def test_a_light_page_whose_scripts_may_send_on_gets_the_time_for_it(source, seconds):
    until = scripted_until(parts(source=source), 50.0)
    assert until == (None if seconds is None else 50.0 + seconds)


def test_a_count_that_people_read_is_waited_for():
    source = "<script>setInterval(() => { if (!--s) location = '/vao' }, 1000)</script>"
    assert scripted_until(parts("Chuyển sau 9 giây", source), 0.0) == 9 + SLACK_SECONDS
    assert scripted_until(parts("Chuyển sau 30 giây", source), 0.0) == TIMER_SECONDS + SLACK_SECONDS


@pytest.mark.parametrize(
    ("script", "seconds"),
    [
        ("setTimeout(function () { window.location.href = '/vao'; }, 2000)", 2.0),
        ("setTimeout(() => location.replace('/vao'), 500)", 0.5),
        ("setTimeout(() => { location = '/het-gio' }, 1800000)", None),
        ("setTimeout(() => { if (location == '/x') ve() }, 2000)", None),
        ("setTimeout(ve, 100); a = location.pathname; setTimeout(ve, 200)", None),
        ("location.href", None),
    ],
)
def test_a_page_of_many_words_is_waited_for_only_if_it_shows_such_a_timer(script, seconds):
    until = scripted_until(parts(MUCH, f"<script>{script}</script>"), 50.0)
    assert until == (None if seconds is None else 50.0 + seconds + SLACK_SECONDS)


def test_a_long_source_is_looked_through_quickly():
    source = "setTimeout(" * 18000  # no match, and nothing that a pattern could go to and fro on
    assert scripted_until(parts(MUCH, source), 0.0) is None
