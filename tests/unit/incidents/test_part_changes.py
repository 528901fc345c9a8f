"""Which parts joined and left: a line that is stored and read again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thuocdo.core.model import IncidentAspect, IncidentPart, IncidentState
from thuocdo.incidents.part_changes import MOST_NAMED, ChangedPart, part_changes, read_part_changes

AT = datetime(2026, 11, 22, tzinfo=UTC)
STATES = [state for state in IncidentState if state is not IncidentState.ENDED]


def part(name, aspect=IncidentAspect.SERVICE, state=IncidentState.BROKEN):
    return IncidentPart(
        target_id=name, aspect=aspect, state=state, worst=state, started_at=AT, confirmed_at=AT, since=AT
    )


PARTS = st.lists(
    st.builds(
        part,
        st.from_regex(r"\A[a-z0-9][a-z0-9.-]{0,20}\Z"),
        st.sampled_from([*IncidentAspect]),
        st.sampled_from(STATES),
    ),
    max_size=MOST_NAMED,
)


@given(joined=PARTS, left=PARTS, removed=PARTS)
def test_what_was_written_is_read(joined, left, removed):
    line = part_changes(joined, left, removed)
    if not (joined or left or removed):
        assert line == ""
        assert read_part_changes(line) is None
        return
    found = read_part_changes(line)
    assert [(one.target_id, one.aspect, one.state) for one in found.joined.named] == [
        (one.target_id, one.aspect, one.state) for one in joined
    ]
    for some, parts in ((found.left, left), (found.removed, removed)):
        assert [(one.target_id, one.aspect) for one in some.named] == [(one.target_id, one.aspect) for one in parts]
    assert found.said == ""


def test_many_are_counted_and_what_stands_before_is_kept():
    line = "status 503; " + part_changes([part(f"f{number}") for number in range(MOST_NAMED + 4)])
    found = read_part_changes(line)
    assert (found.said, len(found.joined.named), found.joined.more) == ("status 503", MOST_NAMED, 4)


def test_what_came_at_once_is_read_together():
    found = read_part_changes("joined: a (broken); joined: certificate of b (expiring)")
    assert [*found.joined.named] == [
        ChangedPart(target_id="a", state=IncidentState.BROKEN),
        ChangedPart(target_id="b", aspect=IncidentAspect.CERTIFICATE, state=IncidentState.EXPIRING),
    ]


@pytest.mark.parametrize(
    "line", ["", "status 503", "joined: ", "joined: a (sleepy)", "joined: a (down); and more", "fine again: a b"]
)
def test_no_other_line_is_taken_for_one(line):
    assert read_part_changes(line) is None
