# SPDX-License-Identifier: GPL-2.0
"""An adversary that has the keys of one party or more, against honest kernels:
what it cannot bring about, and what it can once there are too many of it."""

import contextlib
import os
import socket

import tap
import unit
from field import Field

# a is the faulty sender; b to e receive; s is an honest sender.
COURT = """
contract: court
faulty: 1
parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub, d: keys/d.pub,
          e: keys/e.pub, s: keys/s.pub}
phases:
  - actions:
      - {name: all, from: a, to: [b, c, d, e], same: true, consistency: all}
      - {name: detect, from: a, to: [b, c, d, e], same: true}
      - {name: good, from: s, to: [a, b, c, d, e], same: true, count: 20}
      - {name: many, from: a, to: [b], count: 500, max: 64K}
      - {name: quorum, from: a, to: [b, c, d, e], same: true,
         consistency: quorum}
"""
ALL, DETECT, GOOD, MANY, QUORUM = range(5)
LAST = 6        # host of the adversary
EXECUTED, VIOLATED, ECHOING = 4, 6, 9


def inputs(field, kernel):
    """State of each action's channel."""
    actions = [a.index for _, a in sorted(field.contract.actions.items())
               if field.party(kernel) in a.to]
    return dict(zip(actions, field.state(kernel)))


def delivered(field, kernel):
    return [(info.action, payload)
            for info, payload in field.socket_of(kernel).pending()]


def both(field, action):
    """Two messages for one slot."""
    return [field.message(0, action, 0, text) for text in (b"yes", b"no")]


def echo(field, name, kernel, message):
    field.control(name, kernel, unit.ECHO, unit.ECHOED.pack(
        *message.slot, 0, bytes(3), message.head.digest))


def equivocate(field, action, groups, accomplices=()):
    """The one half of the kernels gets the one message, the other the other;
    accomplices among the recipients confirm to each what it wants to hear."""
    key = os.urandom(32)
    for message, group in zip(both(field, action), groups):
        for kernel in group:
            field.give("a", kernel, message, key)
            for name in accomplices:
                tap.wait_until("message", lambda k=kernel: inputs(field, k)[
                    action] in (ECHOING, VIOLATED))
                echo(field, name, kernel, message)


def found_by(field, kernels):
    return [k for k in kernels if field.count(k, "RxContradiction")]


@tap.test("a sender that equivocates: all", ALL, 0)
@tap.test("with an accomplice among the recipients: all", ALL, 1)
@tap.test("a sender that equivocates: quorum", QUORUM, 0)
def nobody_delivers(action, accomplices):
    names = "bcde"[:4 - accomplices]
    with Field(COURT, [*names, "s"], LAST) as field:
        equivocate(field, action, (names[:2], names[2:]),
                   "bcde"[4 - accomplices:])
        for kernel in names:
            tap.wait_until(f"{kernel} finds it", lambda k=kernel: inputs(
                field, k)[action] == VIOLATED)
        tap.same("delivered", [[]] * len(names),
                 [delivered(field, kernel) for kernel in names])


@tap.test("quorum with an accomplice: one message at most")
def quorum_within_bound():
    with Field(COURT, ["b", "c", "d", "s"], LAST) as field:
        equivocate(field, QUORUM, ("bc", "d"), "e")
        for kernel in "bc":
            tap.wait_until(f"{kernel} has three of four",
                           lambda k=kernel: inputs(field, k)[QUORUM] ==
                           EXECUTED)
        tap.wait_until("d finds it", lambda: field.count("d",
                                                         "RxContradiction"))
        tap.same("delivered", [[(QUORUM, b"yes")], [(QUORUM, b"yes")], []],
                 [delivered(field, kernel) for kernel in "bcd"])


@tap.test("quorum with two accomplices, one too many: the documented limit")
def quorum_beyond_bound():
    with Field(COURT, ["b", "c", "s"], LAST) as field:
        equivocate(field, QUORUM, ("b", "c"), "de")
        for kernel in "bc":
            tap.wait_until(f"{kernel} delivers", lambda k=kernel: inputs(
                field, k)[QUORUM] == EXECUTED)
        tap.same("delivered", [[(QUORUM, b"yes")], [(QUORUM, b"no")]],
                 [delivered(field, kernel) for kernel in "bc"])


