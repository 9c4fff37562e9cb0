# SPDX-License-Identifier: GPL-2.0
"""What comes for a channel after a verdict: nothing is delivered any more, and
headers are evidence."""

import tap
import unit
from scene import Scene, pop

CONTRACT = """
contract: verdicts
parties: {a: keys/a.pub, k: keys/k.pub}
phases:
  - actions:
      - {name: parts, from: a, to: [k], count: 20, late: vote}
      - {name: rest, from: a, to: [k]}
"""


class Late:
    """A channel that had one message, and then a verdict."""

    def __init__(self, s, state="late"):
        self.s = s
        self.way = s.to[s.party("a")]
        self.first = self.message(0, b"in time")
        s.take(*self.first.units(self.way))
        s.check()
        pop("-n", "p1", "channel", "set", "contract", s.contract.hash.hex(),
            "direction", "in", "phase", 0, "action", "parts", "peer", "a",
            "state", state)

    def message(self, seq, data=b"too late"):
        return self.s.message(0, 0, seq, data)

    def give(self, why, datagram):
        """A datagram that ends in this counter, and in no other."""
        self.s.expect("Units", why)
        self.s.raw(datagram)
        self.s.settle()
        self.s.check_delivered()

    def header(self, why, message):
        self.give(why, message.header(self.way))

    def shown(self, message):
        """A header, as evidence."""
        return message.header(self.way)[:32] + unit.HEAD.pack(*message.head)


def kinds(s):
    return [(found["kind"], found["by"], found["seq"])
            for found in s.evidence()]


@tap.test("a header after the verdict is kept, once for each slot")
def header():
    with Scene(CONTRACT, "k") as s:
        late = Late(s)
        one, two = late.message(1), late.message(2)
        for _ in range(2):
            late.header("Late", one)
        late.header("Late", two)
        for payload in one.payloads(late.way):
            late.give("Late", payload)
        tap.same("evidence", [("late", "a", 1), ("late", "a", 2)], kinds(s))
        for message, found in zip((one, two), s.evidence()):
            tap.same("the verdict", bytes(32), bytes.fromhex(found["first"]))
            tap.same("the header", late.shown(message),
                     bytes.fromhex(found["second"]))


@tap.test("two that differ contradict each other")
def contradiction():
    with Scene(CONTRACT, "k") as s:
        late = Late(s)
        one, other = late.message(1), late.message(1, b"or not")
        late.header("Late", one)
        late.header("Contradiction", other)
        # enough is known
        for message in (one, other, late.message(1, b"or this")):
            late.header("Late", message)
        tap.same("evidence", [("late", "a", 1), ("headers", "a", 1)], kinds(s))
        found = s.evidence()[1]
        tap.same("the first", late.shown(one), bytes.fromhex(found["first"]))
        tap.same("the other", late.shown(other),
                 bytes.fromhex(found["second"]))


@tap.test("and so do one from before the verdict and one from after it")
def executed():
    with Scene(CONTRACT, "k") as s:
        late = Late(s)
        other = late.message(0, b"or not")
        late.header("Late", late.first)
        late.header("Contradiction", other)
        tap.same("evidence", [("headers", "a", 0)], kinds(s))


@tap.test("what the sender has not made, or not rightly, is no evidence")
def forged():
    with Scene(CONTRACT, "k") as s:
        late = Late(s)
        message = late.message(1)
        damaged = bytearray(message.header(late.way))
        damaged[-1] ^= 1
        late.give("BadSeal", bytes(damaged))
        out = unit.outer(unit.HEADER, late.way.cid, bytes(8), message.slot)
        late.give("BadHeader", unit.seal(
            out, unit.HEAD.pack(*message.head),
            late.way.message_key(message.slot, bytes(8))))
        tap.same("evidence", [], s.evidence())


@tap.test("it is bounded, and then nothing is opened any more")
def bounded():
    with Scene(CONTRACT, "k") as s:
        late = Late(s)
        for seq in range(1, 20):
            late.header("Late", late.message(seq))
        tap.same("evidence", [("late", "a", seq) for seq in range(1, 9)],
                 kinds(s))
        damaged = bytearray(late.message(18).header(late.way))
        damaged[-1] ^= 1
        late.give("Late", bytes(damaged))


@tap.test("of what is void nothing is kept")
def void():
    with Scene(CONTRACT, "k") as s:
        late = Late(s, "void")
        late.header("Void", late.message(1))
        late.header("Void", late.message(0, b"or not"))
        tap.same("evidence", [], s.evidence())


tap.run()
