# SPDX-License-Identifier: GPL-2.0
"""Two implementations understand each other."""

import os
import socket
import struct

import crypto
import host
import keys
import tap
import unit
from scene import PORT, Scene

LENGTHS = [0, 1, 15, 16, 17, 1163, 1164, 1165, 2343, 2344, 2345, 5000, 65535,
           65536]
FRAGMENTS = [256, 257, 700, 1180, 1420, 9000, 65000, 65535]
LONG = 1 << 20
# An emulated machine would take minutes for it.
LONGEST = 16 << 20 if os.environ.get("POP_KERNEL") == "uml" else 3 << 20

BOTH = """
contract: both
parties: {a: keys/a.pub, k: keys/k.pub}
phases:
  - actions:
      - {name: in, from: a, to: [k], max: 16M, count: 64, job: 77, kind: job}
      - {name: out, from: k, to: [a], max: 16M, count: 64, hours: 2h}
"""

FAN = """
contract: fan
parties: {a: keys/a.pub, b: keys/b.pub, c: keys/c.pub, k: keys/k.pub}
phases:
  - actions:
      - {name: in, from: a, to: [b, k], same: true, count: 9, max: 16M,
         evidence: seal}
      - {name: out, from: k, to: [a, b, c], same: true, count: 9, max: 16M,
         evidence: each}
"""


def receive(sock, decoder, number):
    """Wait for so many messages; (their outer parts, what was delivered)."""
    outers = []
    start = len(decoder.delivered)
    while len(decoder.delivered) < start + number:
        datagram = sock.recv(65536)
        outers.append(unit.parse(datagram))
        counts = decoder.take(datagram)
        if counts not in ([], ["Executed"]):
            raise AssertionError(f"{outers[-1]} ends in {counts}")
        tap.same("longer than a datagram may be", False,
                 len(datagram) > unit.DATAGRAM_LEN)
    tap.same("datagrams behind the message", [], host.pending(sock))
    return outers, decoder.delivered[start:]


def datagrams(length):
    return 1 + max(1, -(-(length + unit.BLIND_LEN) // unit.FRAGMENT_LEN))


def to_kernel(family):
    with Scene(BOTH, "k", family) as s:
        way = s.to[s.party("a")]
        for seq, length in enumerate(LENGTHS):
            s.take(*s.message(0, 0, seq, os.urandom(length)).units(way))
            s.check()
        for seq, full in enumerate(FRAGMENTS, len(LENGTHS)):
            message = s.message(0, 0, seq, os.urandom(5000), fragment_len=full)
            s.take(*message.units(way))
            s.check()
        tap.same("messages", len(LENGTHS) + len(FRAGMENTS),
                 len(s.model.delivered))


def from_kernel(family):
    with Scene(BOTH, "k", family) as s:
        s.attend()
        a = s.party("a")
        decoder = s.decoder(a)
        for seq, length in enumerate(LENGTHS):
            data = os.urandom(length)
            s.socket.send(data, 0, 1)
            outers, (got,) = receive(s.udp[a], decoder, 1)
            s.model.sent(0, 1, seq, a, got.digest)
            tap.same("payload", data, got.payload)
            tap.same("slot", (0, 1, seq), got[:3])
            # in any order: what waited for the window may overtake the first
            tap.same("units", [unit.HEADER] +
                     [unit.PAYLOAD] * (datagrams(length) - 1),
                     sorted(out.type & 0xf for out in outers))
            s.check_states()


def long_to_kernel():
    with Scene(BOTH, "k") as s:
        way = s.to[s.party("a")]
        for seq, length in enumerate((LONG, LONGEST)):
            s.take(*s.message(0, 0, seq, os.urandom(length)).units(way))
            s.check()


def long_from_kernel():
    with Scene(BOTH, "k") as s:
        s.attend()
        a = s.party("a")
        decoder = s.decoder(a)
        for length in (LONG, LONGEST):
            data = os.urandom(length)
            s.socket.send(data, 0, 1)
            outers, (got,) = receive(s.udp[a], decoder, 1)
            tap.same("payload", True, data == got.payload)
            tap.same("units", datagrams(length), len(outers))


def salts():
    """The salt is the one that follows from the header, and a slot that the
    kernel fills with the same content again has another."""
    with Scene(BOTH, "k") as s:
        a = s.party("a")
        seen = set()
        for seq in range(3):
            s.socket.send(b"the same", 0, 1)
            header, payload = s.udp[a].recv(65536), s.udp[a].recv(65536)
            salt = unit.parse(header).salt
            key = s.back[a].message_key(keys.Slot(0, 1, seq), salt)
            head = unit.unseal(header, key)
            tap.same("salt", keys.salt(head), salt)
            tap.same("salt of the payload", salt, unit.parse(payload).salt)
            fields = unit.Head(*unit.HEAD.unpack(head))
            text = unit.unseal(payload, key)
            # R58: each carries the CRC of the other
            tap.same("header's CRC", crypto.crc32c(text[4:]), fields.xcrc)
            tap.same("payload's CRC", struct.pack(">I", crypto.crc32c(head)),
                     text[:4])
            seen |= {unit.parse(header).salt, fields.digest, text[4:20]}
        tap.same("salts, digests and blinds that are new", 9, len(seen))


def group_addresses(s):
    """The groups of a contract follow from its group cid."""
    cid = keys.group_cid(s.contract)
    if s.family == 4:
        low = int.from_bytes(cid, "big") & 0x3ffff
        return socket.inet_ntoa(struct.pack(">I", 0xefc00000 | low))
    return socket.inet_ntop(socket.AF_INET6,
                            b"\xff\x18" + bytes(6) + cid)


def group_socket(s):
    """Hears the group in p2."""
    group = group_addresses(s)
    sock = host.udp("p2", s.family, group, PORT)
    with host.inside("p2"):
        index = socket.if_nametoindex("eth0")
    if s.family == 4:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                        struct.pack("=4s4si", socket.inet_aton(group),
                                    bytes(4), index))
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                        struct.pack("=16si", socket.inet_pton(
                            socket.AF_INET6, group), index))
    return sock


