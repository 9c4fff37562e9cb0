# SPDX-License-Identifier: GPL-2.0
"""Retransmission: who asks for what, and what comes of it."""

import array
import fcntl
import os

import host
import tap
import unit
from scene import Scene

SIOCOUTQ = 0x5411

PAIR = """
contract: pair
parties: {a: keys/a.pub, b: keys/b.pub, k: keys/k.pub}
phases:
  - actions:
      - {name: in-many, from: a, to: [k], count: 9, max: 200K}
      - {name: in-same, from: a, to: [b, k], same: true}
      - {name: out-many, from: k, to: [a], count: 9}
      - {name: out-one, from: k, to: [a]}
      - {name: out-same, from: k, to: [a, b], same: true}
  - actions:
      - {name: back, from: a, to: [k]}
"""
IN_MANY, IN_SAME, OUT_MANY, OUT_ONE, OUT_SAME = range(5)
HEADER_TOO, OWN = 1, 2     # flags of what is missing


class Peer:
    """Party a, who hears everything that is said to it."""

    def __init__(self, s):
        self.s = s
        self.party = s.party("a")
        self.sock = s.udp[self.party]
        self.sock.deaf = set()
        self.back = s.back[self.party]
        self.way = s.to[self.party]
        self.counter = 0

    def next(self, *kinds):
        """The next unit of one of these types, opened if it is for control."""
        while True:
            datagram = self.sock.recv(65536)
            kind = datagram[0] & 0xf
            if kind in kinds:
                if kind < unit.STATE_REQUEST:
                    return kind, datagram
                return kind, unit.unseal_state(datagram, self.back)

    def say(self, kind, text):
        self.counter += 1
        out = unit.state_outer(kind, self.way, self.counter)
        self.s.raw(unit.seal_state(out, text, self.way), self.sock)

    def sent(self):
        """Header and payload of a message that the kernel has sent."""
        return [self.next(kind)[1] for kind in (unit.HEADER, unit.PAYLOAD)]

    def settle(self):
        """Until the kernel has seen all that was said; what it asked for
        before that, or was about to, is taken away."""
        self.say(unit.STATE_REQUEST, unit.REQUEST.pack(1, 0, 0, 1, 0, 0))
        self.next(unit.STATE_REPLY)
        self.next(unit.RETRANSMIT)

    def questions(self, kind):
        """Those that have come by now."""
        return [unit.unseal_state(datagram, self.back)
                for datagram in host.pending(self.sock)
                if datagram[0] & 0xf == kind]

    def sent_again(self, kind, answer):
        """The next two units of messages. Each question is answered until they
        come: with its answer a slow machine may come after the next one."""
        units = []
        while len(units) < 2:
            came, datagram = self.next(kind, unit.HEADER, unit.PAYLOAD)
            if came == kind:
                answer(datagram)
            else:
                units.append(datagram)
        return units

    def kept(self):
        value = array.array("i", [0])
        fcntl.ioctl(self.s.socket.sock.fileno(), SIOCOUTQ, value)
        return value[0]


def missing(text):
    return [unit.Missing(*record) for record in unit.MISSING.iter_unpack(text)]


@tap.test("a header reveals which fragments are missing")
def header_only():
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        message = s.message(0, IN_MANY, 4, os.urandom(100000))
        header, *payloads = message.units(peer.way)
        s.raw(header, peer.sock)
        for fragment in (3, 70):
            s.raw(payloads[fragment], peer.sock)
        want = set(range(len(payloads))) - {3, 70}
        s.udp[s.party("b")].deaf = set()
        peer.settle()
        for _ in range(2):      # it asks again
            _, text = peer.next(unit.RETRANSMIT)
            asked = set()
            for miss in missing(text):
                tap.same("slot", (0, IN_MANY, 4, 0),
                         (miss.phase, miss.action, miss.seq, miss.flags))
                asked |= {miss.base + bit for bit in range(64)
                          if miss.map >> bit & 1}
            tap.same("fragments", want, asked)
        for fragment in want:
            s.raw(payloads[fragment], peer.sock)
        info, payload = s.socket.receive()
        tap.same("message", (4, message.payload), (info.seq, payload))
        tap.same("said to a third party", [],
                 host.pending(s.udp[s.party("b")]))


