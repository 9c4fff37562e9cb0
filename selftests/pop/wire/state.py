# SPDX-License-Identifier: GPL-2.0
"""STATE units: asked here, answered by the kernel, and the other way round."""

import json
import os
import signal
import subprocess
import threading
import time

import host
import keys
import tap
import unit
from scene import PORT, Scene

WEB = """
contract: web
parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub, k: keys/k.pub}
phases:
  - actions:
      - {name: one, from: a, to: [k]}
      - {name: two, from: b, to: [k], count: 3}
  - actions:
      - {name: one, from: k, to: [a, b], hours: 2h}
      - {name: three, from: k, to: [c], count: 2, hours: 30m}
      - {name: two, from: c, to: [k]}
  - actions:
      - {name: one, from: a, to: [k]}
  - actions:
      - {name: one, from: b, to: [k]}
"""

WIDE_CHANNELS = 500
WIDE = """
contract: wide
parties: {a: keys/a.pub, k: keys/k.pub}
phases:
  - actions:
""" + "".join(f"      - {{name: n{number:04}, from: a, to: [k]}}\n"
              for number in range(WIDE_CHANNELS))


class Asker:
    """Numbers and counters of requests."""

    def __init__(self, s):
        self.s = s
        self.counter = 0

    def make(self, name="a", **query):
        self.counter += 1
        return unit.request(self.s.to[self.s.party(name)], self.counter,
                            number=1000 + self.counter, **query)

    def ask(self, name="a", sock=None, **query):
        """The answer; exactly one datagram each way."""
        s, party = self.s, self.s.party(name)
        sock = sock or s.udp[party]
        answered = s.counters.read()["StateRequests"]
        start = time.time_ns()
        s.take(self.make(name, **query), sock=sock)
        datagram = sock.recv(65536)
        tap.same("more datagrams", [], host.pending(sock))
        tap.same("answered", answered + 1, s.counters.read()["StateRequests"])
        out = unit.parse(datagram)
        tap.same("its outer part", unit.outer(
            unit.STATE_REPLY, s.back[party].cid, out.salt, aux=out.aux), out)
        text = unit.unseal_state(datagram, s.back[party])
        if text is None:
            raise AssertionError("the answer cannot be opened")
        reply, states = unit.parse_reply(text)
        tap.same("number", 1000 + self.counter, reply.id)
        if not start <= reply.now <= time.time_ns():
            raise AssertionError(f"the answer is of {reply.now}")
        return reply, states, out, len(datagram)

    def compare(self, name="a", phase=host.ANY, first=0, count=2048,
                direction=0, **more):
        """With what the model keeps."""
        reply, states, _, _ = self.ask(name, phase=phase, first=first,
                                       count=count, direction=direction,
                                       **more)
        model = self.s.model
        query = direction, phase, first, count
        tap.same("states", model.states(*query), states)
        tap.same("root", model.root(*query), reply.root)
        tap.same("phase", model.phase, reply.phase)
        tap.same("phase's state", model.phase_state(), reply.phase_state)
        tap.same("contract's state", model.contract_state(),
                 reply.contract_state)
        tap.same("phases closed", model.closed(), reply.closed)
        tap.same("minutes", model.minutes(), reply.minutes)


def sends(s, phase, action, name, data, seq):
    """The kernel sends; what came here is booked."""
    party = s.party(name)
    s.socket.send(data, phase, action, party)
    decoder = s.decoder(party)
    decoder.phase = phase
    for _ in range(2):
        decoder.take(s.udp[party].recv(65536))
    got, = decoder.delivered
    tap.same("payload", data, got.payload)
    s.model.sent(phase, action, seq, party, got.digest)


def story(s):
    """A contract from its start to its end, step by step."""
    def units(phase, action, seq, name):
        return s.message(phase, action, seq, os.urandom(30)).units(
            s.to[s.party(name)])

    yield
    header, payload = units(0, 0, 0, "a")
    for datagram in (header, payload):
        s.take(datagram)
        yield
    late, early = units(0, 1, 1, "b"), units(0, 1, 2, "b")
    for datagram in (*late[::-1], early[0], *units(0, 1, 0, "b"), early[1],
                     *units(3, 0, 0, "b")[::-1], *units(2, 0, 0, "a")):
        s.take(datagram)
        yield
    sends(s, 1, 1, "c", b"half", 0)
    yield
    sends(s, 1, 0, "b", b"to b", 0)
    yield
    s.take(*units(1, 2, 0, "c"))
    yield
    sends(s, 1, 1, "c", b"whole", 1)
    yield
    sends(s, 1, 0, "a", b"to a", 0)
    yield


