"""The wire format of DNS, against dnspython."""

import struct
from contextlib import suppress
from ipaddress import ip_address

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.net.dns import (
    NOERROR,
    NXDOMAIN,
    TYPE_A,
    TYPE_AAAA,
    BadNameError,
    MalformedError,
    query,
    question,
    read_answer,
)

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=6).map(".".join)
TYPES = st.sampled_from([TYPE_A, TYPE_AAAA])
V4 = st.ip_addresses(v=4).map(str)
V6 = st.ip_addresses(v=6).map(str)


def reply_to(name, kind, records, rcode=NOERROR):
    message = dns.message.from_wire(query(7, question(name, kind)))
    reply = dns.message.make_response(message, recursion_available=True)
    reply.set_rcode(rcode)
    for owner, record_type, values in records:
        reply.answer.append(dns.rrset.from_text(f"{owner}.", 60, "IN", record_type, *values))
    return reply.to_wire()


@settings(max_examples=40, deadline=None)
@given(NAMES, TYPES, st.integers(0, 65535))
def test_a_question_reads_as_dnspython_would_write_it(name, kind, message_id):
    message = dns.message.from_wire(query(message_id, question(name, kind)))
    assert message.id == message_id
    assert message.flags == dns.flags.RD
    assert [(q.name, q.rdtype) for q in message.question] == [(dns.name.from_text(name), kind)]


@settings(max_examples=40, deadline=None)
@given(NAMES, TYPES, st.data())
def test_addresses_are_read_in_the_servers_order(name, kind, data):
    addresses = data.draw(st.lists(V4 if kind == TYPE_A else V6, min_size=1, max_size=5, unique=True))
    wire = reply_to(name, kind, [(name, dns.rdatatype.to_text(kind), addresses)])
    in_order = [ip_address(record[0].to_text()) for record in dns.message.from_wire(wire, one_rr_per_rrset=True).answer]
    assert {str(address) for address in in_order} == set(addresses)
    assert [ip_address(text) for text in read_answer(wire, 7, question(name, kind)).addresses] == in_order


@settings(max_examples=40, deadline=None)
@given(st.lists(NAMES, min_size=2, max_size=6, unique=True), st.randoms(), V4)
def test_aliases_are_followed_in_whatever_order_they_come(names, random, address):
    records = [(owner, "CNAME", [f"{target}."]) for owner, target in zip(names, names[1:], strict=False)]
    records.append((names[-1], "A", [address]))
    random.shuffle(records)
    assert read_answer(reply_to(names[0], TYPE_A, records), 7, question(names[0], TYPE_A)).addresses == (address,)


def test_addresses_of_another_name_are_not_taken():
    wire = reply_to("a.test", TYPE_A, [("b.test", "A", ["192.0.2.1"])])
    assert read_answer(wire, 7, question("a.test", TYPE_A)).addresses == ()


def test_aliases_in_a_circle_end():
    wire = reply_to("a.test", TYPE_A, [("a.test", "CNAME", ["b.test."]), ("b.test", "CNAME", ["a.test."])])
    assert read_answer(wire, 7, question("a.test", TYPE_A)).addresses == ()


def test_the_letter_case_of_names_does_not_matter():
    wire = reply_to("A.test", TYPE_A, [("a.TEST", "A", ["192.0.2.1"])])
    assert read_answer(wire, 7, question("a.Test", TYPE_A)).addresses == ("192.0.2.1",)


def test_a_code_is_told():
    assert read_answer(reply_to("a.test", TYPE_A, [], NXDOMAIN), 7, question("a.test", TYPE_A)).code == NXDOMAIN


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_malformed_and_nothing_else(wire):
    with pytest.raises(MalformedError):
        read_answer(b"\0\7\x81\x80\0\1\0\1\0\0\0\0" + wire, 8, question("a.test", TYPE_A))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_answer_is_read_or_malformed(data):
    whole = bytearray(reply_to("a.test", TYPE_A, [("a.test", "CNAME", ["b.test."]), ("b.test", "A", ["192.0.2.1"])]))
    for position in data.draw(st.lists(st.integers(2, len(whole) - 1), max_size=4)):
        whole[position] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with suppress(MalformedError):
        read_answer(cut, 7, question("a.test", TYPE_A))


@pytest.mark.parametrize(("message_id", "asked"), [(8, "a.test"), (7, "b.test")])
def test_an_answer_to_something_else_is_malformed(message_id, asked):
    wire = reply_to("a.test", TYPE_A, [("a.test", "A", ["192.0.2.1"])])
    with pytest.raises(MalformedError):
        read_answer(wire, message_id, question(asked, TYPE_A))


def test_our_own_question_come_back_is_no_answer():
    with pytest.raises(MalformedError):
        read_answer(query(7, question("a.test", TYPE_A)), 7, question("a.test", TYPE_A))


@pytest.mark.parametrize("host", ["", "a..b", ".a", "x" * 64, ".".join(["abcdefghi"] * 26), "cổng.vn"])
def test_what_is_no_name_is_not_asked_for(host):
    with pytest.raises(BadNameError):
        question(host, TYPE_A)


def test_a_message_full_of_pointers_to_pointers_is_refused_after_a_few():
    asked = question("a.test", TYPE_A)
    message = bytearray(struct.pack("!6H", 1, 0x8180, 1, 2, 0, 0) + asked)
    message += b"\xc0\x0c" + struct.pack("!HHLH", 999, 1, 60, 4000)  # a record nobody knows holds the chain
    message += b"\xc0\x0c"
    for _ in range(1999):  # each pointer leads to the one before it
        message += struct.pack("!H", 0xC000 | (len(message) - 2))
    message += struct.pack("!H", 0xC000 | (len(message) - 2)) + struct.pack("!HHLH", 1, 1, 60, 4) + b"\1\2\3\4"
    with pytest.raises(MalformedError, match="too often"):
        read_answer(bytes(message), 1, asked)


def test_of_a_message_with_thousands_of_records_the_first_are_read():
    asked = question("a.test", TYPE_A)
    record = b"\xc0\x0c" + struct.pack("!HHLH", 1, 1, 60, 4) + b"\1\2\3\4"
    message = struct.pack("!6H", 1, 0x8180, 1, 4000, 0, 0) + asked + record * 4000
    answer = read_answer(message, 1, asked)
    assert set(answer.addresses) == {"1.2.3.4"}
    assert len(answer.addresses) == 256
