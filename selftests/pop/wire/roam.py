# SPDX-License-Identifier: GPL-2.0
"""Roaming: a peer's units come from another address."""

import contextlib
import json
import time

import host
import tap
import unit
from scene import PORT, Scene, pop

PAIR = """
contract: pair
parties: {a: keys/a.pub, b: keys/b.pub, k: keys/k.pub}
phases:
  - actions:
      - {name: in-many, from: a, to: [k], count: 9}
      - {name: in-same, from: b, to: [a, k], same: true}
      - {name: out-many, from: k, to: [a], count: 9}
  - actions:
      - {name: back, from: a, to: [k]}
"""
IN_MANY, IN_SAME, OUT_MANY = range(3)
# seconds that the kernel gives the known endpoint to answer, but for a tick
ROAM_WAIT = 0.08


class Roamer:
    """Party a, at its endpoint and elsewhere."""

    def __init__(self, s):
        self.s = s
        self.party = s.party("a")
        self.home = s.udp[self.party]
        self.home.deaf = set()
        self.way = s.to[self.party]
        self.back = s.back[self.party]
        self.counter = 1000

    def place(self, name="p3", port=PORT):
        """A socket at another address, that hears everything."""
        number = name.removeprefix("p")
        address = f"10.0.0.{number}" if self.s.family == 4 else f"fd00::{number}"
        sock = host.udp(name, self.s.family, address, port)
        sock.deaf = set()
        return contextlib.closing(sock)

    def request(self, **more):
        self.counter += 1
        return unit.request(self.way, self.counter, number=self.counter, **more)

    def replies(self, sock, number, counter=None):
        """Answers a question that came to some place."""
        if counter is None:
            self.counter += 1
            counter = self.counter
        fields = unit.Reply(number, 0, 1, 1, 0, 0, 0, 0, bytes(32))
        self.s.raw(unit.reply(self.way, counter, fields, []), sock)

    def next(self, sock, kind):
        """The next unit of a type there."""
        end = time.monotonic() + tap.PATIENCE
        while time.monotonic() < end:
            datagram = sock.recv(65536)
            if datagram[0] & 0xf == kind:
                return datagram
        raise AssertionError(f"no unit of type {kind} comes")

    def asked(self, sock):
        """The id of the next question there, which asks for nothing else."""
        text = unit.unseal_state(self.next(sock, unit.STATE_REQUEST), self.back)
        request = unit.Request(*unit.REQUEST.unpack(text))
        tap.same("asked for", (0, 0, 0, 0, 0), request[1:])
        return request.id

    def questions(self, sock):
        """How many have come there."""
        # what came before it is through once this is answered
        self.counter += 1
        self.s.raw(unit.request(self.way, self.counter, number=77), self.home)
        number = 0
        while number != 77:
            text = unit.unseal_state(self.next(self.home, unit.STATE_REPLY),
                                     self.back)
            number = unit.parse_reply(text)[0].id
        return sum(datagram[0] & 0xf == unit.STATE_REQUEST
                   for datagram in host.pending(sock))

    def moves(self):
        return self.s.counters.read()["Moves"]

    def endpoint(self):
        """Where the kernel thinks it is."""
        shown, = json.loads(pop("-n", "p1", "-j", "peer", "show", "contract",
                                self.s.contract.hash.hex(), "peer", "a"))
        return shown.get("address"), shown.get("port")

    def moved(self, before, sock):
        """Once the kernel thinks it is there, and messages go there."""
        tap.wait_until("it moves", lambda: self.moves() == before + 1)
        tap.same("endpoint", sock.getsockname()[:2], self.endpoint())
        host.pending(sock)
        self.s.socket.send(b"to the new place", 0, OUT_MANY, self.party)
        kinds = []
        while len(kinds) < 2:
            kind = sock.recv(65536)[0] & 0xf
            # a slow machine asks for the one before in the midst of it
            if kind != unit.SLOTS_REQUEST:
                kinds.append(kind)
        tap.same("units", [unit.HEADER, unit.PAYLOAD], kinds)


