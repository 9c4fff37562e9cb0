# SPDX-License-Identifier: GPL-2.0
"""Hosts (network namespaces, as lib.sh makes them) and their sockets."""

import contextlib
import ctypes
import os
import queue
import select
import socket
import struct
import threading
from collections import namedtuple

from tap import PATIENCE

_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000

AF_POP = 18
SOL_POP = 299
POP_FILTER, POP_RECVINFO, POP_STATE = 1, 2, 3
POP_RECORD, POP_RECORDINFO = 3, 4
ANY = 0xffff
SEQ_NEXT = 0xffffffff
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33

ADDRESS = struct.Struct("=HHHHI32sI")
FILTER = struct.Struct("=HHHHI")
INFO = struct.Struct("=HHIHHIIIQ32s")
RECORD_INFO = struct.Struct("=HHIHHII")
STATE = struct.Struct("=HHHHHBBHHIIQ32s")
CMSG = struct.Struct("=qii")

RecordInfo = namedtuple("RecordInfo", "phase action seq sender recipient kind "
                                      "length")
Info = namedtuple("Info", "phase action seq sender recipient kind job length "
                          "sent digest")
State = namedtuple("State", "party direction phase first count contract_state "
                            "phase_state current_phase pad minutes pad2 now "
                            "root")


def _call(result):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


@contextlib.contextmanager
def inside(host):
    """In the network namespace pN."""
    def enter(path):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _call(_libc.setns(fd, CLONE_NEWNET))
        finally:
            os.close(fd)

    old = f"/proc/{os.getpid()}/fd/{_home}"
    enter(f"/run/netns/{host}")
    try:
        yield
    finally:
        enter(old)


_home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def channels(host):
    """/proc/net/pop/channels of a host."""
    with inside(host), open("/proc/thread-self/net/pop/channels",
                            encoding="ascii") as file:
        return file.read()


class Counters:
    """/proc/net/pop/snmp of a host."""

    def __init__(self, host):
        with inside(host):
            self.fd = os.open("/proc/thread-self/net/pop/snmp", os.O_RDONLY)

    def read(self):
        # all at once, from no position of the file: threads read it, too
        words = os.pread(self.fd, 1 << 16, 0).decode().split()
        return {name.removeprefix("Pop"): int(value)
                for name, value in zip(words[::2], words[1::2])}


class Udp(socket.socket):
    """A UDP socket that is deaf to what the kernel asks when half of a message
    is missing, and to see what has arrived: STATE and SLOTS requests and
    RETRANSMIT, or other types of units."""

    deaf = {3, 5, 7}
    heard = None    # by a thread that answers

    def recv(self, *arguments):
        while True:
            datagram = self.take(*arguments)
            if not datagram or datagram[0] & 0xf not in self.deaf:
                return datagram

    def take(self, *arguments):
        if not self.heard:
            return super().recv(*arguments)
        try:
            return self.heard.get(socket.MSG_DONTWAIT not in arguments,
                                  PATIENCE)
        except queue.Empty as error:
            raise BlockingIOError from error

    def attend(self, answer):
        """Have a thread hear what comes: answer(datagram, arrived) is called
        with SLOTS requests, without which long messages do not go on."""
        self.heard = queue.Queue()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.hear, args=(answer,))
        self.thread.start()

    def hear(self, answer):
        arrived = 0
        while not self.ended.is_set():
            if not select.select([self], [], [], 0.1)[0]:
                continue
            datagram = super().recv(65536)
            arrived += datagram[0] & 0xf in (1, 2)
            if datagram[0] & 0xf == 5:
                answer(datagram, arrived)
            self.heard.put(datagram)

    def close(self):
        if self.heard:
            self.ended.set()
            self.thread.join()
        super().close()


def udp(host, family, address="", port=0):
    """A UDP socket there, with room for all that may come before it is read."""
    with inside(host):
        sock = Udp(socket.AF_INET if family == 4 else socket.AF_INET6,
                   socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 28)
    sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24)
    sock.bind((address, port))
    be_patient(sock)
    return sock


