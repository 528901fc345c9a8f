"""The list of bad pages is one list, and says what it promises."""

import aiohttp

from testbed.bad_pages.gallery import BAD_PAGES, Gallery, table
from testbed.bad_pages.page import Listener, document
from thuocdo.core.model import Outcome, Reason


def test_every_page_has_a_name_of_its_own_and_stands_in_the_table():
    names = [page.name for page in BAD_PAGES]
    assert len(set(names)) == len(names) > 100
    assert all(f"| `{page.name}` | {page.does} |" in table() for page in BAD_PAGES)


def test_no_page_is_our_fault_but_those_that_take_the_browser():
    ours = {Reason.INTERNAL_ERROR, Reason.NO_CONNECTIVITY, Reason.PROBER_SATURATED, Reason.MANDATE_MISSING}
    for page in BAD_PAGES:
        assert page.expected
        assert not page.expected & ours, page.name
        assert (Reason.BROWSER_UNAVAILABLE in page.expected) is page.takes_browser, page.name


def test_table_says_ok_where_a_page_is_fine():
    row = next(line for line in table().splitlines() if line.startswith("| `polling`"))
    assert row.endswith("| `ok` |")
    assert Outcome.OK == "ok"


async def test_pages_are_served_under_their_names_and_faults_do_not_mix():
    async with Gallery("127.0.0.1") as gallery, aiohttp.ClientSession() as client:
        answers = {}
        for page in BAD_PAGES:
            if page.name in {"alerts", "alerts-before-load", "loop-worker", "loop-workers", "empty"}:
                async with client.get(gallery.url(page)) as answer:
                    answers[page.name] = await answer.text()
        async with client.get(gallery.healthy_url) as answer:
            healthy = await answer.text()
    assert healthy == document()
    assert answers["empty"] == ""
    assert len(set(answers.values())) == 5


async def test_every_listener_but_the_plain_one_speaks_tls():
    async with Gallery("portal.test") as gallery:
        urls = {page.listener: gallery.url(page) for page in BAD_PAGES}
    assert {listener for listener, url in urls.items() if url.startswith("http:")} == {Listener.PLAIN}
    assert set(urls) == set(Listener)
    assert len(set(gallery.trusted_keys)) == 2
