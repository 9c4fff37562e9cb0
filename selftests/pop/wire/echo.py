# SPDX-License-Identifier: GPL-2.0
"""Echoes: what the recipients of one message tell each other, and what comes of
it when they have not the same."""

import os

import host
import keys
import tap
import unit
from scene import Scene

# k is the last in the ring of recipients: b and c are the next two.
RING = """
contract: ring
faulty: 1
parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub, d: keys/d.pub,
          k: keys/k.pub}
phases:
  - actions:
      - {name: all, from: a, to: [b, c, d, k], same: true, consistency: all,
         count: 3}
      - {name: detect, from: a, to: [b, c, d, k], same: true, count: 2}
      - {name: quorum, from: a, to: [b, c, d, k], same: true,
         consistency: quorum, count: 3}
      - {name: solo, from: a, to: [k]}
  - actions:
      - {name: next, from: a, to: [k]}
  - actions:
      - {name: next, from: a, to: [k]}
  - actions:
      - {name: next, from: a, to: [k]}
  - actions:
      - {name: next, from: a, to: [k]}
"""
A_ALL, A_DETECT, A_QUORUM, A_SOLO = range(4)


class Ring:
    """The sender, and the other recipients."""

    def __init__(self, s):
        self.s = s
        self.counter = 0
        self.group_key = os.urandom(32)
        for name in "abcd":
            sock = s.udp[s.party(name)]
            # a slow machine asks for messages, which recover.py is about
            sock.deaf = {*range(1, 8), unit.RECOVERY}

    def units(self, action, seq, data=b"the same for all"):
        """A message of a, and its units: header and payload."""
        message = self.s.message(0, action, seq, data)
        way = self.s.to[self.s.party("a")]
        return (message, message.header(way, self.group_key),
                *message.group_payloads(self.group_key))

    def say(self, name, *records):
        """An echo of a recipient, which the model is told of, too."""
        self.counter += 1
        party = self.s.party(name)
        self.s.take(unit.echo(self.s.to[party], self.counter, *records),
                    sock=self.s.udp[party])

    def heard(self, name):
        """The next echo that the kernel sends there."""
        party = self.s.party(name)
        datagram = self.s.udp[party].recv(65536)
        tap.same("type", unit.ECHO, datagram[0] & 0xf)
        return unit.parse_echo(unit.unseal_state(datagram,
                                                 self.s.back[party]))

    def answer(self, name):
        """The next one that asks for nothing: a slow machine has asked again
        before it heard what was said."""
        while True:
            answers = [record for record in self.heard(name)
                       if not record.flags & unit.ECHO_WANT]
            if answers:
                return answers

    def no_echo(self, name):
        tap.same(f"to {name}", [],
                 host.pending(self.s.udp[self.s.party(name)]))

    def finish_phase(self):
        """All that k is owed in phase 0 but for what a test looks at."""
        s = self.s
        for action, line in sorted(s.model.at.items()):
            for seq in range(line.channel.count):
                if action[0] or seq in line.digests:
                    continue
                way = s.to[s.party("a")]
                message = s.message(0, action[1], seq, b"rest")
                if action[1] == A_SOLO:
                    s.take(*message.units(way))
                    continue
                s.take(message.header(way, self.group_key),
                       *message.group_payloads(self.group_key))
                if action[1] != A_DETECT:
                    for name in "bcd":
                        self.say(name, echoed(message))


def echoed(message, flags=0, digest=None):
    return (*message.slot, flags, bytes(3), digest or message.head.digest)


def wants(record):
    return record[:3] + (record.flags, record.digest)


@tap.test("whoever has a header tells all others, and asks them", A_ALL)
@tap.test("with a quorum, too", A_QUORUM)
def push(action):
    with Scene(RING, "k") as s:
        ring = Ring(s)
        message, header, _ = ring.units(action, 1)
        s.take(header)
        for _ in range(2):      # again, as long as they are silent
            for name in "bcd":
                tap.same("echo", [(0, action, 1, unit.ECHO_WANT,
                                   message.head.digest)],
                         [wants(record) for record in ring.heard(name)])
        s.check()


@tap.test("all: delivered once all have echoed the same")
def deliver_all():
    with Scene(RING, "k") as s:
        ring = Ring(s)
        message, header, payload = ring.units(A_ALL, 0)
        s.take(header)
        ring.say("c", echoed(message))
        s.take(payload)
        s.check()
        ring.say("b", echoed(message))
        ring.say("b", echoed(message))
        s.check()
        tap.same("delivered", [], s.model.delivered)
        tap.same("in /proc", True, " echo " in host.channels("p1"))
        # another slot says nothing of this one
        other, other_header, _ = ring.units(A_ALL, 1)
        s.take(other_header)
        ring.say("d", echoed(other))
        tap.same("delivered", [], s.model.delivered)
        ring.say("d", echoed(message))
        tap.same("delivered", 1, len(s.model.delivered))
        s.check()


