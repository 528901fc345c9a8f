"""Which requests count before a form is called ready."""

from types import SimpleNamespace
from typing import Any

from probes.journeys.form_ready import HELD_SECONDS, FormWatch

MAIN = "main"


class Session:
    """Gives what the in-page script would report, of a document that began at 0 of both clocks; its clock is the test's."""

    def __init__(self) -> None:
        self.fields, self.changed_at = 20, 1.0

    async def send(self, method: str, parameters: object = None) -> dict[str, Any]:
        if method == "Performance.getMetrics":
            return {"metrics": [{"name": "NavigationStart", "value": 0.0}]}
        seen = {
            "fields": self.fields,
            "required": 5,
            "barred": 0,
            "doubtful": 0,
            "spoilt": 0,
            "asks": False,
            "closed": 0,
            "status": 0,
            "strangers": 0,
            "proved": True,
            "changedAt": self.changed_at * 1000,
            "taskEndedAt": 0,
            "loadedAt": 0,
            "firstAt": 0,
            "timeOrigin": 0.0,
        }
        return {"result": {"value": seen}}


def watch(now: float = 3.0) -> FormWatch:
    opened: Any = SimpleNamespace(page=None, session=Session(), gate=SimpleNamespace(main_frame=MAIN))
    made = FormWatch(opened, lambda: now)
    made._clock = (-1.0, 0.0)
    return made


def begin(mine: FormWatch, number: str, path: str, at: float, kind: str = "XHR", loader: str = "L1") -> None:
    request = {"url": f"https://a.test{path}", "method": "GET"}
    mine._note_begin(
        {"requestId": number, "request": request, "timestamp": at, "type": kind, "loaderId": loader, "frameId": MAIN}
    )


def end(mine: FormWatch, number: str, at: float) -> None:
    mine._note_end({"requestId": number, "timestamp": at})


async def test_the_last_option_list_decides() -> None:
    mine = watch()
    begin(mine, "1", "/api/xa", 0.5)
    state = await mine._look("", 0.0)
    assert state is not None
    assert state.pending == ("/api/xa",)
    end(mine, "1", 2.5)
    state = await mine._look("", 0.0)
    assert state is not None
    assert (state.pending, state.quiet_since) == ((), 2.5)


async def test_polling_does_not_keep_a_standing_form_from_being_ready() -> None:
    mine = watch()
    begin(mine, "1", "/api/poll?_=1700000000001", 0.5)
    end(mine, "1", 0.6)
    begin(mine, "2", "/api/poll?_=1700000009999", 3.0)
    state = await mine._look("", 0.0)
    assert state is not None
    assert (state.pending, state.quiet_since) == ((), 1.0)


async def test_a_repeated_request_counts_while_the_fields_still_change() -> None:
    mine = watch()
    begin(mine, "1", "/api/xa", 0.2)
    end(mine, "1", 0.3)
    begin(mine, "2", "/api/xa", 0.9)
    state = await mine._look("", 0.0)
    assert state is not None
    assert state.pending == ("/api/xa",)


async def test_what_a_server_holds_until_it_has_news_is_not_awaited() -> None:
    for now, pending in ((1.0 + HELD_SECONDS - 0.1, ("/cho", "/a.css")), (1.0 + HELD_SECONDS, ("/a.css",))):
        mine = watch(now)
        begin(mine, "1", "/cho", 0.5)
        begin(mine, "2", "/a.css", 0.5, "Stylesheet")
        state = await mine._look("", 0.0)
        assert state is not None
        assert (state.pending, state.quiet_since) == (pending, 1.0)


async def test_streams_never_count() -> None:
    mine = watch()
    for number, kind in enumerate(("EventSource", "WebSocket", "Ping")):
        begin(mine, str(number), f"/{kind}", 0.5, kind)
    state = await mine._look("", 0.0)
    assert state is not None
    assert state.pending == ()


async def test_what_ended_before_the_act_does_not_count() -> None:
    mine = watch()
    begin(mine, "1", "/old", 0.1)
    end(mine, "1", 0.2)
    state = await mine._look("", 5.0)
    assert state is not None
    assert state.quiet_since == 5.0


async def test_a_new_document_forgets_what_the_old_one_waited_for() -> None:
    mine = watch()
    begin(mine, "1", "/never", 0.1)
    begin(mine, "2", "/form", 0.2, "Document", loader="L2")
    assert mine.awaited_document == "/form"
    assert mine.navigation_after(0.15) == 0.2
    mine._note_document({"frame": {"loaderId": "L2"}})
    end(mine, "2", 0.3)
    state = await mine._look("", 0.0)
    assert state is not None
    assert state.pending == ()
    assert mine.awaited_document is None
