"""Engine "local": this process, on all its cores.

While the rows of one piece are summed, one thread fetches the next: two pieces are in memory, however many there are.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ... import _native
from ...artefacts.commitment import POINT
from ...progress import Progress
from ..quantise import Quantised, Source
from .work import BLOCK, Store, blocks


def sums(model: Source | Quantised, store: Store, progress: Progress) -> tuple[bytes, list[bytes]]:
    """The sums of all rows in order, 33 bytes each, and the leaves of the weights' digest. Both secret.

    Sums that `store` knows are taken from it, all others are added to it as they come.
    """
    done, total = 0, model.shape.commitment_rows(model.profile.name)
    found: list[bytes] = []
    leaves: list[bytes] = []
    pieces = model.pieces()

    def fetch() -> tuple[_native.Piece, list[bytes]] | None:
        piece = next(pieces, None)
        return None if piece is None else (piece, piece.digests())

    def report(stage: str, more: int, _total: int) -> None:
        progress(stage, done + more, total)

    progress("commit", 0, total)
    with ThreadPoolExecutor(1, "huref-read") as reader:
        coming = reader.submit(fetch)
        while (fetched := coming.result()) is not None:
            piece, of_piece = fetched
            coming = reader.submit(fetch)
            leaves += of_piece
            for start, digest in zip(range(0, piece.rows, BLOCK), blocks(of_piece), strict=True):
                block = store.find(digest)
                if block is None:
                    block = piece.sums(start, start + BLOCK, report)
                    store.add(digest, block)
                found.append(block)
                done += len(block) // POINT
                progress("commit", done, total)
    return b"".join(found), leaves
