"""Documents of the gallery of verdicts, judged as they come, without server and probe around them."""

import pytest

from probes.charset import decoded
from probes.page import judge_home, read_html, source_lacks
from testbed.verdicts import bare, beside, charsets, instead, lessons, strangers, texts
from testbed.verdicts.page import Asked
from thuocdo.core.model import Block, Reason, Target, TargetRole

URL = "http://cong.test/"
PAGES = [
    page
    for room in (texts, charsets, beside, instead, strangers, bare, lessons)
    for page in room.PAGES
    if "http" in page.expected
]


async def answered(page) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of what a page answers."""
    sent = bytearray()

    async def send(data: bytes) -> None:
        sent.extend(data)

    await page.respond(Asked(path="/", query="", headers={}, head=b"", base="http://cong.test", other=""), send)
    head, _, body = bytes(sent).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(first.split(" ")[1]), headers, body


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_a_document_gets_its_verdict(page):
    status, headers, body = await answered(page)
    target = Target(id="p.home", role=TargetRole.HOMEPAGE, url=URL, agency_id="a", portal_id="p", block=Block.PROVINCE)
    html = decoded(body, headers.get("Content-Type", ""))
    judgement = judge_home(read_html(status, headers, URL, html), target)
    reason = judgement.reason
    if reason is None and source_lacks(page.expected_text, html):
        reason = Reason.CONTENT_MISMATCH
    assert reason in page.expected["http"], judgement.detail


@pytest.mark.parametrize(
    ("html", "certain"),
    [
        ("<p>Trang tin</p>", True),
        ("<p>Trang tin</p><script src=a.js></script>", False),
        ("<p>Trang tin</p><script>write()</script>", False),
        ("<p>Trang tin</p><SCRIPT>write()</SCRIPT>", False),
        ("<p>Trang tin</p><script type=module src=a.js></script>", False),
        ("<p>Trang tin</p><script type='application/ld+json'>{}</script>", True),
        ("<p>Trang tin</p><iframe src=/x></iframe>", False),
        ("<frameset><frame src=/x></frameset>", False),
        ("<object data=/x></object>", False),
        ("<meta http-equiv=refresh content='0; url=/x'>", False),
        ("<p>Trang tin <!-- Dịch vụ công --></p>", True),
        ("<p title='Dịch vụ công'>Trang tin</p>", True),
        ("<style>/* Dịch vụ công */</style>", True),
        ("<template>Dịch vụ công</template>", True),
        ("<template shadowrootmode=open>Dịch vụ công</template>", False),
        ('<body onload="write()"><p>Trang tin</p>', False),
        ("<body onload=''><p>Trang tin</p>", True),
        ("<p>Trang tin onload=write()</p>", True),
        ("<img alt='dịch VỤ công'>", False),
        ("<input placeholder='Dịch vụ&nbsp;công'>", False),
        ("<input type=hidden value='Dịch vụ công'>", True),
        ("<p>Dịch vụ công", False),
        ("<title>Dịch vụ công</title>", False),
        ("<style>.a{}</style><p>dịch VỤ công</p>", False),
        ("<svg></svg>" * 3000 + "<p>không đọc tới đây", False),
    ],
)
def test_a_document_lacks_a_text_for_certain(html, certain):
    assert source_lacks("Dịch vụ công", html) is certain
    assert not source_lacks("", html)


def test_a_page_in_tcvn3_is_read_as_its_fonts_show_it():
    said = "HÖ thèng ®ang b¶o tr×"
    html = f"<style>body {{ font-family: .VnTime }}</style><h1>{said}</h1>"
    target = Target(id="p.home", role=TargetRole.HOMEPAGE, url=URL, agency_id="a", portal_id="p", block=Block.PROVINCE)
    assert judge_home(read_html(200, {}, URL, html), target).reason is Reason.MAINTENANCE_PAGE
    assert judge_home(read_html(200, {}, URL, f"<h1>{said}</h1>"), target).reason is None
    assert not source_lacks("đang bảo trì", html)
    assert source_lacks("đang bảo dưỡng", html)
    assert read_html(200, {}, URL, html.replace(said, "Đang bảo trì")).text == "Đang bảo trì"
