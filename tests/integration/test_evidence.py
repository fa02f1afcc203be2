"""What `compare` sees on two folders: changes to layers that a vector of the last two cannot follow; independence."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

import huref
from huref.errors import ModelError
from huref.model import open_model
from huref.profile import named
from huref.similarity import Comparison
from huref.similarity.evidence import examine
from huref.stages.tokens import select
from tests.support import disguises, mixtures, models
from tests.support.models import Array, Network

SEED = 3


def original() -> Network:
    return models.network("llama", seed=SEED, layers=5)


def disguised(net: Network) -> Network:
    """In the strongest disguise, so that nothing is recognised by its place or size."""
    return disguises.all_together(net, np.random.default_rng(SEED), disguises.EXTREME)


def compared(net: Network, folder: Path) -> Comparison:
    found = huref.compare(original().write(folder / "a"), net.write(folder / "b"))
    assert found.evidence is not None
    json.dumps(found.to_json())
    return found


def matching(found: Comparison) -> dict[int, int]:
    assert found.evidence is not None
    return {pair.a: pair.b for pair in found.evidence.layers if pair.ics > 0.5}


def test_disguise(tmp_path: Path) -> None:
    found = compared(disguised(original()), tmp_path)
    assert found.verdict == "related"
    assert matching(found) == {i: i for i in range(5)}
    assert found.evidence is not None
    for pair in found.evidence.layers:
        assert min(pair.M_a, pair.M_b, pair.M_f) > (0.9999 if pair.exact else 0.999)
    assert [pair.exact for pair in found.evidence.layers] == [True] + [False] * 4
    assert found.evidence.terms is not None
    assert found.evidence.terms.p_value == pytest.approx(0.01)


@pytest.mark.parametrize("family", models.FAMILIES)
def test_a_plain_copy_is_told_by_the_numbers_of_its_neurons(family: str, tmp_path: Path) -> None:
    """Trained on a little: every weight moved by 5 % of its size."""
    net = models.network(family, seed=4)
    rng = np.random.default_rng(5)
    tuned = net.copy()
    for block in tuned.blocks:
        for name in ("q", "k", "v", "o", "up", "down"):
            weights: Array = getattr(block, name)
            setattr(block, name, weights + 0.05 * weights.std() * rng.standard_normal(weights.shape))
    found = huref.compare(net.write(tmp_path / "a"), tuned.write(tmp_path / "b"))
    assert found.verdict == "related"
    assert found.evidence is not None
    for name in ("order/tokens", "order/raw"):
        order = found.evidence.test(name)
        assert order.p_value < 1e-100
        assert "under the same number" in order.sentence


def dropped(net: Network) -> Network:
    """The last two layers and the first one are gone."""
    net.blocks = net.blocks[1:3]
    return net


def reordered(net: Network) -> Network:
    net.blocks = [net.blocks[i] for i in (4, 2, 0, 1, 3)]
    return net


def inserted(net: Network) -> Network:
    """Identity layers behind every layer: their o and down are zero, everything else is random."""
    others = models.network("llama", seed=99, layers=5)
    for block in others.blocks:
        block.o[:], block.down[:] = 0, 0
    net.blocks = [block for pair in zip(net.blocks, others.blocks, strict=True) for block in pair]
    return net


def padded(net: Network) -> Network:
    """Foreign layers behind the last one, which hardly do anything."""
    others = models.network("llama", seed=99, layers=2)
    for block in others.blocks:
        block.o *= 1e-9
        block.down *= 1e-9
    net.blocks = [*net.blocks, *others.blocks]
    return net


def dead_neurons(net: Network) -> Network:
    """Four times as many neurons, with large weights; the new ones hardly open their gates."""
    rng = np.random.default_rng(6)
    for block in net.blocks:
        assert block.gate is not None
        new = 4 * len(block.up)
        block.up = np.vstack([block.up, rng.standard_normal((new, net.hidden))])
        block.gate = np.vstack([block.gate, 1e-12 * rng.standard_normal((new, net.hidden))])
        block.down = np.hstack([block.down, rng.standard_normal((net.hidden, new))])
        block.up_bias = np.zeros(len(block.up))
    return net


def dead_heads(net: Network) -> Network:
    """Twice as many heads again, whose outputs hardly count: M_a is drowned."""
    rng, e = np.random.default_rng(7), net.head_dim
    new, keys = 2 * net.heads * e, 2 * net.kv_heads * e
    for block in net.blocks:
        block.q = np.vstack([block.q, 3 * rng.standard_normal((new, net.hidden))])
        block.k = np.vstack([block.k, 3 * rng.standard_normal((keys, net.hidden))])
        block.v = np.vstack([block.v, rng.standard_normal((keys, net.hidden))])
        block.o = np.hstack([block.o, 1e-12 * rng.standard_normal((net.hidden, new))])
        block.q_bias, block.k_bias, block.v_bias = (np.zeros(len(part)) for part in (block.q, block.k, block.v))
    net.heads, net.kv_heads = 3 * net.heads, 3 * net.kv_heads
    return net


def duplicated(net: Network) -> Network:
    """Every layer twice."""
    net.blocks = [block for block in net.blocks for _ in range(2)]
    return net


CHANGES = {
    "dropped": (dropped, {1: 0, 2: 1}),
    "reordered": (reordered, {0: 2, 1: 3, 2: 1, 3: 4, 4: 0}),
    "inserted": (inserted, {i: 2 * i for i in range(5)}),
    "padded": (padded, {i: i for i in range(5)}),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_changed_layers_are_found(
    change: Callable[[Network], Network], expected: dict[int, int], tmp_path: Path
) -> None:
    found = compared(disguised(change(original())), tmp_path)
    assert found.verdict == "related"
    assert matching(found) == expected
    assert found.evidence is not None
    assert found.corrected_p_value < 1e-9


def test_identity_layers_are_named(tmp_path: Path) -> None:
    found = compared(inserted(original()), tmp_path)
    assert found.evidence is not None
    assert found.evidence.left_out_b == (1, 3, 5, 7, 9)


def test_each_of_two_copies_of_a_layer_is_found(tmp_path: Path) -> None:
    found = compared(duplicated(original()), tmp_path)
    assert found.verdict == "related"
    assert {a: b // 2 for a, b in matching(found).items()} == {i: i for i in range(5)}
    assert found.evidence is not None
    assert len(found.evidence.single_b) == 5


@pytest.mark.parametrize("change", [dead_neurons, dead_heads])
def test_dead_units_in_numbers(change: Callable[[Network], Network], tmp_path: Path) -> None:
    """The network hardly feels them; in the vector they drown a term."""
    changed = change(original())
    assert disguises.same(original(), changed) < 1e-6
    found = compared(changed, tmp_path)
    assert found.cosine < 0.95
    assert found.verdict == "related"
    assert found.corrected_p_value < 1e-9


def mixture(net: Network, folder: Path, experts: Sequence[int], neurons: int) -> Path:
    """A mixture: expert i has `neurons` neurons, from the i-th share of the block's; the router sends to one of two."""
    shares = [slice(expert * neurons, (expert + 1) * neurons) for expert in experts]
    routers = [expert % 2 for expert in experts]
    return mixtures.write(net, folder, lambda block: [mixtures.part(block, share) for share in shares], routers)


