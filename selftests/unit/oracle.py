#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""An independent reading of pop-contract(5), compared with what the tool does.

Nothing here comes from the C code: PyYAML reads the contracts, struct packs
the bodies, hashlib has BLAKE2s, and the openssl program has the curves.

	POP=tool PROBE=probe CONTRACTS=directory oracle.py
"""

import hashlib
import json
import os
import random
import re
import shutil
import struct
import subprocess
import tempfile

import yaml

POP, PROBE, CONTRACTS = (os.path.abspath(os.environ[name])
                         for name in ("POP", "PROBE", "CONTRACTS"))
GENERATED = 200
SEED = 1805

results = []


def tap(good, name):
    results.append(bool(good))
    print(f"{'' if good else 'not '}ok {len(results)} {name}", flush=True)


def run(*arguments):
    return subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout


def pop(*arguments):
    """The objects that the tool prints as JSON."""
    return json.loads(run(POP, "-j", *arguments))


def blake2s(*parts, key=b""):
    return hashlib.blake2s(b"".join(parts), key=key).digest()


# --- the files -----------------------------------------------------------------


def record(path):
    """A file of keys: {word: value}."""
    with open(path, encoding="ascii") as file:
        lines = file.read().splitlines()
    return dict(line.split(" ") for line in lines[1:])


def field(path, word):
    return bytes.fromhex(record(path)[word])


# --- language to body ------------------------------------------------------------


def seconds(text):
    factor = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return sum(int(number) * factor[unit]
               for number, unit in re.findall(r"(\d+)([dhms])", text))


def size(text):
    factor = {"K": 1 << 10, "M": 1 << 20}
    return int(text.rstrip("KM")) * factor.get(text[-1], 1)


def listed(value):
    return value if isinstance(value, list) else [value]


def in_order(phases):
    """Always the first listed of those whose predecessors have gone."""
    if not any("after" in phase for phase in phases):
        return phases
    left, gone, order = list(phases), set(), []
    while left:
        for phase in left:
            if all(name in gone for name in listed(phase.get("after", []))):
                break
        left.remove(phase)
        order.append(phase)
        gone.add(phase.get("name"))
    return order


def name24(text):
    return text.encode().ljust(24, b"\0")


class Contract:
    """A contract as PyYAML reads it; all scalars are strings."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.doc = yaml.load(file, Loader=yaml.CBaseLoader)
        self.dir = os.path.dirname(path)
        self.parties = sorted(self.doc["parties"])
        self.phases = in_order(self.doc["phases"])

    def actions(self, phase):
        return sorted(phase["actions"], key=lambda action: action["name"])

    def recipients(self, action):
        return sorted(self.parties.index(name)
                      for name in listed(action["to"]))

    def party(self, name):
        said = self.doc["parties"][name]
        return said if isinstance(said, dict) else {"card": said}

    def card(self, party):
        return os.path.join(self.dir, self.party(party)["card"])

    def disputes(self, party):
        """The phases: (first, behind the last)."""
        said = self.party(party).get("disputes")
        if said is None:
            return 0, 0
        if said == "all":
            return 0, len(self.phases)
        names = [phase.get("name") for phase in self.phases]
        places = [names.index(name) for name in listed(said)]
        return places[0], places[-1] + 1

    def pack_action(self, action):
        def choice(key, *words):
            return words.index(action.get(key, words[0]))

        return struct.pack(
            ">HHIIIIBBBBB3x24s", self.parties.index(action["from"]),
            len(listed(action["to"])), int(action.get("count", "1")),
            seconds(action.get("hours", "0m")) // 60,
            size(action.get("max", "64K")), int(action.get("job", "0")),
            choice("same", "false", "true"),
            choice("kind", "data", "money", "job"),
            choice("consistency", "detect", "all", "quorum"),
            choice("evidence", "mac", "seal", "each"),
            choice("late", "wait", "vote"), name24(action["name"]))

    def body(self):
        doc = self.doc
        body = [struct.pack(
            ">IBxHIIHH24s20x", 0x506f5031, doc.get("advance") == "manual",
            int(doc.get("faulty", "0")), seconds(doc.get("skew", "30s")), 0,
            len(self.parties), len(self.phases), name24(doc["contract"]))]
        for party in self.parties:
            card = record(self.card(party))
            body.append(bytes.fromhex(card["identity"]) +
                        bytes.fromhex(card["key"]) + name24(party) +
                        struct.pack(">HH4x", *self.disputes(party)))
        for phase in self.phases:
            gate = phase.get("gate", doc.get("gate", "local"))
            body.append(struct.pack(
                ">IHBx24s", seconds(phase.get("deadline", "")),
                len(phase["actions"]), gate == "global",
                name24(phase.get("name", ""))))
        actions = [action for phase in self.phases
                   for action in self.actions(phase)]
        body += [self.pack_action(action) for action in actions]
        body += [struct.pack(">H", to) for action in actions
                 for to in self.recipients(action)]
        return b"".join(body)

    def profile(self, party):
        """(direction, phase, action, peer) in the order of the profile."""
        channels = []
        for number, phase in enumerate(self.phases):
            for index, action in enumerate(self.actions(phase)):
                for to in self.recipients(action):
                    to = self.parties[to]
                    if to == party:
                        channels.append(("input", number, index,
                                         self.parties.index(action["from"])))
                    if action["from"] == party:
                        channels.append(("output", number, index,
                                         self.parties.index(to)))
        return sorted(channels)

    def active(self, phase):
        return sorted({name for action in phase["actions"]
                       for name in [action["from"], *listed(action["to"])]})


