# SPDX-License-Identifier: GPL-2.0
"""In whatever order units arrive, what comes of it is the same."""

import itertools
import os
import random

import crypto
import tap
from scene import Scene

# An emulated machine would take a minute for all.
PERMUTATIONS = 10000 if os.environ.get("POP_KERNEL") == "uml" else 2000
SEED = 42

LINE = """
contract: line
parties: {{a: keys/a.pub, b: keys/b.pub, k: keys/k.pub}}
phases:
  - actions:
      - {{name: one, from: a, to: [k], count: {}}}
      - {{name: two, from: b, to: [k], count: 10}}
"""

CHAIN = """
contract: chain
parties: {a: keys/a.pub, b: keys/b.pub, k: keys/k.pub}
phases:
  - actions: [{name: one, from: a, to: [k]}]
  - actions: [{name: two, from: b, to: [k]}]
  - actions: [{name: three, from: a, to: [k]}]
  - actions: [{name: back, from: k, to: [a]}]
"""


@tap.test("R56: all orders of a header and four fragments")
def fragments():
    orders = list(itertools.permutations(range(5)))
    with Scene(LINE.format(len(orders)), "k") as s:
        way = s.to[s.party("a")]
        for seq, order in enumerate(orders):
            units = s.message(0, 0, seq, os.urandom(900),
                              fragment_len=256).units(way)
            tap.same("units", 5, len(units))
            s.take(*(units[number] for number in order))
            tap.same("delivered", seq + 1, len(s.model.delivered))
        s.check()


@tap.test("R56: all orders of two messages, header and payload each")
def pairs():
    orders = list(itertools.permutations(range(4)))
    with Scene(LINE.format(2 * len(orders)), "k") as s:
        way = s.to[s.party("a")]
        for turn, order in enumerate(orders):
            units = [*s.message(0, 0, 2 * turn, b"first").units(way),
                     *s.message(0, 0, 2 * turn + 1, b"second").units(way)]
            for number in order:
                s.take(units[number])
                s.check_states()
        s.check()


@tap.test(f"R42: {PERMUTATIONS} random orders, one final state")
def permutations():
    dice = random.Random(SEED)
    count = 2 * PERMUTATIONS
    with Scene(LINE.format(count), "k") as s:
        way = s.to[s.party("a")]
        digests, batch = [], []
        for seq in range(0, count, 2):
            messages = [s.message(0, 0, seq + more, b"%d" % seq * 64,
                                  fragment_len=256) for more in (0, 1)]
            digests += [message.head.digest for message in messages]
            units = [datagram for message in messages
                     for datagram in message.units(way)]
            dice.shuffle(units)
            batch += units
            if len(batch) > 1000 or seq + 2 == count:
                # and those of many messages among each other
                if seq % 4:
                    dice.shuffle(batch)
                s.take(*batch)
                batch = []
                s.check_delivered()
        chained = bytes(32)
        for digest in digests:
            chained = crypto.blake2s(chained, digest)
        _, states = s.socket.state(0)
        tap.same("state", 4, states[0])
        tap.same("the channel's digest", chained,
                 s.model.lines[0][0].digest())
        s.check()


@tap.test("R42: the phases of a contract in any order")
def phases():
    roots = set()
    messages = {}
    for order in itertools.permutations([(0, "a"), (1, "b"), (2, "a")]):
        with Scene(CHAIN, "k") as s:
            for phase, name in order:
                message = s.message(phase, 0, 0, b"phase %d" % phase)
                messages[phase] = message.payload
                s.take(*message.units(s.to[s.party(name)])[::-1])
                s.check()
            state, states = s.socket.state(0)
            tap.same("phase", 3, state.current_phase)
            roots.add((tuple(states), tuple(sorted(
                d.payload for d in s.model.delivered))))
    tap.same("final states", 1, len(roots))


@tap.test("the first message of many, and its first fragment, come last")
def first_last():
    count = 2000
    with Scene(LINE.format(count), "k") as s:
        way = s.to[s.party("a")]
        s.take(*(datagram for seq in range(count - 1, 0, -1)
                 for datagram in s.message(0, 0, seq, b"%d" % seq).units(way)))
        s.check()
        s.take(*s.message(0, 0, 0, os.urandom(50000),
                          fragment_len=256).units(way)[::-1])
        # it counts once the digests of all are in that of the channel
        tap.wait_until("executed", lambda: s.socket.state(0)[1][0] == 4)
        s.check()


@tap.test("R40: one message is lost, the others are received by their key")
def by_key():
    with Scene(LINE.format(10), "k") as s:
        a, b = s.to[s.party("a")], s.to[s.party("b")]
        lost = s.message(0, 0, 1, b"lost").units(a)
        s.socket.filter(action=1)
        for seq in range(10):
            if seq == 1:
                s.take(lost[0])     # its payload is
                continue
            for datagram in s.message(0, 0, seq, b"one %d" % seq).units(a):
                counts = s.model.take(datagram)
                s.expect("Units", *("Held" if count == "Executed" else count
                                    for count in counts))
                s.raw(datagram)
            s.settle()
            s.take(*s.message(0, 1, seq, b"two %d" % seq).units(b))
        two = [(info.seq, payload) for info, payload in s.socket.pending()]
        tap.same("by the one key", [(seq, b"two %d" % seq) for seq in range(10)
                                    if seq != 1], two)
        tap.same("states", [8, 1], s.socket.state(0)[1])
        # one by one, the last first
        for seq in (9, 8, 7, 1, 6, 5, 4, 3, 2, 0):
            s.expected["RxExecuted"] += seq != 1
            s.socket.filter(action=0, party=s.party("a"), seq=seq)
            s.settle()
            one = [(info.seq, payload) for info, payload in s.socket.pending()]
            tap.same("by one key", [(seq, b"one %d" % seq)] * (seq != 1), one)
        s.socket.filter(action=0)
        s.told = len(s.model.delivered)
        s.check_states()
        # it comes after all
        s.take(lost[1])
        s.check()
        s.socket.filter()
        s.take(*s.message(0, 1, 1, b"two 1").units(b))
        s.check()
        tap.same("state", [4, 4], s.socket.state(0)[1])


tap.run()
