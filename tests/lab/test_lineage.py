"""The lineage lab: what it makes keeps or changes what it says, its yardsticks count right, its rivals see a copy."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import huref
from huref.model import open_model
from huref.profile import named
from huref.stages.tokens import shared
from lab.lineage import corpus, cut, derive, disguise, draws, family, folder, prune, raw, report, rivals, scores, train
from lab.lineage.family import Recipe
from lab.lineage.make import make
from tests.support.models import sentences


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two short texts in the place of the documentation of all packages, and little of them at a time."""
    every = sentences()
    paragraphs = [" ".join(every[start : start + 15]) for start in range(0, len(every), 15)]
    parts = {"python": tuple(paragraphs[:50]), "packages": tuple(paragraphs[50:])}
    torch.set_num_threads(1)  # tiny matrices: more threads only wait for each other
    monkeypatch.setattr(corpus, "texts", parts.__getitem__)
    monkeypatch.setattr(train, "LENGTH", 32)
    monkeypatch.setattr(train, "BATCH", 4)
    monkeypatch.setattr(prune, "CALIBRATION", 2)
    for known in (corpus.tokenizer, corpus._ids, corpus.digest):
        known.cache_clear()
    yield
    for known in (corpus.tokenizer, corpus._ids, corpus.digest):
        known.cache_clear()


@pytest.fixture
def base(small: None, tmp_path: Path) -> Path:
    train.base(tmp_path / "base", kind="llama", seed=1, tokens="first", steps=4)
    return tmp_path / "base"


def logits(at: Path, text: str) -> np.ndarray:
    """Of every token of the vocabulary, in the order of their names, after every token of a text."""
    model, tokenizer = train.load(at)
    with torch.no_grad():
        found = model(input_ids=torch.tensor([tokenizer.encode(text).ids])).logits[0].numpy()
    table = tokenizer.get_vocab()
    return found[:, [table[piece] for piece in sorted(table)]]


def test_every_disguise_and_upcycling_keep_what_is_computed(base: Path, tmp_path: Path) -> None:
    text = sentences()[0][:60]
    plain, before = logits(base, text), folder.read(base)[0]
    for number, name in enumerate(disguise.DISGUISES):
        at = tmp_path / str(number)
        disguise.disguised(at, base, seed=3, names=[name])
        assert np.abs(logits(at, text) - plain).max() < 1e-3 * np.abs(plain).max(), name
        after = folder.read(at)[0]
        assert any(not np.array_equal(values, after[tensor]) for tensor, values in before.items()), name
    disguise.disguised(tmp_path / "disguised", base, seed=3)
    derive.mixture(tmp_path / "mixture", base)
    for name in ("disguised", "mixture"):
        assert np.abs(logits(tmp_path / name, text) - plain).max() < 1e-3 * np.abs(plain).max()
        assert huref.compare(base, tmp_path / name).cosine > 0.999


def test_a_cut_vocabulary_has_rows_and_merges_of_what_is_left(base: Path, tmp_path: Path) -> None:
    cut.cut(tmp_path / "cut", base, tokens=400)
    model, tokenizer = train.load(tmp_path / "cut")
    text = sentences()[0][:60]
    assert tokenizer.decode(tokenizer.encode(text).ids) == text
    assert model.get_input_embeddings().weight.shape == (400, 64)
    assert huref.compare(base, tmp_path / "cut").cosine > 0.999


def test_vectors_under_every_draw_are_those_of_the_product_and_differ(base: Path, tmp_path: Path) -> None:
    train.base(tmp_path / "other", kind="llama", seed=2, tokens="first", steps=1)
    common, *others = draws.compare(base, tmp_path / "other")
    assert common["best"] == pytest.approx(huref.compare(base, tmp_path / "other").cosine)
    assert np.array(common["table"]).shape == (2, 2)
    assert len({draw["summed"] for draw in (common, *others)}) == 7
    for draw in draws.compare(base, base):
        assert min(draw["best"], draw["mean"], draw["summed"], draw["few"]) == pytest.approx(1)


def test_raw_terms_are_those_of_the_embedding_as_it_is(base: Path, tmp_path: Path) -> None:
    """Not those of the canonical form; and a disguise changes nothing."""
    disguise.disguised(tmp_path / "disguised", base, seed=3)
    assert raw.ics(base, tmp_path / "disguised") > 0.999
    model = open_model(base)
    ours, _, _ = shared(model, model, named("robust-2"))
    whole, layer = raw._terms(model, ours)[0], model.layer(2)
    rows = model.embedding(ours.ids).astype(np.float64)
    rows -= rows.mean(axis=0)
    exact = (rows @ layer.q.values.T) @ np.repeat((rows @ layer.k.values.T).reshape(-1, 2, 16), 2, 1).reshape(-1, 64).T
    assert np.corrcoef(whole.matrix().ravel(), exact.ravel())[0, 1] > 0.95


def test_every_way_of_making_a_descendant_gives_a_relative(base: Path, tmp_path: Path) -> None:
    """Each once, with two steps of training."""
    ways = {recipe.make: recipe for recipe in family.recipes() if recipe.line == "llama 0" and recipe.what != "base"}
    for number, (way, recipe) in enumerate(ways.items()):
        arguments = recipe.arguments | ({"steps": 2} if "steps" in recipe.arguments else {})
        at = tmp_path / str(number)
        way(at, *[base for _ in recipe.parents], **arguments)
        assert huref.compare(base, at).verdict == "related", recipe.what


