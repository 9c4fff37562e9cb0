# SPDX-License-Identifier: GPL-2.0
"""What can be seen of a contract between six hosts in which nothing fails."""

import os
import socket
import struct

import host
import keys
import tap
import unit
from contract import Contract
from receiver import Receiver
from scene import PORT, pop

PARTIES = 6
OUTGOING = 4    # PACKET_OUTGOING
HOSTS = [f"p{number}" for number in range(1, PARTIES + 2)]

# who sends what in which phase, and to whom ("same": to all)
STORY = [
    (0, 0, 0, None, b"an order, and nobody else is to read this"),
    (1, 1, 1, 2, b"parts for the third"),
    (3, 1, 0, 4, b"a frame"),
    (1, 1, 1, 4, b"parts for the fifth" * 200),
    (2, 2, 0, 5, b"the sub-assembly"),
    (4, 2, 1, 5, b"the unit"),
]


class Sniffer:
    """All frames at a host's interface."""

    def __init__(self, name):
        with host.inside(name):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                      socket.htons(3))     # ETH_P_ALL
        self.sock.setsockopt(socket.SOL_SOCKET, host.SO_RCVBUFFORCE, 1 << 26)
        with host.inside(name):
            self.sock.bind(("eth0", 3))
        self.frames = []

    def read(self):
        """[(outgoing, frame)] of what has come by."""
        try:
            while True:
                frame, where = self.sock.recvfrom(65536, socket.MSG_DONTWAIT)
                self.frames.append((where[2] == OUTGOING, frame))
        except BlockingIOError:
            return self.frames

    def units(self, kinds=(unit.HEADER, unit.PAYLOAD)):
        """[(outgoing, destination, payload)] of UDP to the port, and of
        messages: not what a sender asks later. Each once: what a slow machine
        sends again is the same to the bit."""
        found = {}
        for outgoing, frame in self.read():
            kind, = struct.unpack_from(">H", frame, 12)
            if kind == 0x0800 and frame[23] == socket.IPPROTO_UDP:
                to, udp = frame[30:34], 14 + 4 * (frame[14] & 0xf)
            elif kind == 0x86dd and frame[20] == socket.IPPROTO_UDP:
                to, udp = frame[38:54], 54
            else:
                continue
            _, port, length = struct.unpack_from(">HHH", frame, udp)
            if port == PORT and frame[udp + 8] & 0xf in kinds:
                found[outgoing, to, frame[udp + 8:udp + length]] = None
        return list(found)


class Run:
    """The contract among kernels, once."""

    def __init__(self, family, multicast):
        self.dir = os.environ["POP_WIRE_CONTRACT"]
        self.family = family
        with open(f"{self.dir}/six-party.pop", "rb") as file:
            self.contract = Contract(file.read())
        self.names = [party.name for party in self.contract.parties]
        self.open("on" if multicast else "off")
        self.before = [host.Counters(name).read() for name in HOSTS[:PARTIES]]
        self.sniffers = [Sniffer(name) for name in HOSTS]
        self.sockets = [host.PopSocket(HOSTS[party], self.contract.hash, party)
                        for party in range(PARTIES)]

    def address(self, party):
        return (f"10.0.0.{party + 1}" if self.family == 4
                else f"fd00::{party + 1}")

    def packed(self, party):
        return socket.inet_pton(
            socket.AF_INET if self.family == 4 else socket.AF_INET6,
            self.address(party))

    def open(self, multicast):
        template = "{}: {}\n" if self.family == 4 else '{}: "[{}]"\n'
        with open(f"{self.dir}/endpoints", "w", encoding="ascii") as file:
            for party, name in enumerate(self.names):
                file.write(template.format(name, self.address(party)))
        for party, name in enumerate(self.names):
            pop("-n", HOSTS[party], "node", "set", "multicast", multicast,
                "dev", "eth0")
            pop("-n", HOSTS[party], "contract", "open", "six-party.pop",
                "party", name, "secret", f"keys/{name}.secret", "sig",
                *(f"{other}.sig" for other in self.names), "endpoints",
                "endpoints", cwd=self.dir)

    def act(self):
        for sender, phase, action, to, data in STORY:
            self.sockets[sender].send(data, phase, action,
                                      host.ANY if to is None else to)
            recipients = self.contract.actions[phase, action].to
            for party in recipients if to is None else [to]:
                info, got = self.sockets[party].receive()
                tap.same("message", (sender, data), (info.sender, got))

    def secret(self, party):
        with open(f"{self.dir}/keys/{self.names[party]}.secret",
                  encoding="ascii") as file:
            return bytes.fromhex(dict(line.split() for line in file)["secret"])

    def receiver(self, party):
        secret = self.secret(party)
        return Receiver(self.contract, party, {
            peer: keys.ways(self.contract, party, secret, peer)[1]
            for peer in range(PARTIES) if peer != party})

    def close(self):
        for sock in self.sockets:
            sock.close()
        for sniffer in self.sniffers:
            sniffer.sock.close()
        for name in HOSTS[:PARTIES]:
            pop("-n", name, "contract", "del", self.contract.hash.hex())


