# SPDX-License-Identifier: GPL-2.0
"""replay.py FILE HOST FAMILY: send all UDP payloads of a capture again, to where
they went, from another host; print how many that were, and how many datagrams
have come back."""

import socket
import struct
import sys

import host
from scene import PORT


def frames(path):
    """Frames of a file that tcpdump wrote."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at < len(data):
        length, = struct.unpack_from(order + "I", data, at + 8)
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def payloads(path, family):
    for frame in frames(path):
        kind, = struct.unpack_from(">H", frame, 12)
        if family == 4 and kind == 0x0800:
            to, udp = frame[30:34], 14 + 4 * (frame[14] & 0xf)
        elif family == 6 and kind == 0x86dd and frame[20] == socket.IPPROTO_UDP:
            to, udp = frame[38:54], 54
        else:
            continue
        port, length = struct.unpack_from(">HH", frame, udp + 2)
        yield to, port, frame[udp + 8:udp + length]


def main():
    path, name, family = sys.argv[1:]
    family = int(family)
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    sock = host.udp(name, family, port=PORT)
    sock.deaf = set()
    sent = 0
    for to, port, payload in payloads(path, family):
        sock.sendto(payload, (socket.inet_ntop(kind, to), port))
        sent += 1
    print(sent, len(host.pending(sock)))


main()
