# SPDX-License-Identifier: GPL-2.0
"""Units: what one datagram carries. As include/net/pop.h has it."""

import os
import struct
import time
from collections import namedtuple

import crypto
import keys

HEADER, PAYLOAD, STATE_REQUEST, STATE_REPLY = 1, 2, 3, 4
SLOTS_REQUEST, SLOTS_REPLY, RETRANSMIT = 5, 6, 7
F_GROUP = 1
TAG_LEN = 16
BLIND_LEN = 16
DATAGRAM_LEN = 1232

OUTER = struct.Struct(">BBHI8sHHI8s")
HEAD = struct.Struct(">IIHBB32sQ")
XCRC = struct.Struct(">I")
REQUEST = struct.Struct(">QHHHBB")
REPLY = struct.Struct(">QHBBHHIQ32s")
SLOTS = struct.Struct(">QHHIHH")
SLOTS_ANSWER = struct.Struct(">QIHBBI")
MISSING = struct.Struct(">HHIBBHQ")

FRAGMENT_LEN = DATAGRAM_LEN - OUTER.size - XCRC.size - TAG_LEN
FRAGMENT_MIN = 256
REPLAY_WINDOW = 256
INCARNATION = 0x1ca27a70    # of the parties played here

assert (OUTER.size, HEAD.size, REQUEST.size, REPLY.size) == (32, 52, 16, 60)

Outer = namedtuple("Outer", "type flags fragment seq cid phase action aux salt")
Head = namedtuple("Head", "xcrc length fragment_len evidence reserved digest "
                          "sent")
Request = namedtuple("Request", "id phase first count direction reserved")
Slots = namedtuple("Slots", "id phase action first count reserved")
SlotsAnswer = namedtuple("SlotsAnswer", "id first count state reserved arrived")
Missing = namedtuple("Missing", "phase action seq flags reserved base map")
Reply = namedtuple("Reply", "id phase phase_state contract_state count closed "
                            "minutes now root")


def outer(kind, cid, salt, slot=keys.Slot(0, 0, 0), fragment=0, flags=0,
          aux=0, version=1):
    return Outer(version << 4 | kind, flags, fragment, slot.seq, cid,
                 slot.phase, slot.action, aux, salt)


def parse(datagram):
    return Outer(*OUTER.unpack_from(datagram))


def nonce(out):
    number = int.from_bytes(out.salt, "big")
    if out.type & 0xf == PAYLOAD:
        number += 1 + out.fragment
    return bytes(4) + (number & (1 << 64) - 1).to_bytes(8, "little")


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
        self.head = Head(
            crypto.crc32c(self.stream), len(payload), fragment_len,
            contract.actions[slot.phase, slot.action].evidence, 0,
            keys.digest(contract, slot, self.stream), time.time_ns())

    def fragments(self):
        full = self.head.fragment_len
        return [self.stream[at:at + full]
                for at in range(0, len(self.stream), full)]

    def header(self, way, group_key=None, **changed):
        """Its HEADER; outer fields can be changed before it is sealed."""
        head = HEAD.pack(*self.head)
        key = way.slot_key(self.slot)
        out = outer(HEADER, way.cid, keys.salt(key, head), self.slot,
                    flags=F_GROUP if group_key else 0)
        return seal(out._replace(**changed), head + (group_key or b""), key)

    def payload_unit(self, fragment, data, cid, key, flags=0, xcrc=None,
                     **changed):
        head = HEAD.pack(*self.head)
        if xcrc is None:
            xcrc = crypto.crc32c(head)
        out = outer(PAYLOAD, cid, keys.salt(key, head), self.slot, fragment,
                    flags)
        return seal(out._replace(**changed), XCRC.pack(xcrc) + data, key)

    def payloads(self, way):
        key = way.slot_key(self.slot)
        return [self.payload_unit(number, data, way.cid, key)
                for number, data in enumerate(self.fragments())]

    def group_payloads(self, key):
        cid = keys.group_cid(self.contract)
        return [self.payload_unit(number, data, cid, key, F_GROUP)
                for number, data in enumerate(self.fragments())]

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


def reply(way, counter, fields, states):
    packed = bytearray((len(states) + 1) // 2)
    for index, state in enumerate(states):
        packed[index // 2] |= state << index % 2 * 4
    return seal_state(state_outer(STATE_REPLY, way, counter),
                      REPLY.pack(*fields) + packed, way)


def parse_reply(text):
    fields = Reply(*REPLY.unpack_from(text))
    packed = text[REPLY.size:]
    assert len(packed) == (fields.count + 1) // 2
    states = [packed[index // 2] >> index % 2 * 4 & 0xf
              for index in range(fields.count)]
    assert not fields.count % 2 or not packed[-1] >> 4
    return fields, states
