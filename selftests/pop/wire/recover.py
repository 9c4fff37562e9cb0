# SPDX-License-Identifier: GPL-2.0
"""Recovery: what one recipient of a message does for another."""

import os

import host
import tap
import unit
from scene import Scene

GROUP = """
contract: group
faulty: 1
parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub, k: keys/k.pub,
          z: keys/z.pub}
phases:
  - actions:
      - {name: same, from: a, to: [b, c, k], same: true}
      - {name: solo, from: a, to: [k]}
      - {name: two, from: a, to: [b, k], same: true}
"""
SAME, SOLO, TWO = range(3)
LENGTH = 3000       # three fragments
PLEAS = 59          # in one datagram, for more than a peer's budget


class Party:
    """A recipient played here, who hears echoes and pleas for help."""

    counter = 0

    def __init__(self, s, name):
        self.s = s
        self.party = s.party(name)
        self.sock = s.udp[self.party]
        self.sock.deaf = set()
        self.way = s.to[self.party]
        self.back = s.back[self.party]

    def say(self, datagram):
        self.s.raw(datagram, self.sock)

    def count(self):
        Party.counter += 1
        return Party.counter

    def echo(self, message):
        """It has all of the channel."""
        self.say(unit.echo(self.way, self.count(), (
            *message.slot[:2], unit.ECHO_ALL, 0, bytes(3),
            message.head.digest)))

    def asked(self, *kinds):
        """The next unit of these types; its outer part, and what is inside."""
        while True:
            datagram = self.sock.recv(65536)
            if datagram[0] & 0xf in kinds:
                return (unit.parse(datagram),
                        unit.unseal_state(datagram, self.back))

    def plea(self, header):
        """The next RECOVERY that wants the header, or does not."""
        while True:
            _, text = self.asked(unit.RECOVERY)
            for record in unit.MISSING.iter_unpack(text):
                miss = unit.Missing(*record)
                if bool(miss.flags) == header:
                    return miss

    def become_source(self, message):
        """Give the header whenever it is wanted, until all else is."""
        while True:
            _, text = self.asked(unit.RECOVERY)
            for record in unit.MISSING.iter_unpack(text):
                miss = unit.Missing(*record)
                if not miss.flags:
                    return miss
                self.relay_header(message)

    def give(self, message, order=(0, 1, 2)):
        """Its fragments, as the source; and what it is asked for then, for who
        is slow is passed over and has its turn again."""
        for fragment in order:
            self.relay(message, fragment)
        tap.wait_until("all of it is taken", lambda: self.serve(message))

    def serve(self, message, fragments=None):
        """Whatever it was asked for. Return: whether the kernel has it all."""
        fragments = fragments or message.fragments(True)
        for datagram in host.pending(self.sock):
            if datagram[0] & 0xf != unit.RECOVERY:
                continue
            text = unit.unseal_state(datagram, self.back)
            for record in unit.MISSING.iter_unpack(text):
                miss = unit.Missing(*record)
                if miss.flags:
                    self.relay_header(message)
                for fragment, data in enumerate(fragments):
                    if miss.map >> fragment & 1:
                        self.relay(message, fragment, data)
        return (self.s.counters.read()["RxExecuted"]
                > self.s.expected["RxExecuted"])

    def beg(self, records):
        self.say(recovery(self.way, self.count(), records))

    def relay_header(self, message, voucher=None):
        head = unit.HEAD.pack(*message.head)
        voucher = voucher or message.vouchers[self.s.kernel]
        self.say(unit.relay(self.way, self.count(), message.slot,
                            unit.RELAY_HEADER, head + voucher))

    def relay(self, message, fragment, data=None):
        xcrc = unit.XCRC.pack(unit.crypto.crc32c(
            unit.HEAD.pack(*message.head)))
        data = data or message.fragments(True)[fragment]
        self.say(unit.relay(self.way, self.count(), message.slot, fragment,
                            xcrc + data))


def recovery(way, counter, text):
    out = unit.state_outer(unit.RECOVERY, way, counter)
    return unit.seal_state(out, text, way)


