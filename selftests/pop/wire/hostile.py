# SPDX-License-Identifier: GPL-2.0
"""What is not as it must be ends in its counter, and nowhere else."""

import os
import random
import struct
import threading

import crypto
import host
import keys
import tap
import unit
from scene import PORT, Scene

# k is idle at first, gets something from all in every phase, and its own
# phase does not move before it has.
WEB = """
contract: web
parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub, k: keys/k.pub}
phases:
  - actions:
      - {name: one, from: a, to: [k], count: 40, max: 8K}
      - {name: two, from: b, to: [c, k], same: true, count: 200, max: 16M}
  - actions:
      - {name: one, from: k, to: [a, b]}
      - {name: two, from: c, to: [k], count: 2}
      - {name: three, from: a, to: [b]}
  - actions:
      - {name: one, from: b, to: [k]}
  - actions:
      - {name: one, from: a, to: [k]}
      - {name: two, from: b, to: [a]}
"""

random.seed(1805)


def completes(s, name="a", action=0):
    """The next slot of the channel can still be filled."""
    seq = len(s.model.at[0, action].digests)
    while (0, action, seq) in [d[:3] for d in s.model.delivered]:
        seq += 1
    s.take(*s.message(0, action, seq, b"good").units(s.to[s.party(name)]))
    s.check()


def slot_of(s, seq=0, action=0, name="a", payload=b"x" * 40, **more):
    """A message, and the way it goes."""
    return s.message(0, action, seq, payload, **more), s.to[s.party(name)]


# --- damage on the way -------------------------------------------------------


def each_refused(s, datagrams):
    """None is accepted, whatever counter the model names."""
    delivered = len(s.model.delivered)
    s.take(*datagrams)
    tap.same("delivered", delivered, len(s.model.delivered))
    s.check()


def flipped(datagram):
    """One bit of every byte, each byte in turn."""
    for at in range(len(datagram)):
        wrong = bytearray(datagram)
        wrong[at] ^= 1 << random.randrange(8)
        yield bytes(wrong)


def damaged(change, payload):
    """The whole of a message is damaged before any of it has come, between its
    units, and after."""
    with Scene(WEB, "k") as s:
        message, way = slot_of(s, payload=payload)
        header, *payloads = message.units(way)
        before = s.model.states(0, host.ANY)
        each_refused(s, change(header))
        each_refused(s, change(payloads[-1]))
        tap.same("states", before, s.model.states(0, host.ANY))
        s.take(header)
        before = s.model.states(0, host.ANY)
        each_refused(s, change(header))
        each_refused(s, change(payloads[-1]))
        tap.same("states", before, s.model.states(0, host.ANY))
        s.take(*payloads)
        tap.same("delivered", 1, len(s.model.delivered))
        s.check()
        each_refused(s, change(header))


def cut(datagram):
    """Every length that is too short."""
    return (datagram[:length] for length in range(len(datagram)))


def extended(datagram):
    return (datagram + bytes(more) for more in (1, 2, 4, 15, 16, 17, 100, 1000))


for _name, _change in (("one bit wrong in each byte", flipped),
                       ("cut at each length", cut),
                       ("too long", extended)):
    tap.test(f"{_name}: a short message", _change, b"x" * 40)(damaged)
    tap.test(f"{_name}: a full payload", _change, b"x" * 1164)(damaged)


# --- who it is from ----------------------------------------------------------


@tap.test("R5: keys that follow from other hashes, or another secret")
def other_hashes():
    with Scene(WEB, "k") as s:
        a, k = s.party("a"), s.kernel
        contract, right = s.contract, s.to[a]
        shared = crypto.x25519(s.secret(a), contract.parties[k].key)
        hashes = [party.hash for party in contract.parties]
        other = crypto.blake2s(b"another contract")
        wrong = [
            (contract.hash, shared, hashes[k], hashes[a]),       # swapped
            (contract.hash, shared, hashes[s.party("b")], hashes[k]),
            (contract.hash, shared, hashes[a], hashes[s.party("b")]),
            (contract.hash, shared, hashes[a], other),
            (other, shared, hashes[a], hashes[k]),
            (contract.hash, other, hashes[a], hashes[k]),
        ]
        for material in wrong:
            way = keys.Way(contract, keys.pair_key(*material))
            message, _ = slot_of(s)
            for datagram in message.units(way):
                s.refused("Unknown", datagram)      # of its own cid
            for datagram in (message.header(way, cid=right.cid),
                             *(message.payload_unit(
                                 0, message.stream, right.cid,
                                 message.key(way)),)):
                s.refused("BadSeal", datagram)
            s.refused("Unknown", unit.request(way, 9))
            request = unit.REQUEST.pack(1, 0, 0, 1, 0, 0)
            out = unit.parse(unit.request(right, 9))
            s.refused("BadSeal", unit.seal_state(out, request, way))
            for key in (right.control, right.k, right.state_key(0)):
                s.refused("BadSeal", unit.seal(out, request, key))
        s.check()
        completes(s)


