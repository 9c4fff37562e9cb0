# SPDX-License-Identifier: GPL-2.0
"""What a party makes of the datagrams that reach it: a second implementation
of the way in, as slow and as plain as can be.

It says which counter each datagram ends in, what is delivered, and in what
state the channels are. Where the kernel says otherwise, one of the two is
wrong. Memory has no bounds here; messages are taken as soon as they are whole.
"""

import struct
from collections import namedtuple

import crypto
import keys
import unit

WINDOW = 2
CLOSED, OPEN, HALF_HEADER, HALF_PAYLOAD, EXECUTED = range(5)
VIOLATED, ECHOING = 6, 9
DETECT, ALL, QUORUM = range(3)
PENDING, ACTIVE, DONE = range(3)            # phases
IS_OPEN, IS_RUNNING, IS_SETTLING = 1, 2, 3  # contracts
INPUT, OUTPUT = range(2)

Delivery = namedtuple("Delivery", "phase action seq sender kind job sent "
                                  "digest payload")
Record = namedtuple("Record", "phase action seq sender kind data")


class Half:
    """What has come of a message."""

    def __init__(self):
        self.head = None        # as it came
        self.fields = None
        self.group_key = None
        self.fragments = {}
        self.early = []         # number, text, and the datagram while sealed
        self.own = False        # the group's payload was not right
        self.failed = False     # what came was not what the header says
        self.violated = False   # the sender contradicted itself
        self.heard = {}         # co-recipient: has it the same digest?
        self.stream = None      # whole and checked, waits for echoes
        self.full = self.number = self.length = 0
        self.vouched = b""


class Line:
    """A channel at one of its ends."""

    def __init__(self, channel):
        self.channel = channel
        self.digests = {}       # of the slots that have executed
        self.heads = {}         # of the same, as they came
        self.violated = False   # there is evidence about it
        self.halves = {}        # the oldest first

    def done(self):
        return len(self.digests) == self.channel.count

    def digest(self):
        if self.channel.count == 1:
            return self.digests.get(0, bytes(32))
        chained = bytes(32)
        for seq in range(self.channel.count):
            if seq not in self.digests:
                break
            chained = crypto.blake2s(chained, self.digests[seq])
        return chained


