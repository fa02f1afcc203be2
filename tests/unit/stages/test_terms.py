"""The full terms against their definition, written out head by head and expert by expert."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from huref import profile
from huref.artefacts.tokens import write as write_list
from huref.errors import InputError, ModelError, NotFoundError, UsageError
from huref.model import open_model
from huref.paper.terms import terms as paper_terms
from huref.stages import frequency, terms
from huref.stages.quantise import quantise
from huref.stages.tokens import select
from tests.support import models

Array = NDArray[np.float64]


def definition(net: models.Network, x: Array, layer: int) -> dict[str, Array]:
    """M_a, M_b, M_f of the authors."""
    block, e = net.blocks[layer], net.head_dim
    a = b = np.zeros((len(x), len(x)))
    for head in range(net.heads):
        own, group = slice(head * e, head * e + e), head // net.group
        shared = slice(group * e, group * e + e)
        a = a + x @ block.q[own].T @ block.k[shared] @ x.T
        b = b + x @ block.v[shared].T @ block.o[:, own].T @ x.T
    first = block.up.T if block.gate is None else block.gate.T * block.up.T
    return {"a": a, "b": b, "f": x @ (first @ block.down.T) @ x.T}


def difference(found: Array, expected: Array) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


@pytest.mark.parametrize("family", models.FAMILIES)
def test_paper(family: str, tmp_path: Path) -> None:
    net = models.network(family, seed=1).stored()
    model = open_model(net.write(tmp_path / "model"))
    ids = np.random.default_rng(2).permutation(len(net.words))[:300]
    (tmp_path / "ids").write_bytes(frequency.dump_ids([int(number) for number in ids]))
    found = list(paper_terms(model, tmp_path / "ids"))
    assert [term.name for term in found] == [f"layer{layer}.M_{kind}" for layer in (1, 2) for kind in "abf"]
    for term in found:
        assert difference(term.matrix(), definition(net, net.words[ids], term.layer)[term.kind]) < 1e-10


def test_paper_takes_the_last_4096(tmp_path: Path) -> None:
    net = models.network("llama", vocab=900).stored()
    net.words = np.random.default_rng(1).standard_normal((4200, net.hidden)).astype(np.float32).astype(np.float64)
    model = open_model(net.write(tmp_path / "model"))
    (tmp_path / "ids").write_text("\n".join(map(str, range(4200))))
    term = next(paper_terms(model, tmp_path / "ids", [0]))
    q = net.blocks[0].q
    assert difference(term.left, net.words[-4096:] @ q.T) < 1e-12


@pytest.mark.parametrize("family", models.FAMILIES)
def test_canonical(family: str, tmp_path: Path) -> None:
    """The terms of profile robust-2 are centred, and correlate with those of the canonical matrices, head by head."""
    rules = profile.named("robust-2")
    model = open_model(models.network(family, seed=3).write(tmp_path / "model"))
    selection = select(model, rules)
    weights = quantise(model, selection, [2], rules).weights
    x, q, k, v, o, up, down = (weights.matrix(i).astype(np.float64) for i in range(7))
    block = models.network(family, seed=3).copy()
    block.blocks[2].q, block.blocks[2].k, block.blocks[2].v = q, k, v
    block.blocks[2].o, block.blocks[2].up, block.blocks[2].down, block.blocks[2].gate = o.T, up, down.T, None
    for term in terms.terms(model, "robust-2", None, [2]):
        found, expected = term.matrix(), definition(block, x - x.mean(0), 2)[term.kind]
        assert difference(found, expected) < 1e-10
        assert np.abs(found.sum(0)).max() < 1e-9 * np.abs(found).max()


def test_canonical_over_a_token_list(tmp_path: Path) -> None:
    model = open_model(models.network("bert").write(tmp_path / "model"))
    tokens = select(model, profile.named("robust-2")).tokens[:100]
    write_list(tmp_path / "list.json", tokens)
    assert next(terms.terms(model, "robust-2", tmp_path / "list.json")).matrix().shape == (100, 100)
    assert next(paper_terms(model, tmp_path / "list.json")).matrix().shape == (100, 100)


def test_file(tmp_path: Path) -> None:
    model = open_model(models.network("gpt2").write(tmp_path / "model"))
    sizes = terms.write(tmp_path / "terms.npz", terms.terms(model, layers=[0, 2]))
    with np.load(tmp_path / "terms.npz") as file:
        assert set(file) == set(sizes) == {f"layer{layer}.M_{kind}" for layer in (0, 2) for kind in "abf"}
        for term in terms.terms(model, layers=[0, 2]):
            assert file[term.name].dtype == np.float64
            assert np.array_equal(file[term.name], term.matrix())


def test_nothing_is_left_of_a_file_that_fails(tmp_path: Path) -> None:
    model = open_model(models.network("gpt2").write(tmp_path / "model"))
    (tmp_path / "terms.npz").write_bytes(b"older")
    with pytest.raises(ModelError, match="layer 7"):
        terms.write(tmp_path / "terms.npz", paper_terms(model, _ids(tmp_path), layers=[0, 7]))
    assert (tmp_path / "terms.npz").read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ids", "model", "terms.npz"]


def test_bad_input(tmp_path: Path) -> None:
    net = models.network("llama")
    model = open_model(net.write(tmp_path / "model"))
    with pytest.raises(UsageError, match="--tokens"):
        next(paper_terms(model, None))
    with pytest.raises(NotFoundError):
        next(paper_terms(model, tmp_path / "none"))
    for text in ("", "1\nx\n", "-1\n"):
        (tmp_path / "bad").write_text(text)
        with pytest.raises(InputError, match="one token id a line"):
            next(paper_terms(model, tmp_path / "bad"))
    (tmp_path / "large").write_text("1\n99999\n")
    with pytest.raises(ModelError, match="99999"):
        next(paper_terms(model, tmp_path / "large"))
    assert net.blocks[2].gate is not None
    net.blocks[2].gate[3, 5] = np.nan
    broken = open_model(net.write(tmp_path / "broken"))
    with pytest.raises(ModelError, match="gate_proj"):
        list(paper_terms(broken, _ids(tmp_path)))


def _ids(folder: Path) -> Path:
    (folder / "ids").write_text("\n".join(map(str, range(50, 90))))
    return folder / "ids"
