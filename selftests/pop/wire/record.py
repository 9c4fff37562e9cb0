# SPDX-License-Identifier: GPL-2.0
"""RECORD units: who may send them, what they look like, and until when."""

import errno
import os
import random
import select
import subprocess

import host
import keys
import tap
import unit
from receiver import Record
from scene import Scene
from unit import Kind

# About phase 0 a, b and k may raise disputes, about phase 1 all but a; d has no
# part in either.
WEB = """
contract: web
parties:
  a: keys/a.pub
  b: keys/b.pub
  c: keys/c.pub
  d: {card: keys/d.pub, disputes: tell}
  k: keys/k.pub
phases:
  - name: ask
    actions:
      - {name: one, from: a, to: [b, k], count: 3}
  - name: tell
    actions:
      - {name: one, from: b, to: [c]}
      - {name: two, from: k, to: [b]}
"""
PLACES = [(0, 0), (1, 0), (1, 1)]
KINDS = {Kind.VIOLATION: "violation", Kind.RECOVERY: "recovery",
         Kind.VOTE: "vote", Kind.CLOSE: "close", Kind.TRANSFER: "transfer",
         Kind.AMEND: "amend", Kind.LINK: "link"}
ABOUT = (Kind.VIOLATION, Kind.RECOVERY, Kind.VOTE)
SETTLING, CLOSED, ABORTED = 3, 4, 5
GATE_ID = 2 ** 64 - 1

random.seed(4202)


class Board(Scene):
    """A scene with a socket of the Byzantine channel."""

    def __init__(self, text=WEB, **more):
        super().__init__(text, "k", **more)
        self.byzantine = host.ByzantineSocket("p1", self.contract.hash,
                                              self.kernel)
        self.model.heard = True
        self.heard = 0          # records compared so far
        self.counter = 1000

    def __exit__(self, *_):
        self.byzantine.close()
        super().__exit__()

    def count(self):
        self.counter += 1
        return self.counter

    def record(self, name, kind, data=b"x", *args, **more):
        return unit.record(self.to[self.party(name)], self.count(), kind, data,
                           *args, **more)

    def check_records(self):
        """All that the model has taken, and nothing else."""
        due = self.model.records[self.heard:]
        self.heard += len(due)
        found = self.byzantine.pending()
        for info, data in found:
            tap.same("recipient", self.kernel, info.recipient)
            tap.same("length", len(data), info.length)
        tap.same("records", due, [
            Record(info.phase, info.action, info.seq, info.sender, info.kind,
                   data) for info, data in found])


@tap.test("R37: each kind, from each who may, about each that there is")
def taken():
    with Board() as s:
        for peer in s.ports:
            name = s.names[peer]
            for kind in KINDS:
                places = PLACES if kind in ABOUT else [(unit.ANY, unit.ANY)]
                for place in places:
                    s.take(s.record(name, kind, os.urandom(20), place))
                    if place[0] != unit.ANY:
                        s.take(s.record(name, kind, b"", place, seq=0))
        # 2 x (a 1, b 3, c 1, d 2) disputes, 3 votes and 4 others from each
        tap.same("taken", 4 * 4 + 2 * (4 * 3 + 2 * (1 + 3 + 1 + 2)),
                 len(s.model.records))
        s.check_records()
        for size in (0, 1, unit.RECORD_MAX - 1, unit.RECORD_MAX):
            s.take(s.record("d", Kind.LINK, os.urandom(size)))
        s.check_records()
        s.check()


@tap.test("R34, R38: who may not is refused before any cryptography")
def forbidden():
    with Board() as s:
        seen = {}
        garbage = os.urandom(60)
        for peer, way in s.to.items():
            for phase in (*range(4), 0xfffe):
                for action in (*range(4), 0xfffe):
                    for flags in (0, unit.F_DISPUTE):
                        known = s.contract.actions.get((phase, action))
                        why = "BadSeal"
                        if not known:
                            why = "Unscheduled"
                        elif flags and not s.model.may_dispute(peer, known):
                            why = "Forbidden"
                        seen[why] = seen.get(why, 0) + 1
                        out = unit.state_outer(unit.RECORD, way, s.count())
                        out = out._replace(phase=phase, action=action,
                                           flags=flags)
                        # with a seal of nobody, and with a right one
                        s.refused(why, unit.OUTER.pack(*out) + garbage)
                        if why != "BadSeal":
                            text = unit.RECORD_HEAD.pack(
                                Kind.VIOLATION if flags else Kind.VOTE,
                                bytes(3), unit.SEQ_ANY) + b"x"
                            s.refused(why, unit.seal_state(out, text, way))
        # a: phase 1; c: phase 0 and k's action; d: phase 0
        tap.same("forbidden", 2 + 2 + 1, seen["Forbidden"])
        tap.same("allowed", 4 * 3 + 4 * 3 - 5, seen["BadSeal"])
        s.check_records()
        # none of this has moved the replay window
        s.take(unit.record(s.to[s.party("a")], s.counter - 250, Kind.LINK,
                           b"x"))
        s.check_records()
        s.check()


