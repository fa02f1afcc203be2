"""Aligned to a base: terms stay, attention moves by as much as the models differ, and a base is known again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from huref.artefacts.opening import Opening, Seed
from huref.artefacts.shape import LAYER
from huref.errors import ModelError, UsageError, WeightsMismatchError
from huref.model import open_model
from huref.profile import named
from huref.similarity import cosine
from huref.stages.base import must_fit
from huref.stages.encode import encode
from huref.stages.quantise import Quantised, Source, choose
from huref.stages.sketch import sketch
from huref.stages.tokens import select
from tests.support import disguises, models
from tests.support.models import Network

RULES = named("robust-2")
ATTENTION = LAYER[:4]


def source(folder: Path) -> Source:
    model = open_model(folder)
    return choose(model, select(model, RULES), model.default_layers(RULES.layers), RULES)


def noisy(net: Network, share: float, seed: int = 3) -> Network:
    """A copy with noise on every matrix of its layers, in units of the matrix's standard deviation."""
    rng, copied = np.random.default_rng(seed), net.copy()
    for block in copied.blocks:
        for name in ("q", "k", "v", "o", "up", "down"):
            matrix = getattr(block, name)
            matrix += share * matrix.std() * rng.standard_normal(matrix.shape)
    return copied


def level(net: Network) -> Network:
    """A copy in which all directions of a head are of one size, as many are in trained models: no basis is stable."""
    flat = net.copy()
    for norm in flat.norms():
        norm.weight[:] = 1
    for block in flat.blocks:
        for name in ("q", "k", "v", "o"):
            matrix = getattr(block, name)
            rows = (matrix if name != "o" else matrix.T).reshape(-1, net.head_dim, net.hidden)
            rows[:] = np.linalg.qr(rows.transpose(0, 2, 1))[0].transpose(0, 2, 1) * np.linalg.norm(rows) / 20
    return flat


def moved(base: Quantised, other: Quantised, name: str) -> float:
    """How far a matrix of the first layer moved, as a share of its norm: at the best power of two."""
    one, two = (quantised.matrix(0, name).astype(float) for quantised in (base, other))
    return min(float(np.linalg.norm(one - 2.0**p * two) / np.linalg.norm(one)) for p in range(-4, 5))


def vectors(quantised: Quantised) -> list[tuple[int, ...]]:
    (sketched,) = sketch(quantised, "cpu")
    return list(encode(quantised, sketched).outputs.vectors)


@pytest.fixture(params=models.FAMILIES)
def base(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Network, Path]:
    net = models.network(request.param)
    return net, net.write(tmp_path / "base")


@pytest.mark.parametrize(("share", "least"), [(0.001, 0.006), (0.01, 0.02)])
def test_attention_moves_by_the_noise(base: tuple[Network, Path], share: float, least: float, tmp_path: Path) -> None:
    net = level(base[0])
    folder = net.write(tmp_path / "level")
    first, copy = source(folder).whole(), source(noisy(net, share).write(tmp_path / "copy"))
    plain, aligned = copy.whole(), copy.aligned_to(open_model(folder)).whole()
    for name in ATTENTION:
        assert moved(first, aligned, name) < least, name
    assert max(moved(first, plain, name) for name in ATTENTION) > 0.5
    for index in (0, *(1 + 6 * layer + place for layer in range(2) for place in (4, 5))):
        np.testing.assert_array_equal(plain.weights.matrix(index), aligned.weights.matrix(index))


def test_releases_aligned_to_one_base_can_be_compared(base: tuple[Network, Path], tmp_path: Path) -> None:
    """Two of 1 % of noise are 1.4 % from each other."""
    net = level(base[0])
    first = open_model(net.write(tmp_path / "level"))
    folders = [noisy(net, 0.01, seed).write(tmp_path / str(seed)) for seed in (4, 5)]
    one, two = (source(folder).aligned_to(first).whole() for folder in folders)
    assert max(moved(one, two, name) for name in ATTENTION) < 0.025


def test_terms_stay_what_they_are(base: tuple[Network, Path], tmp_path: Path) -> None:
    net, folder = base
    copy = source(noisy(net, 0.01).write(tmp_path / "copy"))
    plain, aligned = copy.whole(), copy.aligned_to(open_model(folder)).whole()
    assert min(map(cosine, vectors(plain), vectors(aligned))) > 0.9999
    for name in ATTENTION:
        assert 1024 <= np.abs(aligned.matrix(0, name)).max() <= 2047
        assert np.any(plain.matrix(0, name) != aligned.matrix(0, name))


def test_a_model_aligned_to_itself_stays_where_it_is(base: tuple[Network, Path]) -> None:
    plain, aligned = source(base[1]).whole(), source(base[1]).aligned_to(open_model(base[1])).whole()
    assert max(moved(plain, aligned, name) for name in ATTENTION) < 2e-3