def moves_by_control(family):
    with Scene(PAIR, "k", family) as s:
        peer = Roamer(s)
        before, home = peer.moves(), peer.endpoint()
        for name, port in (("p3", PORT), ("p2", 9999)):
            with peer.place(name, port) as sock:
                # the smallest there are
                request = peer.request(count=0)
                s.raw(request, sock)
                # its answer, and a question to it, not longer than what came
                first = sock.recv(65536)
                tap.same("answer", unit.STATE_REPLY, first[0] & 0xf)
                question = sock.recv(65536)
                tap.same("length", len(request), len(question))
                text = unit.unseal_state(question, peer.back)
                number = unit.Request(*unit.REQUEST.unpack(text)).id
                tap.same("not yet", (before, home),
                         (peer.moves(), peer.endpoint()))
                peer.replies(sock, number)
                peer.moved(before, sock)
                before += 1
                home = peer.endpoint()


for _family in (4, 6):
    tap.test(f"IPv{_family}: who sends from elsewhere, and answers there, has "
             "moved", _family)(moves_by_control)


@tap.test("a header starts it, too")
def moves_by_header():
    with Scene(PAIR, "k") as s:
        peer = Roamer(s)
        before = peer.moves()
        with peer.place() as sock:
            s.raw(s.message(0, IN_MANY, 0, b"x").header(peer.way), sock)
            number = peer.asked(sock)
            tap.same("not yet", before, peer.moves())
            peer.replies(sock, number)
            peer.moved(before, sock)
            # what is missing of the message is asked for there
            peer.next(sock, unit.RETRANSMIT)


def answered_both(peer, sock):
    """Its known endpoint is asked as well, and both answer. Return: whether the
    second answer came before the kernel was right not to wait for it."""
    s = peer.s
    s.raw(peer.request(), sock)
    there = peer.asked(sock)
    here = peer.asked(peer.home)
    tap.same("one id for both", False, here == there)

    def taken():
        counters = s.counters.read()
        return sum(counters[name] - s.expected[name]
                   for name in ("StateReplies", "RxUnasked")) == 2

    start = time.monotonic()
    # relayed by whoever saw the units, and faster than what is true
    peer.replies(sock, there)
    peer.replies(peer.home, here)
    tap.wait_until("both are taken", taken)
    return time.monotonic() - start < ROAM_WAIT


def stays():
    """Return: false if the machine was too slow to tell."""
    with Scene(PAIR, "k") as s:
        peer = Roamer(s)
        before, home = peer.moves(), peer.endpoint()
        with peer.place() as sock:
            if not answered_both(peer, sock):
                return False
            # it is asked again, later; and then the other one is silent
            number = None
            while number is None:
                s.raw(peer.request(), sock)
                tap.same("stays", (before, home),
                         (peer.moves(), peer.endpoint()))
                for datagram in host.pending(sock):
                    if datagram[0] & 0xf == unit.STATE_REQUEST:
                        number, = unit.REQUEST.unpack(
                            unit.unseal_state(datagram, peer.back))[:1]
            peer.replies(sock, number)
            peer.moved(before, sock)
            return True


@tap.test("its known endpoint is asked as well: who answers there stays")
def stays_in_time():
    while not stays():
        pass


@tap.test("an answer for the known endpoint says nothing when it comes from another")
def copied():
    with Scene(PAIR, "k") as s:
        peer = Roamer(s)
        before = peer.moves()
        with peer.place() as sock:
            s.raw(peer.request(), sock)
            there = peer.asked(sock)
            # someone has copied this question to where the peer is now
            peer.replies(sock, peer.asked(peer.home))
            peer.replies(sock, there)
            peer.moved(before, sock)


@tap.test("what is shorter than a question brings none")
def short():
    with Scene(PAIR, "k") as s:
        peer = Roamer(s)

        def units(record):
            for text in (record, b""):
                peer.counter += 1
                yield unit.record(peer.way, peer.counter, unit.Kind.CLOSE, text)
            peer.counter += 1
            out = unit.state_outer(unit.RETRANSMIT, peer.way, peer.counter)
            yield unit.seal_state(out, b"", peer.way)

        with peer.place() as sock:
            for datagram in units(b"7 bytes"):
                s.raw(datagram, sock)
            tap.same("asked", 0, peer.questions(sock))
            for datagram in units(b"8 bytes."):
                s.raw(datagram, sock)
            tap.same("asked", 1, peer.questions(sock))