class Receiver:
    """A party; `ways` are the keys by which the others send to it."""

    def __init__(self, contract, party, ways):
        self.contract = contract
        self.party = party
        self.ways = ways
        self.by_cid = {way.cid: peer for peer, way in ways.items()}
        self.group_cid = keys.group_cid(contract)
        self.lines = [[Line(c) for c in contract.inputs(party)],
                      [Line(c) for c in contract.outputs(party)]]
        self.at = {(line.channel.phase, line.channel.action): line
                   for line in self.lines[INPUT]}
        self.delivered = []
        self.replay = {}        # peer: counters of STATE units
        self.records = []       # of the Byzantine channel
        self.heard = False      # somebody listens to it
        self.ended = False      # all have ended the contract
        self.phase = 0
        self.running = False
        self.advance()

    # --- phases: the local gate ----------------------------------------------

    def all_done(self, directions, phase):
        return all(line.done() for direction in directions
                   for line in self.lines[direction]
                   if line.channel.phase == phase)

    def advance(self):
        while (self.phase + 1 < self.contract.phases and
               self.all_done([INPUT], self.phase)):
            self.phase += 1

    def sent(self, phase, action, seq, to, digest):
        """A message of its own was seen on its way to a recipient."""
        for line in self.lines[OUTPUT]:
            if line.channel[:3] == (phase, action, to):
                line.digests[seq] = digest
        self.running = True

    # --- the way in ----------------------------------------------------------

    def take(self, datagram):
        """The counters it ends in; none for a half that is kept."""
        if len(datagram) < unit.OUTER.size + unit.TAG_LEN:
            return ["Short"]
        out = unit.parse(datagram)
        if out.type >> 4 != 1:
            return ["Version"]
        kind = out.type & 0xf
        if kind == unit.RECORD:
            if not self.is_record(out):
                return ["Malformed"]
        elif out.flags & ~unit.F_GROUP:
            return ["Malformed"]
        elif kind in (unit.HEADER, unit.PAYLOAD):
            if out.aux:
                return ["Malformed"]
            if out.fragment > (0 if kind == unit.HEADER else 0xfffe):
                return ["Malformed"]
        elif (unit.STATE_REQUEST <= kind <= unit.ECHO or
              kind == unit.RECOVERY):
            if out.flags or out.fragment or out.seq or out.phase or out.action:
                return ["Malformed"]
        elif kind != unit.RELAY or out.flags:
            return ["Malformed"]
        if (kind > unit.PAYLOAD and kind != unit.RELAY and
                len(datagram) > unit.DATAGRAM_LEN):
            return ["Malformed"]

        if out.cid == self.group_cid:
            return self.take_group(out, datagram)
        peer = self.by_cid.get(out.cid)
        if peer is None:
            return ["Unknown"]
        if kind in (unit.HEADER, unit.PAYLOAD):
            return self.take_message(peer, out, datagram)
        return self.take_control(peer, kind, out, datagram)

    @staticmethod
    def is_record(out):
        if out.flags & ~unit.F_DISPUTE or out.fragment or out.seq:
            return False
        if (out.phase == unit.ANY) != (out.action == unit.ANY):
            return False
        return out.phase != unit.ANY or not out.flags

    def may_dispute(self, party, action):
        return (party == action.sender or party in action.to or
                action.phase in self.contract.parties[party].disputes)

    def record_may_come(self, peer, out):
        """Why not, or nothing."""
        action = self.contract.actions.get((out.phase, out.action))
        if self.ended or (out.phase != unit.ANY and not action):
            return "Unscheduled"
        if out.flags and not self.may_dispute(peer, action):
            return "Forbidden"
        return None

    def take_record(self, peer, out, text):
        if not unit.RECORD_HEAD.size <= len(text) <= (
                unit.RECORD_HEAD.size + unit.RECORD_MAX):
            return ["Malformed"]
        kind, reserved, seq = unit.RECORD_HEAD.unpack_from(text)
        action = self.contract.actions.get((out.phase, out.action))
        if kind in (unit.Kind.VIOLATION, unit.Kind.RECOVERY):
            fits = out.flags
        elif kind == unit.Kind.VOTE:
            fits = action and not out.flags
        else:
            fits = unit.Kind.CLOSE <= kind <= unit.Kind.LINK and not action
        if not fits or any(reserved) or (
                seq != unit.SEQ_ANY and not (action and seq < action.count)):
            return ["Malformed"]
        self.records.append(Record(out.phase, out.action, seq, peer, kind,
                                   text[unit.RECORD_HEAD.size:]))
        return ["Records"] if self.heard else ["Records", "Unheard"]

    def take_control(self, peer, kind, out, datagram):
        if kind == unit.RELAY:
            return self.take_relay(peer, out)
        why = self.record_may_come(peer, out) if kind == unit.RECORD else None
        if why:
            return [why]
        text = unit.unseal_state(datagram, self.ways[peer])
        if text is None:
            return ["BadSeal"]
        counter, = struct.unpack(">Q", out.salt)
        seen = self.replay.setdefault(peer, set())
        if (counter in seen or
                counter + unit.REPLAY_WINDOW <= max(seen, default=0)):
            return ["Replay"]
        seen.add(counter)
        if kind == unit.RECORD:
            return self.take_record(peer, out, text)
        if kind == unit.SLOTS_REQUEST:
            return self.take_slots(text)
        if kind == unit.SLOTS_REPLY:
            return self.take_slots_answer(text)
        if kind == unit.RETRANSMIT:
            return self.take_retransmit(peer, text)
        if kind == unit.ECHO:
            return self.take_echo(peer, text)
        if kind == unit.RECOVERY:
            return self.take_recovery(peer, text)
        return self.take_state(kind, text)

    def take_relay(self, peer, out):
        """Here nobody is ever asked for what the sender owes."""
        line = self.scheduled(out)
        if (not line or not self.is_group(line) or
                peer not in self.contract.actions[line.channel[:2]].to):
            return ["Unscheduled"]
        return ["Unasked"]

    def take_recovery(self, peer, text):
        if not text or len(text) % unit.MISSING.size:
            return ["Malformed"]
        for record in unit.MISSING.iter_unpack(text):
            miss = unit.Missing(*record)
            line = self.at.get((miss.phase, miss.action))
            if (miss.reserved or miss.flags > 1 or not line or
                    not self.is_group(line) or
                    miss.seq >= line.channel.count or
                    peer not in self.contract.actions[line.channel[:2]].to):
                return ["Malformed"]
        return []

    def take_slots(self, text):
        if len(text) != unit.SLOTS.size:
            return ["Malformed"]
        request = unit.Slots(*unit.SLOTS.unpack(text))
        line = self.at.get((request.phase, request.action))
        if (request.reserved or not request.id or not line or
                request.count > 4096 or
                request.first >= line.channel.count or
                request.first + request.count > line.channel.count):
            return ["Malformed"]
        return ["StateRequests"]

    @staticmethod
    def take_slots_answer(text):
        if len(text) < unit.SLOTS_ANSWER.size:
            return ["Malformed"]
        fields = unit.SlotsAnswer(*unit.SLOTS_ANSWER.unpack_from(text))
        if fields.reserved or (len(text) != unit.SLOTS_ANSWER.size +
                               (fields.count + 3) // 4):
            return ["Malformed"]
        return ["Unasked"]

    def take_retransmit(self, peer, text):
        if not text or len(text) % unit.MISSING.size:
            return ["Malformed"]
        for record in unit.MISSING.iter_unpack(text):
            miss = unit.Missing(*record)
            if miss.reserved or miss.flags > 3 or not any(
                    line.channel[:3] == (miss.phase, miss.action, peer) and
                    miss.seq < line.channel.count
                    for line in self.lines[OUTPUT]):
                return ["Malformed"]
        return []

    def take_state(self, kind, text):
        if kind == unit.STATE_REQUEST:
            if len(text) != unit.REQUEST.size:
                return ["Malformed"]
            request = unit.Request(*unit.REQUEST.unpack(text))
            if request.reserved or not request.id or request.direction > 1:
                return ["Malformed"]
            return ["StateRequests"]
        if len(text) < unit.REPLY.size:
            return ["Malformed"]
        fields = unit.Reply(*unit.REPLY.unpack_from(text))
        if (fields.count > 2048 or
                len(text) != unit.REPLY.size + (fields.count + 1) // 2):
            return ["Malformed"]
        # nothing was asked, unless the number is one of those for gates
        return ["Unasked" if 0 < fields.id < 2 ** 64 - 1 else "StateReplies"]

    def scheduled(self, out, sender=None):
        line = self.at.get((out.phase, out.action))
        if (not line or out.seq >= line.channel.count or
                sender not in (None, line.channel.peer)):
            return None
        return line

    def take_message(self, peer, out, datagram):
        line = self.scheduled(out, peer)
        group = out.flags & unit.F_GROUP
        if not line or group and out.type & 0xf == unit.PAYLOAD:
            return ["Unscheduled"]
        slot = keys.Slot(out.phase, out.action, out.seq)
        if line.done() or out.seq in line.digests:
            # another salt is another header, as long as the key is there
            if (out.type & 0xf == unit.PAYLOAD or line.done() and
                    self.phase > out.phase + WINDOW or
                    keys.salt(line.heads[out.seq]) == out.salt):
                return ["Duplicate"]
        if out.phase > self.phase + WINDOW:
            return ["NotOpen"]
        text = unit.unseal(datagram,
                           self.ways[peer].message_key(slot, out.salt))
        if text is None:
            return ["BadSeal"]
        if out.type & 0xf == unit.PAYLOAD:
            if len(text) < unit.XCRC.size:
                return ["Malformed"]
            return self.take_payload(line, slot, out.fragment, text, None)
        if len(text) != unit.HEAD.size + (48 if group else 0):
            return ["Malformed"]
        if keys.salt(text) != out.salt:
            return ["BadHeader"]
        return self.take_header(line, slot, text[:unit.HEAD.size],
                                text[unit.HEAD.size:])

    def is_group(self, line):
        action = self.contract.actions[line.channel[:2]]
        return action.same and len(action.to) > 1

    def take_group(self, out, datagram):
        line = self.scheduled(out)
        if (out.type & 0xf != unit.PAYLOAD or not out.flags & unit.F_GROUP or
                len(datagram) < unit.OUTER.size + unit.XCRC.size +
                unit.TAG_LEN or not line or not self.is_group(line)):
            return ["Unscheduled"]
        if line.done() or out.seq in line.digests:
            return ["Duplicate"]
        if out.phase > self.phase + WINDOW:
            return ["NotOpen"]
        slot = keys.Slot(out.phase, out.action, out.seq)
        return self.take_payload(line, slot, out.fragment, None, datagram)

    # --- halves --------------------------------------------------------------

    def take_header(self, line, slot, head, group_key):
        half = line.halves.get(slot.seq, Half())
        stands = half.head or line.heads.get(slot.seq)
        if stands == head:
            return ["Duplicate"]
        if stands:
            line.violated = half.violated = True
            return ["Contradiction"]
        fields = unit.Head(*unit.HEAD.unpack(head))
        action = self.contract.actions[slot.phase, slot.action]
        if (fields.reserved or fields.evidence != action.evidence or
                fields.length > action.max or
                fields.fragment_len < unit.FRAGMENT_MIN):
            return ["BadHeader"]
        stream = unit.BLIND_LEN + fields.length
        if group_key:
            stream += unit.VOUCHER_LEN * len(action.to)
        number = -(-stream // fields.fragment_len)
        if number > 0xffff:
            return ["BadHeader"]
        line.halves[slot.seq] = half
        half.head, half.fields = head, fields
        half.group_key, half.vouched = group_key[:32], group_key[32:]
        half.number, half.length = number, stream
        counts = []
        for early in half.early:
            counts += self.take_fragment(half, *early)
        half.early = []
        return counts + self.complete(line, slot, half)

    def take_payload(self, line, slot, fragment, text, sealed):
        half = line.halves.setdefault(slot.seq, Half())
        if half.violated or half.stream:
            return ["Duplicate"]
        if half.head is None:
            # what nobody has vouched for yet must not keep others out
            if not sealed and fragment in [other[0] for other in half.early]:
                return ["Duplicate"]
            half.early.append((fragment, text, sealed))
            return []
        counts = self.take_fragment(half, fragment, text, sealed)
        return counts or self.complete(line, slot, half)

    def take_fragment(self, half, fragment, text, sealed):
        if bool(sealed) != (bool(half.group_key) and not half.own):
            return ["BadSeal"]
        if sealed:
            text = unit.unseal(sealed, half.group_key)
            if text is None:
                return ["BadSeal"]
        last = half.number - 1
        full = half.fields.fragment_len
        length = full if fragment < last else (
            half.length - full * last)
        if fragment > last or len(text) != unit.XCRC.size + length:
            return ["BadFragment"]
        if fragment in half.fragments:
            return ["Duplicate"]
        if text[:unit.XCRC.size] != unit.XCRC.pack(crypto.crc32c(half.head)):
            return ["BadCrc"]
        half.fragments[fragment] = text[unit.XCRC.size:]
        return []

    def complete(self, line, slot, half):
        if len(half.fragments) < half.number:
            return []
        stream = b"".join(half.fragments[n] for n in range(half.number))
        content = unit.BLIND_LEN + half.fields.length
        stream, vouchers = stream[:content], stream[content:]
        wrong = None
        if crypto.crc32c(stream) != half.fields.xcrc:
            wrong = "BadCrc"
        elif (keys.digest(self.contract, slot, half.fields.sent, stream) !=
              half.fields.digest or half.vouched and
              crypto.blake2s(vouchers)[:16] != half.vouched):
            wrong = "BadDigest"
        if wrong:
            half.fragments = {}
            half.own = bool(half.group_key)
            counts = [wrong] + ["Contradiction"] * half.failed
            line.violated |= half.failed
            half.failed = True
            return counts
        half.stream = stream
        return self.deliver(line, slot, half)

    def enough(self, action, half):
        """Have enough echoed the same?"""
        same = 1 + sum(half.heard.values())
        if not action.same or len(action.to) == 1:
            return True
        if action.consistency == ALL:
            return same == len(action.to)
        return (action.consistency == DETECT or
                same > (len(action.to) + self.contract.faulty) // 2)

    def deliver(self, line, slot, half):
        action = self.contract.actions[slot.phase, slot.action]
        if not half.stream or half.violated or not self.enough(action, half):
            return []
        stream = half.stream
        del line.halves[slot.seq]
        line.digests[slot.seq] = half.fields.digest
        line.heads[slot.seq] = half.head
        self.delivered.append(Delivery(
            *slot, action.sender, action.kind, action.job, half.fields.sent,
            half.fields.digest, stream[unit.BLIND_LEN:]))
        self.running = True
        self.advance()
        return ["Executed"]

    # --- echoes ----------------------------------------------------------------

    def take_echo(self, peer, text):
        if not text or len(text) % unit.ECHOED.size:
            return ["Malformed"]
        counts = []
        for record in unit.parse_echo(text):
            line = self.at.get((record.phase, record.action))
            action = self.contract.actions.get((record.phase, record.action))
            if (not line or not self.is_group(line) or record.flags > 1 or
                    any(record.reserved) or peer not in action.to or
                    record.seq != unit.ECHO_ALL and
                    (record.seq >= action.count or
                     action.consistency == DETECT)):
                return counts + ["Malformed"]
            counts += ["Echoes", *self.take_echoed(peer, line, record)]
        return counts

    def take_echoed(self, peer, line, record):
        slot = keys.Slot(*record[:3])
        half = line.halves.get(record.seq)
        if record.seq == unit.ECHO_ALL:
            own = line.digest() if line.done() else None
        elif half and half.head:
            own = half.fields.digest
            half.heard.setdefault(peer, own == record.digest)
        else:
            own = line.digests.get(record.seq)
        if own is None:
            return []
        counts = []
        if own != record.digest:
            line.violated = True
            counts = ["Contradiction"]
        return counts + (self.deliver(line, slot, half) if half else [])

    # --- what it says of itself ----------------------------------------------

    def channel_state(self, line):
        if line.done():
            return EXECUTED
        if line.violated:
            return VIOLATED
        if line.channel.phase > self.phase + WINDOW:
            return CLOSED
        for half in line.halves.values():
            if half.stream:
                return ECHOING
            if half.head:
                return HALF_HEADER
            # what is sealed still may be anybody's
            if any(not sealed for _, _, sealed in half.early):
                return HALF_PAYLOAD
        return OPEN

    def told(self, direction, phase, first=0, count=2048):
        lines = [line for line in self.lines[direction]
                 if phase in (0xffff, line.channel.phase)]
        return lines[first:first + min(count, 2048)]

    def states(self, *query):
        return [self.channel_state(line) for line in self.told(*query)]

    def root(self, *query):
        return crypto.blake2s(*(line.digest() for line in self.told(*query)))

    def closed(self):
        number = 0
        while (number < self.contract.phases and
               self.all_done([INPUT, OUTPUT], number)):
            number += 1
        return number

    def minutes(self):
        return sum(a.minutes for a in self.contract.actions.values()
                   if a.sender == self.party and
                   all(line.done() for line in self.lines[OUTPUT]
                       if line.channel[:2] == (a.phase, a.index)))

    def phase_state(self):
        return DONE if self.all_done([INPUT, OUTPUT], self.phase) else ACTIVE

    def contract_state(self):
        if all(line.done() for lines in self.lines for line in lines):
            return IS_SETTLING
        return IS_RUNNING if self.running else IS_OPEN
