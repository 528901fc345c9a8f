from tests.fuzz.fuzz_yaml import fuzz


def test_a_hundred_changed_files_are_named_and_none_breaks_a_loader():
    tally = fuzz(seed=13, count=100, minutes=None)
    assert tally.inputs == 100
    assert not tally.findings, "\n\n".join(tally.findings.values())
    assert 0 < tally.refused < tally.inputs
