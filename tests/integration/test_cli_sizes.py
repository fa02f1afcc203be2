"""The closed formulas behind `huref plan` and `huref inspect`, at the shapes of known models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from huref.artefacts import bundle, commitment
from huref.artefacts.bundle import Bundle
from huref.artefacts.shape import Shape
from huref.image import SIZE
from huref.planning.sizes import Sizes
from tests.support import bundles

TOKENS = tuple(i.to_bytes(2, "big") for i in range(4096))


@pytest.mark.parametrize(
    ("sizes", "layers", "integers", "rows", "kilobytes"),
    [
        ((384, 12, 12, 32, 1536), 2, 5_111_808, 165, 20.8),
        ((768, 12, 12, 64, 3072), 2, 17_301_504, 546, 21.1),
        ((4096, 32, 32, 128, 11008), 2, 331_350_016, 10_112, 21.5),
        ((8192, 64, 8, 128, 28672), 2, 1_275_068_416, 38_912, 21.8),
        ((4096, 32, 32, 128, 11008), 32, 5_049_942_016, 154_112, 103.8),
    ],
)
def test_known_models(sizes: tuple[int, ...], layers: int, integers: int, rows: int, kilobytes: float) -> None:
    hidden, heads, kv_heads, head_dim, ffn = sizes
    found = Sizes("robust-2", Shape(hidden, heads, kv_heads, head_dim, ffn, tuple(range(layers)), TOKENS))
    assert (found.integers, found.rows) == (integers, rows)
    assert found.proof_bytes / 1000 == pytest.approx(kilobytes, abs=0.1)


@pytest.mark.parametrize("made", [bundles.toy, bundles.whole, bundles.answer, bundles.robust])
def test_with_the_shifts_of_a_real_bundle_sizes_are_exact(made: Callable[[], Bundle]) -> None:
    found = made()
    draws = found.statement.outputs
    sizes = Sizes(found.statement.profile, found.statement.shape, len(draws))
    assert sizes.proof_bytes_at([shift for outputs in draws for shift in outputs.shifts]) == len(found.proof)
    assert sizes.commitment_bytes == len(found.statement.commitment.rows)


@pytest.mark.parametrize("made", [bundles.toy, bundles.robust])
def test_files_have_at_most_the_bytes_that_are_reserved(made: Callable[[], Bundle]) -> None:
    found = made()
    statement = found.statement
    sizes = Sizes(statement.profile, statement.shape, len(statement.draws))
    for size, image in ((len(bundle.dump(found)), SIZE), (len(bundle.dump(replace(found, image=None))), 0)):
        assert size < sizes.bundle_file(image) < size + 1_000_000
    size = len(commitment.dump(statement.commitment))
    assert size < sizes.commitment_file < size + 100_000
