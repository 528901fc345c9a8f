"""Local servers that answer, lie, break off or stay silent."""

import asyncio
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest


class NameServer:
    """
    A DNS server on a loopback port, over UDP and TCP.

    zone: (name, type) -> list of (owner, type, value) records; anything else is NXDOMAIN. The switches make it misbehave.
    """

    def __init__(self, zone):
        self.zone = zone
        self.rcode = None
        self.rcodes = {}  # of single names; None = no answer
        self.silent = False
        self.truncated = False
        self.before = []
        self.asked = []
        self.address = ""

    def answer(self, wire, over_tcp=False):
        query = dns.message.from_wire(wire)
        asked = query.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind, "tcp" if over_tcp else "udp"))
        reply = dns.message.make_response(query, recursion_available=True)
        if name in self.rcodes and self.rcodes[name] is None:
            return b""
        if self.rcodes.get(name, self.rcode) is not None:
            reply.set_rcode(self.rcodes.get(name, self.rcode))
        elif self.truncated and not over_tcp:
            reply.flags |= dns.flags.TC
        elif (name, kind) in self.zone:
            for owner, record_type, value in self.zone[name, kind]:
                reply.answer.append(dns.rrset.from_text(f"{owner}.", 60, "IN", record_type, value))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server):
        self.server = server

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        reply = self.server.answer(data)
        if reply and not self.server.silent:
            for forged in self.server.before:
                self.transport.sendto(forged(data), address)
            self.transport.sendto(reply, address)


@pytest.fixture
def name_server():
    @asynccontextmanager
    async def serving(zone, host="127.0.0.1"):
        server = NameServer(zone)

        async def over_tcp(reader, writer):
            length = int.from_bytes(await reader.readexactly(2), "big")
            reply = server.answer(await reader.readexactly(length), over_tcp=True)
            writer.write(len(reply).to_bytes(2, "big"))
            await writer.drain()
            writer.write(reply)
            writer.close()

        tcp = await asyncio.start_server(over_tcp, host, 0)
        port = tcp.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(server), local_addr=(host, port))
        server.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            yield server
        finally:
            udp.close()
            tcp.close()

    return serving
