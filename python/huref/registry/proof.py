"""Proofs (c2sp.org/tlog-proof): that a log has an entry, and which witnesses saw it, to be checked offline."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import LogError, shown
from . import checkpoint, note, tree
from .exact import decoded, number
from .note import Note
from .policy import Policy

LABEL = "c2sp.org/tlog-proof@v1"
#: More steps are in no tree.
MOST_STEPS = 63
MAX_BYTES = note.MAX_BYTES + (1 << 14)


@dataclass(frozen=True)
class Proof:
    """The index of an entry, the path from it to the root (32 bytes each), and the signed checkpoint."""

    index: int
    path: tuple[bytes, ...]
    note: Note

    @property
    def data(self) -> bytes:
        """The bytes of a file `.tlog-proof`."""
        steps = [base64.b64encode(step).decode() for step in self.path]
        return "\n".join((LABEL, f"index {self.index}", *steps, "", "")).encode() + self.note.data


@dataclass(frozen=True)
class Found:
    """An entry that is in a log: its index; `origin` and `size` of the tree that was signed.

    `witnesses`: those that the quorum counts and that cosigned it, by the names of their keys, out of `known`; `time`:
    the latest that they gave, in seconds since 1970, None if there is no such witness. It is right if one of their
    clocks was.
    """

    index: int
    origin: str
    size: int
    time: int | None
    witnesses: tuple[str, ...]
    known: int


def parse(data: bytes) -> Proof:
    """The proof in these bytes; extra data, which nobody signed, is left out. LogError: there is none."""
    if len(data) > MAX_BYTES:
        raise LogError(f"a proof of more than {MAX_BYTES} bytes")
    head, gap, signed = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        lines = []
    if not gap or not lines or lines.pop(0) != LABEL:
        raise LogError(f"a proof begins with the line {LABEL}")
    if lines and lines[0].startswith("extra "):
        decoded(lines.pop(0).removeprefix("extra "), "extra data")
    if not lines or not lines[0].startswith("index "):
        raise LogError("a proof names the index of its entry")
    index = number(lines.pop(0).removeprefix("index "), "index")
    if len(lines) > MOST_STEPS:
        raise LogError(f"a proof of more than {MOST_STEPS} steps")
    return Proof(index, tuple(decoded(line, "step of the proof", tree.HASH) for line in lines), note.parse(signed))


def check(proof: Proof, leaves: Sequence[bytes], policy: Policy) -> tuple[int, Found]:
    """Which of these leaf hashes the proof is about, and what it shows under the policy.

    Raises:
        LogError: the log is not known, a signature does not hold, the quorum is not met, or the proof is about another
            entry.

    """
    head = checkpoint.parse(proof.note.text)
    logs = policy.of(head.origin)
    if not logs:
        raise LogError(f"the proof is of log {shown(head.origin)}, which the policy does not know")
    times = proof.note.times([*logs, *(witness.key for witness in policy.witnesses.values())])
    if not any(log in times for log in logs):
        raise LogError(f"log {shown(head.origin)} did not sign this checkpoint with a key that the policy knows")
    cosigned = [name for name, witness in policy.witnesses.items() if times.get(witness.key)]
    if not policy.is_met(cosigned):
        raise LogError(
            f"{len(cosigned)} of {len(policy.witnesses)} witnesses cosigned, which are not the policy's quorum"
        )
    which = next((i for i, leaf in enumerate(leaves) if _holds(proof, leaf, head)), None)
    if which is None:
        raise LogError("the proof is about another entry, or the log does not have it")
    counted = [policy.witnesses[name].key for name in policy.counted if name in cosigned]
    latest = max((times[key] for key in counted), default=None)
    names = tuple(key.name for key in counted)
    return which, Found(proof.index, head.origin, head.size, latest, names, len(policy.counted))


def _holds(proof: Proof, leaf: bytes, head: checkpoint.Checkpoint) -> bool:
    return tree.is_included(leaf, proof.index, head.size, proof.path, head.root)