@tap.test("a payload reveals that the header is missing")
def payload_only():
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        message = s.message(0, IN_MANY, 0, b"hello")
        header, payload = message.units(peer.way)
        s.raw(payload, peer.sock)
        _, text = peer.next(unit.RETRANSMIT)
        tap.same("missing", [(0, IN_MANY, 0, 1, 0, 0, 0)],
                 [tuple(miss) for miss in missing(text)])
        s.raw(header, peer.sock)
        tap.same("message", b"hello", s.socket.receive()[1])


@tap.test("what is asked for comes again, the same to the bit")
def again():
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        s.socket.send(b"once more", 0, OUT_MANY, peer.party)
        header, payload = peer.sent()
        slot = 0, OUT_MANY, 0
        for flags, bits, want in ((1, 0, [header]), (0, 1, [payload]),
                                  (1, 1, [header, payload]),
                                  (1, 2 ** 64 - 2, [header])):
            peer.say(unit.RETRANSMIT, unit.MISSING.pack(
                *slot, flags, 0, 0, bits))
            tap.same("units", want, [
                peer.next(unit.HEADER, unit.PAYLOAD)[1] for _ in want])


@tap.test("when that is much, the sender asks how much of it has come")
def much_again():
    fragments = 34      # of 40000 bytes; with the header more than a window
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        s.socket.send(os.urandom(40000), 0, OUT_MANY, peer.party)
        came = 0

        def answer(text):
            request = unit.Slots(*unit.SLOTS.unpack(text))
            peer.say(unit.SLOTS_REPLY, unit.SLOTS_ANSWER.pack(
                request.id, request.first, 0, 1, 0, came))

        while came < 1 + fragments:
            kind, text = peer.next(unit.HEADER, unit.PAYLOAD,
                                   unit.SLOTS_REQUEST)
            if kind == unit.SLOTS_REQUEST:
                answer(text)
            else:
                came += 1
        # the one that follows any message
        answer(peer.next(unit.SLOTS_REQUEST)[1])
        peer.say(unit.RETRANSMIT, unit.MISSING.pack(
            0, OUT_MANY, 0, 0, 0, 0, 2 ** fragments - 1))
        # the answer to this comes after all that comes of that
        peer.say(unit.STATE_REQUEST, unit.REQUEST.pack(1, 0, 0, 1, 0, 0))
        kind, _ = peer.next(unit.STATE_REPLY, unit.SLOTS_REQUEST)
        tap.same("it asks", unit.SLOTS_REQUEST, kind)


@tap.test("a request for more than can go again stops where no more can")
def too_much_again():
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        s.socket.send(b"once more", 0, OUT_MANY, peer.party)
        header, payload = peer.sent()
        before = s.counters.read()["TxLimited"]
        plea = unit.MISSING.pack(0, OUT_MANY, 0, 1, 0, 0, 1)
        peer.say(unit.RETRANSMIT, 59 * plea)
        peer.say(unit.STATE_REQUEST, unit.REQUEST.pack(1, 0, 0, 1, 0, 0))
        again = []
        while True:
            kind, datagram = peer.next(unit.HEADER, unit.PAYLOAD,
                                       unit.STATE_REPLY)
            if kind == unit.STATE_REPLY:
                break
            again.append(datagram)
        tap.same("some", True, 0 < len(again) < 2 * 59)
        tap.same("in turn", again, (59 * [header, payload])[:len(again)])
        tap.same("stopped once", before + 1, s.counters.read()["TxLimited"])


