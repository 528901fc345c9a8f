"""What is asked of reports that go out by themselves, before any does."""

import pytest

from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.periods.gathering import check_reports, who_gets

TEAM = '{webhooks: [{url: "http://127.0.0.1:9095/"}]}'
SMTP = '{smarthost: "mail.example.vn:587", from: thuocdo@example.vn}'


@pytest.fixture
def settings(folder, tmp_path):
    def make(central=TEAM, **report):
        file = tmp_path / "owners.yaml"
        file.write_text(f"smtp: {SMTP}\ncentral: {central}\ndead_man: {TEAM}\n", encoding="utf-8")
        return Settings(data_dir=tmp_path / "data", registry_dir=folder / "portals", owners=file, report=report)

    return make


def test_without_a_day_nothing_is_asked(settings):
    check_reports(settings().model_copy(update={"owners": None}))


def test_a_day_asks_for_somebody_who_gets_them(settings):
    with pytest.raises(ConfigurationError, match="nobody gets one; add reports"):
        check_reports(settings(monthly_on_working_day=3))
    check_reports(settings(TEAM.replace("}]}", "}], reports: [{to: a@example.vn}]}"), monthly_on_working_day=3))


def test_a_day_asks_for_a_file_of_owners(settings):
    with pytest.raises(ConfigurationError, match="no file says who gets reports"):
        check_reports(settings(quarterly_on_working_day=5).model_copy(update={"owners": None}))


def test_an_issuing_body_that_nobody_knows_is_refused(settings):
    with pytest.raises(ConfigurationError, match="no issuing body 'ai'"):
        check_reports(settings(issuer="ai"))


def test_who_has_ended_belongs_to_its_team_still(settings):
    _, owner_of = who_gets(settings())
    assert owner_of["bo-cu"] == "bo-cu"
