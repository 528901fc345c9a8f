"""
The agencies that the simulated fleet borrows its names from: 17 ministries and the 34 provinces since 2025-07-01.

A list of its own, and not the real registry, so that a correction there does not change the fleet that results are compared on.
"""

from dataclasses import dataclass

from thuocdo.core.model import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedAgency:
    """Names of a real agency; everything else about its simulated portal is made up."""

    id: str
    block: Block
    name_vi: str
    name_en: str
    region: str = ""

    @property
    def slug(self) -> str:
        """The agency's part of the host name."""
        return self.id.removesuffix("-2025")


_MINISTRIES = (
    ("bo-cong-an", "Bộ Công an", "Ministry of Public Security"),
    ("bo-quoc-phong", "Bộ Quốc phòng", "Ministry of National Defence"),
    ("bo-ngoai-giao", "Bộ Ngoại giao", "Ministry of Foreign Affairs"),
    ("bo-tu-phap", "Bộ Tư pháp", "Ministry of Justice"),
    ("bo-tai-chinh", "Bộ Tài chính", "Ministry of Finance"),
    ("bo-cong-thuong", "Bộ Công Thương", "Ministry of Industry and Trade"),
    ("bo-nong-nghiep-moi-truong", "Bộ Nông nghiệp và Môi trường", "Ministry of Agriculture and Environment"),
    ("bo-xay-dung", "Bộ Xây dựng", "Ministry of Construction"),
    ("bo-noi-vu", "Bộ Nội vụ", "Ministry of Home Affairs"),
    ("bo-khoa-hoc-cong-nghe", "Bộ Khoa học và Công nghệ", "Ministry of Science and Technology"),
    ("bo-giao-duc-dao-tao", "Bộ Giáo dục và Đào tạo", "Ministry of Education and Training"),
    ("bo-y-te", "Bộ Y tế", "Ministry of Health"),
    ("bo-vhttdl", "Bộ Văn hóa, Thể thao và Du lịch", "Ministry of Culture, Sports and Tourism"),
    ("bo-dan-toc-ton-giao", "Bộ Dân tộc và Tôn giáo", "Ministry of Ethnic and Religious Affairs"),
    ("ngan-hang-nha-nuoc", "Ngân hàng Nhà nước Việt Nam", "State Bank of Vietnam"),
    ("thanh-tra-chinh-phu", "Thanh tra Chính phủ", "Government Inspectorate"),
    ("van-phong-chinh-phu", "Văn phòng Chính phủ", "Government Office"),
)

_PROVINCES = (
    ("ha-noi", "Hà Nội", "Ha Noi", "Đồng bằng sông Hồng"),
    ("lai-chau", "Lai Châu", "Lai Chau", "Trung du và miền núi phía Bắc"),
    ("dien-bien", "Điện Biên", "Dien Bien", "Trung du và miền núi phía Bắc"),
    ("son-la", "Sơn La", "Son La", "Trung du và miền núi phía Bắc"),
    ("lang-son", "Lạng Sơn", "Lang Son", "Trung du và miền núi phía Bắc"),
    ("cao-bang", "Cao Bằng", "Cao Bang", "Trung du và miền núi phía Bắc"),
    ("quang-ninh", "Quảng Ninh", "Quang Ninh", "Đồng bằng sông Hồng"),
    ("thanh-hoa", "Thanh Hóa", "Thanh Hoa", "Bắc Trung Bộ"),
    ("nghe-an", "Nghệ An", "Nghe An", "Bắc Trung Bộ"),
    ("ha-tinh", "Hà Tĩnh", "Ha Tinh", "Bắc Trung Bộ"),
    ("hue", "Thành phố Huế", "Hue City", "Bắc Trung Bộ"),
    ("tuyen-quang-2025", "Tuyên Quang", "Tuyen Quang", "Trung du và miền núi phía Bắc"),
    ("lao-cai-2025", "Lào Cai", "Lao Cai", "Trung du và miền núi phía Bắc"),
    ("thai-nguyen-2025", "Thái Nguyên", "Thai Nguyen", "Trung du và miền núi phía Bắc"),
    ("phu-tho-2025", "Phú Thọ", "Phu Tho", "Trung du và miền núi phía Bắc"),
    ("bac-ninh-2025", "Bắc Ninh", "Bac Ninh", "Đồng bằng sông Hồng"),
    ("hung-yen-2025", "Hưng Yên", "Hung Yen", "Đồng bằng sông Hồng"),
    ("hai-phong-2025", "Hải Phòng", "Hai Phong", "Đồng bằng sông Hồng"),
    ("ninh-binh-2025", "Ninh Bình", "Ninh Binh", "Đồng bằng sông Hồng"),
    ("quang-tri-2025", "Quảng Trị", "Quang Tri", "Bắc Trung Bộ"),
    ("da-nang-2025", "Đà Nẵng", "Da Nang", "Duyên hải Nam Trung Bộ và Tây Nguyên"),
    ("quang-ngai-2025", "Quảng Ngãi", "Quang Ngai", "Duyên hải Nam Trung Bộ và Tây Nguyên"),
    ("gia-lai-2025", "Gia Lai", "Gia Lai", "Duyên hải Nam Trung Bộ và Tây Nguyên"),
    ("khanh-hoa-2025", "Khánh Hòa", "Khanh Hoa", "Duyên hải Nam Trung Bộ và Tây Nguyên"),
    ("lam-dong-2025", "Lâm Đồng", "Lam Dong", "Duyên hải Nam Trung Bộ và Tây Nguyên"),
    ("dak-lak-2025", "Đắk Lắk", "Dak Lak", "Duyên hải Nam Trung Bộ và Tây Nguyên"),
    ("ho-chi-minh-2025", "Thành phố Hồ Chí Minh", "Ho Chi Minh City", "Đông Nam Bộ"),
    ("dong-nai-2025", "Đồng Nai", "Dong Nai", "Đông Nam Bộ"),
    ("tay-ninh-2025", "Tây Ninh", "Tay Ninh", "Đông Nam Bộ"),
    ("can-tho-2025", "Cần Thơ", "Can Tho", "Đồng bằng sông Cửu Long"),
    ("vinh-long-2025", "Vĩnh Long", "Vinh Long", "Đồng bằng sông Cửu Long"),
    ("dong-thap-2025", "Đồng Tháp", "Dong Thap", "Đồng bằng sông Cửu Long"),
    ("ca-mau-2025", "Cà Mau", "Ca Mau", "Đồng bằng sông Cửu Long"),
    ("an-giang-2025", "An Giang", "An Giang", "Đồng bằng sông Cửu Long"),
)

AGENCIES: tuple[SimulatedAgency, ...] = (
    *(SimulatedAgency(id=key, block=Block.MINISTRY, name_vi=vi, name_en=en) for key, vi, en in _MINISTRIES),
    *(
        SimulatedAgency(id=key, block=Block.PROVINCE, name_vi=vi, name_en=en, region=region)
        for key, vi, en, region in _PROVINCES
    ),
)
"""All agencies, ministries first."""
