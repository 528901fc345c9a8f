"""What to do first about an outage, by its reason: one thing, for somebody who was asleep a minute ago."""

from collections.abc import Mapping

from thuocdo.core.model import Reason

FIRST_STEPS: Mapping[Reason, Mapping[str, str]] = {
    Reason.DNS_FAILURE: {
        "vi": "Kiểm tra máy chủ tên miền có trả lời không và tên miền còn hạn đăng ký không.",
        "en": "See whether the name servers answer, and whether the domain is still registered.",
    },
    Reason.CONNECTION_REFUSED: {
        "vi": "Kiểm tra dịch vụ web trên máy chủ có đang chạy không; nếu đã dừng thì khởi động lại.",
        "en": "See whether the web service runs on the server; start it if it does not.",
    },
    Reason.CONNECT_TIMEOUT: {
        "vi": "Kiểm tra máy chủ, bộ cân bằng tải và tường lửa có còn hoạt động và đường truyền tới đó có thông không.",
        "en": "See whether server, load balancer and firewall are up, and whether the line to them is.",
    },
    Reason.TLS_ERROR: {
        "vi": "Kiểm tra cấu hình TLS của máy chủ web, nhất là phần vừa thay đổi gần đây.",
        "en": "Look at the TLS settings of the web server, above all at what was changed lately.",
    },
    Reason.CERTIFICATE_INVALID: {
        "vi": "Kiểm tra chứng thư số đang cài: còn hạn không, đúng tên miền không, có đủ chứng thư trung gian không.",
        "en": "Look at the installed certificate: is it valid, for this name, with its intermediate certificates?",
    },
    Reason.HTTP_ERROR: {
        "vi": "Xem nhật ký của máy chủ web và của ứng dụng phía sau; kiểm tra ứng dụng và cơ sở dữ liệu có đang chạy không.",
        "en": "Read the logs of the web server and of the application behind it; see whether that and its database run.",
    },
    Reason.TIMEOUT: {
        "vi": "Xem tải của máy chủ ứng dụng và các truy vấn cơ sở dữ liệu đang chạy lâu.",
        "en": "Look at the load of the application server and at database queries that take long.",
    },
    Reason.CONTENT_MISMATCH: {
        "vi": "Tự mở trang bằng trình duyệt, xem nội dung có hiện đủ không.",
        "en": "Open the page in a browser and see whether its content is all there.",
    },
    Reason.MAINTENANCE_PAGE: {
        "vi": "Hỏi đơn vị vận hành có đang bảo trì không; nếu có, báo trung tâm ghi vào lịch bảo trì.",
        "en": "Ask the operator whether this is maintenance; if so, have the centre enter it in the schedule.",
    },
    Reason.FORM_NOT_READY: {
        "vi": "Tự mở biểu mẫu bằng trình duyệt; kiểm tra các dịch vụ cấp dữ liệu cho biểu mẫu.",
        "en": "Open the form in a browser; look at the services that give it its data.",
    },
    Reason.PAGE_CRASH: {
        "vi": "Tự mở trang bằng trình duyệt; xem lần cập nhật giao diện gần nhất có gây treo không.",
        "en": "Open the page in a browser; see whether the last release of its scripts makes it hang.",
    },
    Reason.TOO_LARGE: {
        "vi": "Xem trang có vừa được thêm tệp ảnh hoặc dữ liệu quá lớn không.",
        "en": "See whether a picture or data of great size was just added to the page.",
    },
    Reason.NOT_THE_PORTAL: {
        "vi": "Mở trang sự cố, so ảnh trước đây và bây giờ; nếu không ai của đơn vị đưa trang đó lên, báo ngay bộ phận an toàn "
        "thông tin.",
        "en": "Open the incident's page and compare before and now; if nobody of yours put it there, tell whoever answers for "
        "security.",
    },
}
