"""What the web process answers while there is no application yet."""

import pytest

from thuocdo.web.opening import Opening


async def asked(app, path):
    """Ask an application and return status, headers and text of its answer."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app({"type": "http", "method": "GET", "path": path, "headers": []}, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"].decode()


@pytest.mark.parametrize("path", ["/", "/metrics", "/-/ready", "/probe"])
async def test_pages_and_metrics_are_away_with_the_store(path):
    status, headers, text = await asked(Opening(), path)
    assert (status, headers["retry-after"]) == (503, "10")
    assert "waited for" in text


async def test_the_process_is_alive():
    assert (await asked(Opening(), "/-/healthy"))[0] == 200


async def test_once_there_is_an_application_it_is_handed_everything():
    opening, handed = Opening(), []

    async def app(scope, receive, send):
        handed.append(scope["path"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    opening.app = app
    assert (await asked(opening, "/agencies"))[0] == 204
    assert handed == ["/agencies"]