@tap.test("all: echoes may come before the payload, not before the header")
def early():
    with Scene(RING, "k") as s:
        ring = Ring(s)
        message, header, payload = ring.units(A_ALL, 2)
        for name in "bcd":
            ring.say(name, echoed(message, unit.ECHO_WANT))
            ring.no_echo(name)      # it has nothing to say
        s.take(header)
        for name in "bcd":
            tap.same("asked", unit.ECHO_WANT, ring.heard(name)[0].flags)
            ring.say(name, echoed(message))
        s.check()
        tap.same("delivered", [], s.model.delivered)
        s.take(payload)
        tap.same("delivered", 1, len(s.model.delivered))
        s.check()


@tap.test("quorum: delivered once three of four have the same")
def deliver_quorum():
    with Scene(RING, "k") as s:
        ring = Ring(s)
        message, header, payload = ring.units(A_QUORUM, 0)
        s.take(header, payload)
        ring.say("b", echoed(message))
        tap.same("delivered", [], s.model.delivered)
        s.check()
        ring.say("c", echoed(message, digest=b"!" * 32))
        ring.say("c", echoed(message))      # its first word stands
        tap.same("delivered", [], s.model.delivered)
        s.check()
        ring.say("d", echoed(message))
        tap.same("delivered", 1, len(s.model.delivered))
        s.check()


@tap.test("all: one who has another digest keeps it from delivery")
def contradicted():
    with Scene(RING, "k") as s:
        ring = Ring(s)
        message, header, payload = ring.units(A_ALL, 0)
        s.take(header, payload)
        for name in "bd":
            ring.say(name, echoed(message))
        said = echoed(message, digest=bytes(range(32)))
        ring.say("c", said)
        ring.say("c", echoed(message))
        s.check()
        tap.same("delivered", [], s.model.delivered)
        found, = s.evidence()
        tap.same("evidence", ("echo", "c", "a", 0, A_ALL, 0),
                 tuple(found[key] for key in ("kind", "by", "sender", "phase",
                                              "action", "seq")))
        # both sides as they came
        tap.same("own", header[:32] + unit.HEAD.pack(*message.head),
                 bytes.fromhex(found["first"]))
        second = bytes.fromhex(found["second"])
        tap.same("theirs", (unit.ECHO, unit.ECHOED.pack(*said)),
                 (second[0] & 0xf, second[32:]))


@tap.test("whoever wants an echo is answered, as long as the phase is there")
def answers():
    with Scene(RING, "k") as s:
        ring = Ring(s)
        message, header, payload = ring.units(A_ALL, 0)
        answer = [(0, A_ALL, 0, 0, message.head.digest)]
        s.take(header)
        for name in "bcd":
            ring.heard(name)
        for _ in range(2):
            ring.say("b", echoed(message, unit.ECHO_WANT))
            tap.same("answer", answer, [wants(r) for r in ring.answer("b")])
        for name in "cd":
            ring.say(name, echoed(message))
        s.take(payload)
        tap.same("delivered", 1, len(s.model.delivered))
        ring.say("b", echoed(message))      # who wants nothing gets nothing
        ring.say("b", echoed(message, unit.ECHO_WANT))
        tap.same("answer", answer, [wants(r) for r in ring.answer("b")])


@tap.test("and after it, when no key is left")
def answers_later():
    with Scene(RING, "k") as s:
        ring = Ring(s)
        message, header, payload = ring.units(A_ALL, 0)
        s.take(header, payload)
        for name in "bcd":
            ring.say(name, echoed(message))
        ring.finish_phase()
        for phase in range(1, 4):
            s.take(*s.message(phase, 0, 0, b"on").units(s.to[s.party("a")]))
        tap.same("phase", 4, s.model.phase)
        sock = s.udp[s.party("b")]
        tap.wait_until("silence", lambda: not host.pending(sock))
        ring.say("b", echoed(message, unit.ECHO_WANT))
        want = 0, A_ALL, 0, 0, message.head.digest
        tap.wait_until("answer", lambda: any(
            want == wants(record) for record in ring.heard("b")))


@tap.test("detect: the next f + 1 are asked for the channel, and no others")
def compare():
    with Scene(RING, "k") as s:
        ring = Ring(s)
        for seq in (1, 0):
            s.take(*ring.units(A_DETECT, seq)[1:])
        tap.same("delivered", 2, len(s.model.delivered))
        digest = s.model.at[0, A_DETECT].digest()
        want = [(0, A_DETECT, unit.ECHO_ALL, unit.ECHO_WANT, digest)]
        for name in "bc":
            tap.same("asked", want, [wants(r) for r in ring.heard(name)])
        mine = (0, A_DETECT, unit.ECHO_ALL, 0, bytes(3), digest)
        ring.say("b", mine)
        ring.say("c", mine)
        s.check()
        ring.no_echo("d")
        # it answers, done or not with its own questions
        ring.say("d", mine[:3] + (unit.ECHO_WANT,) + mine[4:])
        tap.same("answer", [(0, A_DETECT, unit.ECHO_ALL, 0, digest)],
                 [wants(r) for r in ring.answer("d")])


