"""What each piece of a commitment takes: python -m benchmarks.pieces MODEL

Prints JSON: seconds of processor time and by the clock of the embeddings' canonical form, of a layer's attention, of
the whole layer, of its leaves of the weights' digest and of its sums; nanoseconds for an integer of the digest by the
first rule, on one core; and the units in which `huref plan` counts the proof.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import numpy as np

from huref import _native
from huref.artefacts.shape import Shape
from huref.model import open_model
from huref.planning import calibrate
from huref.profile import PROFILES, named
from huref.stages.commit.work import BLOCK
from huref.stages.quantise import choose
from huref.stages.tokens import select

Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[Result, dict[str, float]]:
    """The result, and seconds of processor time and by the clock."""
    start, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, {"cpu": time.process_time() - processor, "clock": time.perf_counter() - start}


def streamed(profile: str) -> float:
    """Nanoseconds for an integer of the digest by the first rule, which no core shares with another."""
    shape = Shape(512, 8, 8, 64, 8192, (0,), tuple(b"%d" % i for i in range(512)))
    rng = np.random.default_rng(0)
    matrices = [rng.integers(-2047, 2048, (rows, shape.hidden), np.int16) for rows in shape.matrices()]
    weights = _native.Weights.from_integers(profile, shape, matrices)
    weights.stream_digest()
    return 1e9 * timed(weights.stream_digest)[1]["cpu"] / sum(matrix.size for matrix in matrices)


def main() -> None:
    """Measure."""
    profile = next(iter(PROFILES))
    model, rules = open_model(Path(sys.argv[1])), named(profile)
    source = choose(model, select(model, rules), (0,), rules)
    speed = calibrate.measure(profile)  # derives the generators too
    memory, a = _native.Memory(), source.model.architecture
    source.piece(1, memory=memory)  # files are at hand, and memory is there, as in the middle of a commitment
    _, embedding = timed(lambda: source.piece(0))
    _, attention = timed(
        lambda: _native.quantise_attention(profile, source.shape, 0, model.layer(0), a.layer_norm, memory)
    )
    piece, layer = timed(lambda: source.piece(1, memory=memory))
    leaves, digest = timed(piece.digests)
    _, sums = timed(lambda: piece.sums(0, BLOCK))
    shape = source.shape
    print(
        json.dumps(
            {
                "shape": {name: getattr(shape, name) for name in ("hidden", "heads", "kv_heads", "head_dim", "ffn")},
                "tokens": len(shape.tokens),
                "rows": piece.rows,
                "leaves": len(leaves),
                "embedding": embedding,
                "attention": attention,
                "layer": layer,
                "digest": digest,
                "sums": sums,
                "stream": streamed(profile),
                "speed": asdict(speed),
            }
        )
    )


if __name__ == "__main__":
    main()
