"""Kind 4, by who says it: pages that speak of errors, which any page may, and pages that are one."""

from testbed.verdicts.page import SENTENCE, VerdictPage, document, fine, outage, portal, shown
from thuocdo.core.model import Reason

_WAYS = "<nav><a href=/thu-tuc>Thủ tục hành chính</a> <a href=/nop>Nộp hồ sơ</a> <a href=/tra-cuu>Tra cứu</a></nav>"
_MENU = "<nav>" + "".join(f"<a href=/m{at}>Mục {at}</a> " for at in range(8)) + "</nav>"
_CALLS = "".join(f"   at vn.gov.tinh.Trang.tai{at}(Trang.java:{at}2)\n" for at in range(9))
_JAVA = f"java.lang.NullPointerException: Cannot invoke\n{_CALLS}"
_PYTHON = (
    "Traceback\n" + "".join(f'  File "/srv/cong/xem.py", line {at}2, in tai\n' for at in range(9)) + "KeyError: 'ma'"
)
_PHP = "Warning\n" + "".join(f"#{at} /srv/cong/trang.php({at}2): tai()\n" for at in range(9))
_NET = "".join(f"   at Cong.Tinh.Trang{at}.Tai(Object nguon) in D:\\cong\\Trang.cs:line {at}2\n" for at in range(9))
_SYMFONY = "".join(f"<p>in /srv/cong/vendor/trang{at}.php (line {at}2)</p>" for at in range(9))
_TOLD = "Bài học lập trình cho cán bộ công nghệ thông tin: khi chương trình gặp lỗi, hãy đọc từ dòng đầu tiên. " * 12


def _said(name: str, does: str, body: str, title: str = "Cổng dịch vụ công") -> VerdictPage:
    return fine(f"lesson-{name}", does, shown(document(body, title=title)))


def _shown(name: str, does: str, body: str, title: str = "Cổng dịch vụ công") -> VerdictPage:
    return outage(f"lesson-{name}", does, shown(document(body, title=title)), Reason.CONTENT_MISMATCH)


PAGES: tuple[VerdictPage, ...] = (
    _said("sample", "a small page that quotes an error", f"{_WAYS}<p>Diễn đàn công nghệ thông tin của tỉnh Thử Nghiệm.</p><code>java.lang.NullPointerException</code>"),
    _said("quotation", "a small page that quotes what somebody wrote", f"{_WAYS}<p>Trả lời câu hỏi của bạn đọc về phần mềm kê khai.</p><blockquote>Fatal error: Uncaught exception</blockquote>"),
    _said("menu", "a menu with an entry about exceptions", "<nav><ul><li>Exception report</li><li>Stack trace</li></ul></nav>"
        f"{_WAYS}<p>Chuyên trang kỹ thuật của Sở Thông tin và Truyền thông.</p>"),
    _said("footer", "a footer that names a program", f"{_WAYS}<p>Chào mừng bà con đến với cổng dịch vụ công của xã.</p><footer>Chạy trên org.apache.jasper, weblogic.Server</footer>"),
    _said("article", "an article that is called by an error", f"{_MENU}<h1>NullPointerException</h1><p>{_TOLD}</p>", "NullPointerException: vì sao có và xử lý thế nào"),
    _said("article-runtime", "an article of two words of programmers", f"{_MENU}<h1>Runtime error trong Java</h1><p>{_TOLD * 2}</p>", "Runtime error trong Java"),
    _said("article-ends", "an article whose title ends with an error", f"{_MENU}<p>{_TOLD}</p>", "Tìm hiểu java.io.IOException"),
    _said("article-traced", "an article with a trace in it", f"{_MENU}<h1>Đọc vết lỗi</h1><p>{_TOLD}</p><pre>{_JAVA}</pre><p>{_TOLD}</p>"),
    _said("article-few", "the same with hardly a link", f"{_WAYS}<h1>Đọc vết lỗi</h1><p>{_TOLD}</p><pre>{_JAVA}</pre><p>{_TOLD}</p>"),
    fine("lesson-beside", "a home page with a trace above it", shown(portal(body=f"<pre>{_PHP}</pre>"))),
    _shown("java", "a trace in the place of the content, below the portal's menu", f"{_MENU}<pre>{_JAVA}</pre>"),
    _shown("python", "the same of another language", f"{_MENU}<div>{_PYTHON}</div>"),
    _shown("php", "of a third", f"{_MENU}<div>{_PHP}</div>"),
    _shown("net", "of a fourth, with a footer", f"{_MENU}<div>{_NET}</div><footer>Uỷ ban nhân dân tỉnh</footer>"),
    _shown("many-links", "the same in a menu of many links", f"{_MENU * 3}<pre>{_NET * 3}</pre>"),
    _shown("small", "the same on a small page", f"{_WAYS}<pre>{_JAVA}</pre>", ""),
    _shown("django", "a framework's page, with many links of its own", f"{_MENU * 2}<h1>OperationalError at /</h1><p>{SENTENCE * 20}</p>", "OperationalError at /"),
    _shown("symfony", "another framework's", f"{_MENU * 2}<h1>No route</h1>{_SYMFONY}<p>{SENTENCE * 20}</p>", "No route found (500 Internal Server Error)"),
    _said("address", "an office whose address looks like a status", f"{_MENU}<p>{SENTENCE * 20}</p>", "Trung tâm Phục vụ hành chính công (450 Nguyễn Huệ)"),
    _said("address-few", "the same on a small page", f"{_WAYS}<p>{SENTENCE}</p>", "Sở Y tế (410 Quang Trung)"),
    _said("article-status", "an article that is called by a status", f"{_MENU}<p>{_TOLD}</p>", "Khi cổng báo lỗi (500 Internal Server Error)"),
    _said("unended", "a page with many quotations that never end", f"{_WAYS}<p>{SENTENCE}</p><code>java.lang.NullPointerException</code>{'<pre>' * 9000}"),
    _shown("werkzeug", "a third framework's", f"{_MENU}<p>{SENTENCE * 20}</p>", "sqlalchemy.exc.OperationalError: no such table // Werkzeug Debugger"),
)  # fmt: skip