def test_sparse_models_are_half_zero_and_narrow_ones_narrow(base: Path, tmp_path: Path) -> None:
    for rule in ("wanda", "gblm"):
        prune.sparse(tmp_path / rule, base, rule=rule)
        tensors, _ = folder.read(tmp_path / rule)
        assert (tensors["model.layers.0.mlp.down_proj.weight"] == 0).mean(axis=1) == pytest.approx(0.5)
    prune.structured(tmp_path / "narrow", base, neurons=0.5, groups=0.5, hidden=0.75, seed=1)
    tensors, config = folder.read(tmp_path / "narrow")
    assert tensors["model.layers.1.self_attn.q_proj.weight"].shape == (32, 48)
    assert (config["hidden_size"], config["intermediate_size"], config["num_key_value_heads"]) == (48, 80, 1)


@pytest.mark.parametrize("kind", ["llama", "neox", "gpt2"])
def test_matrices_are_rounded_whatever_they_are_called(small: None, tmp_path: Path, kind: str) -> None:
    train.base(tmp_path / kind, kind=kind, seed=1, tokens="first", steps=1)
    derive.rounded(tmp_path / "rounded", tmp_path / kind, levels=7)
    before, after = (folder.read(tmp_path / name)[0] for name in (kind, "rounded"))
    same = {name for name, values in before.items() if np.array_equal(values, after[name])}
    blocks = {
        name for name, values in before.items() if values.ndim == 2 and any(part.isdigit() for part in name.split("."))
    }
    assert len(blocks) >= 16
    assert not same & blocks


def test_clusters_are_runs_of_all_layers(base: Path) -> None:
    runs = prune.clusters(base, 3)
    assert len(runs) == 3
    assert [layer for run in runs for layer in run] == [0, 1, 2, 3]


def test_a_larger_vocabulary_keeps_the_old_tokens(base: Path, tmp_path: Path) -> None:
    extend = next(recipe for recipe in family.recipes() if recipe.what == "vocabulary extended")
    extend.make(tmp_path / "large", base, **(extend.arguments | {"steps": 2, "tokens": 7}))
    old, new = (json.loads((at / "tokenizer.json").read_text())["model"]["vocab"] for at in (base, tmp_path / "large"))
    assert old.items() < new.items()
    assert len(new) == len(old) + 7


def test_models_are_made_once_and_again_when_the_recipe_changes(small: None, tmp_path: Path) -> None:
    first = Recipe("a, b", "base", "a", _noted, (), {"word": "one"})
    child = Recipe("child", "copied", "a", _noted, ("a, b",), {"word": "two"})
    paths = make(tmp_path, [first, child], 1)
    assert [(paths[name] / "note").read_text() for name in ("a, b", "child")] == ["one", "two one"]
    stamps = [(path / "note").stat().st_mtime_ns for path in paths.values()]
    make(tmp_path, [first, child], 1)
    assert [(path / "note").stat().st_mtime_ns for path in paths.values()] == stamps
    make(tmp_path, [replace(first, arguments={"word": "three"}), child], 1)
    assert (paths["child"] / "note").read_text() == "two three"


def _noted(at: Path, *parents: Path, word: str) -> None:
    at.mkdir()
    (at / "note").write_text(" ".join([word, *((parent / "note").read_text() for parent in parents)]))


def test_areas_under_curves() -> None:
    relatives, strangers = [0.9, 0.8, 0.8, 0.1], [0.8, 0.2, 0.1, 0.0]
    assert report.auc(relatives, strangers) == (4 + 3.5 + 3.5 + 1.5) / 16
    rates, hits = report.roc(relatives, strangers)
    assert (rates.tolist()[:3], hits.tolist()[:3]) == ([0, 0, 0.25], [0, 0.25, 0.75])
    assert np.trapezoid(hits, rates) == pytest.approx(report.auc(relatives, strangers))
    assert report.low_auc([1.0, 2.0], [0.0, 0.5]) == 1
    assert report.low_auc(relatives, strangers) == pytest.approx((0.25 + 0.35) / 2)


def test_unbiased_cka_is_one_for_rotated_tables_and_zero_on_average_for_others() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((30, 40))
    turn = np.linalg.qr(rng.standard_normal((40, 40)))[0]
    assert rivals.unbiased_cka(x, 3 * x @ turn) == pytest.approx(1)
    others = [rivals.unbiased_cka(x, rng.standard_normal((30, 40))) for _ in range(200)]
    assert abs(np.mean(others)) < 4 * np.std(others) / np.sqrt(200)


def test_awm_aligns_permuted_and_flipped_dimensions_but_not_rotated_ones(base: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    tensors, config = folder.read(base)
    order, signs = rng.permutation(64), rng.choice([-1.0, 1.0], 64)
    reading = [name for name in tensors if name.endswith(("q_proj.weight", "k_proj.weight", "embed_tokens.weight"))]
    for name in reading:
        tensors[name] = (tensors[name] * signs)[:, order]
    folder.write(tmp_path / "permuted", tensors, config, (base / "tokenizer.json").read_bytes())
    disguise.disguised(tmp_path / "disguised", base, seed=3)
    assert rivals.awm(base, tmp_path / "permuted") == pytest.approx(1)
    assert rivals.awm(base, tmp_path / "disguised") < 0.5
    assert rivals.reef(base, tmp_path / "disguised") > 0.99


def test_mdir_sees_a_permutation_with_signs_and_no_rotation(base: Path, tmp_path: Path) -> None:
    alone = ("hidden dimensions permuted", "signs of hidden dimensions flipped", "tokens renumbered")
    disguise.disguised(tmp_path / "permuted", base, seed=3, names=list(alone))
    disguise.disguised(tmp_path / "rotated", base, seed=3, names=["hidden space rotated"])
    assert rivals.mdir(base, tmp_path / "permuted") == pytest.approx(1)
    assert rivals.mdir(base, tmp_path / "rotated") < 0.4


def test_scores_are_kept_by_the_code_that_made_them() -> None:
    """All files that they depend on are there."""
    assert len(scores._code()) == 64
