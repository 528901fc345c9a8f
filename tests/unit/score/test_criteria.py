import re
from pathlib import Path

import pytest
import yaml

from thuocdo.core.config import bundled
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Block
from thuocdo.score.criteria import CriteriaSet, criteria_set_ids, load_criteria_set


@pytest.fixture
def written(tmp_path, plain):
    """Write a changed set and read it back; returns what was refused."""

    def write(change) -> str:
        raw = plain()
        change(raw)
        (tmp_path / "small.yaml").write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
        with pytest.raises(ConfigurationError) as caught:
            load_criteria_set(tmp_path, "small")
        return str(caught.value)

    return write


def lines(raw):
    return raw["groups"][0]["criteria"]


def test_sets_that_ship_are_sound():
    folder = bundled("criteria")
    assert criteria_set_ids(folder) == ("qd473-2024", "survey-2023", "website-2025", "website-2025-communes")
    for name in criteria_set_ids(folder):
        loaded = load_criteria_set(folder, name)
        assert not loaded.fully_confirmed
        assert set(loaded.blocks) == ({Block.COMMUNE} if "communes" in name else {Block.MINISTRY, Block.PROVINCE})


def test_qd473_has_the_published_groups_and_levels():
    loaded = load_criteria_set(bundled("criteria"), "qd473-2024")
    assert [group.points for group in loaded.groups] == [50, 5, 20, 15, 5, 5]
    assert all(group.confirmed for group in loaded.groups)
    assert loaded.levels is not None
    assert [loaded.levels.of(points) for points in (100, 90, 89.5, 80, 79.99, 65, 64.9, 50, 49.9, 0)] == list(
        "AABBCCDDEE"
    )
    assert not any(one.confirmed or (one.curve and one.curve.confirmed) for one in loaded.criteria if not one.by_hand)


def test_website_2025_has_the_four_published_times():
    loaded = load_criteria_set(bundled("criteria"), "website-2025")
    found = {one.metric: (one.curve.below, one.curve.confirmed) for one in loaded.criteria if one.curve}
    assert found == {
        "homepage.fcp_seconds": (3.0, True),
        "homepage.lcp_seconds": (4.0, True),
        "homepage.load_seconds": (5.8, True),
        "homepage.longest_task_seconds": (0.6, True),
    }


def test_survey_2023_confirms_no_weight():
    loaded = load_criteria_set(bundled("criteria"), "survey-2023")
    assert [group.id for group in loaded.groups] == ["functions", "performance", "access"]
    assert not any(part.confirmed for part in (loaded, *loaded.groups, *loaded.criteria))


def test_digest_is_of_the_content_not_of_the_layout(plain, tmp_path):
    one = CriteriaSet.model_validate(plain())
    (tmp_path / "small.yaml").write_text("# a comment\n" + yaml.safe_dump(plain()), encoding="utf-8")
    assert load_criteria_set(tmp_path, "small").digest == one.digest
    assert CriteriaSet.model_validate(plain(version="2")).digest != one.digest


def test_unknown_set_names_the_nearest_and_all(tmp_path):
    with pytest.raises(
        ConfigurationError, match=r"no criteria set 'survey-2024'; did you mean 'survey-2023'.*qd473-2024"
    ):
        load_criteria_set(bundled("criteria"), "survey-2024")
    with pytest.raises(ConfigurationError, match="there are: none"):
        load_criteria_set(tmp_path, "x")


def test_file_must_be_called_by_its_id(tmp_path: Path, plain):
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(plain()), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="id 'small' is not the file's name"):
        load_criteria_set(tmp_path, "other")


def test_unknown_criterion_names_the_nearest(criteria):
    with pytest.raises(ConfigurationError, match="no criterion 'lod'; did you mean 'load'"):
        criteria.criterion("lod")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda raw: lines(raw)[0].update(metric="homepage.lod_seconds"),
            "metric: no probe gives.*did you mean 'homepage.load_seconds'",
        ),
        (lambda raw: lines(raw)[0].update(metric="http.certificate_expiry_seconds"), "no probe gives this metric"),
        (lambda raw: lines(raw)[0].update(metric="http.certificate_leaf_expiry_seconds"), "no probe gives this metric"),
        (
            lambda raw: lines(raw)[0].update(metric="eform.session_expiry_timestamp_seconds"),
            "no probe gives this metric",
        ),
        (lambda raw: lines(raw)[0].update(pionts=3), "unknown key 'pionts'; did you mean 'points'"),
        (lambda raw: lines(raw)[0].update(statistic="meidan"), "did you mean 'median'"),
        (lambda raw: lines(raw)[0].update(statistic="ratio"), "statistic 'ratio' goes with the derived ratios only"),
        (lambda raw: lines(raw)[1].update(statistic="median"), "statistic 'ratio' goes with the derived ratios only"),
        (lambda raw: lines(raw)[0].update(by_hand=True), "'by_hand' goes with no metric"),
        (lambda raw: lines(raw)[2].update(by_hand=False), "give metric, statistic and curve"),
        (lambda raw: lines(raw)[0].update(points=61), "101 points together, the group has 100"),
        (lambda raw: lines(raw)[1].update(id="load"), "used twice: load"),
        (lambda raw: lines(raw)[0]["curve"].update(below=3), "either 'below' or 'bands'"),
        (lambda raw: lines(raw)[0]["curve"]["bands"].reverse(), "must rise from line to line"),
        (
            lambda raw: lines(raw)[0]["curve"].update(
                bands=[{"at": a, "ratio": r} for a, r in ((1, 1), (2, 0), (3, 0.5), (4, 0))]
            ),
            "must only fall or only rise",
        ),
        (
            lambda raw: lines(raw)[0]["curve"]["bands"].insert(1, {"at": 12, "ratio": 0.5}),
            "must rise from line to line",
        ),
        (
            lambda raw: lines(raw)[0]["curve"].update(bands=[{"at": 1, "ratio": 1}, {"at": 2, "ratio": 0.1}]),
            "add the missing end",
        ),
        (
            lambda raw: lines(raw)[0]["curve"].update(bands=[{"at": 1, "ratio": 0}, {"at": 2, "ratio": 1}]),
            "slower would earn more",
        ),
        (
            lambda raw: lines(raw)[1]["curve"].update(bands=[{"at": 0, "ratio": 1}, {"at": 1, "ratio": 0}]),
            "worse would earn more",
        ),
        (
            lambda raw: lines(raw)[0]["curve"].update(
                bands=[{"at": 0, "ratio": 1}, {"at": 2, "ratio": 0}], interpolation="log"
            ),
            "'log' needs bands whose values are above 0",
        ),
        (lambda raw: raw["levels"]["bounds"].reverse(), "levels must fall"),
        (lambda raw: raw.update(blocks=["provinces"]), "did you mean 'province'"),
        (lambda raw: raw.update(groups=[]), "groups: the list is empty"),
        (lambda raw: raw.pop("minimum_runs"), "key 'minimum_runs' is missing"),
    ],
)
def test_mistake_is_named_with_its_line(written, change, message):
    refused = written(change)
    assert re.search(r"small\.yaml:\d+: ", refused)
    assert re.search(message, refused), refused


def test_every_mistake_is_reported_at_once(written):
    def change(raw):
        lines(raw)[0]["metric"] = "homepage.nothing"
        lines(raw)[1]["points"] = -1
        raw["versoin"] = "1"

    assert len(written(change).splitlines()) == 3
