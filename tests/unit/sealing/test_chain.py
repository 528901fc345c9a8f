"""Hash chains of records and their checkpoints."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thuocdo.core.kinds.kind import Engine
from thuocdo.sealing.chain import (
    ChainedAgent,
    HashChain,
    checkpoint,
    checkpoint_of,
    measurement_of_record,
    record_of_measurement,
)

AGENT = ChainedAgent(vantage_id="ha-noi", engine=Engine.HTTP)
RECORDS = st.lists(st.binary(max_size=20), min_size=1, max_size=12)
AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def head(records, round_id="r1", agent=AGENT):
    chain = HashChain(round_id, agent)
    for one in records:
        chain.add(one)
    return chain.head


def closed(records, last=None, at=AT):
    return checkpoint("r1", AGENT, last, records, day=date(2026, 11, 23), at=at, clock_offset_seconds=0.01)


def test_a_chain_is_what_the_documents_say():
    start = sha256(b"thuocdo-chain-1\nr1\nha-noi.http\n").digest()
    first = sha256(start + sha256(b"one").digest()).digest()
    assert HashChain("r1", AGENT).head == start.hex()
    assert head([b"one", b"two"]) == sha256(first + sha256(b"two").digest()).hexdigest()


def test_where_a_chain_starts_is_bound_to_round_and_agent():
    others = [
        head([b"one"], "r2"),
        head([b"one"], agent=replace(AGENT, vantage_id="da-nang")),
        head([b"one"], agent=replace(AGENT, engine=Engine.BROWSER)),
    ]
    assert len({head([b"one"]), *others}) == 4


@given(RECORDS, st.data())
def test_no_record_can_be_changed_removed_added_or_moved(records, data):
    place = data.draw(st.integers(0, len(records) - 1))
    changed = [*records[:place], records[place] + b"!", *records[place + 1 :]]
    removed = [*records[:place], *records[place + 1 :]]
    added = [*records[:place], b"new", *records[place:]]
    assert head(records) not in {head(changed), head(removed), head(added)}
    turned = records[::-1]
    assert (head(turned) == head(records)) == (turned == records)


@given(RECORDS, st.integers(0, 12))
def test_a_chain_goes_on_from_a_checkpoint(records, split):
    before, after = HashChain("r1", AGENT), records[split:]
    for one in records[:split]:
        before.add(one)
    last = replace(closed([]), count=before.count, head=before.head)
    going_on = HashChain("r1", AGENT, last)
    for one in after:
        going_on.add(one)
    assert (going_on.head, going_on.count) == (head(records), len(records))


def test_checkpoints_day_by_day_are_those_of_one_chain(make_measurement):
    made = [make_measurement(number) for number in range(6)]
    first = closed(made[:4], at=made[0].key.scheduled_at)
    second = closed(made[4:], first)
    assert (first.count, second.count) == (4, 6)
    assert second.head == head([record_of_measurement(one, late=False) for one in made])


def test_what_was_due_before_a_checkpoint_and_comes_after_is_marked_late(make_measurement):
    made = [make_measurement(number) for number in range(3)]
    first = closed([made[0]], at=made[2].key.scheduled_at)
    second = closed(made[1:], first)
    marked = [record_of_measurement(one, late=is_late) for one, is_late in zip(made, [False, True, False], strict=True)]
    assert second.head == head(marked)
    assert b'"late":true' in marked[1]


def test_a_checkpoint_comes_back_from_its_text():
    made = closed([])
    assert checkpoint_of(made.text()) == made
    assert made.text().startswith('{"agent":"ha-noi.http","at":"2026-11-23T17:00:00Z","clock_offset_seconds":0.01')


def test_other_texts_are_no_checkpoint():
    with pytest.raises(ValueError, match="no checkpoint"):
        checkpoint_of('{"agent":"x"}')


@given(st.data())
def test_a_record_gives_its_measurement_back(any_measurement, data):
    measurement = data.draw(any_measurement)
    for late in (False, True):
        record = record_of_measurement(measurement, late=late)
        again, was_late = measurement_of_record(record)
        assert record_of_measurement(again, late=was_late) == record
        assert was_late is late
        assert again.observation.values.values() or not measurement.observation.values


def test_numbers_of_a_record_are_not_rounded(make_measurement):
    made = make_measurement(values={"total_seconds": 0.1 + 0.2})
    again, _ = measurement_of_record(record_of_measurement(made, late=False))
    assert again == made


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line[:-1] + b',"more":1}',
        lambda line: line.replace(b'"http"', b'"http" '),
        lambda line: line.replace(b'"agency_id"', b'"agency_id":"x","agency_id"'),
        lambda line: line[:-1] + b',"late":true}',
        lambda line: b"no json",
    ],
)
def test_a_line_that_says_more_or_otherwise_than_its_measurement_is_refused(make_measurement, change):
    with pytest.raises(ValueError, match=r"no canonical record|no measurement"):
        measurement_of_record(change(record_of_measurement(make_measurement(), late=False)))


def test_agents_are_named_by_place_and_engine(make_measurement):
    assert ChainedAgent.named("ha-noi.http") == AGENT
    assert ChainedAgent.of(make_measurement(kind="homepage")).name == "local.browser"
    assert ChainedAgent.of(make_measurement(kind="of-tomorrow")) is None
    for name in ("ha-noi", "../x.http", "ha-noi.steam", ".http"):
        with pytest.raises(ValueError):
            ChainedAgent.named(name)


def test_late_is_told_by_the_instant_it_was_due(make_measurement):
    last = closed([], at=AT)
    early = make_measurement(scheduled_at=AT - timedelta(seconds=1))
    assert closed([early], last).head != closed([replace(early, agency_id="x")], last).head
    assert closed([early], last).head == closed([early], replace(last, at=AT + timedelta(days=1))).head