def whole_story(family):
    with Scene(WEB, "k", family) as s:
        asker = Asker(s)
        steps = 0
        for _ in story(s):
            steps += 1
            for direction in (0, 1):
                for name in "abc":
                    asker.compare(name, direction=direction)
                for phase in range(5):
                    asker.compare(phase=phase, direction=direction)
            s.check()
        tap.same("steps", 18, steps)
        tap.same("settling", 3, s.model.contract_state())
        tap.same("minutes", 150, s.model.minutes())


for _family in (4, 6):
    tap.test(f"R18 R19: IPv{_family}: what it says, step by step, to anybody",
             _family)(whole_story)


@tap.test("parts of the profile")
def parts():
    with Scene(WIDE, "k") as s:
        asker = Asker(s)
        for seq in (0, 1, 7, 8, WIDE_CHANNELS - 1):
            s.take(*s.message(0, seq, 0, b"x").units(s.to[s.party("a")]))
        s.take(s.message(0, 2, 0, b"x").header(s.to[s.party("a")]))
        for first, count in ((0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2),
                             (7, 2), (0, 2048), (0, 0xffff), (499, 1),
                             (499, 2), (500, 1), (0xffff, 0xffff), (498, 7)):
            for phase in (0, 1, 0xfffe, host.ANY):
                asker.compare(first=first, count=count, phase=phase)
        asker.compare(direction=1)


@tap.test("R20: the application is stopped, the answer comes")
def stopped():
    with Scene(WEB, "k", bound=False) as s:
        talk = os.path.join(os.environ["POP_WIRE_TESTS"], "talk")
        with subprocess.Popen(
                ["ip", "netns", "exec", "p1", talk, s.contract.hash.hex(),
                 str(s.kernel), "ready", "stop", "recv", "1"],
                stdout=subprocess.PIPE) as child:
            tap.same("it is bound", b"ready\n", child.stdout.readline())

            def is_stopped():
                with open(f"/proc/{child.pid}/stat", encoding="ascii") as file:
                    return file.read().rsplit(")")[1].split()[0] == "T"
            tap.wait_until("it is stopped", is_stopped)
            asker = Asker(s)
            asker.compare()
            s.take(*s.message(0, 0, 0, b"hello").units(s.to[s.party("a")]))
            for name in "abc":
                asker.compare(name)
            tap.same("still stopped", True, is_stopped())
            child.send_signal(signal.SIGCONT)
            tap.same("it got it", b"0 0 0 0 5 hello\n", child.stdout.readline())


@tap.test("requests that come again, late, or too late")
def replays():
    with Scene(WEB, "k") as s:
        a = s.to[s.party("a")]
        sock = s.udp[s.party("a")]
        w = unit.REPLAY_WINDOW

        def answered(counter, yes):
            s.take(unit.request(a, counter))
            if yes:
                sock.recv(65536)
            tap.same("answers", [], host.pending(sock))

        for counter, yes in (
                (1000, 1), (1000, 0), (999, 1), (999, 0), (1001 - w, 1),
                (1000 - w, 0), (1002 - w, 1), (1, 0), (0, 0), (999 + w, 1),
                (1000, 0), (999, 0), (998 + w, 1), (998 + w, 0),
                (999 + 2 * w, 1), (999 + w, 0), (1000 + w, 1), (1 << 40, 1),
                (999 + 2 * w, 0), ((1 << 40) - w + 1, 1), ((1 << 40) - w, 0),
                ((1 << 64) - 1, 1), ((1 << 64) - 1, 0), ((1 << 64) - w, 1),
                ((1 << 64) - w - 1, 0)):
            answered(counter, yes)
        # another incarnation does not go back
        s.take(unit.request(a, 5, incarnation=7))
        tap.same("answers", [], host.pending(sock))
        # others have counters of their own
        sock = s.udp[s.party("b")]
        s.take(unit.request(s.to[s.party("b")], 1), sock=sock)
        sock.recv(65536)
        s.check()