@tap.test("keys of another slot, action, phase or direction")
def other_slot():
    with Scene(WEB, "k") as s:
        message, way = slot_of(s)
        back = s.back[s.party("a")]
        strangers = [way.message_key(keys.Slot(*slot), message.salt())
                     for slot in ((0, 0, 1), (0, 1, 0), (1, 0, 0))]
        strangers.append(way.message_key(message.slot, bytes(8)))
        strangers += [message.key(back), way.control, way.k,
                      way.phase_key(0)]
        head = unit.HEAD.pack(*message.head)
        for key in strangers:
            out = unit.parse(message.header(way))
            s.refused("BadSeal", unit.seal(out, head, key))
            s.refused("BadSeal", message.payload_unit(
                0, message.stream, way.cid, key))
        # What is right for one slot is moved to another.
        for datagram in message.units(way):
            for seq in (1, 39):
                out = unit.parse(datagram)._replace(seq=seq)
                s.refused("BadSeal",
                          unit.OUTER.pack(*out) + datagram[unit.OUTER.size:])
        # A header is no payload, and the other way round.
        for datagram in message.units(way):
            out = unit.parse(datagram)
            s.refused("BadSeal", unit.OUTER.pack(
                *out._replace(type=out.type ^ 3)) +
                datagram[unit.OUTER.size:])
        s.check()
        completes(s)


# --- the outer part ----------------------------------------------------------


@tap.test("outer parts that no unit has, well sealed")
def bad_outer():
    with Scene(WEB, "k") as s:
        message, way = slot_of(s)
        for version in (0, 2, 3, 7, 8, 15):
            s.refused("Version", message.header(way, type=version << 4 | 1))
            s.refused("Version", message.payload_unit(
                0, message.stream, way.cid, message.key(way),
                type=version << 4 | 2))
        for kind in (0, *range(12, 16)):
            s.refused("Malformed", message.header(way, type=0x10 | kind))
        for bit in range(32):
            s.refused("Malformed", message.header(way, aux=1 << bit))
        for bit in range(1, 8):
            s.refused("Malformed", message.header(way, flags=1 << bit))
        for fragment in (1, 0x100, 0xffff):
            s.refused("Malformed", message.header(way, fragment=fragment))
        right = message.salt()
        for bit in range(64):
            wrong = struct.pack(">Q", 1 << bit ^ struct.unpack(">Q", right)[0])
            s.refused("BadSeal", message.header(way, salt=wrong))
            s.refused("BadSeal", message.payload_unit(
                0, message.stream, way.cid, message.key(way), salt=wrong))
        s.refused("Malformed", message.payload_unit(
            0xffff, message.stream, way.cid, message.key(way)))
        # without a key for the payloads a group's header is cut short, and
        # one that is nobody's is too long
        s.refused("Malformed", message.header(way, flags=unit.F_GROUP))
        s.refused("Malformed", message.header(way, bytes(32), flags=0))
        for name in ("fragment", "seq", "phase", "action", "flags"):
            out = unit.state_outer(unit.STATE_REQUEST, way, 7)
            s.refused("Malformed", unit.seal_state(
                out._replace(**{name: 1}),
                unit.REQUEST.pack(1, 0, 0, 1, 0, 0), way))
        # longer than any, whatever is in it
        for kind in range(unit.STATE_REQUEST, unit.RELAY):
            out = unit.state_outer(kind, way, 8)
            s.refused("Malformed", unit.seal_state(
                out, bytes(unit.DATAGRAM_LEN + 1 - unit.OUTER.size -
                           unit.TAG_LEN), way))
        s.check()
        completes(s)