@pytest.mark.parametrize("experts", [(0, 1, 0, 1), (1, 1, 1, 1, 1, 0)], ids=["evenly", "unevenly"])
def test_duplicated_experts(experts: Sequence[int], tmp_path: Path) -> None:
    """The router, which sends a token to one expert, may choose any copy: the network stays what it was."""
    half = len(original().blocks[0].up) // 2
    a = mixture(original(), tmp_path / "a", (0, 1), half)
    rotated = disguises.rotate_hidden(original(), np.random.default_rng(SEED), disguises.EXTREME)
    found = huref.compare(a, mixture(rotated, tmp_path / "b", experts, half))
    assert found.verdict == "related"
    assert matching(found) == {i: i for i in range(5)}


def test_a_dense_model_made_into_a_mixture(tmp_path: Path) -> None:
    whole = len(original().blocks[0].up)
    found = huref.compare(
        original().write(tmp_path / "a"), mixture(disguised(original()), tmp_path / "b", (0, 0, 0, 0), whole)
    )
    assert found.verdict == "related"
    assert matching(found) == {i: i for i in range(5)}


@pytest.mark.parametrize("family", models.FAMILIES)
def test_independent_models_are_unrelated(family: str, tmp_path: Path) -> None:
    """Same tokenizer, same shape, other weights; and one of another depth and width."""
    folders = [models.network(family, seed=seed).write(tmp_path / str(seed)) for seed in (1, 2)]
    wide = models.network(family, seed=3, hidden=96, head_dim=24, ffn=128, layers=4).write(tmp_path / "wide")
    for a, b in (folders, (folders[0], wide)):
        found = huref.compare(a, b)
        assert found.verdict == "unrelated"
        assert found.evidence is not None
        assert all(abs(value) < 0.1 for pair in found.evidence.layers for value in (pair.M_a, pair.M_b, pair.M_f))


def test_too_few_shared_tokens_decide_nothing(tmp_path: Path) -> None:
    a, b = (models.network(family, i).write(tmp_path / family) for i, family in enumerate(("bert", "gpt2")))
    small = models.network("gpt2", vocab=300, seed=1).write(tmp_path / "small")
    found = huref.compare(a, small)
    assert found.verdict == "inconclusive"
    assert found.tokens_shared < found.tokens_needed
    assert huref.compare(a, b).verdict in ("unrelated", "inconclusive")


def test_a_model_of_zeros_is_refused(tmp_path: Path) -> None:
    net = models.network("gpt2", layers=2)
    net.blocks[0].o[:], net.blocks[1].up[:] = 0, 0
    one, other = (
        open_model(folder) for folder in (net.write(tmp_path / "a"), models.network("gpt2").write(tmp_path / "b"))
    )
    rules = named("robust-2")
    chosen = select(other, rules)
    with pytest.raises(ModelError, match="every layer has a matrix that is exactly zero"):
        examine(other, one, (chosen, chosen), rules)


@pytest.mark.filterwarnings("error")
def test_a_term_that_is_zero_hides_nothing(tmp_path: Path) -> None:
    """Hidden dimensions that no token has, and a layer whose neurons read nothing else: no matrix of it is zero, but
    M_f is. It is like nothing, and spoils neither the matching nor the numbers.
    """
    net = original()
    net.words[:, -4:] = 0
    net.blocks[1].up[:, :-4] = 0
    found = huref.compare(net.write(tmp_path / "a"), disguised(net).write(tmp_path / "b"))
    assert found.verdict == "related"
    assert found.evidence is not None
    json.dumps(found.to_json(), allow_nan=False)
    assert {pair.a: pair.b for pair in found.evidence.layers} == {i: i for i in range(5)}
