# SPDX-License-Identifier: GPL-2.0
"""A reading of contract bodies: uapi/linux/pop_contract.h, in Python."""

import struct
from collections import namedtuple

from crypto import blake2s

BODY = struct.Struct(">IBBHIIHH24s20s")
PARTY = struct.Struct(">32s32s24sHH4s")
PHASE = struct.Struct(">IHBB24s")
ACTION = struct.Struct(">HHIIIIBBBBB3s24s")

Party = namedtuple("Party", "name identity key hash disputes")
Action = namedtuple("Action", "phase index name sender to count minutes max "
                              "job same kind evidence consistency")
Channel = namedtuple("Channel", "phase action peer count")


class Contract:
    """What a body says. A party is its index, an action (phase, index)."""

    def __init__(self, body):
        self.body = body
        self.hash = blake2s(b"PoP1-contract", body)
        at = 0

        def take(record, number):
            nonlocal at
            start, at = at, at + record.size * number
            return record.iter_unpack(body[start:at])

        (magic, _flags, _, self.faulty, _skew, self.epoch, parties, phases, _,
         _), = take(BODY, 1)
        assert magic == 0x506f5031
        self.parties = [
            Party(name.rstrip(b"\0").decode(), identity, key,
                  blake2s(b"PoP1-party", identity), range(first, end))
            for identity, key, name, first, end, _ in take(PARTY, parties)]
        phases = list(take(PHASE, phases))
        self.gates = [gate for _, _, gate, _, _ in phases]
        self.phases = len(phases)
        places = [(number, index) for number, phase in enumerate(phases)
                  for index in range(phase[1])]
        self.actions = {}
        records = list(take(ACTION, len(places)))
        for place, record in zip(places, records):
            (sender, recipients, count, minutes, longest, job, flags, kind,
             consistency, evidence, _late, _, name) = record
            to = [party for party, in take(struct.Struct(">H"), recipients)]
            self.actions[place] = Action(
                *place, name.rstrip(b"\0").decode(), sender, to, count,
                minutes, longest, job, flags & 1, kind, evidence,
                consistency)
        assert at == len(body)

    def party(self, name):
        return [party.name for party in self.parties].index(name)

    def inputs(self, party):
        """In the order of STATE units: by phase and action."""
        return [Channel(a.phase, a.index, a.sender, a.count)
                for _, a in sorted(self.actions.items()) if party in a.to]

    def outputs(self, party):
        """The same, and by recipient."""
        return [Channel(a.phase, a.index, to, a.count)
                for _, a in sorted(self.actions.items())
                if a.sender == party for to in a.to]