@tap.test("sealed parts of a length that no unit has")
def bad_length():
    with Scene(WEB, "k") as s:
        message, way = slot_of(s)
        key = message.key(way)
        head = unit.HEAD.pack(*message.head)
        out = unit.parse(message.header(way))
        for text in [head[:length] for length in range(len(head))] + [
                head + bytes(more) for more in (1, 31, 32, 33, 64)]:
            s.refused("Malformed", unit.seal(out, text, key))
        for text in (head, head + bytes(31), head + bytes(33)):
            s.refused("Malformed", unit.seal(
                out._replace(flags=unit.F_GROUP), text, key))
        out = unit.parse(message.payloads(way)[0])
        for length in range(4):
            s.refused("Malformed", unit.seal(out, bytes(length), key))
        # A group's payload cannot be opened before its header is there.
        cid = keys.group_cid(s.contract)
        out = unit.parse(message.payload_unit(0, b"", cid, key, unit.F_GROUP))
        for length in range(4):
            s.refused("Unscheduled", unit.seal(out, bytes(length), key))
        s.check()
        completes(s)


@tap.test("nobody's cid")
def unknown():
    with Scene(WEB, "k") as s:
        message, way = slot_of(s)
        for cid in (bytes(8), b"\xff" * 8, way.cid[::-1],
                    s.back[s.party("a")].cid, s.contract.hash[:8]):
            s.refused("Unknown", message.header(way, cid=cid))
        s.check()
        completes(s)


# --- the schedule ------------------------------------------------------------


@tap.test("R13: parties x phases x actions x slots, by who may send what")
def sweep():
    with Scene(WEB, "k") as s:
        takes = {}
        garbage = os.urandom(100)
        for peer, way in s.to.items():
            for phase in range(6):
                for action in range(5):
                    for seq in (0, 1, 39, 40, 199, 200, 0xffffffff):
                        line = s.model.at.get((phase, action))
                        due = (line and line.channel.peer == peer and
                               seq < line.channel.count)
                        # no cryptography: what is not due has no valid seal
                        why = "Unscheduled"
                        if due:
                            why = "BadSeal" if phase <= 2 else "NotOpen"
                        takes[why] = takes.get(why, 0) + 1
                        for kind in (unit.HEADER, unit.PAYLOAD):
                            out = unit.outer(kind, way.cid, bytes(8),
                                             keys.Slot(phase, action, seq))
                            s.refused(why, unit.OUTER.pack(*out) + garbage)
        tap.same("slots that are due", (3 + 5 + 2 + 1, 1),
                 (takes["BadSeal"], takes["NotOpen"]))
        # and with a valid seal
        slots = [(0, 1), (1, 0), (1, 2), (3, 1)]
        for place in slots:
            message = unit.Message(s.contract, keys.Slot(*place, 0), b"x")
            for peer, way in s.to.items():
                line = s.model.at.get(place)
                if not line or line.channel.peer != peer:
                    for datagram in message.units(way):
                        s.refused("Unscheduled", datagram)
        # the group: only payloads, only of what is due to somebody here
        cid = keys.group_cid(s.contract)
        for place in ((0, 1, 200), (1, 0, 0), (3, 1, 0), (9, 0, 0), (0, 9, 0)):
            out = unit.outer(unit.PAYLOAD, cid, bytes(8), keys.Slot(*place),
                             flags=unit.F_GROUP)
            s.refused("Unscheduled", unit.OUTER.pack(*out) + garbage)
        for kind, flags in ((unit.HEADER, 1), (unit.HEADER, 0),
                            (unit.PAYLOAD, 0), (unit.STATE_REQUEST, 0),
                            (unit.STATE_REPLY, 0)):
            out = unit.outer(kind, cid, bytes(8), flags=flags)
            s.refused("Unscheduled", unit.OUTER.pack(*out) + garbage)
        # a payload under a pair's cid is not the group's
        message, way = slot_of(s, action=1, name="b")
        s.refused("Unscheduled", message.payload_unit(
            0, message.stream, way.cid, message.key(way),
            unit.F_GROUP))
        s.check()
        completes(s)


@tap.test("phases ahead: the next two are open, the one after is not")
def window():
    with Scene(WEB, "k") as s:
        far = s.message(3, 0, 0, b"far")
        way = s.to[s.party("a")]
        for datagram in far.units(way):
            s.refused("NotOpen", datagram)
        near = s.message(2, 0, 0, b"near")
        s.take(*near.units(s.to[s.party("b")]))
        s.check()
        for name, action, count in (("a", 0, 40), ("b", 1, 200)):
            for seq in range(count):
                s.take(*s.message(0, action, seq, b"x").units(
                    s.to[s.party(name)]))
        tap.same("phase", 1, s.model.phase)
        s.check()
        s.take(*far.units(way))
        s.check()


