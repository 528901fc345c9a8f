from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from thuocdo.core.config import bundled
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Portal
from thuocdo.score.basis import day_digest, read_basis

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.yaml").write_text(
        """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
""",
        encoding="utf-8",
    )
    return tmp_path


def test_the_set_of_the_settings_comes_first(folder):
    basis = read_basis(folder, bundled("criteria"), "website-2025", NOW)
    assert list(basis.criteria) == ["website-2025", "qd473-2024", "survey-2023", "website-2025-communes"]
    assert basis.criteria_digests["qd473-2024"] == basis.criteria["qd473-2024"].digest
    assert basis.read_at == NOW


def test_every_mistake_of_all_files_is_told_at_once(tmp_path):
    (tmp_path / "bad.yaml").write_text("agencies: [{id: x}]\n")
    with pytest.raises(ConfigurationError) as found:
        read_basis(tmp_path, tmp_path, "bat", NOW)
    told = "\n".join(found.value.problems)
    assert "block" in told
    assert "did you mean 'bad'" in told
    assert "blocks" in told  # of bad.yaml as a criteria set


def test_what_is_registered_from_tomorrow_on_changes_nothing_of_today(folder):
    before = read_basis(folder, bundled("criteria"), "website-2025", NOW)
    (folder / "b.yaml").write_text(
        """
agencies:
  - {id: new, block: province, name_vi: Mới, name_en: New, source: test, valid_from: 2026-11-23, portals: [
      {id: new, homepage_url: "https://new.example/", confidence: high, source: test}]}
""",
        encoding="utf-8",
    )
    after = read_basis(folder, bundled("criteria"), "website-2025", NOW)
    today, tomorrow = date(2026, 11, 22), date(2026, 11, 23)
    assert after.digest_at(today) == before.digest_at(today)
    assert after.digest_at(tomorrow) != before.digest_at(tomorrow)


def test_all_that_a_ranking_takes_of_a_registry_counts(registry):
    target, agency = registry.targets["a.home"], registry.agencies["a"]
    portals = {
        name: Portal(id=name, agency_id="a", homepage_url="https://a.example/", successor_id=None) for name in "ab"
    }
    replaced = {**portals, "a": replace(portals["a"], successor_id="b")}
    with_portals = replace(registry, portals=portals)
    changed = [
        registry,
        replace(registry, agencies={**registry.agencies, "a": replace(agency, name_vi="Khác")}),
        replace(registry, agencies={name: one for name, one in registry.agencies.items() if name != "a"}),
        replace(registry, targets={**registry.targets, "a.home": replace(target, probed=not target.probed)}),
        replace(registry, targets={**registry.targets, "a.home": replace(target, agency_id="b")}),
        replace(with_portals, portals=replaced),
    ]
    digests = [day_digest(one) for one in changed]
    assert len(set(digests)) == len(changed)
    assert day_digest(with_portals) == digests[0]
    assert day_digest(replace(registry, digest="1" * 64)) == digests[0]
