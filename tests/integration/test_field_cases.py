"""Pairs that people meet, on small models: every one gets the verdict that is true, and a sentence that says what is
shared.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import huref
from huref.similarity import Comparison
from tests.support import disguises, mixtures, models
from tests.support.mixtures import Expert, noisy, part, whole
from tests.support.models import Array, Block, Network

MATRICES = ("q", "k", "v", "o", "up", "down", "gate")


@cache
def base() -> Network:
    return models.network("llama", 3, layers=8, ffn=192)


@cache
def stranger(seed: int = 4) -> Network:
    return models.network("llama", seed, layers=8, ffn=192)


def blended(net: Network, other: Network, share: float) -> Network:
    """Every matrix, embedding too, (1 - share) of one and share of the other."""
    net = net.copy()
    net.words = (1 - share) * net.words + share * other.words
    for block, twin in zip(net.blocks, other.blocks, strict=True):
        for name in MATRICES:
            setattr(block, name, (1 - share) * getattr(block, name) + share * getattr(twin, name))
    return net


def with_noise(net: Network, share: float, seed: int = 5) -> Network:
    """Noise of that share of its deviation on every matrix of the body."""
    net, rng = net.copy(), np.random.default_rng(seed)
    for block in net.blocks:
        for name in MATRICES:
            weights: Array = getattr(block, name)
            setattr(block, name, weights + share * weights.std() * rng.standard_normal(weights.shape))
    return net


def fresh(net: Network, keep: float = 0.0) -> Network:
    """With an embedding of its own, or of which a part is the old one."""
    net = net.copy()
    net.words = keep * net.words + (1 - keep) * np.random.default_rng(9).standard_normal(net.words.shape)
    return net


def compared(a: Path, b: Path) -> Comparison:
    found = huref.compare(a, b)
    json.dumps(found.to_json(), allow_nan=False)
    assert found.shared is not None
    assert found.evidence is not None
    if found.verdict == "related":
        assert "share a start" in found.reason
        assert "cannot tell which" in found.reason
    return found


def against_base(net: Network, folder: Path) -> Comparison:
    return compared(base().write(folder / "a"), net.write(folder / "b"))


def test_a_fresh_embedding_never_makes_a_copy_a_stranger(tmp_path: Path) -> None:
    found = against_base(fresh(base()), tmp_path)
    assert (found.verdict, found.decided_by, found.corrected_p_value) == ("related", "equal tensors", 0)
    assert found.shared is not None
    assert found.shared["embedding"] == "different"
    assert found.shared["attention"] == found.shared["feed-forward"] == "equal"
    assert "40 of 41 matrices of equal name and shape bit for bit" in found.reason
    assert "Different: the embedding" in found.reason


@pytest.mark.parametrize("head", [False, True])
def test_a_body_with_noise_behind_a_fresh_embedding(head: bool, tmp_path: Path) -> None:
    """Nothing is equal any more; numbers of neurons say it without a token. A fresh head too changes nothing."""
    net = fresh(with_noise(base(), 0.02))
    if head:
        net.head = np.random.default_rng(8).standard_normal(net.words.shape)
    found = against_base(net, tmp_path)
    assert found.verdict == "related"
    assert found.evidence is not None
    for test in ("order/raw", "partners/raw", "dims/body", "channels"):
        assert found.evidence.test(test).p_value < 1e-20
    assert found.evidence.test("order/tokens").p_value > 1e-4
    assert found.evidence.test("order/raw").agreeing == 192


def test_a_body_behind_another_tokenizer(tmp_path: Path) -> None:
    """Hardly a token is shared, and none is needed."""
    net = with_noise(base(), 0.02)
    other = models.network("gpt2", 6, hidden=64)
    net.tokenizer, net.words = other.tokenizer, other.words
    found = against_base(net, tmp_path)
    assert found.verdict == "related"


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.1])
def test_a_rotated_body_behind_a_fresh_embedding(noise: float, tmp_path: Path) -> None:
    """Neither numbers nor tokens: invariants of neurons, and the basis that they fix."""
    net = disguises.all_together(with_noise(base(), noise), np.random.default_rng(3), disguises.EXTREME)
    found = against_base(fresh(net), tmp_path)
    assert (found.verdict, found.decided_by) == ("related", "invariants")
    assert found.evidence is not None
    assert found.evidence.test("partners/fitted").agreeing == 192
    assert found.shared is not None
    assert found.shared["attention"] == found.shared["feed-forward"] == "the same"
    assert found.shared["embedding"] == "different"


def test_embedding_rows_partly_old(tmp_path: Path) -> None:
    found = against_base(fresh(with_noise(base(), 0.02), keep=0.7), tmp_path)
    assert found.verdict == "related"
    assert found.evidence is not None
    assert found.evidence.test("dims/embedding").agreeing == 64


@pytest.mark.parametrize(
    ("experts", "share", "noise", "agreeing"),
    [(4, 1.0, 0.05, 192), (8, 1.0, 0.01, 192), (16, 1.0, 0.05, 192), (8, 0.5, 0.5, 96), (8, 0.25, 0.2, 48)],
)
def test_a_dense_model_upcycled(experts: int, share: float, noise: float, agreeing: int, tmp_path: Path) -> None:
    """Every expert is a noisy copy of the block, or of some of its neurons, in an order of its own."""
    rng = np.random.default_rng(2)

    def made(block: Block) -> list[Expert]:
        neurons = round(share * len(block.up))
        chosen = [rng.permutation(len(block.up))[:neurons] for _ in range(experts)]
        return [noisy(part(block, own), noise, rng) for own in chosen]

    found = compared(base().write(tmp_path / "a"), mixtures.write(base(), tmp_path / "b", made))
    assert found.verdict == "related"
    assert found.shared is not None
    assert found.shared["feed-forward"] == "the same"
    assert found.evidence is not None
    assert found.evidence.copies is not None
    assert (found.evidence.copies.found, found.evidence.copies.blocks) == (experts, experts)
    partners = found.evidence.test("partners/tokens")
    assert (partners.agreeing, partners.units) == (agreeing, agreeing)


def test_a_block_split_into_experts(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    quarters = [slice(48 * i, 48 * (i + 1)) for i in range(4)]

    def made(block: Block) -> list[Expert]:
        return [noisy(part(block, own), 0.2, rng) for own in quarters]

    found = compared(base().write(tmp_path / "a"), mixtures.write(base(), tmp_path / "b", made))
    assert found.verdict == "related"
    assert found.evidence is not None
    assert found.evidence.test("partners/raw").agreeing == 48


def test_attention_kept_with_fresh_experts(tmp_path: Path) -> None:
    """Never: nothing in common."""
    others = [stranger(seed) for seed in (11, 12, 13, 14)]
    places = {id(block): i for i, block in enumerate(base().blocks)}

    def made(block: Block) -> list[Expert]:
        return [whole(other.blocks[places[id(block)]]) for other in others]

    moved = with_noise(base(), 0.01)
    moved.words = moved.words + 0.01 * np.random.default_rng(1).standard_normal(moved.words.shape)
    places |= {id(block): i for i, block in enumerate(moved.blocks)}
    found = compared(base().write(tmp_path / "a"), mixtures.write(moved, tmp_path / "b", made))
    assert found.verdict == "related"
    assert found.shared is not None
    assert found.shared["embedding"] == found.shared["attention"] == "the same"
    assert found.shared["feed-forward"] == "different"
    assert "0 of 4 experts have a block of the other's" in found.reason
    assert "nothing in common" not in found.reason


@pytest.mark.parametrize("part", ["embedding", "attention"])
def test_one_part_alone_is_no_sign_of_long_training(part: str, tmp_path: Path) -> None:
    """The embedding, or attention, with little noise, and everything else another model's."""
    kept = {"embedding": (), "attention": ("q", "k", "v", "o")}[part]
    net = with_noise(base(), 0.01)
    for block, other in zip(net.blocks, stranger().blocks, strict=True):
        for name in set(MATRICES) - set(kept):
            setattr(block, name, getattr(other, name))
    words = base().words if part == "embedding" else stranger().words
    net.words = words + 0.01 * np.random.default_rng(1).standard_normal(net.words.shape)
    found = against_base(net, tmp_path)
    assert found.verdict == "related"
    assert found.shared is not None
    assert {name for name, word in found.shared.items() if word == "the same"} == {part}
    assert "long training" not in found.reason