def be_patient(sock, seconds=PATIENCE):
    """Not Python's own timeout, which does not know MSG_DONTWAIT."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO,
                    struct.pack("=qq", int(seconds), int(seconds % 1 * 1e6)))


def pending(sock):
    """All that has come to a socket."""
    datagrams = []
    with contextlib.suppress(BlockingIOError):
        while True:
            datagrams.append(sock.recv(65536, socket.MSG_DONTWAIT))
    return datagrams


class _Part(ctypes.Structure):
    """struct iovec"""
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class _Header(ctypes.Structure):
    """struct msghdr"""
    _fields_ = [("name", ctypes.c_void_p), ("name_length", ctypes.c_uint32),
                ("parts", ctypes.POINTER(_Part)), ("number", ctypes.c_size_t),
                ("control", ctypes.c_void_p),
                ("control_length", ctypes.c_size_t), ("flags", ctypes.c_int)]


class PopSocket:
    """An AF_POP socket, with the calls that Python has no words for."""

    def __init__(self, host, contract_hash, party):
        with inside(host):
            self.sock = socket.socket(AF_POP, socket.SOCK_RDM)
        self.hash = contract_hash
        self.party = party
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 28)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 28)
        self.sock.setsockopt(SOL_POP, POP_RECVINFO, 1)
        address = self.address(party=party)
        _call(_libc.bind(self.sock.fileno(), address, len(address)))
        be_patient(self.sock)

    def address(self, phase=ANY, action=ANY, party=ANY, seq=SEQ_NEXT):
        return ADDRESS.pack(AF_POP, party, phase, action, seq, self.hash, 0)

    def send(self, data, phase, action, party=ANY, seq=SEQ_NEXT):
        address = self.address(phase, action, party, seq)
        _call(_libc.sendto(self.sock.fileno(), data, len(data), 0, address,
                           len(address)))

    def filter(self, phase=ANY, action=ANY, party=ANY, seq=SEQ_NEXT):
        self.sock.setsockopt(SOL_POP, POP_FILTER,
                             FILTER.pack(phase, action, party, 0, seq))

    def receive(self, room=1 << 20, flags=0):
        """(Info, payload) of the next message."""
        data = ctypes.create_string_buffer(max(room, 1))
        part = _Part(ctypes.addressof(data), room)
        control = ctypes.create_string_buffer(CMSG.size + INFO.size)
        header = _Header(0, 0, ctypes.pointer(part), 1,
                         ctypes.addressof(control), len(control), 0)
        length = _call(_libc.recvmsg(self.sock.fileno(), ctypes.byref(header),
                                     flags))
        if CMSG.unpack_from(control)[1:] != (SOL_POP, 1):
            raise AssertionError("a message without struct pop_msginfo")
        return (Info(*INFO.unpack_from(control, CMSG.size)),
                ctypes.string_at(data, length))

    def pending(self, room=1 << 20):
        messages = []
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(self.receive(room, socket.MSG_DONTWAIT))
        return messages

    def state(self, direction, phase=ANY, party=None):
        """POP_STATE: (State, states)."""
        buffer = ctypes.create_string_buffer(STATE.size + 2048)
        STATE.pack_into(buffer, 0, self.party if party is None else party,
                        direction, phase, 0, 2048, 0, 0, 0, 0, 0, 0, 0,
                        bytes(32))
        length = ctypes.c_int(len(buffer))
        _call(_libc.getsockopt(self.sock.fileno(), SOL_POP, POP_STATE, buffer,
                               ctypes.byref(length)))
        state = State(*STATE.unpack_from(buffer))
        return state, list(buffer.raw[STATE.size:length.value])

    def close(self):
        self.sock.close()


class ByzantineSocket:
    """One of the Byzantine channel."""

    def __init__(self, host, contract_hash, party):
        with inside(host):
            self.sock = socket.socket(AF_POP, socket.SOCK_DGRAM, 1)
        self.hash = contract_hash
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 28)
        address = ADDRESS.pack(AF_POP, party, ANY, ANY, SEQ_NEXT, self.hash, 0)
        _call(_libc.bind(self.sock.fileno(), address, len(address)))
        be_patient(self.sock)

    def send(self, kind, data, party=ANY, place=(ANY, ANY), seq=SEQ_NEXT):
        address = ctypes.create_string_buffer(
            ADDRESS.pack(AF_POP, party, *place, seq, self.hash, 0),
            ADDRESS.size)
        length = len(data)
        data = ctypes.create_string_buffer(data, max(length, 1))
        control = ctypes.create_string_buffer(
            CMSG.pack(CMSG.size + 4, SOL_POP, POP_RECORD) +
            struct.pack("=II", kind, 0), CMSG.size + 8)
        part = _Part(ctypes.addressof(data), length)
        header = _Header(ctypes.addressof(address), len(address),
                         ctypes.pointer(part), 1, ctypes.addressof(control),
                         len(control), 0)
        _call(_libc.sendmsg(self.sock.fileno(), ctypes.byref(header), 0))

    def receive(self, flags=0):
        """(RecordInfo, data) of the next record; None at the end."""
        data = ctypes.create_string_buffer(65536)
        name = ctypes.create_string_buffer(ADDRESS.size)
        part = _Part(ctypes.addressof(data), len(data))
        control = ctypes.create_string_buffer(CMSG.size + RECORD_INFO.size + 4)
        header = _Header(ctypes.addressof(name), len(name),
                         ctypes.pointer(part), 1, ctypes.addressof(control),
                         len(control), 0)
        length = _call(_libc.recvmsg(self.sock.fileno(), ctypes.byref(header),
                                     flags))
        if not header.name_length:
            return None
        if CMSG.unpack_from(control)[1:] != (SOL_POP, POP_RECORDINFO):
            raise AssertionError("a record without struct pop_recordinfo")
        info = RecordInfo(*RECORD_INFO.unpack_from(control, CMSG.size))
        _, party, phase, action, seq, contract, _ = ADDRESS.unpack(name.raw)
        if (party, phase, action, seq, contract) != (
                info.sender, info.phase, info.action, info.seq, self.hash):
            raise AssertionError("another address than struct pop_recordinfo")
        return info, ctypes.string_at(data, length)

    def pending(self):
        records = []
        with contextlib.suppress(BlockingIOError):
            while record := self.receive(socket.MSG_DONTWAIT):
                records.append(record)
        return records

    def close(self):
        self.sock.close()