def compiled(path):
    """What the tool makes of the file: body and hash."""
    said, = pop("contract", "compile", path, "output", path + ".pop")
    with open(path + ".pop", "rb") as file:
        return file.read(), bytes.fromhex(said["hash"])


def agrees(path):
    body, contract_hash = compiled(path)
    mine = Contract(path).body()
    return body == mine and contract_hash == blake2s(b"PoP1-contract", mine)


# --- generated contracts ------------------------------------------------------------


class Generator:
    """Writes contracts that use all of the language, in different words."""

    def __init__(self, cards):
        self.random = random.Random(SEED)
        self.cards = cards

    def maybe(self, mapping, key, value):
        if self.random.random() < 0.5:
            mapping[key] = value

    def name(self):
        letters = "abcdefghijklmnopqrstuvwxyz0123456789-_."
        return "".join(self.random.choices(letters,
                                           k=self.random.randint(1, 23)))

    def names(self, number):
        names = set()
        while len(names) < number:
            names.add(self.name())
        # not in an order that anything could rely on
        return self.random.sample(sorted(names), number)

    def duration(self, units):
        used = [unit for unit in units if self.random.random() < 0.5]
        return "".join(f"{self.random.randint(1, 90)}{unit}"
                       for unit in used or units[-1:])

    def action(self, name, parties, faulty):
        pick = self.random.choice
        sender, *others = self.random.sample(parties, len(parties))
        to = others[:self.random.randint(1, len(others))]
        action = {"name": name, "from": sender,
                  "to": to[0] if len(to) == 1 and pick([0, 1]) else to}
        same = pick(["true", "false"])
        self.maybe(action, "same", same)
        if action.get("same") == "true":
            words = ["detect", "all"]
            if len(to) > 3 * faulty:
                words.append("quorum")
            self.maybe(action, "consistency", pick(words))
        self.maybe(action, "evidence", pick(["mac", "seal", "each"]))
        self.maybe(action, "late", pick(["wait", "vote"]))
        self.maybe(action, "kind", pick(["data", "money", "job"]))
        self.maybe(action, "job", str(self.random.getrandbits(32)))
        self.maybe(action, "count", str(self.random.randint(1, 999)))
        self.maybe(action, "hours", self.duration("dhm"))
        self.maybe(action, "max", pick(["1", "1200", "64K", "3K", "16M"]))
        return action

    def phases(self, parties, faulty):
        number = self.random.randint(1, 7)
        names = self.names(number)
        if self.random.random() < 0.1:
            names[0] = "all"
        phases = []
        for name in names:
            phase = {"actions": [
                self.action(action, parties, faulty)
                for action in self.names(self.random.randint(1, 6))]}
            self.maybe(phase, "deadline", self.duration("dhms"))
            self.maybe(phase, "gate",
                       self.random.choice(["local", "global"]))
            self.maybe(phase, "name", name)
            phases.append(phase)
        # edges along a random order make no cycle
        named = [phase for phase in phases if "name" in phase]
        self.random.shuffle(named)
        for index, phase in enumerate(named):
            before = [other["name"] for other in named[:index]]
            after = self.random.sample(
                before, self.random.randint(0, min(2, len(before))))
            if len(after) == 1 and self.random.random() < 0.5:
                after = after[0]
            if after:
                phase["after"] = after
        return phases

    def disputes(self, phases):
        """All, or by the names of phases, in the order in which they go."""
        names = [phase["name"] for phase in in_order(phases)
                 if "name" in phase]
        if not names or self.random.random() < 0.3:
            return "all"
        first, last = sorted(self.random.choices(range(len(names)), k=2))
        if self.random.random() < 0.3 and names[first] != "all":
            return names[first]
        return [names[first], names[last]]

    def party(self, card, phases):
        party = {"card": card}
        self.maybe(party, "disputes", self.disputes(phases))
        short = len(party) == 1 and self.random.random() < 0.7
        return card if short else party

    def contract(self):
        parties = self.names(self.random.randint(2, len(self.cards)))
        faulty = self.random.randint(0, (len(parties) - 1) // 3)
        phases = self.phases(parties, faulty)
        cards = self.random.sample(self.cards, len(parties))
        doc = {"contract": self.name(),
               "parties": {name: self.party(card, phases)
                           for name, card in zip(parties, cards)},
               "phases": phases}
        if faulty or self.random.random() < 0.5:
            doc["faulty"] = str(faulty)
        self.maybe(doc, "skew", self.duration("hms"))
        self.maybe(doc, "gate", self.random.choice(["local", "global"]))
        self.maybe(doc, "advance", self.random.choice(["auto", "manual"]))
        return self.mapping(doc, "")

    # The same thing can be written in several ways.

    def scalar(self, text, key=None):
        quoted = key in ("contract", "name", "from", "to", "after", "kind",
                         "disputes")
        if quoted and self.random.random() < 0.3:
            return self.random.choice(["'%s'", '"%s"']) % text
        # what YAML would take for something else than a word
        return f"'{text}'" if quoted and not text[0].isalnum() else text

    def flow(self, value, key=None):
        if isinstance(value, dict):
            items = [f"{self.key(name)}: {self.flow(item, name)}"
                     for name, item in self.shuffled(value)]
            return "{" + ", ".join(items) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.flow(item, key)
                                   for item in value) + "]"
        return self.scalar(value, key)

    def key(self, name):
        return name if name[0].isalpha() else f'"{name}"'

    def shuffled(self, mapping):
        return self.random.sample(sorted(mapping.items()), len(mapping))

    def mapping(self, value, indent):
        text = ""
        for name, item in self.shuffled(value):
            if self.random.random() < 0.1:
                text += f"{indent}# {name}\n"
            text += f"{indent}{self.key(name)}:"
            flat = not isinstance(item, (dict, list))
            if flat or self.random.random() < 0.3:
                text += f" {self.flow(item, name)}\n"
            elif isinstance(item, dict):
                text += "\n" + self.mapping(item, indent + "  ")
            else:
                text += "\n" + self.sequence(item, indent, name)
        return text

    def sequence(self, value, indent, key):
        text = ""
        for item in value:
            if isinstance(item, dict) and self.random.random() < 0.7:
                block = self.mapping(item, indent + "  ")
                # the first line that is no comment takes the dash
                lines = [line for line in block.splitlines()
                         if not line.lstrip().startswith("#")]
                lines[0] = indent + "- " + lines[0][len(indent) + 2:]
                text += "\n".join(lines) + "\n"
            else:
                text += f"{indent}- {self.flow(item, key)}\n"
        return text