def test_numbers_alone_are_a_sign_of_long_training(tmp_path: Path) -> None:
    found = against_base(fresh(with_noise(base(), 3.0)), tmp_path)
    assert found.verdict == "related"
    assert "What the units do has little in common: as after very long training" in found.reason


def test_a_wider_model_of_doubled_hidden_units(tmp_path: Path) -> None:
    net = base().copy()
    more = np.r_[np.arange(64), np.arange(32)]
    share = np.where((more < 32), 0.5, 1.0)
    net.words = net.words[:, more]
    net.norm.weight = net.norm.weight[more]
    for block in net.blocks:
        for norm in (block.attention_norm, block.ffn_norm):
            norm.weight = norm.weight[more]
        for name in ("q", "k", "v", "up", "gate"):
            setattr(block, name, getattr(block, name)[:, more] * share)
        block.o, block.down = block.o[more], block.down[more]
        block.o_bias, block.down_bias = np.zeros(96), np.zeros(96)
    found = against_base(net, tmp_path)
    assert found.verdict == "related"
    assert found.evidence is not None
    assert not found.evidence.test("order/raw").ran
    assert found.evidence.test("partners/tokens").agreeing == 192


def test_everything_cut_to_three_quarters_with_noise(tmp_path: Path) -> None:
    """Hidden dimensions, heads and neurons, and weights of which little is left."""
    net = with_noise(base(), 0.8)
    net.words, net.norm.weight = net.words[:, :48], net.norm.weight[:48]
    net.heads, net.kv_heads = 2, 1
    for block in net.blocks:
        for norm in (block.attention_norm, block.ffn_norm):
            norm.weight = norm.weight[:48]
        block.q, block.k, block.v = block.q[:32, :48], block.k[:16, :48], block.v[:16, :48]
        block.o = block.o[:48, :32]
        assert block.gate is not None
        block.up, block.gate, block.down = block.up[:144, :48], block.gate[:144, :48], block.down[:48, :144]
        for name, size in (("q", 32), ("k", 16), ("v", 16), ("o", 48), ("up", 144), ("down", 48)):
            setattr(block, f"{name}_bias", np.zeros(size))
    found = against_base(net, tmp_path)
    assert (found.verdict, found.decided_by) == ("related", "partners/tokens")