@tap.test("the sealed kind must be what the outer part let in")
def disguised():
    with Board() as s:
        for kind in (*range(0, 12), 127, 128, 129, 130, 255):
            for place in ((unit.ANY, unit.ANY), (1, 0)):
                for dispute in (False, True):
                    if dispute and place[0] == unit.ANY:
                        continue
                    s.take(s.record("b", kind, b"x", place, dispute=dispute))
        tap.same("taken", sorted(KINDS),
                 sorted(record.kind for record in s.model.records))
        s.check_records()
        # c has no privilege in phase 0: it cannot get one by saying "vote"
        for kind in (Kind.VIOLATION, Kind.RECOVERY):
            s.refused("Malformed", s.record("c", kind, b"x", (0, 0),
                                            dispute=False))
            s.refused("Forbidden", s.record("c", kind, b"x", (0, 0)))
        s.check_records()
        s.check()


@tap.test("sealed parts that no record has")
def malformed():
    with Board() as s:
        way = s.to[s.party("b")]
        for length in range(unit.RECORD_HEAD.size):
            out = unit.state_outer(unit.RECORD, way, s.count())._replace(
                phase=unit.ANY, action=unit.ANY)
            s.refused("Malformed", unit.seal_state(out, bytes(length), way))
        for more in (1, 2, 100, 20000):
            s.refused("Malformed", s.record(
                "b", Kind.LINK, bytes(unit.RECORD_MAX + more)))
        for reserved in (b"\1\0\0", b"\0\1\0", b"\0\0\x80"):
            s.refused("Malformed", s.record("b", Kind.LINK, reserved=reserved))
        for seq in (3, 4, 0x80000000, 0xfffffffe):
            s.refused("Malformed", s.record("b", Kind.VOTE, b"x", (0, 0), seq))
        for seq in (0, 1, 0xfffffffe):
            s.refused("Malformed", s.record("b", Kind.LINK, seq=seq))
        s.take(s.record("b", Kind.VOTE, b"x", (0, 0), 2))
        s.check_records()
        s.check()


@tap.test("outer parts that no record has, well sealed")
def bad_outer():
    with Board() as s:
        way = s.to[s.party("b")]
        text = unit.RECORD_HEAD.pack(Kind.VIOLATION, bytes(3), unit.SEQ_ANY)
        for changed in ({"fragment": 1}, {"fragment": 0xffff}, {"seq": 1},
                        {"seq": 0xffffffff}, {"flags": unit.F_GROUP},
                        {"flags": 3}, {"flags": 4}, {"flags": 0x80},
                        {"phase": unit.ANY}, {"action": unit.ANY},
                        {"phase": unit.ANY, "action": unit.ANY}):
            out = unit.parse(s.record("b", Kind.VIOLATION, b"x", (1, 0)))
            s.refused("Malformed", unit.seal_state(out._replace(**changed),
                                                   text, way))
        s.refused("Unscheduled", s.record(
            "b", Kind.LINK, cid=keys.group_cid(s.contract)))
        s.refused("Unknown", s.record("b", Kind.LINK, cid=bytes(8)))
        s.check_records()
        s.check()


