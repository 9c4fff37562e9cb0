# SPDX-License-Identifier: GPL-2.0
"""A contract between a kernel (in p1) and parties played here (in p2), and a
Receiver that is told all that the kernel is told."""

import functools
import json
import os
import subprocess
import tempfile
from collections import Counter

import host
import keys
import tap
import unit
from contract import Contract
from receiver import Receiver

PORT = 7670
BATCH = 100     # datagrams that a host's backlog certainly holds
OTHER = ("Units", "StateRequests", "StateReplies")


def kernel_name(count):
    """The Receiver leaves out what all names of counters begin with."""
    return count if count.startswith("State") else "Rx" + count


def pop(*words, cwd=None):
    done = subprocess.run(["pop", *map(str, words)], cwd=cwd, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise AssertionError(f"pop {words}: {done.stderr.decode()}")
    return done.stdout


class Scene:
    def __init__(self, text, kernel, family=4, multicast=False, bound=True,
                 unknown=()):
        self.dir = tempfile.mkdtemp(dir=os.environ["POP_WIRE_WORK"])
        self.family = family
        self.names = sorted(self.make(text))
        with open(f"{self.dir}/c.pop", "rb") as file:
            self.contract = Contract(file.read())
        self.kernel = self.contract.party(kernel)
        self.ports = {party: PORT + party
                      for party in range(len(self.names))
                      if party != self.kernel}
        self.open(kernel, multicast, unknown)
        self.to, self.back = {}, {}
        for party in self.ports:
            self.to[party], self.back[party] = keys.ways(
                self.contract, party, self.secret(party), self.kernel)
        self.model = Receiver(self.contract, self.kernel, self.to)
        self.counters = host.Counters("p1")
        self.expected = Counter(self.counters.read())
        self.address = "10.0.0.1" if family == 4 else "fd00::1"
        own = "10.0.0.2" if family == 4 else "fd00::2"
        self.udp = {party: host.udp("p2", family, own, port)
                    for party, port in self.ports.items()}
        self.any = next(iter(self.udp.values()))
        self.home = {self.to[party].cid: sock
                     for party, sock in self.udp.items()}
        self.socket = None
        if bound:
            self.socket = host.PopSocket("p1", self.contract.hash, self.kernel)
        self.told = 0           # deliveries compared so far
        self.answers = 0        # to questions of the kernel

    # --- the contract, by the real tools -------------------------------------

    def make(self, text):
        with open(f"{self.dir}/c.yaml", "w", encoding="ascii") as file:
            file.write(text)
        names = {part.split(".pub")[0]
                 for part in text.split("keys/")[1:]}
        os.mkdir(f"{self.dir}/keys")
        pop("key", "gen", *names, cwd=f"{self.dir}/keys")
        pop("key", "card", *names, cwd=f"{self.dir}/keys")
        pop("contract", "compile", "c.yaml", cwd=self.dir)
        for name in names:
            pop("contract", "sign", "c.pop", "key", f"keys/{name}.key",
                "output", f"{name}.sig", cwd=self.dir)
        return names

    def secret(self, party):
        with open(f"{self.dir}/keys/{self.names[party]}.secret",
                  encoding="ascii") as file:
            record = dict(line.split() for line in file)
        return bytes.fromhex(record["secret"])

    def open(self, kernel, multicast, unknown):
        template = "10.0.0.{}:{}" if self.family == 4 else "[fd00::{}]:{}"
        with open(f"{self.dir}/endpoints", "w", encoding="ascii") as file:
            for party, name in enumerate(self.names):
                if name in unknown:
                    continue
                where = template.format(*(
                    (2, self.ports[party]) if party in self.ports
                    else (1, PORT)))
                file.write(f'{name}: "{where}"\n')
        pop("-n", "p1", "node", "set", "multicast",
            "on" if multicast else "off", "dev", "eth0")
        pop("-n", "p1", "contract", "open", "c.pop", "party", kernel, "secret",
            f"keys/{kernel}.secret", "sig",
            *(f"{name}.sig" for name in self.names), "endpoints", "endpoints",
            cwd=self.dir)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.socket:
            self.socket.close()
        for sock in self.udp.values():
            sock.close()
        pop("-n", "p1", "contract", "del", self.contract.hash.hex())

    # --- to the kernel -------------------------------------------------------

    def party(self, name):
        return self.contract.party(name)

    def message(self, phase, action, seq, payload, **more):
        return unit.Message(self.contract, keys.Slot(phase, action, seq),
                            payload, **more)

    def raw(self, datagram, sock=None):
        """From a socket, or from where the party is whose unit it says it is."""
        sock = sock or self.home.get(datagram[8:16], self.any)
        sock.sendto(datagram, (self.address, PORT))

    def expect(self, *counts):
        for count in counts:
            self.expected[kernel_name(count)] += 1

    def take(self, *datagrams, sock=None):
        """Give them to the kernel and to the model, which must agree."""
        for start in range(0, len(datagrams), BATCH):
            for datagram in datagrams[start:start + BATCH]:
                self.expect("Units", *self.model.take(datagram))
                self.raw(datagram, sock)
            self.settle()

    def refused(self, why, datagram, sock=None):
        """One that must end in this counter, and change nothing."""
        tap.same("what the model says", [why], self.model.take(datagram))
        self.expect("Units", why)
        self.raw(datagram, sock)
        self.settle()

    def differences(self):
        found = self.counters.read()
        return {name: found[name] - self.expected[name] for name in found
                if found[name] != self.expected[name] and
                not name.startswith(("Tx", "Phases", "RxControl"))}

    def settle(self):
        """Until the counters are what they must be, and nothing else."""
        try:
            tap.wait_until("counters", lambda: not self.differences())
        except AssertionError as error:
            wrong = self.differences()
            self.expected = Counter(self.counters.read())
            raise AssertionError(f"counters are off by {wrong}") from error

    # --- what became of it ---------------------------------------------------

    def check_states(self):
        for direction in (0, 1):
            state, states = self.socket.state(direction)
            what = "outputs" if direction else "inputs"
            tap.same(f"states of {what}",
                     self.model.states(direction, host.ANY), states)
            tap.same(f"root of {what}",
                     self.model.root(direction, host.ANY), state.root)
            tap.same("phase", self.model.phase, state.current_phase)
            tap.same("phase's state", self.model.phase_state(),
                     state.phase_state)
            tap.same("contract's state", self.model.contract_state(),
                     state.contract_state)
            tap.same("minutes", self.model.minutes(), state.minutes)

    def check_delivered(self):
        """All that the model has delivered, and the kernel nothing else."""
        due = self.model.delivered[self.told:]
        self.told += len(due)
        room = max([len(d.payload) for d in due] + [1 << 16])
        found = self.socket.pending(room)
        tap.same("number of messages", len(due), len(found))
        for want, (info, payload) in zip(due, found):
            tap.same("message", want, type(want)(
                info.phase, info.action, info.seq, info.sender, info.kind,
                info.job, info.sent, info.digest, payload))
            tap.same("length", len(payload), info.length)
            tap.same("recipient", self.kernel, info.recipient)

    def check(self):
        self.check_states()
        self.check_delivered()

    def evidence(self):
        """What `pop evidence` shows."""
        return json.loads(pop("-n", "p1", "-j", "evidence", "show", "contract",
                              self.contract.hash.hex()))

    # --- from the kernel -----------------------------------------------------

    def attend(self):
        """The parties here answer what the kernel asks for its window."""
        for party, sock in self.udp.items():
            sock.attend(functools.partial(self.answer, party))

    def answer(self, party, datagram, arrived):
        request = unit.Slots(*unit.SLOTS.unpack(
            unit.unseal_state(datagram, self.back[party])))
        self.answers += 1
        out = unit.state_outer(unit.SLOTS_REPLY, self.to[party], self.answers)
        self.raw(unit.seal_state(out, unit.SLOTS_ANSWER.pack(
            request.id, request.first, 0, 1, 0, arrived), self.to[party]),
            self.udp[party])

    def decoder(self, party):
        """A Receiver for what the kernel sends to one of the parties here."""
        return Receiver(self.contract, party, {self.kernel: self.back[party]})
