"""What is wrong with files, as a person reads it who ran `thuocdo config check` over them."""

import pytest

AGENCY = "agencies:\n  - id: x\n    block: ministry\n    name_vi: Bộ X\n    name_en: X\n"

FILES = [
    (
        "thuocdo.yaml",
        "data_dirr: x\n",
        "thuocdo.yaml:1: data_dirr: không có khóa nào tên “data_dirr”; có phải là “data_dir” không?",
    ),
    (
        "thuocdo.yaml",
        "web:\n\tport: 1\n",
        "thuocdo.yaml:2: không đúng cú pháp YAML (cột 1: gặp ký tự không thể mở đầu một giá trị, "
        "chẳng hạn dấu tab, @ hoặc `); hãy xem lại thụt đầu dòng và dấu nháy ở chỗ đó",
    ),
    (
        "thuocdo.yaml",
        "web:\n  port: 1\n host: a\n",
        "thuocdo.yaml:3: không đúng cú pháp YAML (cột 2: không thấy khóa ở chỗ phải có; "
        "thường do dòng thụt không thẳng hàng); hãy xem lại thụt đầu dòng và dấu nháy ở chỗ đó",
    ),
    (
        "thuocdo.yaml",
        'contact: "abc\n',
        "thuocdo.yaml:2: không đúng cú pháp YAML (cột 1: hết tệp mà dấu nháy chưa đóng); hãy xem lại "
        "thụt đầu dòng và dấu nháy ở chỗ đó",
    ),
    ("thuocdo.yaml", "web: {port: abc}\n", "thuocdo.yaml:1: web.port: phải là số nguyên (đang ghi: 'abc')"),
    ("thuocdo.yaml", "lang: fr\n", "thuocdo.yaml:1: lang: phải là 'vi' hoặc 'en' (đang ghi: 'fr')"),
    (
        "thuocdo.yaml",
        "browser: {cpu_share: yes}\n",
        "thuocdo.yaml:1: browser.cpu_share: yes, no, on, off, true và false không phải là "
        "số; hãy ghi số (đang ghi: True)",
    ),
    (
        "thuocdo.yaml",
        "browser: {max_pages: 99}\n",
        "thuocdo.yaml:1: browser.max_pages: không được lớn hơn 16 (đang ghi: 99)",
    ),
    (
        "thuocdo.yaml",
        "data_dir: a\ndata_dir: b\n",
        "thuocdo.yaml:2: khóa “data_dir” ghi hai lần (lần đầu ở dòng 1); hãy bỏ một",
    ),
    (
        "thuocdo.yaml",
        "registry_dir: nowhere\n",
        "thuocdo.yaml hoặc biến môi trường: registry_dir: thư mục nowhere không tồn tại; hãy "
        "ghi một thư mục có thật, hoặc bỏ khóa này",
    ),
    ("thuocdo.yaml", "- a\n", "thuocdo.yaml:1: cấp ngoài cùng của tệp: phải là nhóm khóa và giá trị"),
    ("portals/x.yaml", AGENCY + "    ur1: a\n", "portals/x.yaml:6: cơ quan “x”: không có khóa nào tên “ur1”"),
    (
        "portals/x.yaml",
        AGENCY.replace("ministry", "ministri"),
        "portals/x.yaml:3: cơ quan “x”: block: phải là 'ministry', "
        "'province', 'commune' hoặc 'national' (đang ghi: 'ministri'); có phải là “ministry” không?",
    ),
    (
        "portals/x.yaml",
        AGENCY + "    owner: Bộ X\n",
        "portals/x.yaml:6: cơ quan “x”: owner: mã chỉ gồm chữ thường không dấu, chữ số "
        "và dấu gạch ngang đơn ở giữa (đang ghi: 'Bộ X')",
    ),
    (
        "portals/x.yaml",
        AGENCY + "    valid_from: 2025-13-01\n",
        "portals/x.yaml:6: cơ quan “x”: valid_from: phải là ngày, ghi như "
        "2026-12-31: tháng phải từ 1 đến 12 (đang ghi: '2025-13-01')",
    ),
    (
        "portals/x.yaml",
        AGENCY.replace("ministry", "commune") + "    parent: ha-noj\n    valid_from: 2025-07-01\n",
        "portals/x.yaml:6: cơ quan “x”: không có tỉnh, thành phố nào có mã “ha-noj”; có phải là “ha-noi” không?",
    ),
    (
        "portals/x.yaml",
        AGENCY + "    portals:\n      - {id: x, homepage_url: 'https://a b.vn/', confidence: high}\n",
        "portals/x.yaml:7: cổng “x”: homepage_url: địa chỉ không được có dấu cách; hãy ghi dấu cách thành %20 (đang ghi: "
        "'https://a b.vn/')",
    ),
    (
        "portals/x.yaml",
        "procedures:\n  - {code: 1.001193, name_vi: A, name_en: A}\n",
        "portals/x.yaml:2: procedures.0.code: phải là chữ (đang ghi: 1.001193); hãy đặt giá trị trong dấu nháy",
    ),
    (
        "portals/x.yaml",
        "procedures:\n  - {code: '1.1', name_vi: A, name_en: A}\n",
        "portals/x.yaml:2: thủ tục “1.1”: code: mã thủ "
        "tục gồm một chữ số, dấu chấm và sáu chữ số, đặt trong dấu nháy: \"1.001193\" (đang ghi: '1.1')",
    ),
    (
        "schedules/maintenance.yaml",
        "windows:\n  - {agency: ha-noj, cron: 0 22 * * SAT, minutes: 60, asked_by: A}\n",
        "schedules/maintenance.yaml:2: không có cơ quan nào có mã “ha-noj”; có phải là “ha-noi” không?",
    ),
    (
        "schedules/maintenance.yaml",
        "windows:\n  - {agency: ha-noi, cron: 22h, minutes: 60, asked_by: A}\n",
        "schedules/maintenance.yaml:2: windows.0.cron: không phải dòng cron; hãy ghi phút giờ ngày tháng thứ, như 0 22 * * SAT "
        "(đang ghi: '22h')",
    ),
    (
        "schedules/default.yaml",
        "id: s\ncadences:\n  - {kind: htp, every_seconds: 60}\n",
        "schedules/default.yaml:3: không có loại phép đo nào tên “htp”; có phải là “http” không?",
    ),
    (
        "schedules/default.yaml",
        "id: s\ncadences:\n  - {kind: homepage, every_seconds: 60}\nround: {runs: {homepage: 1}}\n",
        "schedules/default.yaml: đối tượng đo “an-giang-2025.home” (46 đối tượng cùng lỗi này): homepage desktop mỗi 60 giây: "
        "trình duyệt sẽ vào mỗi 60 giây, trong khi chỉ được vào mỗi 300 giây; "
        "hãy để mỗi every_seconds là bội số của 300 hoặc lớn hơn, "
        "bớt cấu hình đo, hoặc ghi văn bản cho phép có browser_interval_seconds",
    ),
    (
        "owners.yaml",
        "central: {}\ndead_man: {emails: [{to: a}]}\n",
        "owners.yaml:1: central: không ai nhận được cảnh báo; hãy thêm webhooks, emails hoặc telegram",
    ),
    ("journeys/x.yaml", "family: x\nentry: a\n", "journeys/x.yaml:1: title_vi: thiếu khóa “title_vi”; hãy thêm vào"),
    (
        "data/sessions/da-nang.json",
        "{",
        "data/sessions/da-nang.json: không phải phiên đăng nhập do Playwright lưu (JSON có 'cookies' "
        "và 'origins'); hãy tạo bằng `playwright codegen --save-storage=TỆP ĐỊA-CHỈ` sau khi tự đăng nhập",
    ),
]


@pytest.mark.parametrize(("file", "text", "told"), FILES)
def test_a_broken_file_is_told_in_vietnamese(folder, said, file, text, told):
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text)
    assert told in said("config", "check")