@tap.test("requests that ask for nothing that there is")
def malformed():
    with Scene(WEB, "k") as s:
        a = s.to[s.party("a")]
        counter = 0
        wrong = [{"number": 0}, {"direction": 2}, {"direction": 255},
                 {"reserved": 1}, {"reserved": 255}]
        for fields in wrong:
            counter += 1
            s.refused("Malformed", unit.request(a, counter, **fields))
        right = unit.REQUEST.pack(1, 0, 0, 1, 0, 0)
        for text in [right[:length] for length in range(16)] + [
                right + bytes(more) for more in (1, 16, 44, 1000)]:
            counter += 1
            out = unit.state_outer(unit.STATE_REQUEST, a, counter)
            s.refused("Malformed", unit.seal_state(out, text, a))
        tap.same("answers", [], host.pending(s.udp[s.party("a")]))
        s.check()


@tap.test("an answer to an address that is not the party's is not long")
def amplification():
    with Scene(WIDE, "k") as s:
        asker = Asker(s)
        reply, states, _, _ = asker.ask()
        tap.same("channels, to the party", WIDE_CHANNELS, len(states))
        for where in (host.udp("p2", 4, "10.0.0.2", 9999),
                      host.udp("p3", 4, "10.0.0.3", PORT),
                      host.udp("p3", 6, "fd00::3", PORT)):
            v6 = where.family != s.any.family
            old, s.address = s.address, "fd00::1" if v6 else s.address
            request = len(asker.make())
            reply, states, _, length = asker.ask(sock=where)
            # there, it may be asked where it is, by as much as it has asked
            if length + request > 3 * request or \
                    not 0 < len(states) < WIDE_CHANNELS:
                raise AssertionError(f"{length} bytes for {request}")
            tap.same("root", s.model.root(0, host.ANY, 0, reply.count),
                     reply.root)
            # the rest can be asked for
            asker.compare(sock=where, first=reply.count, count=10)
            s.address = old
            where.close()


# --- the kernel asks ---------------------------------------------------------


class Asking:
    """getsockopt(POP_STATE) of the kernel's party, in a thread."""

    def __init__(self, s, name):
        self.s = s
        self.party = s.party(name)
        self.result = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        s.udp[self.party].deaf = {5, 7}
        datagram = s.udp[self.party].recv(65536)
        self.out = unit.parse(datagram)
        tap.same("request's outer part", unit.outer(
            unit.STATE_REQUEST, s.back[self.party].cid, self.out.salt,
            aux=self.out.aux), self.out)
        self.request = unit.Request(*unit.REQUEST.unpack(
            unit.unseal_state(datagram, s.back[self.party])))

    def run(self):
        try:
            self.result = self.s.socket.state(0, party=self.party)
        except OSError as error:
            self.result = error

    def answer(self, counter, states, count=None, number=None, **more):
        fields = unit.Reply(
            self.request.id if number is None else number, 1, 1, 2,
            len(states) if count is None else count, 0, 77, 123456789,
            b"r" * 32)._replace(**more)
        return unit.reply(self.s.to[self.party], counter, fields, states)

    def send(self, why, datagram):
        self.s.expect("Units", why)
        self.s.raw(datagram)
        self.s.settle()

    def end(self):
        self.thread.join()
        return self.result


