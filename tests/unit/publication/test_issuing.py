"""Profiles of bodies that issue reports."""

import pytest

from thuocdo.core.config import bundled
from thuocdo.core.errors import ConfigurationError
from thuocdo.publication.issuing import check_issuing_bodies, issuing_body_ids, load_issuing_body

GOOD = """
id: so-mau
name: Sở Mẫu
abbreviation: SM
place: Huế
signer_title: Giám đốc
recipients: [Như trên]
filed_as: VT
contact: Văn phòng
"""


def test_all_that_ships_is_made_up_and_says_so():
    folder = bundled("issuing")
    assert [load_issuing_body(folder, name).made_up for name in issuing_body_ids(folder)] == [True]


def test_a_profile_is_read(tmp_path):
    (tmp_path / "so-mau.yaml").write_text(GOOD, encoding="utf-8")
    body = load_issuing_body(tmp_path, "so-mau")
    assert (body.name, body.parent, body.made_up, body.recipients) == ("Sở Mẫu", "", False, ("Như trên",))


def test_an_unknown_body_is_refused_with_the_nearest(tmp_path):
    (tmp_path / "so-mau.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=r"no issuing body 'so-mao'; did you mean 'so-mau'\?.*there are: so-mau"
    ):
        load_issuing_body(tmp_path, "so-mao")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("id: so-mau", "id: khac"), "id 'khac' is not the file's name"),
        (("recipients: [Như trên]", "recipients: []"), "give 1 to 60 recipients"),
        (("signer_title", "signer_titel"), "unknown key 'signer_titel'; did you mean 'signer_title'?"),
        (("name: Sở Mẫu", 'name: ""'), "name"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path, change, problem):
    (tmp_path / "so-mau.yaml").write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        check_issuing_bodies(tmp_path)
    assert any("so-mau.yaml" in line and problem in line for line in refused.value.problems)


def test_a_folder_of_good_profiles_is_fine(tmp_path):
    (tmp_path / "so-mau.yaml").write_text(GOOD, encoding="utf-8")
    check_issuing_bodies(tmp_path)