def message_of(s, action=SAME, seq=0, length=LENGTH):
    """A message that all recipients can know to be a's."""
    message = s.message(0, action, seq, os.urandom(length))
    message.vouch(s.kernel, s.to[s.party("a")])
    return message


def counted(s, name, number):
    before = s.expected[name]
    tap.wait_until(f"{name} {number}",
                   lambda: s.counters.read()[name] == before + number)


def from_sender(s, message):
    """All of it, as the sender sends it: the header, and the group's payload."""
    key = os.urandom(32)
    return [message.header(s.to[s.party("a")], key),
            *message.group_payloads(key)]


def received(s, message):
    info, payload = s.socket.receive()
    tap.same("slot", tuple(message.slot), (info.phase, info.action, info.seq))
    tap.same("message", message.payload, payload)
    tap.same("digest", message.head.digest, info.digest)


@tap.test("the sender is asked three times, and then the others")
def asked():
    with Scene(GROUP, "k") as s:
        b, c = Party(s, "b"), Party(s, "c")
        a = Party(s, "a")
        message = message_of(s)
        b.echo(message)     # so k knows that there is a message
        for _ in range(3):
            _, text = a.asked(unit.RETRANSMIT)
            miss, = unit.MISSING.iter_unpack(text)
            tap.same("sender is asked", (0, SAME, 0, 1, 0, 0, 0), miss)
        for party in (b, c):
            tap.same("others are asked", (0, SAME, 0, 1, 0, 0, 0),
                     tuple(party.plea(True)))
        b.relay_header(message)
        miss = b.plea(False)
        tap.same("for all of the payload", (0, 7), (miss.base, miss.map))
        b.give(message, (2, 0, 1))
        received(s, message)
        tap.same("said to one who has no part in it", [],
                 host.pending(s.udp[s.party("z")]))


@tap.test("a header that came from the sender is not asked for in vain")
def payload_only():
    with Scene(GROUP, "k") as s:
        b = Party(s, "b")
        message = message_of(s)
        s.raw(message.header(s.to[s.party("a")], os.urandom(32)))
        b.plea(True)
        b.relay_header(message)
        b.plea(False)
        b.give(message)
        received(s, message)


@tap.test("a header without the sender's voucher is none")
def no_voucher():
    with Scene(GROUP, "k") as s:
        b, c = Party(s, "b"), Party(s, "c")
        message, false = message_of(s), message_of(s)
        b.echo(message)
        b.plea(True)
        b.relay_header(false, os.urandom(16))
        # one for another header, and one for another slot
        b.relay_header(false, message.vouchers[s.kernel])
        other = message_of(s, TWO)
        b.relay_header(message, other.vouchers[s.kernel])
        counted(s, "RxBadVoucher", 3)
        c.relay_header(message)
        c.plea(False)
        c.give(message)
        received(s, message)


@tap.test("who gives a false payload is passed over")
def false_payload():
    with Scene(GROUP, "k") as s:
        b, c = Party(s, "b"), Party(s, "c")
        message = message_of(s)
        b.echo(message)
        b.plea(True)
        b.relay_header(message)
        b.plea(False)
        first, *rest = message.fragments(True)
        false = [bytes(len(first)), *rest]

        def found():
            b.serve(message, false)
            return (s.counters.read()["RxBadCrc"] ==
                    s.expected["RxBadCrc"] + 1)

        b.relay(message, 0, false[0])
        # of c nothing is taken yet
        c.relay(message, 1)
        tap.wait_until("nothing is taken", lambda: s.counters.read()[
            "RxUnasked"] > s.expected["RxUnasked"])
        for fragment in (1, 2):
            b.relay(message, fragment)
        tap.wait_until("it is found to be false", found)
        b.relay_header(message)     # too late
        c.become_source(message)
        c.give(message)
        received(s, message)
        # and nobody blames the sender
        tap.same("contradictions", 0, s.counters.read()["RxContradiction"] -
                 s.expected["RxContradiction"])


@tap.test("who falls silent is passed over")
def silent():
    with Scene(GROUP, "k") as s:
        b, c = Party(s, "b"), Party(s, "c")
        message = message_of(s)
        b.echo(message)
        b.plea(True)
        b.relay_header(message)
        b.relay(message, 0)
        b.plea(False)
        c.become_source(message)
        c.give(message)
        received(s, message)