@tap.test("the kernel asks, and believes only the answer")
def kernel_asks():
    with Scene(WEB, "k") as s:
        last = 0
        for turn, states in enumerate(([], [4], [0, 1, 2, 3, 4, 8, 5])):
            asking = Asking(s, "a")
            number = asking.request.id
            tap.same("number", True, number not in (0, last))
            last = number
            base = 100 * turn + 50
            right = asking.answer(base, states)
            asking.send("BadSeal", right[:-1] + bytes([right[-1] ^ 1]))
            other = unit.reply(keys.Way(s.contract, os.urandom(32)), base,
                               unit.Reply(number, *[0] * 7, bytes(32)), [])
            asking.send("Unknown", other)
            asking.send("Unasked", asking.answer(base - 1, states,
                                                 number=number + 1))
            asking.send("Malformed", asking.answer(base - 2, states,
                                                   count=len(states) + 2))
            asking.send("Malformed", asking.answer(base - 3, [1] * 2050))
            asking.send("Malformed", asking.answer(
                base - 4, [1] * (1 + asking.request.count)))
            # what b says of a's number is not asked for
            text = unit.unseal_state(right, s.to[asking.party])
            other = s.to[s.party("b")]
            out = unit.state_outer(unit.STATE_REPLY, other, base)
            asking.send("Unasked", unit.seal_state(out, text, other))
            tap.same("it waits", True, asking.thread.is_alive())
            asking.send("StateReplies", right)
            state, told = asking.end()
            tap.same("states", states, told)
            tap.same("fields", (1, 1, 2, 77, 123456789, b"r" * 32),
                     (state.current_phase, state.phase_state,
                      state.contract_state, state.minutes, state.now,
                      state.root))
            asking.send("Replay", right)
            asking.send("Unasked", asking.answer(base + 1, states))
        s.check()


@tap.test("an answer about more than was asked for")
def too_much():
    with Scene(WEB, "k") as s:
        # by netlink: as many states as an answer can have, for one channel
        a = s.party("a")
        with subprocess.Popen(
                ["pop", "-n", "p1", "-j", "state", "show",
                 s.contract.hash.hex(), "party", "a", "direction", "in",
                 "phase", "1"], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE) as child:
            s.udp[a].deaf = {5, 7}
            datagram = s.udp[a].recv(65536)
            request = unit.Request(*unit.REQUEST.unpack(
                unit.unseal_state(datagram, s.back[a])))
            fields = unit.Reply(request.id, 0, 1, 2, 2048, 0, 0, 0, bytes(32))
            s.expect("Units", "Malformed")
            s.raw(unit.reply(s.to[a], 1, fields, [4] * 2048))
            s.settle()
            fields = fields._replace(count=1)
            s.expect("Units", "StateReplies")
            s.raw(unit.reply(s.to[a], 2, fields, [4]))
            s.settle()
            out, _ = child.communicate(timeout=tap.PATIENCE)
            tap.same("states", ["executed"], [
                channel["state"] for channel in json.loads(out)[0]["channels"]])
        s.check()


# --- not too far ahead -------------------------------------------------------

AHEAD = """
contract: ahead
parties: {a: keys/a.pub, k: keys/k.pub}
phases:
""" + "".join(f"  - actions: [{{name: n{phase}, from: k, to: [a]}}]\n"
              for phase in range(6))


@tap.test("nothing is sent to whom cannot be ready for it, but asked")
def ahead():
    with Scene(AHEAD, "k") as s:
        a = s.party("a")
        way, sock = s.back[a], s.udp[a]
        decoder = s.decoder(a)
        counter = 0

        def asked():
            """Answers all requests until the message comes."""
            nonlocal counter
            while True:
                sock.deaf = {5, 7}
                datagram = sock.recv(65536)
                del sock.deaf
                if unit.parse(datagram).type & 0xf != unit.STATE_REQUEST:
                    return datagram
                request = unit.Request(*unit.REQUEST.unpack(
                    unit.unseal_state(datagram, way)))
                if request.id != 2 ** 64 - 1:
                    continue    # what has become of the messages before
                tap.same("request", (2 ** 64 - 1, 0, 0, 0, 0, 0), request)
                counter += 1
                # only the last one will do
                phase = decoder.phase + max(0, counter - 3)
                fields = unit.Reply(request.id, phase, 1, 2, 0, 0, 0, 0,
                                    bytes(32))
                s.raw(unit.reply(s.to[a], 1000 * phase + counter, fields, []))

        for phase in range(6):
            decoder.phase = max(0, phase - 3)
            counter = 0
            sender = threading.Thread(target=s.socket.send,
                                      args=(b"x", phase, 0))
            sender.start()
            datagram = asked()
            sender.join()
            tap.same("questions", phase > 2, counter > 3)
            decoder.phase = phase
            tap.same("header", [], decoder.take(datagram))
            tap.same("payload", ["Executed"], decoder.take(sock.recv(65536)))


tap.run()