@tap.test("replayed control units move nothing, and ask nothing")
def replayed():
    with Scene(PAIR, "k") as s:
        peer = Roamer(s)
        before, home = peer.moves(), peer.endpoint()
        request = peer.request()
        s.raw(request, peer.home)
        peer.home.recv(65536)
        with peer.place() as sock:
            replays = s.counters.read()["RxReplay"]
            for _ in range(100):
                s.raw(request, sock)
            tap.same("asked", 0, peer.questions(sock))
            tap.same("replays", replays + 100, s.counters.read()["RxReplay"])
            # new, but others came after it: it has been held back
            late = unit.request(peer.way, peer.counter - 50, number=5)
            s.raw(late, sock)
            tap.same("asked", 0, peer.questions(sock))
        tap.same("endpoint", (before, home), (peer.moves(), peer.endpoint()))


@tap.test("replayed headers and payloads move nothing")
def replayed_messages():
    with Scene(PAIR, "k") as s:
        peer = Roamer(s)
        before, home = peer.moves(), peer.endpoint()
        units = s.message(0, IN_MANY, 0, b"executed").units(peer.way)
        for datagram in units:
            s.raw(datagram, peer.home)
        s.socket.receive()
        half = s.message(0, IN_MANY, 1, b"half").units(peer.way)
        s.raw(half[0], peer.home)
        with peer.place() as sock:
            for _ in range(50):
                for datagram in units:
                    s.raw(datagram, sock)
            tap.same("asked", 0, peer.questions(sock))
            # a payload alone, and one of a group, that anyone can make
            s.raw(s.message(0, IN_MANY, 2, b"x").payloads(peer.way)[0], sock)
            s.raw(s.message(0, IN_SAME, 0, b"x").group_payloads(
                bytes(32))[0], sock)
            tap.same("asked", 0, peer.questions(sock))
            # a header that is still of use: one question, however often, and
            # no other within a second
            start = time.monotonic()
            for _ in range(50):
                s.raw(half[0], sock)
            asked = peer.questions(sock)
            most = 1 + int(time.monotonic() - start)
            tap.same("asked", True, 1 <= asked <= most)
        tap.same("endpoint", (before, home), (peer.moves(), peer.endpoint()))


@tap.test("what is forged moves nothing, and asks nothing")
def forged():
    with Scene(PAIR, "k") as s:
        peer = Roamer(s)
        before, home = peer.moves(), peer.endpoint()
        good = [peer.request(), s.message(0, IN_MANY, 0, b"x").header(peer.way)]
        with peer.place() as sock:
            for datagram in good:
                for at in range(len(datagram)):
                    wrong = bytearray(datagram)
                    wrong[at] ^= 1
                    s.raw(bytes(wrong), sock)
            tap.same("asked", 0, peer.questions(sock))
        tap.same("endpoint", (before, home), (peer.moves(), peer.endpoint()))


@tap.test("an answer counts with its id, from its address, and from the peer")
def answers():
    with Scene(PAIR, "k") as s:
        peer = Roamer(s)
        before, home = peer.moves(), peer.endpoint()
        unasked = s.counters.read()["RxUnasked"]
        with peer.place() as sock, peer.place("p3", 9999) as third:
            s.raw(peer.request(), sock)
            number = peer.asked(sock)
            # each below the newest counter: they are no news of an address
            top, peer.counter = peer.counter, peer.counter + 100
            s.raw(peer.request(), peer.home)
            peer.replies(sock, number ^ 2, top + 1)
            peer.replies(third, number, top + 2)
            peer.replies(peer.home, number, top + 3)
            other = s.party("b")
            fields = unit.Reply(number, 0, 1, 1, 0, 0, 0, 0, bytes(32))
            s.raw(unit.reply(s.to[other], 1, fields, []), sock)
            tap.wait_until("refused", lambda: s.counters.read()[
                "RxUnasked"] == unasked + 4)
            tap.same("endpoint", (before, home),
                     (peer.moves(), peer.endpoint()))
            peer.replies(sock, number, top + 4)
            peer.moved(before, sock)


def learns(family):
    with Scene(PAIR, "k", family, unknown=("a",)) as s:
        peer = Roamer(s)
        before = peer.moves()
        tap.same("endpoint", (None, None), peer.endpoint())
        s.raw(peer.request(), peer.home)
        number = peer.asked(peer.home)
        tap.same("endpoint", (None, None), peer.endpoint())
        peer.replies(peer.home, number)
        peer.moved(before, peer.home)


for _family in (4, 6):
    tap.test(f"IPv{_family}: an endpoint that nobody told is learned",
             _family)(learns)


tap.run()
