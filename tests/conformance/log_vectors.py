"""Writes proofs/vectors/log: proofs of a log, the policies to judge them by, and a manifest that says what each shows.

    python -m tests.conformance.log_vectors

Signatures of ML-DSA-44 are random, so a file that has one is written once and then kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from huref.errors import LogError
from huref.registry import policy as policies
from huref.registry import proof, tree
from huref.registry.checkpoint import Checkpoint
from huref.registry.entry import Entry
from huref.registry.keys import Secret
from huref.registry.note import Line, Note
from huref.registry.proof import Proof
from tests.support import logs

FOLDER = Path(__file__).parents[2] / "proofs" / "vectors" / "log"
WITNESSES = [logs.witness(1), logs.witness(2), logs.witness(3)]
QUANTUM = logs.witness(4, "ml-dsa-44")
TIMES = (1_767_225_600, 1_767_225_660, 1_767_225_540)
ENTRIES = [*logs.entries(998), Entry("bundle", "0b" * 32, "0c" * 32), Entry("attestation", "0a" * 32)]
TREE = logs.tiled([entry.data for entry in ENTRIES])[1]
POLICIES = {
    "one": logs.policy_text(WITNESSES[:1]),
    "two-of-three": logs.policy_text(WITNESSES, "2"),
    "all-three": logs.policy_text(WITNESSES),
    "nobody": logs.policy_text(),
    "quantum": logs.policy_text([QUANTUM]),
    "another-log": logs.policy_text(WITNESSES[:1], logs=[Secret("log.example/other", "ed25519", b"O" * 32)]),
    "another-key": logs.policy_text(WITNESSES[:1], logs=[Secret(logs.ORIGIN, "ed25519", b"T" * 32)]),
}


@dataclass(frozen=True)
class Vector:
    """A proof, and by which policy and about which entry it is judged."""

    about: str
    policy: str
    index: int
    data: bytes


def signed(size: int, *witnesses: int) -> Note:
    found = Note(Checkpoint(logs.ORIGIN, size, tree.root(size, TREE.node)).text).signed(logs.LOG, 1)
    for number in witnesses:
        found = found.signed(WITNESSES[number], TIMES[number])
    return found


def made(index: int, size: int, *witnesses: int) -> Proof:
    return Proof(index, tuple(tree.inclusion(index, size, TREE.node)), signed(size, *witnesses))


def vectors() -> dict[str, Vector]:
    """All of them by their names."""
    good, data = made(617, 1000, 0), made(617, 1000, 0).data
    strangers = tuple(Line(f"stranger{number}.example", bytes(4), b"x" * 64) for number in range(20))
    forged = Line(WITNESSES[1].name, WITNESSES[1].key.id, bytes(72))
    second = replace(good, note=good.note.signed(WITNESSES[0], TIMES[0] - 100))
    found = {
        "only-entry": Vector("a tree of one entry has no path", "one", 0, made(0, 1, 0).data),
        "one-witness": Vector("one witness, who is demanded", "one", 617, data),
        "bundle": Vector("the entry of a bundle names its vector", "one", 998, made(998, 1000, 0).data),
        "attestation": Vector("the last entry", "one", 999, made(999, 1000, 0).data),
        "older-tree": Vector("an older checkpoint of the log", "one", 255, made(255, 256, 0).data),
        "two-of-three": Vector("the time is the later one", "two-of-three", 617, made(617, 1000, 0, 2).data),
        "three-of-three": Vector(
            "the time is the latest of all that count", "two-of-three", 617, made(617, 1000, 0, 1, 2).data
        ),
        "no-witness": Vector("nobody is demanded, and no time is shown", "nobody", 617, made(617, 1000).data),
        "not-counted": Vector("witnesses that the policy does not know show no time", "nobody", 617, data),
        "strangers": Vector(
            "twenty signatures of unknown keys are left out",
            "one",
            617,
            replace(good, note=replace(good.note, lines=(*strangers, *good.note.lines))).data,
        ),
        "twice": Vector("of two times of one witness the earlier one counts", "one", 617, second.data),
        "extra": Vector("extra data is left out", "one", 617, data.replace(b"@v1\n", b"@v1\nextra SGVsbG8=\n")),
        "wrong-index": Vector("the entry stands elsewhere", "one", 617, data.replace(b"index 617", b"index 616")),
        "wrong-entry": Vector("the proof of another entry", "one", 617, made(616, 1000, 0).data),
        "short-path": Vector("a step is missing", "one", 617, replace(good, path=good.path[:-1]).data),
        "long-path": Vector("a step is too many", "one", 617, replace(good, path=(*good.path, bytes(32))).data),
        "quorum": Vector("one of three, where two are demanded", "two-of-three", 617, data),
        "unknown-log": Vector("the policy names another log", "another-log", 617, data),
        "unknown-key": Vector("the policy names another key of that log", "another-key", 617, data),
        "forged-witness": Vector(
            "two suffice, but the signature of a third known witness does not hold",
            "two-of-three",
            617,
            replace(
                made(617, 1000, 0, 2), note=replace(signed(1000, 0, 2), lines=(*signed(1000, 0, 2).lines, forged))
            ).data,
        ),
        "another-size": Vector("the signed size was changed", "one", 617, data.replace(b"\n1000\n", b"\n1001\n")),
        "another-time": Vector("the signed time was changed", "one", 617, redated(good).data),
        "padding": Vector("base64 with other bits behind its end", "one", 617, bent(data)),
        "carriage-return": Vector("lines end with a newline alone", "one", 617, data.replace(b"\n", b"\r\n")),
        "leading-zero": Vector("numbers have one spelling", "one", 617, data.replace(b"index 617", b"index 0617")),
        "no-newline": Vector("the last line has no newline", "one", 617, data[:-1]),
        "version": Vector("another version", "one", 617, data.replace(b"@v1", b"@v2")),
        "quantum": Vector("a witness with a key of ML-DSA-44", "quantum", 617, quantum(good)),
    }
    return dict(sorted(found.items()))


def redated(good: Proof) -> Proof:
    log, witness = good.note.lines
    later = replace(witness, signature=(TIMES[0] + 1).to_bytes(8, "big") + witness.signature[8:])
    return replace(good, note=replace(good.note, lines=(log, later)))


def bent(data: bytes) -> bytes:
    """The last character before the padding of the first step, changed in its unused bits."""
    at = data.index(b"=\n") - 1
    return data[:at] + bytes([data[at] + 1]) + data[at + 1 :]


def quantum(good: Proof) -> bytes:
    kept = FOLDER / "quantum.tlog-proof"
    if kept.exists():
        return kept.read_bytes()
    return replace(good, note=signed(1000).signed(QUANTUM, TIMES[0])).data


def outcome(vector: Vector) -> dict[str, Any] | None:
    """What a proof shows; None: it is refused."""
    rules = policies.parse(POLICIES[vector.policy].encode())
    try:
        _, found = proof.check(proof.parse(vector.data), [tree.leaf(ENTRIES[vector.index].data)], rules)
    except LogError:
        return None
    return asdict(found) | {"witnesses": list(found.witnesses)}


def manifest() -> dict[str, Any]:
    """What is there: SHA-256 of every file; of each proof its policy, its entry, and what it shows, null if nothing."""
    return {
        "policies": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in POLICIES.items()},
        "proofs": {
            name: {
                "about": vector.about,
                "sha256": hashlib.sha256(vector.data).hexdigest(),
                "policy": vector.policy,
                "entry": ENTRIES[vector.index].data.decode(),
                "shows": outcome(vector),
            }
            for name, vector in vectors().items()
        },
    }


def files() -> dict[str, bytes]:
    """All files by their names."""
    found = {f"{name}.policy": text.encode() for name, text in POLICIES.items()}
    found |= {f"{name}.tlog-proof": vector.data for name, vector in vectors().items()}
    return found | {"manifest.json": (json.dumps(manifest(), indent=1) + "\n").encode()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
