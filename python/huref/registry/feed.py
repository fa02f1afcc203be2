"""Asking the witnesses of a policy to cosign a checkpoint: all at once, and no longer than they are needed."""

from __future__ import annotations

import queue
import threading
import time

from ..errors import LogError, ServiceError
from ..web import ask, must_be_address
from . import note, request, tree
from .checkpoint import Checkpoint
from .exact import number
from .note import Line, Note
from .policy import Party, Policy
from .tree import Nodes

#: Seconds that witnesses have, and those that the others still have once the quorum is met.
SECONDS, GRACE = 5.0, 0.2
_MAX_ANSWER = 1 << 16


class Feed:
    """The witnesses of a policy that have an address, and what each of them answered last, by its name there."""

    def __init__(self, policy: Policy, seconds: float = SECONDS) -> None:
        """UsageError: an address of a witness is none."""
        self.policy, self.answers = policy, dict[str, str]()
        self._seconds, self._sizes = seconds, dict[str, int]()
        self._busy: set[str] = set()
        self._are_behind = False
        for name, witness in policy.witnesses.items():
            if witness.address:
                must_be_address(witness.address, f"witness {name}")

    def suffice(self, signed: Note) -> bool:
        """Whether a checkpoint has the cosignatures that the policy demands. LogError: one of them does not hold."""
        times = signed.times([witness.key for witness in self.policy.witnesses.values()])
        return self.policy.is_met([name for name, one in self.policy.witnesses.items() if times.get(one.key)])

    def cosignatures(self, signed: Note, head: Checkpoint, nodes: Nodes) -> tuple[Line, ...]:
        """The signatures that witnesses give to a signed checkpoint of a tree; only those that hold."""
        found: queue.SimpleQueue[tuple[Line, ...]] = queue.SimpleQueue()
        there = {(line.name, line.id) for line in signed.lines}
        asked = [
            (name, one)
            for name, one in self.policy.witnesses.items()
            if one.address and (one.key.name, one.key.id) not in there and name not in self._busy
        ]
        for name, one in asked:
            self._busy.add(name)
            task = (name, one, signed, head, nodes, found)
            threading.Thread(target=self._ask, args=task, daemon=True).start()
        given: tuple[Line, ...] = ()
        end = time.monotonic() + self._seconds
        for _ in asked:
            try:
                given += found.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                break
            if self.suffice(signed.merged(given)):
                end = min(end, time.monotonic() + GRACE)
        return given

    def largest(self, signed: Note, head: Checkpoint, nodes: Nodes) -> tuple[str, int]:
        """The witness that knows the largest tree beyond this one, and its size; ("", 0) if none says so.

        They are asked until as many as the policy demands have cosigned one tree. From then on each refuses another.
        """
        if self._are_behind:
            return "", 0
        given = self.cosignatures(signed, head, nodes)
        name, size = max(self._sizes.items(), key=lambda known: known[1], default=("", 0))
        if size > head.size:
            return name, size
        self._are_behind = self.suffice(signed.merged(given))
        return "", 0

    def _ask(
        self,
        name: str,
        witness: Party,
        signed: Note,
        head: Checkpoint,
        nodes: Nodes,
        found: queue.SimpleQueue[tuple[Line, ...]],
    ) -> None:
        lines: tuple[Line, ...] = ()
        try:
            lines = self._cosigned(name, witness, signed, head, nodes)
            self.answers[name] = "cosigned"
        except (ServiceError, LogError) as why:
            self.answers[name] = str(why)
        finally:
            self._busy.discard(name)
            found.put(lines)

    def _cosigned(self, name: str, witness: Party, signed: Note, head: Checkpoint, nodes: Nodes) -> tuple[Line, ...]:
        """What a witness signs, after it said which size it knows. ServiceError, LogError: it signs nothing."""
        address = f"{witness.address.rstrip('/')}/{request.PATH}"
        for _ in range(2):
            old = min(self._sizes.get(name, 0), head.size)
            body = request.dump(old, tree.consistency(old, head.size, nodes), signed)
            answer = ask(address, body, media_type="text/plain", limit=_MAX_ANSWER, seconds=self._seconds)
            text = answer.body.decode("utf-8", "replace")
            if answer.status == 409:
                self._sizes[name] = number(text.removesuffix("\n"), f"size that {address} knows")
                continue
            if answer.status != 200:
                reason = ascii(text.strip()[:100])
                raise ServiceError(f"{address}: does not cosign, with status {answer.status} ({reason})")
            wanted = (witness.key.name, witness.key.id)
            lines = tuple(line for line in note.lines(text) if (line.name, line.id) == wanted)
            if not Note(signed.text, lines).times([witness.key]).get(witness.key):
                raise LogError(f"{address}: signed by another key than {witness.key.name}, or without a time")
            self._sizes[name] = head.size
            return lines
        raise ServiceError(f"{address}: knows a tree of size {self._sizes[name]}, not one of size {head.size}")
