# SPDX-License-Identifier: GPL-2.0
"""Units: what one datagram carries. As include/net/pop.h has it."""

import enum
import os
import struct
import time
from collections import namedtuple

import crypto
import keys

HEADER, PAYLOAD, STATE_REQUEST, STATE_REPLY = 1, 2, 3, 4
SLOTS_REQUEST, SLOTS_REPLY, RETRANSMIT, ECHO, RECORD = 5, 6, 7, 8, 9
RECOVERY, RELAY = 10, 11
F_GROUP, F_DISPUTE = 1, 2
ANY, SEQ_ANY = 0xffff, 0xffffffff
TAG_LEN = 16
BLIND_LEN = 16
VOUCHER_LEN = 16
RECORD_MAX = 1176
DATAGRAM_LEN = 1232

OUTER = struct.Struct(">BBHI8sHHI8s")
HEAD = struct.Struct(">IIHBB32sQ")
XCRC = struct.Struct(">I")
REQUEST = struct.Struct(">QHHHBB")
REPLY = struct.Struct(">QHBBHHIQ32s")
SLOTS = struct.Struct(">QHHIHH")
SLOTS_ANSWER = struct.Struct(">QIHBBI")
MISSING = struct.Struct(">HHIBBHQ")
ECHOED = struct.Struct(">HHIB3s32s")
ECHO_WANT = 1
RELAY_HEADER = 0xffff       # as fragment of a RELAY
ECHO_ALL = 0xffffffff       # of all messages of a channel
RECORD_HEAD = struct.Struct(">B3sI")

FRAGMENT_LEN = DATAGRAM_LEN - OUTER.size - XCRC.size - TAG_LEN
FRAGMENT_MIN = 256
REPLAY_WINDOW = 256
INCARNATION = 0x1ca27a70    # of the parties played here

assert (OUTER.size, HEAD.size, REQUEST.size, REPLY.size) == (32, 52, 16, 60)


class Kind(enum.IntEnum):
    """Of records."""
    VIOLATION = 1
    RECOVERY = 2
    VOTE = 3
    CLOSE = 4
    TRANSFER = 5
    AMEND = 6
    LINK = 7


Outer = namedtuple("Outer", "type flags fragment seq cid phase action aux salt")
Head = namedtuple("Head", "xcrc length fragment_len evidence reserved digest "
                          "sent")
Request = namedtuple("Request", "id phase first count direction reserved")
Slots = namedtuple("Slots", "id phase action first count reserved")
SlotsAnswer = namedtuple("SlotsAnswer", "id first count state reserved arrived")
Missing = namedtuple("Missing", "phase action seq flags reserved base map")
Echoed = namedtuple("Echoed", "phase action seq flags reserved digest")
Reply = namedtuple("Reply", "id phase phase_state contract_state count closed "
                            "minutes now root")


def outer(kind, cid, salt, slot=keys.Slot(0, 0, 0), fragment=0, flags=0,
          aux=0, version=1):
    return Outer(version << 4 | kind, flags, fragment, slot.seq, cid,
                 slot.phase, slot.action, aux, salt)


def parse(datagram):
    return Outer(*OUTER.unpack_from(datagram))


def nonce(out):
    kind = out.type & 0xf
    if kind == HEADER:
        number = 0
    elif kind == PAYLOAD:
        number = 1 + out.fragment
    else:
        number = int.from_bytes(out.salt, "big")
    return bytes(4) + number.to_bytes(8, "little")


def seal(out, text, key):
    clear = OUTER.pack(*out)
    return clear + crypto.seal(text, clear, nonce(out), key)


def unseal(datagram, key):
    """What is inside, or None."""
    return crypto.unseal(datagram[OUTER.size:], datagram[:OUTER.size],
                         nonce(parse(datagram)), key)


