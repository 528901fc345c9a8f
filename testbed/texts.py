"""Vietnamese texts of the simulated home pages, worded as on real portals; the events in them are made up."""

SERVICE_GROUPS: tuple[str, ...] = (
    "Có con nhỏ",
    "Học tập",
    "Việc làm",
    "Cư trú và giấy tờ tùy thân",
    "Hôn nhân và gia đình",
    "Điện lực, đất đai, xây dựng",
    "Sức khỏe và y tế",
    "Phương tiện và người lái",
    "Hưu trí",
    "Người thân qua đời",
    "Giải quyết khiếu kiện",
    "Khởi sự kinh doanh",
    "Lao động và bảo hiểm xã hội",
    "Tài chính doanh nghiệp",
    "Đất đai, môi trường",
    "Sở hữu trí tuệ, đăng ký tài sản",
)

NEWS: tuple[tuple[str, str], ...] = (
    (
        "Hướng dẫn người dân nộp hồ sơ trực tuyến bằng tài khoản định danh điện tử",
        "Từ tháng này, người dân đăng nhập bằng tài khoản định danh mức độ 2, kiểm tra lại thông tin đã có trong cơ sở dữ liệu "
        "và chỉ bổ sung những mục còn thiếu trước khi gửi hồ sơ.",
    ),
    (
        "Rút ngắn thời gian giải quyết thủ tục trong lĩnh vực hộ tịch",
        "Nhiều thủ tục hộ tịch được trả kết quả ngay trong ngày làm việc; bản điện tử có giá trị như bản giấy và được lưu trong "
        "kho dữ liệu điện tử của tổ chức, cá nhân.",
    ),
    (
        "Công bố danh mục thủ tục hành chính thực hiện không phụ thuộc địa giới hành chính",
        "Người dân có thể nộp hồ sơ tại bất kỳ Trung tâm Phục vụ hành chính công nào trên địa bàn, không phụ thuộc nơi cư trú.",
    ),
    (
        "Tập huấn kỹ năng số cho cán bộ bộ phận một cửa cấp xã",
        "Hơn ba trăm cán bộ được hướng dẫn tiếp nhận, số hóa hồ sơ và giúp người cao tuổi khai trên biểu mẫu điện tử.",
    ),
    (
        "Miễn lệ phí đối với hồ sơ nộp trực tuyến toàn trình",
        "Chính sách miễn, giảm lệ phí tiếp tục được áp dụng nhằm khuyến khích người dân thực hiện dịch vụ công từ xa.",
    ),
    (
        "Kết quả đánh giá mức độ hài lòng của người dân trong quý",
        "Tỷ lệ hồ sơ giải quyết đúng hạn và trước hạn tăng so với cùng kỳ; các phản ánh, kiến nghị đều được trả lời công khai.",
    ),
    (
        "Khuyến cáo cảnh giác với tin nhắn giả mạo cơ quan nhà nước",
        "Cơ quan nhà nước không yêu cầu cung cấp mật khẩu hoặc mã OTP qua điện thoại; khi nghi ngờ, hãy gọi tổng đài hỗ trợ.",
    ),
    (
        "Mở rộng thanh toán trực tuyến nghĩa vụ tài chính về đất đai",
        "Hộ gia đình, cá nhân có thể nộp lệ phí trước bạ và thuế thu nhập cá nhân ngay khi nhận thông báo điện tử.",
    ),
    (
        "Bố trí điểm hỗ trợ nộp hồ sơ tại nhà văn hóa thôn, tổ dân phố",
        "Đoàn viên thanh niên trực vào sáng thứ bảy hằng tuần để giúp người dân tạo tài khoản và tra cứu tình trạng hồ sơ.",
    ),
    (
        "Cập nhật biểu mẫu điện tử tương tác cho nhóm thủ tục thiết yếu",
        "Biểu mẫu mới tự điền các thông tin sẵn có, kiểm tra lỗi ngay khi nhập và lưu bản nháp khi đường truyền gián đoạn.",
    ),
    (
        "Lịch tiếp công dân của lãnh đạo trong tháng",
        "Công dân đăng ký trước qua tổng đài hoặc tại trụ sở tiếp công dân; nội dung trả lời được đăng tải trong mục Hỏi đáp.",
    ),
    (
        "Số hóa kết quả giải quyết thủ tục hành chính còn hiệu lực",
        "Việc tái sử dụng dữ liệu đã số hóa giúp người dân không phải nộp lại giấy tờ mà cơ quan nhà nước đang quản lý.",
    ),
)
"""Headline and summary."""