@tap.test("detect: delivered, and found by one of them at least", "bcde")
@tap.test("detect with an accomplice", "bcd")
def detect(names):
    with Field(COURT, [*names, "s"], LAST) as field:
        equivocate(field, DETECT, (names[:2], names[2:]))
        for kernel in names:
            tap.wait_until(f"{kernel} delivers", lambda k=kernel: inputs(
                field, k)[DETECT] == EXECUTED)
        tap.wait_until("it is found", lambda: found_by(field, names))
        # the accomplice says what each wants to hear: it is not enough


@tap.test("what the adversary does keeps nothing of honest parties back")
def honest_go_on():
    with Field(COURT, ["b", "c", "d", "e", "s"], LAST) as field:
        way = field.to("a", "b")
        # halves, as many as will do
        for seq in range(250):
            message = field.message(0, MANY, seq, bytes(5000))
            header, *payloads = message.units(way)
            field.say("a", "b", *([header] if seq % 2 else payloads[1:]))
        # lies: that all has arrived, that all phases are closed, and more
        for kernel in "bcdes":
            for state in range(16):
                answer = unit.Reply(2 ** 64 - 1, 0xffff, 2, 3, 2048, 0xffff,
                                    0, 0, bytes(32))
                field.control("a", kernel, unit.STATE_REPLY,
                              unit.REPLY.pack(*answer) +
                              bytes([state * 17]) * 1024)
        sender = field.socket_of("s")
        for seq in range(20):
            sender.send(b"good %d" % seq, 0, GOOD)
        for kernel in "bcde":
            got = []
            tap.wait_until(f"{kernel} has all", lambda k=kernel, g=got:
                           g.extend(delivered(field, k)) or len(g) >= 20)
            tap.same("messages", sorted((GOOD, b"good %d" % seq)
                                        for seq in range(20)), sorted(got))


@tap.test("a flood of requests keeps nothing back")
def flood():
    with Field(COURT, ["b", "c", "d", "e", "s"], LAST) as field:
        for _ in range(20000):
            field.control("a", "b", unit.STATE_REQUEST,
                          unit.REQUEST.pack(7, 0xffff, 0, 2048, 0, 0))
        field.socket_of("s").send(b"good", 0, GOOD)
        tap.wait_until("delivered", lambda: delivered(field, "b"))
        # how many are answered a second is KUnit's; this is slower
        tap.same("answers that nobody asked for", 0, max(
            field.count("b", "StateRequests") - 20000, 0))


@tap.test("a replay of all that was ever said changes nothing")
def replay():
    with Field(COURT, ["b", "c", "d", "e", "s"], LAST) as field:
        for action in (ALL, DETECT, QUORUM):
            message, key = field.message(0, action, 0, b"once"), os.urandom(32)
            for kernel in "bcde":
                field.give("a", kernel, message, key)
        for seq in range(50):
            field.say("a", "b", *field.message(
                0, MANY, seq, b"%d" % seq).units(field.to("a", "b")))
        for kernel in "bcde":
            tap.wait_until(f"{kernel} has all three", lambda k=kernel: all(
                inputs(field, k)[action] == EXECUTED
                for action in (ALL, DETECT, QUORUM)))
        tap.wait_until("many", lambda: field.count("b", "RxExecuted") == 53)
        first = {kernel: delivered(field, kernel) for kernel in "bcde"}
        tap.same("delivered", [53, 3, 3, 3],
                 [len(first[kernel]) for kernel in "bcde"])
        said = list(field.said)
        before = field.count("b", "RxDuplicate")
        mine = sum(number == 1 for _, number, _ in said)
        for _ in range(3):
            for sock, number, datagram in said:
                with contextlib.suppress(socket.error):
                    sock.sendto(datagram, (f"10.0.0.{number}", 7670))
        tap.wait_until("all are duplicates", lambda: field.count(
            "b", "RxDuplicate") - before >= 3 * mine)
        tap.same("delivered again", [[]] * 4,
                 [delivered(field, kernel) for kernel in "bcde"])
        tap.same("executed", [53, 3, 3, 3],
                 [field.count(kernel, "RxExecuted") for kernel in "bcde"])
        tap.same("contradictions", [], found_by(field, "bcde"))


tap.run()
