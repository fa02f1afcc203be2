"""Engine "local": this process, on all its cores.

While the rows of one piece are summed, one thread fetches the next: two pieces are in memory, however many there are.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ... import _native
from ...artefacts.commitment import POINT
from ...progress import Progress
from ..quantise import Quantised, Source
from .work import BLOCK, Store


def sums(model: Source | Quantised, store: Store, progress: Progress) -> tuple[bytes, bytes]:
    """The sums of all rows in order, 33 bytes each, and the state of the digest after the last piece. Both secret.

    Sums that `store` knows are taken from it, all others are added to it as they come.
    """
    state, done = _native.digest_state(model.profile.name), 0
    total = model.shape.commitment_rows(model.profile.name)
    found: list[bytes] = []
    pieces = model.pieces()

    def fetch(state: bytes) -> tuple[_native.Piece, list[bytes], bytes] | None:
        piece = next(pieces, None)
        return None if piece is None else (piece, store.digests(piece), piece.absorb(state))

    def report(stage: str, more: int, _total: int) -> None:
        progress(stage, done + more, total)

    progress("commit", 0, total)
    with ThreadPoolExecutor(1, "huref-read") as reader:
        coming = reader.submit(fetch, state)
        while (fetched := coming.result()) is not None:
            piece, digests, state = fetched
            coming = reader.submit(fetch, state)
            for start, digest in zip(range(0, piece.rows, BLOCK), digests, strict=True):
                block = store.find(digest)
                if block is None:
                    block = piece.sums(start, start + BLOCK, report)
                    store.add(digest, block)
                found.append(block)
                done += len(block) // POINT
                progress("commit", done, total)
    return b"".join(found), state