# --- once --------------------------------------------------------------------


@tap.test("R15: what has executed does not execute again")
def replayed():
    with Scene(WEB, "k") as s:
        everything = []
        for seq in range(5):
            message, way = slot_of(s, seq, payload=bytes(3000))
            everything += message.units(way)
        s.take(*everything)
        for datagram in everything:
            s.refused("Duplicate", datagram)
        # another message for the slot, even
        message, way = slot_of(s, 3, payload=b"changed my mind")
        s.refused("Contradiction", message.header(way))
        s.refused("Duplicate", message.payloads(way)[0])
        s.check()
        tap.same("delivered", 5, len(s.model.delivered))
        # units of one that is not whole yet
        message, way = slot_of(s, 9, payload=bytes(3000))
        header, first, second, third = message.units(way)
        s.take(first, header)
        for datagram in (first, header, first):
            s.refused("Duplicate", datagram)
        s.take(third)
        s.refused("Duplicate", third)
        s.take(second)
        s.check()
        # of a channel that is done
        done = s.message(2, 0, 0, b"x")
        b = s.to[s.party("b")]
        s.take(*done.units(b))
        for datagram in done.units(b):
            s.refused("Duplicate", datagram)
        s.check()
        completes(s)


@tap.test("R22: duplicates at the same time from several threads")
def concurrent():
    threads, slots = 4, 40
    with Scene(WEB, "k") as s:
        a = s.party("a")
        family = []
        for seq in range(slots):
            message, way = slot_of(s, seq)
            family.append(message.units(way))
        before = s.counters.read()
        sockets = [host.udp("p2", 4) for _ in range(threads)]
        barrier = threading.Barrier(threads)

        def sender(number):
            for units in family:
                barrier.wait()
                order = units if number % 2 else units[::-1]
                for datagram in order:
                    sockets[number].sendto(datagram, (s.address, PORT))

        workers = [threading.Thread(target=sender, args=(number,))
                   for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        for units in family:
            for datagram in units:
                tap.same("model", False, "BadSeal" in s.model.take(datagram))

        total = threads * slots * 2

        def all_there():
            now = s.counters.read()
            return now["RxExecuted"] + now["RxDuplicate"] - \
                before["RxExecuted"] - before["RxDuplicate"] == total - slots
        tap.wait_until("duplicates", all_there)
        now = s.counters.read()
        tap.same("executed", slots, now["RxExecuted"] - before["RxExecuted"])
        s.expected.update({"RxUnits": total, "RxExecuted": slots,
                           "RxDuplicate": total - 2 * slots})
        s.settle()
        order = {d.seq: d for d in s.model.delivered}
        found = s.socket.pending()
        tap.same("delivered once each", list(range(slots)),
                 sorted(info.seq for info, _ in found))
        for info, payload in found:
            tap.same("payload", order[info.seq].payload, payload)
        s.check_states()
        for sock in sockets:
            sock.close()
        tap.same("peer", a, s.model.delivered[0].sender)


# --- header and payload that do not go together ------------------------------


def refuse_payload_then_complete(s, message, way, wrong, why):
    """In either order; the right payload still completes the slot."""
    header = message.header(way)
    s.take(header)
    s.refused(why, wrong)
    s.take(message.payloads(way)[0])
    s.check()


@tap.test("R58: a payload with another header's CRC")
def payload_crc():
    with Scene(WEB, "k") as s:
        for seq in range(4):
            message, way = slot_of(s, seq)
            key = message.key(way)
            right = crypto.crc32c(unit.HEAD.pack(*message.head))
            for xcrc in (0, right ^ 1, right ^ 0x80000000, 0xffffffff):
                wrong = message.payload_unit(0, message.stream, way.cid, key,
                                             xcrc=xcrc)
                if xcrc == 0:
                    s.take(wrong)   # before the header it can only be kept
                    s.refused("BadCrc", message.header(way))
                else:
                    s.refused("BadCrc", wrong)
            s.take(message.payloads(way)[0])
            s.check()


@tap.test("R58: a payload that is not the one whose CRC the header has")
def header_crc():
    with Scene(WEB, "k") as s:
        for seq in range(4):
            message, way = slot_of(s, seq)
            other = bytes(16) + b"y" * 40
            wrong = message.payload_unit(0, other, way.cid,
                                         message.key(way))
            refuse_payload_then_complete(s, message, way, wrong, "BadCrc")
        # several fragments: it shows when all are there
        message, way = slot_of(s, 4, payload=os.urandom(3000))
        key = message.key(way)
        header, first, second, third = message.units(way)
        changed = bytearray(message.fragments()[1])
        changed[7] ^= 1
        s.take(third, header, message.payload_unit(1, bytes(changed), way.cid,
                                                   key))
        s.refused("BadCrc", first)
        tap.same("state", 2, s.model.states(0, 0)[0])
        s.check()
        s.take(first, second, third)
        s.check()


@tap.test("a payload with the header's CRC but another digest")
def bad_digest():
    with Scene(WEB, "k") as s:
        for seq in range(4):
            message, way = slot_of(s, seq)
            twin = crypto.crc_twin(message.stream, 5 * seq)
            wrong = message.payload_unit(0, twin, way.cid,
                                         message.key(way))
            refuse_payload_then_complete(s, message, way, wrong, "BadDigest")
        # D is of one slot, and of one contract
        for changed in ({"slot": keys.Slot(0, 0, 7)},
                        {"slot": keys.Slot(0, 1, 6)},
                        {"slot": keys.Slot(1, 0, 6)}):
            seq = 10 + len(s.model.delivered)
            message, way = slot_of(s, seq)
            wrong = keys.digest(s.contract, changed["slot"],
                                message.head.sent, message.stream)
            message.head = message.head._replace(digest=wrong)
            s.take(message.header(way))
            s.refused("BadDigest", message.payloads(way)[0])
            s.check()
            completes(s)


@tap.test("a header that contradicts one that is there")
def contradiction():
    with Scene(WEB, "k") as s:
        for seq in range(4):
            message, way = slot_of(s, seq)
            first = message.header(way)
            right = message.head
            s.take(first)
            if seq == 1:    # halves do not matter
                s.refused("BadCrc", message.payload_unit(
                    0, b"z" * 56, way.cid, message.key(way)))
            for changed in ({"sent": right.sent + 1}, {"length": 39},
                            {"xcrc": right.xcrc ^ 1},
                            {"digest": bytes(32)}, {"fragment_len": 300},
                            {"evidence": 2}, {"reserved": 1}):
                message.head = right._replace(**changed)
                s.refused("Contradiction", message.header(way))
            message.head = right
            s.refused("Duplicate", first)
            s.refused("Duplicate", message.payloads(way)[0])
            s.check()
        tap.same("delivered", [], s.model.delivered)


@tap.test("a header that contradicts a message which was delivered")
def contradiction_afterwards():
    with Scene(WEB, "k") as s:
        for seq in range(4):
            message, way = slot_of(s, seq)
            right = message.head
            s.take(*message.units(way))
            message.head = right._replace(digest=os.urandom(32))
            s.refused("Contradiction", message.header(way))
            forged = bytearray(message.header(way))
            forged[-1] ^= 1
            s.refused("BadSeal", bytes(forged))
            # the same salt, the same message: that is not looked at
            message.head = right._replace(sent=right.sent + 1)
            s.refused("Duplicate", message.header(way))
            message.head = right
            s.refused("Duplicate", message.header(way))
            s.check()


@tap.test("headers that say what the contract does not allow")
def bad_header():
    with Scene(WEB, "k") as s:
        for action, name, longest in ((0, "a", 8 << 10), (1, "b", 16 << 20)):
            message, way = slot_of(s, 0, action, name)
            right = message.head
            wrong = [{"length": longest + 1}, {"length": 0xffffffff},
                     {"length": 0xfffffff0}, {"length": 0x80000000},
                     {"fragment_len": 0}, {"fragment_len": 1},
                     {"fragment_len": 255},
                     {"evidence": 1}, {"evidence": 2}, {"evidence": 255},
                     {"reserved": 1}, {"reserved": 255}]
            if action == 1:     # more fragments than have numbers
                wrong.append({"length": longest, "fragment_len": 256})
            for changed in wrong:
                message.head = right._replace(**changed)
                s.refused("BadHeader", message.header(way))
            message.head = right
            for salt in (bytes(8), os.urandom(8)):
                out = unit.parse(message.header(way))._replace(salt=salt)
                s.refused("BadHeader", unit.seal(
                    out, unit.HEAD.pack(*right),
                    way.message_key(message.slot, salt)))
            s.check()
            # nor with a payload that waits; it goes on waiting
            message.head = right
            s.take(message.payloads(way)[0])
            message.head = right._replace(reserved=1)
            s.refused("BadHeader", message.header(way))
            s.check()
            message.head = right
            s.take(message.header(way))
            s.check()


@tap.test("fragments that the header does not have")
def bad_fragment():
    with Scene(WEB, "k") as s:
        for late in (True, False):
            message, way = slot_of(s, int(late), payload=bytes(3000))
            key = message.key(way)
            parts = message.fragments()

            def made(number, data, message=message, key=key, way=way):
                return message.payload_unit(number, data, way.cid, key)

            wrong = [made(number, parts[0])
                     for number in (3, 4, 255, 256, 0x7fff, 0xfffe)]
            if late:
                wrong += [made(0, parts[0][:-1]), made(0, parts[0] + b"x"),
                          made(0, b""), made(0, parts[2]), made(1, parts[2]),
                          made(2, parts[2][:-1]), made(2, parts[2] + b"x"),
                          made(2, parts[0]), made(2, b"")]
                s.take(message.header(way))
                for datagram in wrong:
                    s.refused("BadFragment", datagram)
                s.take(*message.payloads(way))
            else:
                s.take(*wrong)
                s.take(*message.units(way))
            s.check()


# --- bounds ------------------------------------------------------------------


@tap.test("payloads without a header: so much of each peer, and no more")
def early_bound():
    bound = 256 << 10
    # on one processor datagrams stay in their order
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    with Scene(WEB, "k") as s:
        a, b = s.to[s.party("a")], s.to[s.party("b")]
        # all of one size: once one finds no room, none does
        messages = [s.message(0, 0, seq, bytes(6 * unit.FRAGMENT_LEN - 16))
                    for seq in range(40)]
        units = [(message, datagram) for message in messages
                 for datagram in message.payloads(a)]
        before = s.counters.read()
        for _, datagram in units:
            s.raw(datagram)
        s.raw(messages[0].header(a, cid=bytes(8)))
        tap.wait_until("the last", lambda: s.counters.read()["RxUnknown"] >
                       before["RxUnknown"])
        full = s.counters.read()["RxEarlyFull"] - before["RxEarlyFull"]
        s.expected.update({"RxUnits": len(units) + 1, "RxUnknown": 1,
                           "RxEarlyFull": full})
        s.settle()
        kept = units[:len(units) - full]
        size = len(kept) * unit.DATAGRAM_LEN
        if not full or not bound // 8 < size <= bound:
            raise AssertionError(f"{len(kept)} units are kept")
        for _, datagram in kept:
            tap.same("kept", [], s.model.take(datagram))
        # Others have a bound of their own.
        s.take(*s.message(0, 1, 0, bytes(8192)).payloads(b))
        s.check()
        # Headers make room, and what was kept need not come again.
        s.take(*(message.header(a) for message in messages[:10]))
        tap.same("delivered", 10, len(s.model.delivered))
        s.take(*(message.header(a) for message in messages[10:]))
        s.take(*(datagram for _, datagram in units[len(kept):]))
        tap.same("delivered", 40, len(s.model.delivered))
        s.check()


@tap.test("messages that are not whole: so much on a host, and no more")
def pending_bound():
    with Scene(WEB, "k") as s:
        b = s.to[s.party("b")]
        # messages but for their last fragments; what is in them is all one
        size, full = 1 << 20, 9000
        refused = 0
        for seq in range(200):
            message = s.message(0, 1, seq, b"")
            message.head = message.head._replace(length=size,
                                                 fragment_len=full)
            key = message.key(b)
            units = [message.header(b)] + [
                message.payload_unit(number, bytes(full), b.cid, key)
                for number in range(size // full)]
            for start in range(0, len(units), 20):
                for datagram in units[start:start + 20]:
                    s.raw(datagram)
                    s.expect("Units")
                tap.wait_until("units", lambda: s.counters.read()["RxUnits"] ==
                               s.expected["RxUnits"])
            refused = s.counters.read()["RxPendingFull"] - \
                s.expected["RxPendingFull"]
            if refused:
                break
            for datagram in units:
                tap.same("kept", [], s.model.take(datagram))
        tap.same("there is a bound", True, 0 < refused <= len(units))
        s.expected["RxPendingFull"] += refused
        # what is kept of the last one is enough for a state
        tap.same("header", [], s.model.take(units[0]))
        s.settle()
        # it is of one peer
        s.take(*s.message(0, 0, 0, bytes(8192)).units(s.to[s.party("a")]))
        s.check()
    # nothing is left of it
    with Scene(WEB, "k") as s:
        s.take(*s.message(0, 1, 0, bytes(1 << 20)).units(
            s.to[s.party("b")]))
        s.check()


# --- the group ---------------------------------------------------------------


@tap.test("payloads of a group under a wrong key do no harm")
def group_forged():
    with Scene(WEB, "k") as s:
        b = s.to[s.party("b")]
        cid = keys.group_cid(s.contract)
        for seq, early in enumerate((False, True, False, True)):
            message = s.message(0, 1, seq, bytes(3000))
            key, forger = os.urandom(32), os.urandom(32)
            forged = [message.payload_unit(number, data, cid, forger,
                                           unit.F_GROUP)
                      for number, data in enumerate(message.fragments())]
            header = message.header(b, key)
            if early:
                s.take(*message.group_payloads(key)[:1], *forged[1:])
                counts = s.model.take(header)
                tap.same("the forged end in", ["BadSeal"] * 2, counts)
                s.expect("Units", *counts)
                s.raw(header)
                s.settle()
                s.take(*message.group_payloads(key)[1:])
            else:
                s.take(header)
                for datagram in forged:
                    s.refused("BadSeal", datagram)
                # a payload for this recipient alone is not what it says
                s.refused("BadSeal", message.payloads(b)[0])
                s.take(*message.group_payloads(key))
            s.check()


@tap.test("forged payloads of a group that come first keep no others out")
def group_displaced():
    """The cid of the group travels in clear: anybody can forge these."""
    with Scene(WEB, "k") as s:
        b = s.to[s.party("b")]
        message = s.message(0, 1, 0, bytes(3000))
        key, forger = os.urandom(32), os.urandom(32)
        cid = keys.group_cid(s.contract)
        s.take(*(message.payload_unit(number, data, cid, forger, unit.F_GROUP)
                 for number, data in enumerate(message.fragments())))
        tap.same("it does not show", [1, 1], s.model.states(0, 0))
        s.check()
        s.take(*message.group_payloads(key), *message.group_payloads(key))
        # the forged cannot be opened, and the second ones are there already
        counts = s.model.take(message.header(b, key))
        tap.same("counts", ["BadSeal"] * 3 + ["Duplicate"] * 3 + ["Executed"],
                 sorted(counts[:-1]) + counts[-1:])
        s.expect("Units", *counts)
        s.raw(message.header(b, key))
        s.settle()
        tap.same("delivered", 1, len(s.model.delivered))
        s.check()


# --- those who have no part in it --------------------------------------------


@tap.test("R4: an outsider gets no reply to anything")
def outsider():
    with Scene(WEB, "k") as s:
        message, way = slot_of(s)
        # what it may have overheard, or make up
        request = unit.request(way, 1)
        heard = [*message.units(way), request]
        s.take(*heard)
        answer = s.any.recv(65536)
        tap.same("an answer to the party", unit.STATE_REPLY,
                 unit.parse(answer).type & 0xf)
        stranger = host.udp("p3", 4, "10.0.0.3", 4000)
        sent = s.counters.read()["TxUnits"]
        other = keys.Way(s.contract, os.urandom(32))
        made_up = [b"", b"x", bytes(1232), os.urandom(1232), answer,
                   unit.request(other, 1)]
        made_up += [unit.OUTER.pack(*unit.outer(kind, way.cid, os.urandom(8))) +
                    os.urandom(60) for kind in range(16)]
        for datagram in [*heard, *made_up, *flipped(request), *cut(request)]:
            s.expect("Units", *s.model.take(datagram))
            s.raw(datagram, stranger)
            s.settle()
        s.check()
        # the kernel has dealt with all of them
        tap.same("units sent", sent, s.counters.read()["TxUnits"])
        tap.same("replies", [], host.pending(stranger))
        stranger.close()


tap.run()
