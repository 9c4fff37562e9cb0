# SPDX-License-Identifier: GPL-2.0
"""Mutations of valid units, at random: none is accepted, and each ends in the
counter that the model of a receiver says.

POP_FUZZ_UNITS: how many; POP_FUZZ_SEED: other mutations. The keys, and so what
is mutated, are new each time.

The model takes longer than the kernel. POP_UNITS more are sent by mutate.c, of
which the counters' sum is looked at only: each is refused, for one reason.
"""

import os
import random
import subprocess
import time

import host
import tap
import unit
from scene import BATCH, Scene

UNITS = int(os.environ.get("POP_FUZZ_UNITS") or 20000)
MORE = int(os.environ.get("POP_UNITS") or 100000)
SEED = int(os.environ.get("POP_FUZZ_SEED") or 1805)

WEB = """
contract: web
parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub, k: keys/k.pub}
phases:
  - actions:
      - {name: one, from: a, to: [k], count: 5}
      - {name: three, from: k, to: [a]}
      - {name: two, from: b, to: [c, k], same: true, count: 3}
  - actions:
      - {name: one, from: c, to: [k], count: 2}
  - actions:
      - {name: one, from: b, to: [k]}
  - actions:
      - {name: one, from: a, to: [k]}
"""

EDGES = [0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xfe, 0xff]


def sent_units(s):
    """But for what the kernel asks a sender of which it has halves."""
    counters = s.counters.read()
    return counters["TxUnits"] - counters["TxControl"]


ACCEPTED = ("Executed", "StateRequests", "StateReplies", "Unasked", "Replay",
            "Contradiction")


def mutate(s, corpus):
    """MORE of them, by the faster program. Each must end in one counter."""
    with open(f"{s.dir}/corpus", "wb") as file:
        for datagram in corpus:
            file.write(len(datagram).to_bytes(2, "big") + datagram)
    before = s.counters.read()
    start = time.monotonic()
    with host.inside("p2"):
        subprocess.run(
            [os.path.join(os.path.dirname(__file__), "../mutate"),
             f"{s.dir}/corpus", str(s.counters.fd), s.address, "7670",
             str(MORE), str(SEED)],
            check=True, pass_fds=[s.counters.fd])
    after = s.counters.read()
    tally = {name.removeprefix("Rx"): after[name] - before[name]
             for name in after if name.startswith(("Rx", "State")) and
             after[name] != before[name] and name != "RxControl"}
    print("#", tally, f"in {time.monotonic() - start:.0f} s")
    tap.same("units", MORE, tally.pop("Units"))
    tap.same("reasons to refuse them", MORE, sum(tally.values()))
    tap.same("what is accepted", {}, {
        name: number for name, number in tally.items() if name in ACCEPTED})
    for name, number in after.items():
        s.expected[name] = number


class Mutator:
    def __init__(self, dice, corpus):
        self.dice = dice
        self.corpus = corpus

    def flip(self, data):
        for _ in range(self.dice.choice((1, 1, 1, 2, 3, 10))):
            data[self.dice.randrange(len(data))] ^= \
                1 << self.dice.randrange(8)

    def edge(self, data):
        at = self.dice.randrange(len(data))
        data[at] = self.dice.choice(EDGES)

    def outer(self, data):
        """A field of the outer part, to something small or of another."""
        start, end = self.dice.choice(
            ((0, 1), (1, 2), (2, 4), (4, 8), (8, 16), (16, 18), (18, 20),
             (20, 24), (24, 32)))
        if self.dice.random() < 0.5:
            data[start:end] = self.dice.choice(self.corpus)[start:end]
        else:
            data[start:end] = self.dice.choice(EDGES).to_bytes(
                end - start, "big")

    def cut(self, data):
        del data[self.dice.randrange(len(data)):]

    def grow(self, data):
        data += self.dice.randbytes(self.dice.choice((1, 2, 16, 100)))

    def splice(self, data):
        other = self.dice.choice(self.corpus)
        at = self.dice.choice((32, self.dice.randrange(len(data))))
        data[at:] = other[at:]

    def noise(self, data):
        data[32:] = self.dice.randbytes(self.dice.randrange(1200))

    def __call__(self):
        while True:
            data = bytearray(self.dice.choice(self.corpus))
            for _ in range(self.dice.choice((1, 1, 1, 2, 4))):
                self.dice.choice((self.flip, self.flip, self.edge, self.outer,
                                  self.outer, self.cut, self.grow,
                                  self.splice, self.noise))(data)
                if not data:
                    break
            data = bytes(data)
            if data not in self.corpus:
                return data