@tap.test("R27: forged and damaged records")
def forged():
    with Board() as s:
        right = s.record("b", Kind.VIOLATION, os.urandom(50), (1, 0))
        for at in range(len(right)):
            wrong = bytearray(right)
            wrong[at] ^= 1 << random.randrange(8)
            s.take(bytes(wrong))
        for length in range(len(right)):
            s.take(right[:length])
        s.take(*(right + bytes(more) for more in (1, 16, 1000)))
        tap.same("taken", [], s.model.records)
        # under the keys of others, or of another incarnation
        out = unit.parse(right)
        text = unit.RECORD_HEAD.pack(Kind.VIOLATION, bytes(3), unit.SEQ_ANY)
        b, c = s.to[s.party("b")], s.to[s.party("c")]
        for key in (c.state_key(out.aux), b.state_key(out.aux + 1), b.control,
                    s.back[s.party("b")].state_key(out.aux),
                    b.message_key(keys.Slot(1, 0, 0), out.salt), os.urandom(32)):
            s.refused("BadSeal", unit.seal(out, text, key))
        # what c may say is not b's to say, whoever moves it there
        moved = unit.parse(s.record("c", Kind.LINK))
        s.refused("BadSeal", unit.OUTER.pack(*moved._replace(cid=b.cid)) +
                  os.urandom(30))
        # nor is it of another kind or about something else
        for changed in ({"action": 1}, {"phase": 0}, {"flags": 0},
                        {"type": 0x17}, {"type": 0x13}):
            wrong = unit.OUTER.pack(*out._replace(**changed)) + right[32:]
            tap.same("nothing", False, "Records" in s.model.take(wrong))
        s.take(right)
        s.check_records()
        s.check()


@tap.test("replayed records, and the window all control units share")
def replayed():
    with Board() as s:
        b = s.to[s.party("b")]
        records = [unit.record(b, counter, Kind.VOTE, bytes([counter & 255]),
                               (0, 0)) for counter in range(1000, 1400)]
        s.take(*records[:100])
        for datagram in records[:100]:
            s.refused("Replay", datagram)
        s.take(*random.sample(records[100:300], 200))
        # too old now: 1299 is the top
        s.refused("Replay", unit.record(b, 1043, Kind.VOTE, b"x", (0, 0)))
        s.refused("Replay", unit.record(b, 1299 - 256, Kind.VOTE, b"x",
                                        (0, 0)))
        # a STATE request takes a number, too
        s.take(unit.request(b, 1300))
        s.refused("Replay", records[300])
        # from elsewhere it is the same
        stranger = host.udp("p3", 4, "10.0.0.3", 4000)
        for datagram in random.sample(records[:300], 20):
            s.refused("Replay", datagram, stranger)
        s.take(records[301], sock=stranger)
        stranger.close()
        tap.same("answers", [], host.pending(s.udp[s.party("c")]))
        s.check_records()
        s.check()


# --- what the kernel sends ----------------------------------------------------


def sent_record(s, name, kind, data, place=(unit.ANY, unit.ANY),
                seq=unit.SEQ_ANY):
    """One datagram, and what is in it."""
    party = s.party(name)
    sock = s.udp[party]
    datagram = sock.recv(65536)
    out = unit.parse(datagram)
    way = s.back[party]
    tap.same("outer part", unit.outer(
        unit.RECORD, way.cid, out.salt, aux=out.aux,
        flags=unit.F_DISPUTE if kind in (1, 2) else 0)._replace(
            phase=place[0], action=place[1]), out)
    text = unit.unseal_state(datagram, way)
    tap.same("sealed part", unit.RECORD_HEAD.pack(kind, bytes(3), seq) + data,
             text)
    tap.same("more", [], host.pending(sock))
    return int.from_bytes(out.salt, "big")


@tap.test("what the kernel sends, to those who are named and nobody else")
def sends():
    with Board() as s:
        last = dict.fromkeys(s.ports, 0)
        everybody = [s.names[party] for party in s.ports]
        for kind in KINDS:
            place = (1, 1) if kind in ABOUT else (unit.ANY, unit.ANY)
            for size in (0, 30, unit.RECORD_MAX):
                data = os.urandom(size)
                for names in ([random.choice(everybody)], everybody):
                    party = (s.party(names[0]) if len(names) == 1
                             else unit.ANY)
                    s.byzantine.send(kind, data, party, place)
                    for name in names:
                        counter = sent_record(s, name, kind, data, place)
                        if counter <= last[s.party(name)]:
                            raise AssertionError("a counter came twice")
                        last[s.party(name)] = counter
                    for sock in s.udp.values():
                        tap.same("others", [], host.pending(sock))
        s.byzantine.send(Kind.RECOVERY, b"", s.party("b"), (0, 0), 2)
        sent_record(s, "b", Kind.RECOVERY, b"", (0, 0), 2)
        for place in ((1, 0), (0, 1)):
            try:
                s.byzantine.send(Kind.VIOLATION, b"x", s.party("b"), place)
            except PermissionError:
                continue
            raise AssertionError(f"k may not say that about {place}")


