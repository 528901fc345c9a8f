"""The little of the DNS that the benchmarks' name server speaks, against dnspython."""

import dns.message
import dns.rcode

from benchmarks.names import answer_to, name_asked


def test_name_is_read_in_lower_case():
    assert name_asked(dns.message.make_query("P17.Bench.TEST.", "A").to_wire()) == "p17.bench.test"


def test_answer_holds_the_address_and_belongs_to_the_question():
    question = dns.message.make_query("p1.bench.test.", "A", use_edns=True)
    answer = dns.message.from_wire(answer_to(question.to_wire(), "127.0.0.77"))
    assert question.is_response(answer)
    assert [item.address for item in answer.answer[0]] == ["127.0.0.77"]


def test_other_types_get_an_answer_without_records():
    question = dns.message.make_query("p1.bench.test.", "AAAA")
    answer = dns.message.from_wire(answer_to(question.to_wire(), "127.0.0.77"))
    assert answer.rcode() == dns.rcode.NOERROR
    assert answer.answer == []