# --- curves, by openssl -------------------------------------------------------------

ED25519 = bytes.fromhex("302a300506032b6570032100")
X25519 = bytes.fromhex("302a300506032b656e032100")
X25519_SECRET = bytes.fromhex("302e020100300506032b656e04220420")


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)
    return name


def signed(public, text, signature):
    """Does openssl find that the signature holds?"""
    return subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin",
         "-keyform", "DER", "-inkey", write("public.der", ED25519 + public),
         "-in", write("text", text), "-sigfile", write("signature", signature)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False).returncode == 0


def shared(secret, public):
    return run("openssl", "pkeyutl", "-derive", "-keyform", "DER",
               "-inkey", write("secret.der", X25519_SECRET + secret),
               "-peerform", "DER",
               "-peerkey", write("peer.der", X25519 + public))


def flipped(data):
    return bytes([data[0] ^ 1]) + data[1:]


# --- what is compared ----------------------------------------------------------------


def test_worked(name):
    path = f"{name}.yaml"
    contract = Contract(path)
    tap(agrees(path), f"R3 R17 {name}: body and hash agree")

    said = pop("contract", "profile", f"{path}.pop")
    tap([[(c["direction"], c["phase"], c["action"],
           contract.parties.index(c["peer"])) for c in party["channels"]]
         for party in said] ==
        [contract.profile(party) for party in contract.parties],
        f"R11 {name}: the profiles of all parties agree")

    said, = pop("contract", "show", f"{path}.pop")
    tap([phase["active"] for phase in said["phases"]] ==
        [contract.active(phase) for phase in contract.phases],
        f"R10 {name}: who is active in which phase agrees")
    due = dict.fromkeys(contract.parties, 0)
    for phase in contract.phases:
        for action in phase["actions"]:
            due[action["from"]] += seconds(action.get("hours", "0m")) // 60
    tap({party["name"]: party["minutes"] for party in said["parties"]} == due,
        f"R51 {name}: what each party earns agrees")
    tap({party["name"]: (party["dispute_first"], party["dispute_end"])
         for party in said["parties"]} ==
        {party: contract.disputes(party) for party in contract.parties},
        f"R38 {name}: who may raise disputes agrees")


