"""Kind 5, at its end: pages that say their procedure is offered no more, or not online, which no portal is to blame for."""

from testbed.verdicts.forms import NAME, ONLY, barred, ready, way
from testbed.verdicts.page import Respond, VerdictPage, document, form, outage, shown, unknowable
from thuocdo.core.model import Reason

_MENU = "<nav><a href=/>Trang chủ</a> <a href=/thu-tuc>Thủ tục hành chính</a> <a href=/tra-cuu>Tra cứu</a></nav>"


def says(text: str, status: str = "200 OK") -> Respond:
    """Return a page of a procedure that says something in the place of its form."""
    return shown(document(f"{_MENU}<h1>Cấp bản sao trích lục</h1><p>{text}</p>", title="Thủ tục"), status=status)


def _refused(reason: Reason, name: str, does: str, respond: Respond) -> VerdictPage:
    return unknowable(f"refusal-{name}", does, respond, reason, kinds=ONLY)


_GONE, _OFFLINE = Reason.PROCEDURE_EXPIRED, Reason.NOT_ONLINE

PAGES: tuple[VerdictPage, ...] = (
    _refused(_GONE, "expired", "out of force", says("Thủ tục này đã hết hiệu lực từ ngày 01/7/2025.")),
    _refused(_GONE, "withdrawn", "its form was withdrawn", says("Biểu mẫu điện tử này đã được thu hồi.")),
    _refused(_GONE, "replaced", "another procedure is in its place", says("Thủ tục này được thay thế bởi thủ tục 1.013225.")),
    _refused(_GONE, "merged", "it is part of another one", says("Thủ tục hành chính này đã hợp nhất với thủ tục cấp đổi.")),
    _refused(_GONE, "few-words", "the same, and no menu", shown(document("<p>Tờ khai này không còn sử dụng.</p>", title=""))),
    _refused(_GONE, "bare", "without accents", shown(document("<p>Thu tuc nay da bi bai bo.</p>", title="Thu tuc"))),
    _refused(_GONE, "gone", "answered as what is gone", says("Thủ tục này đã bị bãi bỏ.", "410 Gone")),
    _refused(_OFFLINE, "in-person", "in person only", says("Thủ tục này chỉ thực hiện trực tiếp.")),
    _refused(_OFFLINE, "one-stop", "at the one-stop shop only", says("Hồ sơ chỉ tiếp nhận tại Bộ phận Một cửa của xã.")),
    _refused(_OFFLINE, "bring", "people are asked to bring it", says("Đề nghị công dân mang hồ sơ đến Trung tâm Phục vụ hành chính công tỉnh.")),
    _refused(_OFFLINE, "by-post", "by post only", says("Chỉ nhận hồ sơ qua bưu chính.")),
    _refused(_OFFLINE, "paused", "not taken online for now", says("Thủ tục này hiện tạm dừng tiếp nhận hồ sơ trực tuyến.")),
    _refused(_OFFLINE, "not-listed", "it is none of those online", says("Thủ tục này không thuộc danh mục dịch vụ công trực tuyến.")),
    _refused(_OFFLINE, "below", "at the end of a long page", says("Trình tự, cách thức, thành phần hồ sơ của thủ tục. " * 200
        + "Thủ tục này chưa hỗ trợ nộp trực tuyến.")),
    unknowable("refusal-sought", "a way that ends with it", way(f"<a href=/het>{NAME}</a>", more={
        "/het": document("<h1>Thông báo</h1><p>Thủ tục này được thay thế bởi thủ tục 1.013225.</p>")}), _GONE, kinds=ONLY, journey="sought"),
    ready("refusal-besides", "a form that says how else it may be handed in", shown(form(
        before="<p>Nộp trực tuyến, hoặc nộp trực tiếp tại Bộ phận Một cửa. Mẫu cũ đã hết hiệu lực.</p>"))),
    barred("refusal-laws", "a page without a form that lists laws out of force", says("Căn cứ: Thông tư 01/2020 (hết hiệu lực), Nghị định 61 được thay thế bởi Nghị định 118.")),
    barred("refusal-either", "a page without a form that names both ways", says("Đề nghị nộp hồ sơ tại Trung tâm Phục vụ hành chính công hoặc nộp trực tuyến.")),
    outage("refusal-maintenance", "maintenance, for which nothing is taken online", shown(document(
        "<p>Hệ thống đang bảo trì, thủ tục này tạm dừng tiếp nhận hồ sơ trực tuyến.</p>")), Reason.MAINTENANCE_PAGE, kinds=ONLY),
    barred("refusal-address", "an address, whose last syllable is also the word for only", says("Địa chỉ tiếp nhận hồ sơ trực tiếp: 12 Lê Lợi. Lệ phí chỉ nộp tại quầy.")),
    barred("refusal-address-bare", "the same without accents", shown(document("<p>Dia chi nop ho so tai Trung tam Phuc vu hanh chinh cong.</p>", title="Thu tuc"))),
    barred("refusal-paper", "papers that run out and are replaced", says("Tờ khai hết hiệu lực sau 30 ngày. Giấy xác nhận được thay thế bằng biểu mẫu điện tử.")),
    barred("refusal-original", "an original that is taken in person", says("Bản gốc chỉ nhận trực tiếp tại quầy.")),
    barred("refusal-afterwards", "what is to be done afterwards", says("Sau khi nộp trực tuyến, đề nghị công dân mang hồ sơ giấy đến bộ phận một cửa để nhận kết quả.")),
    barred("refusal-case", "a case that is taken in person", says("Trường hợp không có chữ ký số chỉ nộp trực tiếp.")),
    barred("refusal-filter", "a filter of a list", says("Lĩnh vực: Hộ tịch (5) Dịch vụ công chưa cung cấp trực tuyến (12)")),
    barred("refusal-list", "a list of procedures", says(" ".join(f"{at}.00{at}193 Cấp bản sao {at}. Thủ tục này chưa hỗ trợ nộp trực tuyến." for at in range(1, 6)))),
    barred("refusal-far", "words of nobody in particular far down a long page", says("Trình tự, cách thức, thành phần hồ sơ. " * 200 + "Không hỗ trợ nộp trực tuyến.")),
    ready("refusal-office", "a form below the office's address and what it says of papers", shown(form(
        before="<p>Địa chỉ nộp hồ sơ tại Trung tâm Phục vụ hành chính công: 12 Lê Lợi. Bản gốc chỉ nhận trực tiếp. Tờ khai hết hiệu lực sau 30 ngày.</p>"))),
    _refused(_OFFLINE, "run-on", "a heading that runs into it", says("Cấp bản chính giấy khai sinh <b>Chỉ tiếp nhận hồ sơ trực tiếp.</b>")),
    _refused(_OFFLINE, "sorry", "with an apology", says("Xin lỗi, thủ tục này chưa hỗ trợ nộp trực tuyến, mong ông bà thông cảm.")),
    outage("refusal-trouble", "trouble, for which nothing is taken online", shown(document(
        "<p>Dịch vụ công tạm ngừng tiếp nhận hồ sơ trực tuyến do sự cố kỹ thuật. Hệ thống đang được khắc phục, mong ông bà thông cảm.</p>")),
        Reason.MAINTENANCE_PAGE, kinds=ONLY),
    outage("refusal-trouble-later", "the same, and to come back", shown(document(
        "<p>Hệ thống đang gặp sự cố. Dịch vụ công này tạm ngừng cung cấp trực tuyến, vui lòng quay lại sau.</p>")), Reason.MAINTENANCE_PAGE, kinds=ONLY),
    outage("refusal-trouble-menu", "the same below a menu", says("Thủ tục này tạm dừng tiếp nhận hồ sơ trực tuyến do lỗi đường truyền."),
        Reason.MAINTENANCE_PAGE, kinds=ONLY),
)  # fmt: skip