@tap.test(f"R27: {UNITS} and {MORE} mutated units, seed {SEED}")
def fuzz():
    dice = random.Random(SEED)
    with Scene(WEB, "k") as s:
        a, b, c = (s.to[s.party(name)] for name in "abc")
        messages = [(s.message(0, 0, seq, os.urandom(length)), a)
                    for seq, length in enumerate((0, 10, 1164, 3000))]
        messages += [(s.message(1, 0, 1, b"ahead"), c),
                     (s.message(2, 0, 0, b"further ahead"), b),
                     (s.message(3, 0, 0, b"too far"), a)]
        groups = [(s.message(0, 2, seq, os.urandom(2000)), os.urandom(32))
                  for seq in range(3)]
        corpus = [datagram for message, way in messages
                  for datagram in message.units(way)]
        # What is sealed for a group is kept for its header, by anybody, up to
        # a bound that the model has not: so the headers are there.
        for message, key in groups:
            s.take(message.header(b, key))
            corpus += [message.header(b, key), *message.group_payloads(key)]
        # a message that is done, halves of others
        s.take(*s.message(0, 0, 4, b"done").units(a))
        done = s.message(1, 0, 0, b"done, too").units(c)
        s.take(*done)
        corpus += done
        s.take(messages[1][0].header(a), messages[3][0].payloads(a)[1])
        corpus += [unit.request(way, number) for way in (a, b, c)
                   for number in (1, 2)]
        corpus += [unit.reply(way, 3, unit.Reply(5, 0, 1, 1, 7, 0, 0, 0,
                                                 bytes(32)), [1] * 7)
                   for way in (a, b, c)]

        s.check()
        before = s.model.states(0, host.ANY)
        delivered = len(s.model.delivered)
        mutated = Mutator(dice, corpus)
        sent = sent_units(s)
        tally = {}
        for _ in range(0, UNITS, BATCH):
            batch = [mutated() for _ in range(BATCH)]
            for datagram in batch:
                counts = s.model.take(datagram)
                if len(counts) != 1:
                    raise AssertionError(f"{datagram.hex()} ends in {counts}")
                tally[counts[0]] = tally.get(counts[0], 0) + 1
                s.expect("Units", *counts)
                s.raw(datagram)
            s.settle()
        print("#", tally)
        tap.same("what is accepted", {}, {
            name: number for name, number in tally.items()
            if name in ACCEPTED})
        mutate(s, corpus)
        tap.same("units sent", sent, sent_units(s))
        tap.same("states", before, s.model.states(0, host.ANY))
        s.check()
        tap.same("delivered", delivered, len(s.model.delivered))

        # all that was mutated is still welcome
        for message, way in messages[:-1]:
            rest = message.units(way)
            if message.slot.seq == 1 and message.slot.phase == 0:
                rest = rest[1:]
            if message.slot.seq == 3:
                del rest[2]
            s.take(*rest)
        for message, key in groups:
            s.take(*message.group_payloads(key))
        s.take(*messages[-1][0].units(a))
        tap.same("states", [4] * 5, s.model.states(0, host.ANY))
        s.check()


tap.run(limit=0)    # as many units as it is told to