def test_generated(cards):
    generator = Generator(cards)
    for number in range(GENERATED):
        text = generator.contract()
        write("generated.yaml", text.encode())
        if not agrees("generated.yaml"):
            print(f"# the contract of number {number}:")
            print(re.sub("^", "# ", text, flags=re.M))
            break
    else:
        number = GENERATED
    tap(number == GENERATED,
        f"R3 R17 body and hash of {GENERATED} generated contracts agree")


def test_long():
    with open("long.yaml", "w", encoding="ascii") as file:
        file.write("contract: long\n"
                   "parties: {a: keys/p1.pub, b: keys/p2.pub}\nphases:\n")
        for number in range(65535):
            file.write(f"  - {{actions: [{{name: n{number}, "
                       f"from: {'ab'[number % 2]}, "
                       f"to: {'ba'[number % 2]}}}]}}\n")
    tap(agrees("long.yaml"),
        "R3 R9 body and hash of a contract of 65535 phases agree")


def test_parties(names):
    hashes = cards = forged = 0
    for name in names:
        path = f"keys/{name}.pub"
        said, = pop("key", "show", path)
        identity, key, signature = (
            field(path, word) for word in ("identity", "key", "signature"))
        hashes += bytes.fromhex(said["party_hash"]) == blake2s(b"PoP1-party",
                                                               identity)
        text = b"PoP1-card" + identity + key
        cards += signed(identity, text, signature)
        forged += signed(identity, flipped(text), signature)
    tap(hashes == len(names), "R5 party hashes agree")
    tap(cards == len(names) and not forged,
        "R64 openssl finds that the signatures of the cards hold")


def test_signatures(names):
    _, contract_hash = compiled("six-party.yaml")
    good = bad = 0
    for name in names:
        pop("contract", "sign", "six-party.yaml.pop",
            "key", f"keys/{name}.key", "output", f"{name}.sig")
        identity = field(f"keys/{name}.pub", "identity")
        signature = field(f"{name}.sig", "signature")
        text = b"PoP1-sign" + contract_hash
        good += signed(identity, text, signature)
        bad += signed(identity, flipped(text), signature)
    tap(good == len(names) and not bad,
        "R6 R64 openssl finds that the signatures of the contract hold")


def test_pair_keys(names):
    body, contract_hash = compiled("six-party.yaml")
    party_hash = [blake2s(b"PoP1-party", field(f"keys/{name}.pub", "identity"))
                  for name in names]
    agreed = 0
    for party, name in enumerate(names):
        secret = field(f"keys/{name}.secret", "secret")
        said = run(PROBE, "six-party.yaml.pop",
                   f"keys/{name}.secret").decode().splitlines()
        for peer, line in zip((p for p in range(6) if p != party), said):
            key = shared(secret, field(f"keys/{names[peer]}.pub", "key"))
            both = [blake2s(b"PoP1-pair", contract_hash, party_hash[a],
                            party_hash[b], key=key).hex()
                    for a, b in ((party, peer), (peer, party))]
            agreed += line == f"{party} {peer} {both[0]} {both[1]}"
    tap(agreed == 30, "R5 R41 the keys of all 30 directions agree")
    tap(len(body) == 1010, "a body has the size that its records say")


def main():
    worked = ["six-party", "escrow", "release"]
    six = [f"p{number}" for number in range(1, 7)]
    for name in worked:
        shutil.copy(os.path.join(CONTRACTS, f"{name}.yaml"), ".")
    names = set(six)
    for name in worked:
        names |= set(Contract(f"{name}.yaml").parties)
    names = sorted(names)
    pop("key", "gen", *names, "dir", "keys")
    pop("key", "card", *names, "dir", "keys")

    for name in worked:
        test_worked(name)
    test_generated([f"keys/{name}.pub" for name in names])
    test_long()
    test_parties(names)
    test_signatures(six)
    test_pair_keys(six)
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        raise SystemExit(main())