@tap.test("a sender looks, and sends again what has not arrived at all")
def probes():
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        s.socket.send(b"one", 0, OUT_ONE, peer.party)
        first = peer.sent()

        def answer(text, state):
            request = unit.Request(*unit.REQUEST.unpack(text))
            # of a's inputs in phase 0: out-many is the first, out-one the next
            tap.same("about", (0, 1, 2048, 0, 0), request[1:])
            fields = unit.Reply(request.id, 0, 1, 1, 1, 0, 0, 0, bytes(32))
            peer.say(unit.STATE_REPLY, unit.REPLY.pack(*fields) + state)

        def arrived():
            for text in peer.questions(unit.STATE_REQUEST):
                answer(text, b"\x04")
            return not peer.kept()

        tap.same("sent again", first, peer.sent_again(
            unit.STATE_REQUEST, lambda text: answer(text, b"\x01")))
        tap.same("kept", True, peer.kept() > 0)
        tap.wait_until("nothing is kept", arrived)


@tap.test("a group does not wait for who says anything but what opens its window")
def stuck():
    with Scene(PAIR, "k", multicast=True) as s:
        a, b = s.party("a"), s.party("b")

        def answers(datagram, _):
            request = unit.Slots(*unit.SLOTS.unpack(
                unit.unseal_state(datagram, s.back[a])))
            # it has seen everything
            s.answer(a, datagram, s.counters.read()["TxUnits"])
            tap.same("channel", (0, OUT_SAME), (request.phase, request.action))

        def evades(*_):
            evades.counter += 1
            s.raw(unit.request(s.to[b], evades.counter), s.udp[b])

        evades.counter = 0
        s.udp[a].attend(answers)
        s.udp[b].attend(evades)
        message = os.urandom(60000)     # longer than the first window
        units = -(-(len(message) + unit.BLIND_LEN + 2 * unit.VOUCHER_LEN)
                  // unit.FRAGMENT_LEN)
        s.socket.send(message, 0, OUT_SAME)
        tap.wait_until("all of it goes to the group",
                       lambda: s.counters.read()["TxGroup"]
                       == s.expected["TxGroup"] + units)


@tap.test("in a channel of many messages it looks at each")
def probes_slots():
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        sent = []
        for seq in range(4):
            s.socket.send(b"%d" % seq, 0, OUT_MANY, peer.party)
            sent.append(peer.sent())

        def answer(text):
            request = unit.Slots(*unit.SLOTS.unpack(text))
            # up to the last that was sent
            tap.same("about", (0, OUT_MANY, 0, 0),
                     request[1:4] + request[5:])
            # a slow machine asks before it has sent them all
            if request.count < 4:
                return
            tap.same("count", 4, request.count)
            # executed, nothing, half, whole, and what was not sent
            states = bytes([3 | 0 << 2 | 1 << 4 | 2 << 6, 0, 0])
            peer.say(unit.SLOTS_REPLY, unit.SLOTS_ANSWER.pack(
                request.id, 0, 9, 1, 0, 8) + states)

        tap.same("sent again", sent[1],
                 peer.sent_again(unit.SLOTS_REQUEST, answer))
        # a later phase says that all has arrived
        s.raw(s.message(1, 0, 0, b"x").header(peer.way), peer.sock)
        tap.wait_until("nothing is kept", lambda: not peer.kept())


TURNS = """
contract: turns
parties: {a: keys/a.pub, k: keys/k.pub}
phases:
  - actions:
      - {name: left, from: k, to: [a]}
      - {name: right, from: k, to: [a]}
  - actions:
      - {name: next, from: k, to: [a]}
  - actions:
      - {name: last, from: k, to: [a]}
"""
LEFT, RIGHT, NEXT, LAST = (0, 0), (0, 1), (1, 0), (2, 0)
OPEN, HALF, EXECUTED, VIOLATED = 1, 2, 4, 6     # states of channels
NOTHING, WHOLE = 0, 2                           # and of slots


class Recipient(Peer):
    """Party a, of whose input channels one is sent to after another."""

    def __init__(self, s, states):
        super().__init__(s)
        self.states = states
        self.slot = NOTHING     # what it says of any
        self.asked = set()      # actions that it was asked for by SLOTS
        self.came = []
        self.sent_once = {}
        for action in states:
            s.socket.send(b"%d %d" % action, *action, self.party)
            self.sent_once[action] = self.sent()

    def about_state(self, text):
        request = unit.Request(*unit.REQUEST.unpack(text))
        states = [state for action, state in sorted(self.states.items())
                  if action[0] == request.phase][request.first:]
        fields = unit.Reply(request.id, 0, 1, 1, len(states), 0, 0, 0,
                            bytes(32))
        states += [0]
        self.say(unit.STATE_REPLY, unit.REPLY.pack(*fields) + bytes(
            low | high << 4 for low, high in zip(states[::2], states[1::2])))

    def about_slots(self, text):
        request = unit.Slots(*unit.SLOTS.unpack(text))
        action = request.phase, request.action
        self.say(unit.SLOTS_REPLY, unit.SLOTS_ANSWER.pack(
            request.id, request.first, 1, self.states[action], 0,
            2 * len(self.sent_once) + len(self.came)) + bytes([self.slot]))
        self.asked.add(action)

    def hear(self):
        """Answer the questions that have come, and keep the units."""
        for datagram in host.pending(self.sock):
            kind = datagram[0] & 0xf
            if kind in (unit.HEADER, unit.PAYLOAD):
                self.came.append(datagram)
            elif kind == unit.STATE_REQUEST:
                self.about_state(unit.unseal_state(datagram, self.back))
            elif kind == unit.SLOTS_REQUEST:
                self.about_slots(unit.unseal_state(datagram, self.back))

    def again(self, *actions):
        """All units of these actions come again."""
        wanted = {datagram for action in actions
                  for datagram in self.sent_once[action]}

        def all_of_them():
            self.hear()
            return wanted <= set(self.came)

        tap.wait_until("what was lost comes again", all_of_them)


@tap.test("a channel that stays as it is keeps no other from being asked for")
def turns():
    with Scene(TURNS, "k") as s:
        # in each of the first two phases one has come by half, and that is all
        peer = Recipient(s, {RIGHT: HALF, LEFT: OPEN, NEXT: HALF, LAST: OPEN})
        peer.again(LEFT, LAST)


@tap.test("whether a message has come that is violated there, SLOTS say")
def violated():
    with Scene(TURNS, "k") as s:
        peer = Recipient(s, {RIGHT: VIOLATED, LEFT: OPEN, NEXT: OPEN})
        peer.again(RIGHT, LEFT, NEXT)
        tap.same("asked for by SLOTS", True, RIGHT in peer.asked)
        peer.slot = WHOLE
        peer.states.update({LEFT: EXECUTED, NEXT: EXECUTED})

        def arrived():
            peer.hear()
            return not peer.kept()

        tap.wait_until("nothing is kept", arrived)


@tap.test("slots are told about to any party that asks")
def told():
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        for seq, parts in ((0, 2), (2, 1), (5, 2)):
            units = s.message(0, IN_MANY, seq, b"x").units(peer.way)
            for datagram in units[:parts]:
                s.raw(datagram, peer.sock)
        tap.wait_until("arrived", lambda: len(host_executed(s)) == 2)
        peer.say(unit.SLOTS_REQUEST, unit.SLOTS.pack(7, 0, IN_MANY, 0, 9, 0))
        _, text = peer.next(unit.SLOTS_REPLY)
        fields = unit.SlotsAnswer(*unit.SLOTS_ANSWER.unpack_from(text))
        tap.same("answer", (7, 0, 9, 2, 0, 5), tuple(fields))
        states = [text[unit.SLOTS_ANSWER.size + i // 4] >> i % 4 * 2 & 3
                  for i in range(9)]
        tap.same("slots", [3, 0, 1, 0, 0, 3, 0, 0, 0], states)


def host_executed(s):
    return range(s.counters.read()["RxExecuted"] - s.expected["RxExecuted"])


@tap.test("what is asked wrongly is counted, and not answered")
def malformed():
    with Scene(PAIR, "k") as s:
        way = s.to[s.party("a")]
        slots = unit.Slots(1, 0, IN_MANY, 0, 9, 0)
        miss = unit.Missing(0, OUT_MANY, 0, 1, 0, 0, 0)
        bad = [(unit.SLOTS_REQUEST, unit.SLOTS.pack(*slots._replace(**wrong)))
               for wrong in ({"id": 0}, {"reserved": 1}, {"phase": 9},
                             {"action": 9}, {"action": OUT_ONE}, {"first": 9},
                             {"count": 10}, {"first": 1}, {"count": 4097})]
        bad += [(unit.RETRANSMIT, unit.MISSING.pack(*miss._replace(**wrong)))
                for wrong in ({"reserved": 1}, {"flags": 4}, {"phase": 9},
                              {"action": 9}, {"action": IN_MANY}, {"seq": 9})]
        bad += [(unit.RETRANSMIT, b""), (unit.RETRANSMIT, bytes(19)),
                (unit.RETRANSMIT, 60 * unit.MISSING.pack(*miss)),
                (unit.SLOTS_REQUEST, bytes(21)), (unit.SLOTS_REPLY, bytes(19)),
                (unit.SLOTS_REPLY, unit.SLOTS_ANSWER.pack(1, 0, 1, 1, 0, 0)),
                (unit.SLOTS_REPLY, unit.SLOTS_ANSWER.pack(1, 0, 0, 1, 1, 0))]
        for counter, (kind, text) in enumerate(bad, 1):
            out = unit.state_outer(kind, way, counter)
            s.refused("Malformed", unit.seal_state(out, text, way))
        out = unit.state_outer(unit.SLOTS_REPLY, way, 1000)
        s.refused("Unasked", unit.seal_state(
            out, unit.SLOTS_ANSWER.pack(1, 0, 0, 1, 0, 0), way))
        tap.same("answers", [], host.pending(s.udp[s.party("a")]))
        s.check()


@tap.test("false fragments of a co-recipient keep nothing out for long")
def false_fragments():
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        message = s.message(0, IN_SAME, 0, os.urandom(5000))
        group_key = os.urandom(32)
        fragments = message.fragments(True)
        # b has the key and the header, and so all that a fragment needs
        false = s.message(0, IN_SAME, 0, bytes(5000))
        false.head = message.head
        s.take(message.header(peer.way, group_key), sock=peer.sock)
        s.take(false.group_payloads(group_key)[1], sock=s.udp[s.party("b")])
        rest = message.group_payloads(group_key)
        del rest[1]
        s.take(*rest, sock=peer.sock)       # and that ends in BadCrc
        while True:
            _, text = peer.next(unit.RETRANSMIT)
            miss, = missing(text)
            # what a slow machine has asked for before is of the group
            if miss.flags & OWN:
                break
        tap.same("asked for", (0, IN_SAME, 0, OWN, 2 ** len(fragments) - 1),
                 (miss.phase, miss.action, miss.seq, miss.flags,
                  miss.map << miss.base))
        # nothing that a co-recipient could have made will do now
        for datagram in message.group_payloads(group_key):
            s.refused("BadSeal", datagram)
        s.take(*message.payloads(peer.way, True), sock=peer.sock)
        info, payload = s.socket.receive()
        tap.same("message", message.payload, payload)
        tap.same("digest", message.head.digest, info.digest)


@tap.test("a group payload can be had under the slot's own key")
def own_key():
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        decoder = s.decoder(peer.party)
        data = os.urandom(3000)
        s.socket.send(data, 0, OUT_SAME)
        header = peer.next(unit.HEADER)[1]
        payloads = [peer.next(unit.PAYLOAD)[1] for _ in range(3)]
        tap.same("header", [], decoder.take(header))
        # as if it had come to nothing
        half = decoder.at[0, OUT_SAME].halves[0]
        half.own = True
        first = None
        for _ in range(2):
            peer.say(unit.RETRANSMIT, unit.MISSING.pack(
                0, OUT_SAME, 0, OWN, 0, 0, 7))
            own = [peer.next(unit.PAYLOAD)[1] for _ in range(3)]
            tap.same("the same to the bit", first or own, own)
            tap.same("the group's", False, bool(set(own) & set(payloads)))
            first = own
        tap.same("what comes of it", [[], [], ["Executed"]],
                 [decoder.take(datagram) for datagram in first])
        tap.same("message", data, decoder.delivered[0].payload)
        # without the flag it is the group's again
        peer.say(unit.RETRANSMIT, unit.MISSING.pack(
            0, OUT_SAME, 0, 0, 0, 0, 7))
        tap.same("again", payloads, [peer.next(unit.PAYLOAD)[1]
                                     for _ in range(3)])


DUE = """
contract: due
skew: 0s
parties: {a: keys/a.pub, b: keys/b.pub, k: keys/k.pub}
phases:
  - deadline: 1s
    actions:
      - {name: in, from: a, to: [k]}
      - {name: other, from: a, to: [b]}
"""


@tap.test("at the deadline the sender is asked for what never came")
def overdue():
    with Scene(DUE, "k") as s:
        peer = Peer(s)
        s.udp[s.party("b")].deaf = set()
        for _ in range(2):
            _, text = peer.next(unit.RETRANSMIT)
            tap.same("missing", [(0, 0, 0, 1, 0, 0, 0)],
                     [tuple(miss) for miss in missing(text)])
        message = s.message(0, 0, 0, b"at last")
        for datagram in message.units(peer.way):
            s.raw(datagram, peer.sock)
        tap.same("message", b"at last", s.socket.receive()[1])
        tap.same("said to a third party", [],
                 host.pending(s.udp[s.party("b")]))


MANY_DUE = """
contract: many
skew: 0s
parties: {a: keys/a.pub, k: keys/k.pub}
phases:
  - deadline: 1s
    actions:
      - {name: in, from: a, to: [k], count: 100}
""" + "".join(f"      - {{name: in-{i}, from: a, to: [k]}}\n"
              for i in range(100))


@tap.test("for all of it, however much that is")
def much_overdue():
    with Scene(MANY_DUE, "k") as s:
        peer = Peer(s)

        def arrived():
            for text in peer.questions(unit.RETRANSMIT):
                for miss in missing(text):
                    for datagram in s.message(0, miss.action, miss.seq,
                                              b"x").units(peer.way):
                        s.raw(datagram, peer.sock)
            return (s.counters.read()["RxExecuted"]
                    == s.expected["RxExecuted"] + 200)

        tap.wait_until("all of it", arrived)


@tap.test("a replayed request brings nothing again")
def replayed():
    with Scene(PAIR, "k") as s:
        peer = Peer(s)
        s.socket.send(b"x", 0, OUT_MANY, peer.party)
        peer.sent()
        out = unit.state_outer(unit.RETRANSMIT, peer.way, 1)
        request = unit.seal_state(out, unit.MISSING.pack(
            0, OUT_MANY, 0, 1, 0, 0, 0), peer.way)
        s.raw(request, peer.sock)
        peer.next(unit.HEADER)
        before = s.counters.read()
        for _ in range(100):
            s.raw(request, peer.sock)
        tap.wait_until("refused", lambda: s.counters.read()["RxReplay"]
                       == before["RxReplay"] + 100)
        tap.same("sent again", before["TxRetransmits"],
                 s.counters.read()["TxRetransmits"])


tap.run()