@pytest.mark.parametrize("disguise", [disguises.mix_queries, disguises.mix_values, disguises.rescale_heads])
def test_a_disguised_copy_is_met(disguise: disguises.Disguise, base: tuple[Network, Path], tmp_path: Path) -> None:
    """Another basis within heads: no network feels it, and aligned no integer shows it."""
    net, folder = base
    turned = disguise(net, np.random.default_rng(4), disguises.MILD).write(tmp_path / "turned")
    first, aligned = source(folder).whole(), source(turned).aligned_to(open_model(folder)).whole()
    assert max(moved(first, aligned, name) for name in ATTENTION) < 0.005


def test_heads_that_are_zero(base: tuple[Network, Path], tmp_path: Path) -> None:
    """On one side, on the other, on both: the terms stay, and what is zero stays zero."""
    net, folder = base
    for block in (gap := net.copy()).blocks:
        block.o[:, : net.group * net.head_dim] = 0
    empty = gap.write(tmp_path / "gap")
    for one, other in ((folder, empty), (empty, folder), (empty, empty)):
        plain, aligned = source(one).whole(), source(one).aligned_to(open_model(other)).whole()
        assert min(map(cosine, vectors(plain), vectors(aligned))) > 0.9999
        rows = slice(0, net.group * net.head_dim)
        for name in ("q", "o"):
            assert np.any(aligned.matrix(0, name)[rows]) == (one == folder)


def test_heads_of_less_than_full_rank(base: tuple[Network, Path], tmp_path: Path) -> None:
    """Directions that the base does not have are turned into each other, and none is lost."""
    net, folder = base
    for block in (flat := net.copy()).blocks:
        for matrix in (block.k, block.v):
            heads = matrix.reshape(net.kv_heads, net.head_dim, -1)
            heads[:, 5:] = heads[:, :1]
    thin = flat.write(tmp_path / "thin")
    for one, other in ((folder, thin), (thin, folder)):
        plain, aligned = source(one).whole(), source(one).aligned_to(open_model(other)).whole()
        assert min(map(cosine, vectors(plain), vectors(aligned))) > 0.9999


# Which base it was


def test_a_base_is_known_by_its_integers(base: tuple[Network, Path], tmp_path: Path) -> None:
    net, folder = base
    copy, again = source(noisy(net, 0.01).write(tmp_path / "copy")), net.write(tmp_path / "again", shards=2)
    digests = set()
    for place in (folder, again):
        aligned = copy.aligned_to(open_model(place))
        aligned.whole()
        assert aligned.base is not None
        digests.add(aligned.base.digest)
    (digest,) = digests
    copy.aligned_to(open_model(folder), digest).whole()
    with pytest.raises(WeightsMismatchError, match="copy: not the base that the commitment was aligned to"):
        copy.aligned_to(copy.model, digest).whole()


def test_pieces_are_those_of_the_whole(base: tuple[Network, Path], tmp_path: Path) -> None:
    aligned = source(noisy(base[0], 0.01).write(tmp_path / "copy")).aligned_to(open_model(base[1]))
    whole = aligned.whole()
    for piece, expected in zip(aligned.pieces(), whole.pieces(), strict=True):
        assert piece.digests(1 << 20) == expected.digests(1 << 20)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"hidden": 48}, "hidden is 48 instead of 64"),
        ({"heads": 8, "head_dim": 8}, "heads is 8 instead of 4, .*head_dim is 8 instead of 16"),
        ({"kv_heads": 4}, "kv_heads is 4 instead of 2"),
        ({"layers": 2}, "it has 2 layers, and layer 2 was chosen"),
    ],
    ids=str,
)
def test_a_base_of_another_shape(sizes: dict[str, int], message: str, tmp_path: Path) -> None:
    model = source(models.network("llama").write(tmp_path / "model"))
    other = open_model(models.network("llama", **sizes).write(tmp_path / "other"))
    with pytest.raises(ModelError, match=f"other: no model of this shape can be aligned to it: .*{message}"):
        model.aligned_to(other)


def test_a_base_needs_neither_the_tokens_nor_the_neurons(tmp_path: Path) -> None:
    model = source(models.network("llama").write(tmp_path / "model"))
    other = models.network("llama", 5, ffn=80, vocab=900).write(tmp_path / "other")
    model.aligned_to(open_model(other)).whole()


def test_a_base_that_cannot_be_read(tmp_path: Path) -> None:
    net = models.network("llama")
    model = source(net.write(tmp_path / "model"))
    net.blocks[2].k[3, 5] = np.nan
    with pytest.raises(ModelError, match=r"bad: .*k_proj.*NaN or infinity"):
        model.aligned_to(open_model(net.write(tmp_path / "bad"))).whole()


def test_openings_and_bases_belong_together() -> None:
    plain = Opening("ab" * 32, Seed(bytes(32)), "toy-2", (0,), (b"token",))
    aligned = replace(plain, aligned_to="cd" * 32)
    must_fit(plain, None)
    must_fit(aligned, "base")
    with pytest.raises(UsageError, match=r"abababababababab.* was aligned to a base .*--aligned-to"):
        must_fit(aligned, None)
    with pytest.raises(UsageError, match="was not aligned to a base; leave base out"):
        must_fit(plain, "base")
