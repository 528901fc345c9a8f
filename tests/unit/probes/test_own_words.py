"""What a page says itself, and where it leads."""

import pytest

from probes.own_words import ways_on


@pytest.mark.parametrize(
    ("link", "leads_on"),
    [
        ("<a href=/tin>Tin tức</a>", True),
        ("<a class=x href='tin.aspx?a=1'><b>Tin</b> tức</a>", True),
        ("<a href=http://cong.test/tin>Tin tức</a>", True),
        ("<a href=//cong.test/tin>Tin tức</a>", True),
        ("<a href=/anh><img src=a.png></a>", True),
        ("<a href=/>Tin tức</a>", False),
        ("<a href=#tin>Tin tức</a>", False),
        ("<a href='mailto:a@cong.test'>Gửi thư</a>", False),
        ("<a href=javascript:history.back()>Tin tức</a>", False),
        ("<a href=https://elsewhere.test/tin>Tin tức</a>", False),
        ("<a href=//elsewhere.test/tin>Tin tức</a>", False),
        ("<a href=http://[/tin>Tin tức</a>", False),
        ("<a href=/lien-he>Liên hệ</a>", False),
        ("<a href=/home>Trang chủ</a>", False),
        ("<a>Tin tức</a>", False),
    ],
)
def test_a_link_leads_on_where_it_is_the_portals_own_and_no_way_out(link, leads_on):
    assert ways_on(link, "cong.test") == leads_on
