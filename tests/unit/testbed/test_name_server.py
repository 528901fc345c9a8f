"""The drill's and the parity tests' name server answers as a library for DNS reads it."""

import asyncio

import dns.asyncquery
import dns.message
import dns.rcode
import pytest

from testbed.name_server import answer_to, serve_names

HOSTS = {"a.test": "10.1.2.3"}


def asked(name, kind="A"):
    question = dns.message.make_query(name, kind)
    return dns.message.from_wire(answer_to(question.to_wire(), HOSTS.get))


def test_a_host_that_exists_has_its_address():
    answer = asked("A.test")
    assert answer.rcode() == dns.rcode.NOERROR
    assert [record.to_text() for record in answer.answer[0]] == ["10.1.2.3"]


def test_it_has_no_address_of_another_kind():
    answer = asked("a.test", "AAAA")
    assert (answer.rcode(), answer.answer) == (dns.rcode.NOERROR, [])


def test_any_other_host_does_not_exist():
    answer = asked("b.test")
    assert (answer.rcode(), answer.answer) == (dns.rcode.NXDOMAIN, [])


async def test_it_answers_over_udp_and_what_is_told_may_change():
    hosts = dict(HOSTS)
    try:
        transport = await serve_names("127.0.0.53", hosts.get)
    except OSError:
        pytest.skip("port 53 is taken, or only root may have it")
    question = dns.message.make_query("a.test", "A")
    try:
        async with asyncio.timeout(10):
            before = await dns.asyncquery.udp(question, "127.0.0.53")
            del hosts["a.test"]
            after = await dns.asyncquery.udp(question, "127.0.0.53")
    finally:
        transport.close()
    assert (before.rcode(), after.rcode()) == (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)
