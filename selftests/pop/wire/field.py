# SPDX-License-Identifier: GPL-2.0
"""A contract between several kernels (in p1, p2 and so on) and parties played
here (in the last host), who may do as they like."""

import os
import tempfile

import host
import keys
import unit
from contract import Contract
from scene import PORT, Scene, pop


class Field(Scene):
    """`kernels` are the names of the parties that are honest, in the order of
    their hosts; all others are played in host `last`."""

    # pylint: disable=super-init-not-called # of the one kernel there
    def __init__(self, text, kernels, last):
        self.dir = tempfile.mkdtemp(dir=os.environ["POP_WIRE_WORK"])
        self.names = sorted(self.make(text))
        with open(f"{self.dir}/c.pop", "rb") as file:
            self.contract = Contract(file.read())
        self.hosts = {self.party(name): number + 1
                      for number, name in enumerate(kernels)}
        self.played = [party for party in range(len(self.names))
                       if party not in self.hosts]
        self.write_endpoints(last)
        self.udp = {party: host.udp(f"p{last}", 4, f"10.0.0.{last}",
                                    PORT + party) for party in self.played}
        self.counters, self.before, self.sockets = {}, {}, {}
        for party, number in self.hosts.items():
            self.open_on(party, number)
        self.ways = {(party, kernel): keys.ways(self.contract, party,
                                                self.secret(party), kernel)
                     for party in self.played for kernel in self.hosts}
        self.counter = 0
        self.said = []          # all that was sent, and where to

    def write_endpoints(self, last):
        with open(f"{self.dir}/endpoints", "w", encoding="ascii") as file:
            for party, name in enumerate(self.names):
                number = self.hosts.get(party)
                where = (f"10.0.0.{number}:{PORT}" if number else
                         f"10.0.0.{last}:{PORT + party}")
                file.write(f'{name}: "{where}"\n')

    def open_on(self, party, number):
        name = self.names[party]
        pop("-n", f"p{number}", "contract", "open", "c.pop", "party", name,
            "secret", f"keys/{name}.secret", "sig",
            *(f"{other}.sig" for other in self.names), "endpoints",
            "endpoints", cwd=self.dir)
        self.counters[party] = host.Counters(f"p{number}")
        self.before[party] = self.counters[party].read()
        self.sockets[party] = host.PopSocket(f"p{number}", self.contract.hash,
                                             party)

    def __exit__(self, *_):
        for party, number in self.hosts.items():
            self.sockets[party].close()
            pop("-n", f"p{number}", "contract", "del",
                self.contract.hash.hex())
        for sock in self.udp.values():
            sock.close()

    # --- what the played ones say ---------------------------------------------

    def to(self, name, kernel):
        """Keys of what a played party sends to a kernel."""
        return self.ways[self.party(name), self.party(kernel)][0]

    def say(self, name, kernel, *datagrams):
        sock = self.udp[self.party(name)]
        number = self.hosts[self.party(kernel)]
        for datagram in datagrams:
            self.said.append((sock, number, datagram))
            sock.sendto(datagram, (f"10.0.0.{number}", PORT))

    def give(self, name, kernel, message, key):
        """Header and payload of a message for a group."""
        way = self.to(name, kernel)
        self.say(name, kernel, message.header(way, key),
                 *message.group_payloads(key))

    def control(self, name, kernel, kind, text):
        self.counter += 1
        way = self.to(name, kernel)
        self.say(name, kernel, unit.seal_state(
            unit.state_outer(kind, way, self.counter), text, way))

    # --- what becomes of it ---------------------------------------------------

    def socket_of(self, kernel):
        return self.sockets[self.party(kernel)]

    def count(self, kernel, name):
        """Since the field was made; a namespace outlives it."""
        party = self.party(kernel)
        return self.counters[party].read()[name] - self.before[party][name]

    def state(self, kernel, phase=host.ANY):
        """The states of its input channels."""
        return self.socket_of(kernel).state(0, phase)[1]