class Message:
    """A message for a slot, from which its units are made; what is in it can
    be changed to be wrong before they are."""

    def __init__(self, contract, slot, payload, fragment_len=FRAGMENT_LEN):
        self.contract = contract
        self.slot = slot
        self.payload = payload
        self.stream = os.urandom(BLIND_LEN) + payload
        sent = time.time_ns()
        self.head = Head(
            crypto.crc32c(self.stream), len(payload), fragment_len,
            contract.actions[slot.phase, slot.action].evidence, 0,
            keys.digest(contract, slot, sent, self.stream), sent)
        # for whom it is one message; what nobody checks can be anything
        to = contract.actions[slot.phase, slot.action].to
        self.vouchers = {party: os.urandom(VOUCHER_LEN) for party in to}

    def salt(self):
        return keys.salt(HEAD.pack(*self.head))

    def key(self, way):
        """Of its units to a recipient."""
        return way.message_key(self.slot, self.salt())

    def vouch(self, party, way):
        """A true voucher for a recipient."""
        self.vouchers[party] = keys.voucher(self.key(way),
                                            HEAD.pack(*self.head))

    def fragments(self, group=False):
        full = self.head.fragment_len
        stream = self.stream
        if group:
            stream += b"".join(self.vouchers.values())
        return [stream[at:at + full] for at in range(0, len(stream), full)]

    def header(self, way, group_key=None, **changed):
        """Its HEADER; outer fields can be changed before it is sealed."""
        head = HEAD.pack(*self.head)
        key = self.key(way)
        out = outer(HEADER, way.cid, self.salt(), self.slot,
                    flags=F_GROUP if group_key else 0)
        if group_key:
            head += group_key + crypto.blake2s(*self.vouchers.values())[:16]
        return seal(out._replace(**changed), head, key)

    def payload_unit(self, fragment, data, cid, key, flags=0, xcrc=None,
                     **changed):
        head = HEAD.pack(*self.head)
        if xcrc is None:
            xcrc = crypto.crc32c(head)
        out = outer(PAYLOAD, cid, self.salt(), self.slot, fragment, flags)
        return seal(out._replace(**changed), XCRC.pack(xcrc) + data, key)

    def payloads(self, way, group=False):
        key = self.key(way)
        return [self.payload_unit(number, data, way.cid, key)
                for number, data in enumerate(self.fragments(group))]

    def group_payloads(self, key):
        cid = keys.group_cid(self.contract)
        return [self.payload_unit(number, data, cid, key, F_GROUP)
                for number, data in enumerate(self.fragments(True))]

    def units(self, way):
        return [self.header(way), *self.payloads(way)]


def state_outer(kind, way, counter, incarnation=INCARNATION):
    return outer(kind, way.cid, struct.pack(">Q", counter), aux=incarnation)


def seal_state(out, text, way):
    return seal(out, text, way.state_key(out.aux))


def unseal_state(datagram, way):
    return unseal(datagram, way.state_key(parse(datagram).aux))


def request(way, counter, number=1, phase=0xffff, first=0, count=2048,
            direction=0, reserved=0, **more):
    return seal_state(state_outer(STATE_REQUEST, way, counter, **more),
                      REQUEST.pack(number, phase, first, count, direction,
                                   reserved), way)


def echo(way, counter, *records, **more):
    return seal_state(state_outer(ECHO, way, counter, **more),
                      b"".join(ECHOED.pack(*record) for record in records),
                      way)


def relay(way, counter, slot, fragment, text):
    out = outer(RELAY, way.cid, struct.pack(">Q", counter), slot, fragment,
                aux=INCARNATION)
    return seal_state(out, text, way)


def parse_echo(text):
    return [Echoed(*record) for record in ECHOED.iter_unpack(text)]


def reply(way, counter, fields, states):
    packed = bytearray((len(states) + 1) // 2)
    for index, state in enumerate(states):
        packed[index // 2] |= state << index % 2 * 4
    return seal_state(state_outer(STATE_REPLY, way, counter),
                      REPLY.pack(*fields) + packed, way)


def record(way, counter, kind, data, place=(ANY, ANY), seq=SEQ_ANY,
           dispute=None, reserved=bytes(3), **changed):
    """A RECORD about an action, or about none."""
    if dispute is None:
        dispute = kind in (Kind.VIOLATION, Kind.RECOVERY)
    out = state_outer(RECORD, way, counter)._replace(
        phase=place[0], action=place[1], flags=F_DISPUTE if dispute else 0)
    return seal_state(out._replace(**changed),
                      RECORD_HEAD.pack(kind, reserved, seq) + data, way)


def parse_reply(text):
    fields = Reply(*REPLY.unpack_from(text))
    packed = text[REPLY.size:]
    assert len(packed) == (fields.count + 1) // 2
    states = [packed[index // 2] >> index % 2 * 4 & 0xf
              for index in range(fields.count)]
    assert not fields.count % 2 or not packed[-1] >> 4
    return fields, states