@tap.test("detect: a difference is found, and the next in the ring is asked")
def detected():
    with Scene(RING, "k") as s:
        ring = Ring(s)
        for seq in range(2):
            s.take(*ring.units(A_DETECT, seq)[1:])
        mine = (0, A_DETECT, unit.ECHO_ALL, 0, bytes(3),
                s.model.at[0, A_DETECT].digest())
        for name in "bc":
            ring.heard(name)
        ring.say("b", mine)
        ring.say("c", mine[:5] + (b"?" * 32,))
        ring.heard("d")
        ring.say("d", mine)
        s.check()       # it stays delivered
        found, = s.evidence()
        tap.same("evidence", ("echo", "c", "a", 0, A_DETECT),
                 tuple(found[key] for key in ("kind", "by", "sender", "phase",
                                              "action")))
        tap.same("about", unit.ECHO_ALL, found["seq"])


@tap.test("two headers, or a payload that is not the header's, are evidence")
def sender():
    with Scene(RING, "k") as s:
        way = s.to[s.party("a")]
        message = s.message(0, A_SOLO, 0, b"one")
        other = s.message(0, A_SOLO, 0, b"two")
        s.take(message.header(way))
        s.refused("Contradiction", other.header(way))
        s.refused("Contradiction", other.header(way))
        s.check()
        found, = s.evidence()
        tap.same("evidence", ("headers", "a", "a"),
                 tuple(found[key] for key in ("kind", "by", "sender")))
        for side, made in (("first", message), ("second", other)):
            tap.same(side, made.header(way)[:32] + unit.HEAD.pack(*made.head),
                     bytes.fromhex(found[side]))
    with Scene(RING, "k") as s:
        message = s.message(0, A_SOLO, 0, b"one")
        way = s.to[s.party("a")]
        key = message.key(way)
        wrong = message.payload_unit(0, b"." * len(message.stream), way.cid, key)
        s.take(message.header(way), wrong)
        tap.same("evidence", [], s.evidence())
        s.take(wrong)
        s.check()
        found, = s.evidence()
        tap.same("evidence", ("payload", "a", "a"),
                 tuple(found[key] for key in ("kind", "by", "sender")))
        tap.same("what came", keys.digest(s.contract, message.slot,
                                          message.head.sent,
                                          b"." * len(message.stream)),
                 bytes.fromhex(found["second"])[32:])
        # the right one is still welcome
        s.take(*message.payloads(way))
        tap.same("delivered", 1, len(s.model.delivered))
        s.check()


@tap.test("evidence is bounded, for each party")
def bounded():
    with Scene(RING.replace("name: solo, from: a, to: [k]",
                            "name: solo, from: a, to: [k], count: 40"),
               "k") as s:
        way = s.to[s.party("a")]
        ring = Ring(s)
        for seq in range(40):
            message = s.message(0, A_SOLO, seq, b"one")
            s.take(message.header(way))
            if seq >= 16:
                s.expected["EvidenceFull"] += 1
            s.take(s.message(0, A_SOLO, seq, b"two").header(way))
        tap.same("of the sender", ["a"] * 16, [e["by"] for e in s.evidence()])
        # which takes nothing from others
        message, header, _ = ring.units(A_ALL, 0)
        s.take(header)
        ring.say("d", echoed(message, digest=bytes(32)))
        tap.same("of another", ["a"] * 16 + ["d"],
                 [e["by"] for e in s.evidence()])


@tap.test("what no honest party echoes is counted, and not answered")
def malformed():
    with Scene(RING, "k") as s:
        ring = Ring(s)
        message, header, _ = ring.units(A_ALL, 0)
        s.take(header)
        for name in "bcd":
            ring.heard(name)
        right = unit.Echoed(*echoed(message, unit.ECHO_WANT))
        bad = [unit.ECHOED.pack(*right._replace(**wrong)) for wrong in (
            {"phase": 9}, {"action": 9}, {"action": A_SOLO}, {"seq": 3},
            {"action": A_DETECT}, {"flags": 2}, {"reserved": b"\0\1\0"})]
        bad += [b"", bytes(43), bytes(45)]
        way = s.to[s.party("b")]
        for counter, text in enumerate(bad, 1):
            out = unit.state_outer(unit.ECHO, way, counter)
            s.refused("Malformed", unit.seal_state(out, text, way))
        # the sender is no recipient
        way = s.to[s.party("a")]
        s.refused("Malformed", unit.echo(way, 1, right))
        s.check()


tap.run()