def test_half_a_stranger(tmp_path: Path) -> None:
    found = against_base(blended(base(), stranger(), 0.5), tmp_path)
    assert found.verdict == "related"


def test_an_independent_model_with_borrowed_norms(tmp_path: Path) -> None:
    net = stranger().copy()
    for block, twin in zip(net.blocks, base().blocks, strict=True):
        block.attention_norm, block.ffn_norm = twin.attention_norm, twin.ffn_norm
    found = against_base(net, tmp_path)
    assert found.verdict == "unrelated"
    assert found.shared is not None
    assert found.shared["norms"] in ("equal", "alike")
    assert found.evidence is not None
    assert found.evidence.equal.vectors_equal == 16
    assert found.reason.startswith("tested were dims/embedding")


def test_strangers_that_look_through_one_vision_tower(tmp_path: Path) -> None:
    """Equal tensors beside the language model are no part of it."""
    folders = []
    for name, net in (("a", base()), ("b", stranger())):
        folder = net.write(tmp_path / name)
        tensors = {name: values.astype(np.float32) for name, values in net.tensors().items()}
        tower = np.random.default_rng(1).standard_normal((2, 96, 64)).astype(np.float32)
        tensors |= {"vision_tower.layers.0.fc.weight": tower[0], "vision_tower.position_embedding.weight": tower[1]}
        models.write_weights(folder, {name: np.ascontiguousarray(values) for name, values in tensors.items()})
        folders.append(folder)
    found = compared(*folders)
    assert found.verdict == "unrelated"
    assert found.evidence is not None
    assert found.evidence.equal.equal == 0


def test_one_seed(tmp_path: Path) -> None:
    """The same random numbers at the start, and as much again of something else on either side."""
    sides = [blended(base(), stranger(seed), 0.5) for seed in (21, 22)]
    found = compared(*(side.write(tmp_path / str(i)) for i, side in enumerate(sides)))
    assert found.verdict == "related"
    assert "both began with the same random numbers" in found.reason


def test_strangers_share_nothing(tmp_path: Path) -> None:
    found = against_base(stranger(), tmp_path)
    assert found.verdict == "unrelated"
    assert found.shared is not None
    assert {found.shared[part] for part in ("embedding", "attention", "feed-forward")} == {"different"}


def test_compare_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    a, b = base().write(tmp_path / "a"), with_noise(base(), 0.1).write(tmp_path / "b")
    assert json.dumps(huref.compare(a, b).to_json()) == json.dumps(huref.compare(a, b).to_json())


@pytest.mark.parametrize("noise", [0.1, 0.5, 1.0])
def test_what_vectors_call_alike_folders_call_related(noise: float, tmp_path: Path) -> None:
    """Plain and disguised: whatever a bundle shows, its folder shows too."""
    changed = with_noise(base(), noise)
    hidden = disguises.all_together(changed, np.random.default_rng(3), disguises.EXTREME)
    a = base().write(tmp_path / "a")
    mine = huref.fingerprint(a, layers="all")
    for name, net in (("plain", changed), ("disguised", hidden)):
        b = net.write(tmp_path / name)
        words = huref.compare(mine, huref.fingerprint(b, layers="all")).verdict, huref.compare(a, b).verdict
        assert words[0] != "alike" or words[1] == "related"
        assert noise > 0.2 or words == ("alike", "related")
