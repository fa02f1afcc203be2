"""Keys, entries, policies and small trees of logs; a tree by the definition of RFC 6962 to compare with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from huref.registry import tree
from huref.registry.blobs import Blobs
from huref.registry.checkpoint import Checkpoint
from huref.registry.entry import Entry
from huref.registry.keys import Kind, Secret
from huref.registry.note import Note
from huref.registry.policy import Policy, parse
from huref.registry.proof import Proof
from huref.registry.tiles import Tiles, grown

ORIGIN = "log.example/huref"
LOG = Secret(ORIGIN, "ed25519", b"L" * 32)


def witness(number: int, kind: Kind = "cosignature") -> Secret:
    return Secret(f"witness{number}.example", kind, bytes([number]) * 32)


def entries(count: int, start: int = 0) -> list[Entry]:
    return [Entry("commitment", hashlib.sha256(b"%d" % number).hexdigest()) for number in range(start, start + count)]


def policy(
    witnesses: Sequence[Secret] = (), quorum: str = "", logs: Sequence[Secret] = (LOG,), addresses: Sequence[str] = ()
) -> Policy:
    """All witnesses are demanded, unless `quorum` says how many."""
    return parse(policy_text(witnesses, quorum, logs, addresses).encode())


def policy_text(
    witnesses: Sequence[Secret] = (),
    quorum: str = "",
    logs: Sequence[Secret] = (LOG,),
    addresses: Sequence[str] = (),
    log_address: str = "",
) -> str:
    lines = [f"log {secret.key.text} {log_address}" for secret in logs]
    names = [f"w{number}" for number in range(len(witnesses))]
    for name, secret, address in zip(names, witnesses, [*addresses, *[""] * len(witnesses)], strict=False):
        lines.append(f"witness {name} {secret.key.text} {address}")
    if names:
        lines.append(f"group all-of-them {quorum or 'all'} {' '.join(names)}")
    return "\n".join([*lines, f"quorum {'all-of-them' if names else 'none'}", ""])


def whole(entries: Sequence[bytes]) -> bytes:
    """The root by its definition."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    half = 1
    while 2 * half < len(entries):
        half *= 2
    return hashlib.sha256(b"\1" + whole(entries[:half]) + whole(entries[half:])).digest()


def tiled(entries: Sequence[bytes], steps: Sequence[int] = ()) -> tuple[dict[str, bytes], Tiles]:
    """Tiles of a tree that grew in these steps, and then in one."""
    kept: dict[str, bytes] = {}
    tiles, done = Tiles(kept.get, 0), 0
    for step in (*steps, len(entries)):
        part = entries[done : done + step]
        if part:
            changed, tiles = grown(tiles, part)
            kept |= changed
            done += len(part)
    return kept, tiles


def proof_of(one: Entry, witnesses: Sequence[Secret], *times: int, size: int = 7, at: int = 4) -> bytes:
    """A proof that a log has an entry, at that place, cosigned by as many of the witnesses as there are times."""
    data = [other.data for other in entries(size)]
    data[at] = one.data
    tiles = tiled(data)[1]
    signed = Note(Checkpoint(ORIGIN, size, root(tiles)).text).signed(LOG, 1)
    for secret, time in zip(witnesses, times, strict=False):
        signed = signed.signed(secret, time)
    return Proof(at, tuple(tree.inclusion(at, size, tiles.node)), signed).data


def fresh(blobs: Blobs, size: int) -> Tiles:
    return Tiles(blobs.get, size)


def root(tiles: Tiles, size: int | None = None) -> bytes:
    return tree.root(tiles.size if size is None else size, tiles.node)
