# SPDX-License-Identifier: GPL-2.0
"""All that follows from the contract and the parties' X25519 keys."""

import struct
from collections import namedtuple

from crypto import blake2s, hchacha20, x25519

Slot = namedtuple("Slot", "phase action seq")


def slot_name(slot):
    return struct.pack(">HHI", *slot)


def pair_key(contract_hash, shared, from_hash, to_hash):
    return blake2s(b"PoP1-pair", contract_hash, from_hash, to_hash, key=shared)


def group_cid(contract):
    return blake2s(b"group", struct.pack(">I", contract.epoch),
                   key=contract.hash)[:8]


def salt(header):
    """The first bytes of D."""
    return header[12:20]


def voucher(key, header):
    return blake2s(b"voucher", header, key=key)[:16]


def digest(contract, slot, sent, stream):
    """D, over the blind and the payload behind it."""
    return blake2s((b"PoP1-slot" + contract.hash).ljust(64, bytes(1)),
                   struct.pack(">I", contract.epoch), slot_name(slot),
                   struct.pack(">Q", sent), stream)


class Way:
    """k(i -> j) and what follows from it."""

    def __init__(self, contract, k):
        self.contract = contract
        self.k = k
        self.cid = blake2s(b"cid", struct.pack(">I", contract.epoch),
                           key=k)[:8]
        self.control = blake2s(b"control", key=k)
        self.chain = [blake2s(b"chain", key=k)]
        self.phases = {}

    def state_key(self, incarnation):
        return blake2s(b"state", struct.pack(">I", incarnation),
                       key=self.control)

    def phase_key(self, phase):
        while len(self.chain) <= phase:
            self.chain.append(blake2s(b"next", key=self.chain[-1]))
        key = self.phases.get(phase)
        if not key:
            key = blake2s(b"phase", key=self.chain[phase])
            self.phases[phase] = key
        return key

    def message_key(self, slot, message_salt):
        return hchacha20(struct.pack(">HHI", slot.action, 0, slot.seq) +
                         message_salt, self.phase_key(slot.phase))


def ways(contract, one, secret, other):
    """The two ways between a party whose secret is known and another."""
    shared = x25519(secret, contract.parties[other].key)
    hashes = contract.parties[one].hash, contract.parties[other].hash
    return (Way(contract, pair_key(contract.hash, shared, *hashes)),
            Way(contract, pair_key(contract.hash, shared, *hashes[::-1])))