# --- how long it lives --------------------------------------------------------

# k has nothing to do after phase 0, and no other party has anything.
SHORT = """
contract: short
parties: {a: keys/a.pub, b: keys/b.pub, k: keys/k.pub}
phases:
  - actions: [{name: one, from: a, to: [k]}]
"""


def finish(s):
    s.take(*s.message(0, 0, 0, b"done").units(s.to[s.party("a")]))
    s.check()


def end(s, word):
    """`pop contract close` asks all others first, and then the kernel tells
    them; what it tells each."""
    told = {}
    waiting = select.poll()
    parties = {sock.fileno(): party for party, sock in s.udp.items()}
    for sock in s.udp.values():
        sock.deaf = {5, 7}
        waiting.register(sock, select.POLLIN)
    with subprocess.Popen(["pop", "-n", "p1", "contract", word,
                           s.contract.hash.hex()],
                          stderr=subprocess.PIPE) as child:
        while len(told) < len(s.udp):
            ready = waiting.poll(1000 * tap.PATIENCE)
            tap.same("a datagram in time", True, bool(ready))
            for descriptor, _ in ready:
                party = parties[descriptor]
                datagram = s.udp[party].recv(65536)
                text = unit.unseal_state(datagram, s.back[party])
                if unit.parse(datagram).type & 0xf == unit.STATE_REQUEST:
                    asked = unit.Request(*unit.REQUEST.unpack(text))
                    s.expect("Units", "StateReplies")
                    s.raw(state(s, party, SETTLING, asked.id))
                else:
                    told[party] = unit.parse_reply(text)[0]
        why = child.stderr.read()
    tap.same("the tool", (0, b""), (child.returncode, why))
    s.settle()
    return told


def state(s, party, contract_state, number=0):
    """What a party says of itself."""
    return unit.reply(s.to[party], s.count(), unit.Reply(
        number, 0, 2, contract_state, 0, 1, 0, 0, bytes(32)), [])


def tells(s, name, contract_state, number=0):
    s.expect("Units", "StateReplies")
    s.raw(state(s, s.party(name), contract_state, number))
    s.settle()


def is_told(s, name, contract_state):
    """The kernel tells a party of its end, in one datagram."""
    party = s.party(name)
    datagram = s.udp[party].recv(65536)
    tap.same("type", unit.STATE_REPLY, unit.parse(datagram).type & 0xf)
    fields, _ = unit.parse_reply(unit.unseal_state(datagram, s.back[party]))
    tap.same("told", (0, contract_state, 0),
             (fields.id, fields.contract_state, fields.count))


def is_silent(s):
    for sock in s.udp.values():
        tap.same("datagrams", [], host.pending(sock))


def has_ended(s):
    tap.same("the end", None, s.byzantine.receive())
    try:
        s.byzantine.send(Kind.CLOSE, b"x")
    except BrokenPipeError as error:
        tap.same("errno", errno.ESHUTDOWN, error.errno)
        return
    raise AssertionError("it can still be sent to")


def deaf_to_asking(s):
    """The kernel may ask at any time; for that there are tests of their own."""
    for sock in s.udp.values():
        sock.deaf = {3, 5, 7}