def fragments(data):
    return max(1, -(-(len(data) + unit.BLIND_LEN) // unit.FRAGMENT_LEN))


def due(contract, party, multicast):
    """Datagrams that a party has to send, and to get."""
    out = into = 0
    for sender, phase, action, to, data in STORY:
        recipients = contract.actions[phase, action].to if to is None else [to]
        headers = payloads = len(recipients)
        if multicast and to is None:
            payloads = 1
        if sender == party:
            out += headers + payloads * fragments(data)
        if party in recipients:
            into += 1 + fragments(data)
    return out, into


def group(to):
    return to[0] & 0xf0 == 0xe0 if len(to) == 4 else to[0] == 0xff


def check_numbers(run, multicast):
    """R15 R21 R41 R43: what the messages need, where they go, and no more."""
    for party in range(PARTIES):
        out, into = due(run.contract, party, multicast)
        counters = host.Counters(HOSTS[party]).read()
        for way, number, again in (("Tx", out, "Retransmits"),
                                   ("Rx", into, "Duplicate")):
            tap.same(f"{HOSTS[party]} {way}", number, sum(
                sign * (counters[way + name] - run.before[party][way + name])
                for sign, name in ((1, "Units"), (-1, "Control"),
                                   (-1, again))))
        units = run.sniffers[party].units()
        tap.same(f"{HOSTS[party]} sends", out,
                 sum(outgoing for outgoing, _, _ in units))
        mine = [to for outgoing, to, _ in units if not outgoing]
        groups = [to for to in mine if group(to)]
        tap.same("to a group", multicast and party != 0, bool(groups))
        mine = [to for to in mine if not group(to)]
        tap.same("for others", [], [to for to in mine
                                    if to != run.packed(party)])
        if not multicast:
            tap.same(f"{HOSTS[party]} gets", into, len(mine))
    tap.same("to one who has no part", [],
             [to for _, to, _ in run.sniffers[PARTIES].units()
              if not group(to)])


def check_units(run):
    """R15 R21 R28 R41 R55: headers and payloads of the contract's messages."""
    first = unit.parse(next(datagram for outgoing, _, datagram
                            in run.sniffers[0].units() if outgoing))
    tap.same("the first datagram", (unit.HEADER, 0, 0, 0),
             (first.type & 0xf, first.phase, first.action, first.seq))
    for party in range(PARTIES):
        receiver = run.receiver(party)
        counts = []
        # without echoes some would not be delivered
        for outgoing, to, datagram in run.sniffers[party].units(
                (unit.HEADER, unit.PAYLOAD, unit.ECHO)):
            ours = to == run.packed(party) or (
                group(to) and run.contract.actions[0, 0].to.count(party))
            if not outgoing and ours:
                counts += [count for count in receiver.take(datagram)
                           if count != "Echoes"]
        inputs = len(run.contract.inputs(party))
        tap.same(f"{HOSTS[party]}: what arrives", ["Executed"] * inputs, counts)
        tap.same("messages", sorted(
            data for sender, phase, action, to, data in STORY
            if party in run.contract.actions[phase, action].to and
            to in (None, party)),
            sorted(delivery.payload for delivery in receiver.delivered))
        run.digests |= {delivery.digest for delivery in receiver.delivered}


def pieces(text, size=8):
    return {text[at:at + size] for at in range(len(text) - size + 1)}


def check_absent(run):
    """R3: nothing of what must not be seen is in any frame."""
    contract = run.contract
    secret = pieces(contract.hash)
    for party in contract.parties:
        for text in (party.hash, party.identity, party.key):
            secret |= pieces(text)
    for digest in run.digests:
        secret |= pieces(digest[8:])    # what stands before is the salt
    tap.same("digests", len(STORY), len(run.digests))
    words = [name for name in
             ["six-party"] + [a.name for a in contract.actions.values()]
             if len(name) > 4]
    words += [data.decode()[:7] for *_, data in STORY]
    for sniffer in run.sniffers:
        for _, frame in sniffer.read():
            found = secret & pieces(frame)
            tap.same("hashes and keys in clear", set(), found)
            tap.same("words in clear", [], [word for word in words
                                            if word.encode() in frame])


def capture(family, multicast):
    run = Run(family, multicast)
    run.digests = set()
    try:
        run.act()
        check_numbers(run, multicast)
        check_units(run)
        check_absent(run)
    finally:
        run.close()


tap.test("IPv4: two datagrams a channel, and nothing in clear", 4, False)(
    capture)
tap.test("IPv6: two datagrams a channel, and nothing in clear", 6, False)(
    capture)
tap.test("IPv4, multicast: a header for each, one payload", 4, True)(capture)
tap.test("IPv6, multicast: a header for each, one payload", 6, True)(capture)
tap.run()