def group_from_kernel(family, multicast):
    """One payload for all; the key to it is in each recipient's header."""
    with Scene(FAN, "k", family, multicast) as s:
        group = group_socket(s)
        s.attend()
        decoders = {party: s.decoder(party) for party in s.udp}
        for seq, length in enumerate((0, 100, 4000, 65536)):
            data = os.urandom(length)
            s.socket.send(data, 0, 1)
            payloads = []
            if multicast:
                payloads = [group.recv(65536)
                            for _ in range(datagrams(length) - 1)]
            got = set()
            for party, decoder in decoders.items():
                counts = []
                if multicast:
                    for datagram in [s.udp[party].recv(65536), *payloads]:
                        counts += decoder.take(datagram)
                else:
                    receive(s.udp[party], decoder, 1)
                    counts = ["Executed"]
                tap.same("the units end in", ["Executed"], counts)
                got.add(decoder.delivered[seq])
                s.model.sent(0, 1, seq, party,
                             decoder.delivered[seq].digest)
                tap.same("more units", [], host.pending(s.udp[party]))
            tap.same("different messages", 1, len(got))
            tap.same("payload", data, got.pop().payload)
            s.check_states()
        tap.same("units to the group without need", [], host.pending(group))
        group.close()


def group_to_kernel(family, multicast):
    with Scene(FAN, "k", family, multicast) as s:
        way = s.to[s.party("a")]
        where = group_addresses(s) if multicast else s.address
        if multicast:
            with host.inside("p2"):
                index = socket.if_nametoindex("eth0")
            if family == 4:
                s.any.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                                 struct.pack("=4s4si", bytes(4), bytes(4),
                                             index))
            else:
                s.any.setsockopt(socket.IPPROTO_IPV6,
                                 socket.IPV6_MULTICAST_IF, index)
        for seq, length in enumerate((0, 100, 4000, 65536)):
            key = os.urandom(32)
            message = s.message(0, 0, seq, os.urandom(length))
            header = message.header(way, key)
            payloads = message.group_payloads(key)
            # either may come first
            order = [header, *payloads] if seq % 2 else [*payloads, header]
            for datagram in order:
                s.expect("Units", *s.model.take(datagram))
                s.any.sendto(datagram, (
                    s.address if datagram is header else where, PORT))
            s.settle()
            s.check()


for _family in (4, 6):
    tap.test(f"IPv{_family}: the kernel takes messages of all lengths",
             _family)(to_kernel)
    tap.test(f"IPv{_family}: the kernel's messages of all lengths", _family)(
        from_kernel)
    for _multicast in (False, True):
        _how = "multicast" if _multicast else "copies"
        tap.test(f"IPv{_family}: the kernel sends to all by {_how}", _family,
                 _multicast)(group_from_kernel)
        tap.test(f"IPv{_family}: the kernel takes what goes to all by {_how}",
                 _family, _multicast)(group_to_kernel)
tap.test("long messages to the kernel")(long_to_kernel)
tap.test("long messages from the kernel")(long_from_kernel)
tap.test("salts and CRCs are what they must be")(salts)
tap.run()