@tap.test("who gives the same again and again is passed over")
def repeats():
    with Scene(GROUP, "k") as s:
        b, c = Party(s, "b"), Party(s, "c")
        message = message_of(s)
        b.echo(message)
        b.plea(True)
        c.plea(True)
        b.relay_header(message)
        b.plea(False)
        host.pending(c.sock)    # asked before that
        # before it could count as silent, until others are asked
        host.be_patient(c.sock, 0.02)
        for _ in range(2000):
            b.relay(message, 0)
            try:
                c.plea(True)
                break
            except BlockingIOError:
                pass
        else:
            raise AssertionError("others are not asked")
        host.be_patient(c.sock)
        c.relay_header(message)
        c.become_source(message)
        c.give(message)
        received(s, message)


@tap.test("who was passed over has its turn again, though others are silent")
def second_turn():
    with Scene(GROUP, "k") as s:
        b, c = Party(s, "b"), Party(s, "c")
        message = message_of(s)
        b.echo(message)
        c.become_source(message)
        for party in (b, c):
            host.pending(party.sock)    # asked before that
        # all that it gives is lost; and b says no more
        b.plea(True)
        c.plea(True)
        c.relay_header(message)
        c.give(message)
        received(s, message)


@tap.test("what is left of who fell silent is not the sender's fault")
def leftovers():
    with Scene(GROUP, "k") as s:
        b, c = Party(s, "b"), Party(s, "c")
        message = message_of(s)
        b.echo(message)
        b.plea(True)
        c.plea(True)
        b.relay_header(message)
        b.plea(False)
        host.pending(c.sock)    # asked before that
        b.relay(message, 0, bytes(len(message.fragments(True)[0])))
        c.plea(True)
        for datagram in from_sender(s, message):
            s.raw(datagram)
        received(s, message)
        counters = s.counters.read()
        for name in "RxBadCrc", "RxBadDigest", "RxContradiction":
            tap.same(name, s.expected[name], counters[name])


@tap.test("two headers with the sender's voucher are its contradiction")
def contradiction():
    with Scene(GROUP, "k") as s:
        b, c = Party(s, "b"), Party(s, "c")
        message, other = message_of(s), message_of(s)
        b.echo(message)
        b.plea(True)
        b.relay_header(message)
        b.plea(False)
        c.relay_header(other)
        counted(s, "RxContradiction", 1)
        tap.same("state", [6, 1, 1], s.socket.state(0)[1])


@tap.test("the sender comes back, and its header brings the key")
def comes_back():
    with Scene(GROUP, "k") as s:
        b = Party(s, "b")
        message = message_of(s)
        b.echo(message)
        b.plea(True)
        b.relay_header(message)
        b.plea(False)
        header, *payloads = from_sender(s, message)
        s.raw(header)
        counted(s, "RxDuplicate", 1)
        # b says no more, and is given up
        while s.counters.read()["RxExecuted"] == s.expected["RxExecuted"]:
            for datagram in payloads:
                s.raw(datagram)
        received(s, message)


@tap.test("the sender has its turn, whatever other recipients do")
def senders_turn():
    with Scene(GROUP, "k") as s:
        b, c = Party(s, "b"), Party(s, "c")
        a = Party(s, "a")
        message = message_of(s)
        units = from_sender(s, message)
        b.echo(message)
        c.plea(True)
        b.relay_header(message)
        b.plea(False)
        # both want to be the source again and again, and give nothing
        keyed = False
        while s.counters.read()["RxExecuted"] == s.expected["RxExecuted"]:
            for party in (b, c) * 3:
                party.relay_header(message)
            _, text = a.asked(unit.RETRANSMIT)
            miss = unit.Missing(*next(unit.MISSING.iter_unpack(text)))
            if not miss.map:
                continue    # those before there was a header
            tap.same("all", (0, 7), (miss.base, miss.map))
            if not keyed:
                tap.same("and the key", 1, miss.flags)
            keyed = True
            for party in (b, c) * 3:
                party.relay_header(message)
            for datagram in units:
                s.raw(datagram)
        received(s, message)