@tap.test("R35: open until the last party has closed the contract")
def lives():
    with Board(SHORT) as s:
        s.take(s.record("a", Kind.LINK))
        finish(s)
        # b is first: that is no news worth an answer yet
        tells(s, "b", CLOSED)
        s.take(s.record("b", Kind.LINK))
        is_silent(s)
        told = end(s, "close")
        deaf_to_asking(s)
        for party in s.ports:
            tap.same("told", (0, CLOSED, 0), (
                told[party].id, told[party].contract_state,
                told[party].count))
        # closed here, but a has not
        s.take(s.record("a", Kind.VIOLATION, b"", (0, 0)),
               s.record("b", Kind.CLOSE))
        for contract_state in (1, 2, SETTLING):
            tells(s, "a", contract_state)
            s.take(s.record("a", Kind.CLOSE))
        s.check_records()
        s.byzantine.send(Kind.CLOSE, b"seal", s.party("a"))
        tap.same("sent", unit.RECORD,
                 unit.parse(s.udp[s.party("a")].recv(65536)).type & 0xf)
        # the last one: it is answered, once
        tells(s, "a", CLOSED)
        is_told(s, "a", CLOSED)
        tells(s, "a", CLOSED)
        tells(s, "b", CLOSED)
        is_silent(s)
        has_ended(s)
        s.model.ended = True
        s.refused("Unscheduled", s.record("a", Kind.CLOSE))
        s.refused("Unscheduled", s.record("a", Kind.VIOLATION, b"", (0, 0)))
        s.refused("Unscheduled", s.record("b", Kind.VIOLATION, b"", (0, 0)))
        # it goes on answering
        for sock in s.udp.values():
            sock.deaf = {5, 7}
        request = unit.request(s.to[s.party("a")], s.count())
        s.expect("Units", "StateRequests")
        s.raw(request)
        s.settle()
        tap.same("an answer", unit.STATE_REPLY,
                 unit.parse(s.udp[s.party("a")].recv(65536)).type & 0xf)
        is_silent(s)


@tap.test("R35: who aborts closes it at once, and says so")
def aborts():
    with Board(SHORT) as s:
        s.take(s.record("a", Kind.LINK))
        told = end(s, "abort")
        tap.same("told", {ABORTED},
                 {fields.contract_state for fields in told.values()})
        s.check_records()
        has_ended(s)
        s.model.ended = True
        s.refused("Unscheduled", s.record("a", Kind.CLOSE))
        # others' news are answered once all the same
        tells(s, "a", CLOSED)
        is_told(s, "a", ABORTED)
        tells(s, "a", CLOSED)
        is_silent(s)


@tap.test("a party that aborts has left the channel, too")
def left():
    with Board(SHORT) as s:
        finish(s)
        end(s, "close")
        deaf_to_asking(s)
        tells(s, "b", ABORTED)
        is_told(s, "b", CLOSED)
        s.take(s.record("a", Kind.CLOSE))
        tells(s, "a", ABORTED)
        is_told(s, "a", CLOSED)
        s.check_records()
        has_ended(s)


def question(s, name):
    """The kernel asks whether a party has ended: once more than before."""
    party = s.party(name)
    datagram = s.udp[party].recv(65536)
    tap.same("type", unit.STATE_REQUEST, unit.parse(datagram).type & 0xf)
    fields = unit.Request(*unit.REQUEST.unpack(
        unit.unseal_state(datagram, s.back[party])))
    tap.same("question", (GATE_ID, 0, 0, 0, 0, 0), fields)


@tap.test("who has closed and hears nothing asks, while somebody listens")
def asks():
    with Board(SHORT) as s:
        finish(s)
        end(s, "close")
        # neither of the others has said anything, or all was lost
        for _ in range(2):
            question(s, "a")
            question(s, "b")
        tells(s, "a", CLOSED, GATE_ID)
        # the answer to a question counts, and is answered
        sock = s.udp[s.party("a")]
        sock.deaf = {3, 5, 7}
        is_told(s, "a", CLOSED)
        question(s, "b")
        sock.deaf = {5, 7}
        host.pending(sock)      # asked before it answered
        question(s, "b")
        tap.same("a is not asked any more", [], host.pending(sock))
        # no sockets, no questions: none comes after one that may be due
        s.byzantine.close()
        sock = s.udp[s.party("b")]
        host.pending(sock)
        host.be_patient(sock, 5)
        try:
            tap.same("a question", None, sock.recv(65536))
        except BlockingIOError:
            pass
        # and with one that is bound later there are again
        host.be_patient(sock)
        s.byzantine = host.ByzantineSocket("p1", s.contract.hash, s.kernel)
        question(s, "b")
        tells(s, "b", CLOSED)
        has_ended(s)
        # bound after the end
        s.byzantine.close()
        s.byzantine = host.ByzantineSocket("p1", s.contract.hash, s.kernel)
        has_ended(s)


tap.run()
