# SPDX-License-Identifier: GPL-2.0
"""All that follows from the contract and the parties' X25519 keys."""

import struct
from collections import namedtuple

from crypto import blake2s, x25519

Slot = namedtuple("Slot", "phase action seq")


def slot_name(slot):
    return struct.pack(">HHI", *slot)


def pair_key(contract_hash, shared, from_hash, to_hash):
    return blake2s(b"PoP1-pair", contract_hash, from_hash, to_hash, key=shared)


def group_cid(contract):
    return blake2s(b"group", struct.pack(">I", contract.epoch),
                   key=contract.hash)[:8]


def salt(key, header):
    """The last two bytes are left to what tells the units apart."""
    return blake2s(header, key=key)[:6] + bytes(2)


def voucher(key, header):
    return blake2s(b"voucher", header, key=key)[:16]


def digest(contract, slot, stream):
    """D, over the blind and the payload behind it."""
    key = blake2s(b"PoP1-slot", contract.hash,
                  struct.pack(">I", contract.epoch), slot_name(slot))
    return blake2s(stream, key=key)


class Way:
    """k(i -> j) and what follows from it."""

    def __init__(self, contract, k):
        self.contract = contract
        self.k = k
        self.cid = blake2s(b"cid", struct.pack(">I", contract.epoch),
                           key=k)[:8]
        self.control = blake2s(b"control", key=k)
        self.chain = [blake2s(b"chain", key=k)]
        self.slots = {}

    def state_key(self, incarnation):
        return blake2s(b"state", struct.pack(">I", incarnation),
                       key=self.control)

    def phase_key(self, phase):
        while len(self.chain) <= phase:
            self.chain.append(blake2s(b"next", key=self.chain[-1]))
        return blake2s(b"phase", key=self.chain[phase])

    def slot_key(self, slot):
        key = self.slots.get(slot)
        if not key:
            key = blake2s(slot_name(slot), key=self.phase_key(slot.phase))
            self.slots[slot] = key
        return key


def ways(contract, one, secret, other):
    """The two ways between a party whose secret is known and another."""
    shared = x25519(secret, contract.parties[other].key)
    hashes = contract.parties[one].hash, contract.parties[other].hash
    return (Way(contract, pair_key(contract.hash, shared, *hashes)),
            Way(contract, pair_key(contract.hash, shared, *hashes[::-1])))
