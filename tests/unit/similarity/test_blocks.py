"""Signatures of blocks, and what they cost."""

from pathlib import Path

import numpy as np
import pytest

from huref.model import open_model
from huref.similarity import blocks
from huref.similarity.blocks import Sketch, best_blocks, block_table, signatures
from huref.similarity.mutual import Array
from tests.support import mixtures, models
from tests.support.mixtures import Expert, noisy, part
from tests.support.models import Block


def test_each_expert_is_found(tmp_path: Path) -> None:
    """Experts in another order, permuted inside, with noise as large as the weights."""
    net, rng = models.network("llama", 1, layers=1, ffn=256), np.random.default_rng(0)
    shares = [slice(32 * i, 32 * (i + 1)) for i in range(8)]
    order = rng.permutation(8)

    def turned(block: Block) -> list[Expert]:
        return [noisy(part(block, 32 * i + rng.permutation(32)), 1.0, rng) for i in order]

    a = mixtures.write(net, tmp_path / "a", lambda block: [part(block, share) for share in shares])
    b = mixtures.write(net, tmp_path / "b", turned)
    sides = [signatures(open_model(folder), [0], [Sketch.raw(64)])[0] for folder in (a, b)]
    table = block_table([(sides[0], sides[1])], 0, 0)
    assert (table.argmax(axis=0) == order).all()
    (i, j), (other, at) = best_blocks(table)
    assert (order[j], order[at]) == (i, other)


def test_work_grows_with_the_number_of_experts_and_no_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Multiplications, which are the same on every machine: 64 experts in at most 9 times the work of 8."""
    done = 0
    product = blocks._product

    def counted(side: Array, values: Array) -> Array:
        nonlocal done
        done += side.size * len(values)
        return product(side, values)

    monkeypatch.setattr(blocks, "_product", counted)
    work = []
    for count in (8, 64):
        net = models.network("llama", 1, layers=1, ffn=32)
        folder = mixtures.write(
            net,
            tmp_path / f"{count}",
            lambda block, count=count: [mixtures.whole(block)] * count,  # type: ignore[misc]
        )
        done = 0
        signatures(open_model(folder), [0], [Sketch.raw(64)])
        work.append(done)
    assert 4 < work[1] / work[0] <= 9
