# SPDX-License-Identifier: GPL-2.0
"""What anybody can make a kernel keep, who has seen the cid of a group."""

import os

import host
import keys
import tap
import unit
from scene import Scene

EARLY = 256 << 10   # bytes of payloads of a group without their headers

WEB = """
contract: web
parties: {a: keys/a.pub, b: keys/b.pub, k: keys/k.pub}
phases:
  - actions:
      - {name: one, from: a, to: [k], count: 40, max: 8K}
      - {name: two, from: b, to: [a, k], same: true, count: 200, max: 64K}
"""


class Junk:
    """Payloads of a group under keys of nobody."""

    def __init__(self, s):
        self.s = s
        self.cid = keys.group_cid(s.contract)
        self.sent = 0

    def unit(self):
        message = self.s.message(0, 1, 100 + self.sent % 50, bytes(1000))
        self.sent += 1
        return message.payload_unit(0, message.stream, self.cid,
                                    os.urandom(32), unit.F_GROUP)

    def fill(self):
        """Until there is no room but by what goes for it."""
        before = self.s.counters.read()
        total = 2 * EARLY // 1000
        for start in range(0, total, 50):
            for _ in range(50):
                self.s.raw(self.unit())
            tap.wait_until("taken", lambda: self.s.counters.read()["RxUnits"] >=
                           before["RxUnits"] + start + 50)
        gone = self.s.counters.read()["RxEarlyFull"] - before["RxEarlyFull"]
        if not total // 2 <= gone < total:
            raise AssertionError(f"{gone} of {total} had no room")
        for name in ("RxUnits", "RxEarlyFull"):
            self.s.expected[name] = self.s.counters.read()[name]


@tap.test("junk for a group goes when others come")
def junk_first():
    with Scene(WEB, "k") as s:
        b, sock = s.to[s.party("b")], s.udp[s.party("b")]
        sock.deaf = set()
        Junk(s).fill()
        tap.same("nothing shows", [1, 1], s.socket.state(0)[1])
        message, key = s.message(0, 1, 0, os.urandom(3000)), os.urandom(32)
        for datagram in message.group_payloads(key):
            s.raw(datagram)
        s.raw(message.header(b, key))
        info, payload = s.socket.receive()
        tap.same("message", (0, message.payload), (info.seq, payload))
        tap.same("sent again", 0, sum(
            datagram[0] & 0xf == unit.RETRANSMIT
            for datagram in host.pending(sock)))


@tap.test("what junk has driven out is asked for")
def junk_later():
    with Scene(WEB, "k") as s:
        b, sock = s.to[s.party("b")], s.udp[s.party("b")]
        sock.deaf = set()
        message, key = s.message(0, 1, 0, os.urandom(3000)), os.urandom(32)
        payloads = message.group_payloads(key)
        for datagram in payloads:
            s.raw(datagram)
        Junk(s).fill()
        s.raw(message.header(b, key))
        while True:
            datagram = sock.recv(65536)
            if datagram[0] & 0xf == unit.RETRANSMIT:
                break
        text = unit.unseal_state(datagram, s.back[s.party("b")])
        miss = unit.Missing(*unit.MISSING.unpack(text))
        tap.same("missing", (0, 1, 0, 0, 0, 2 ** len(payloads) - 1),
                 (miss.phase, miss.action, miss.seq, miss.flags, miss.base,
                  miss.map))
        for datagram in payloads:
            s.raw(datagram, sock)
        info, payload = s.socket.receive()
        tap.same("message", (0, message.payload), (info.seq, payload))


tap.run()