@tap.test("what k has it gives to who asks, with its voucher")
def helps():
    with Scene(GROUP, "k") as s:
        b = Party(s, "b")
        message = message_of(s)
        s.take(*from_sender(s, message))
        received(s, message)
        b.beg(unit.MISSING.pack(*message.slot, 1, 0, 0, 0b101))
        head = unit.HEAD.pack(*message.head)
        xcrc = unit.XCRC.pack(unit.crypto.crc32c(head))
        parts = message.fragments(True)
        for fragment, text in (
                (unit.RELAY_HEADER, head + message.vouchers[b.party]),
                (0, xcrc + parts[0]), (2, xcrc + parts[2])):
            out, found = b.asked(unit.RELAY)
            tap.same("slot", (*message.slot, fragment),
                     (out.phase, out.action, out.seq, out.fragment))
            tap.same("inside", text, found)
        # of what it has not it says nothing
        b.beg(unit.MISSING.pack(0, TWO, 0, 1, 0, 0, 0))
        b.say(unit.request(b.way, b.count()))
        out, _ = b.asked(unit.RELAY, unit.STATE_REPLY)
        tap.same("answer", unit.STATE_REPLY, out.type & 0xf)


@tap.test("of a message just longer than a fragment it gives both")
def helps_short():
    with Scene(GROUP, "k") as s:
        b = Party(s, "b")
        message = message_of(s, length=unit.FRAGMENT_LEN)
        s.take(*from_sender(s, message))
        received(s, message)
        b.beg(unit.MISSING.pack(*message.slot, 0, 0, 0, 0b11))
        xcrc = unit.XCRC.pack(unit.crypto.crc32c(
            unit.HEAD.pack(*message.head)))
        parts = message.fragments(True)
        tap.same("fragments", 2, len(parts))
        for part in parts:
            tap.same("inside", xcrc + part, b.asked(unit.RELAY)[1])


@tap.test("it gives no more than a sender would send again")
def bounded():
    with Scene(GROUP, "k") as s:
        b = Party(s, "b")
        message = message_of(s)
        s.take(*from_sender(s, message))
        received(s, message)
        before = s.counters.read()
        plea = unit.MISSING.pack(*message.slot, 1, 0, 0, 0b111)
        b.beg(PLEAS * plea)
        asked = PLEAS * 4       # a header and three fragments each
        tap.wait_until("the bound", lambda: s.counters.read()["TxLimited"] >
                       before["TxLimited"])
        # what comes of the next request is behind all that comes of this one
        b.say(unit.request(b.way, b.count()))
        given = 0
        while b.asked(unit.RELAY, unit.STATE_REPLY)[0].type & 0xf == unit.RELAY:
            given += 1
        tap.same("given some, and not all", True, 0 < given < asked)
        tap.same("at the first it stops", before["TxLimited"] + 1,
                 s.counters.read()["TxLimited"])


@tap.test("what nobody may ask for or give is counted, and not answered")
def refused():
    with Scene(GROUP, "k") as s:
        b = s.to[s.party("b")]
        miss = unit.Missing(0, SAME, 0, 1, 0, 0, 0)
        bad = [unit.MISSING.pack(*miss._replace(**wrong)) for wrong in (
            {"reserved": 1}, {"flags": 2}, {"phase": 9}, {"action": 9},
            {"action": SOLO}, {"seq": 1})] + [b"", bytes(19)]
        for counter, text in enumerate(bad, 1):
            s.refused("Malformed", recovery(b, counter, text))
        for name, action in (("z", SAME), ("a", SAME), ("c", TWO)):
            s.refused("Malformed", recovery(
                s.to[s.party(name)], 1,
                unit.MISSING.pack(*miss._replace(action=action))))
        message = message_of(s)
        for name, action, why in (("b", SAME, "Unasked"),
                                  ("b", SOLO, "Unscheduled"),
                                  ("z", SAME, "Unscheduled"),
                                  ("c", TWO, "Unscheduled")):
            s.refused(why, unit.relay(
                s.to[s.party(name)], 99, message.slot._replace(action=action),
                0, bytes(100)))
        s.check()


tap.run()
