"""Profile paper's vector and ICS against the authors' definition, written out on whole K x K terms."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from huref.artefacts.paper import dump, parse
from huref.errors import IncomparableError, InputError, ModelError
from huref.model import open_model
from huref.paper import compare as similarity
from huref.paper import mean_pool as paper
from huref.paper.terms import terms as paper_terms
from huref.stages.terms import Term
from tests.support import models
from tests.support.schemas import validate

Array = NDArray[np.float64]


def stack(seed: int, tokens: int, count: int = 6) -> list[Term]:
    rng = np.random.default_rng(seed)
    return [
        Term(7 + i // 3, "abf"[i % 3], *(rng.standard_normal((2, tokens, 5)) + 0.3))  # type: ignore[arg-type]
        for i in range(count)
    ]


def pooled(found: list[Term]) -> Array:
    pool = paper.MeanPool(len(found[0].left), len(found))
    for term in found:
        pool.add(term)
    return pool.vector()


def standardised(means: Array) -> Array:
    return (means - means.mean()) / np.sqrt(((means - means.mean()) ** 2).sum() / 511)


@pytest.mark.parametrize("tokens", [256, 512])
def test_runs_of_whole_rows(tokens: int) -> None:
    """As at K = 4096, where a run has 48 rows: 3 rows at 256 tokens, 6 at 512."""
    found = stack(1, tokens)
    rows = np.concatenate([term.matrix() for term in found])
    means = np.array([chunk.mean() for chunk in np.split(rows, 512)])
    assert np.abs(pooled(found) - standardised(means)).max() < 1e-9


def test_the_authors_own_size() -> None:
    """K = 4096: a stack of 24,576 rows, 48 for each number."""
    found = stack(2, 4096)
    rows = np.concatenate([term.left @ term.right.sum(axis=0) for term in found])
    assert np.abs(pooled(found) - standardised(rows.reshape(512, 48).mean(axis=1) / 4096)).max() < 1e-9


@pytest.mark.parametrize(("tokens", "count"), [(10, 6), (77, 6), (100, 3), (301, 9)])
def test_runs_that_end_within_a_row(tokens: int, count: int) -> None:
    found = stack(3, tokens, count)
    flat = np.concatenate([term.matrix().ravel() for term in found])
    edges = [i * len(flat) // 512 for i in range(513)]
    means = np.array([flat[a:b].mean() for a, b in pairwise(edges)])
    assert np.abs(pooled(found) - standardised(means)).max() < 1e-9


def test_too_few_or_constant_entries() -> None:
    with pytest.raises(ModelError, match="9 tokens"):
        paper.MeanPool(9, 6)
    with pytest.raises(ModelError, match="constant"):
        pooled([Term(0, "a", np.ones((40, 1)), np.ones((40, 1)))])


def test_correlation_is_that_of_all_entries() -> None:
    for a, b in zip(stack(4, 600), stack(5, 600), strict=True):
        expected = np.corrcoef(a.matrix().ravel(), b.matrix().ravel())[0, 1]
        assert similarity.correlation(a, b) == pytest.approx(expected, abs=1e-12)
    assert similarity.correlation(a, Term(0, "a", np.ones((600, 1)), np.ones((600, 1)))) == 0


def ids(folder: Path, name: str, count: int, seed: int = 0, rows: int = 900) -> Path:
    (folder / name).write_text("\n".join(map(str, np.random.default_rng(seed).permutation(rows)[:count])))
    return folder / name


@pytest.mark.parametrize("family", models.FAMILIES)
def test_a_fingerprint_is_that_of_its_terms(family: str, tmp_path: Path) -> None:
    model = open_model(models.network(family).write(tmp_path / "model"))
    tokens = ids(tmp_path, "ids", 300)
    found = paper.fingerprint(model, tokens)
    expected = pooled(list(paper_terms(model, tokens)))
    assert np.abs(np.array(found.vector) / paper.UNITS - expected).max() <= 0.5 / paper.UNITS
    assert (found.layers, found.tokens) == ((1, 2), 300)
    assert parse(dump(found)) == found
    validate("paper", dump(found))


def test_ics_is_the_cosine_of_standardised_stacks(tmp_path: Path) -> None:
    """The authors' ICS, on models of different width, each with its own list."""
    one = open_model(models.network("llama", 1).write(tmp_path / "one"))
    other = open_model(models.network("gpt2", 2, hidden=48, head_dim=12, layers=2).write(tmp_path / "other"))
    lists = ids(tmp_path, "first", 200, 1), ids(tmp_path, "second", 200, 2)
    found = similarity.compare_models(one, other, lists)
    stacks = [
        np.stack([term.matrix() for term in paper_terms(model, tokens)])
        for model, tokens in zip((one, other), lists, strict=True)
    ]
    flat = [((s - s.mean((1, 2), keepdims=True)) / s.std((1, 2), keepdims=True, ddof=1)).ravel() for s in stacks]
    assert found.ics == pytest.approx(flat[0] @ flat[1] / np.linalg.norm(flat[0]) / np.linalg.norm(flat[1]), abs=1e-9)
    assert not found.same_tokens
    assert (found.verdict, found.tokens) == ("inconclusive", 200)


def test_a_model_with_itself(tmp_path: Path) -> None:
    model = open_model(models.network("bert").write(tmp_path / "model"))
    tokens = ids(tmp_path, "ids", 100)
    found = similarity.compare_models(model, model, (tokens, tokens))
    assert (found.cosine, found.same_tokens) == (1.0, True)
    assert found.ics == pytest.approx(1, abs=1e-12)


def test_lists_and_layers_of_different_length_are_refused(tmp_path: Path) -> None:
    model = open_model(models.network("bert").write(tmp_path / "model"))
    short, long = ids(tmp_path, "short", 100), ids(tmp_path, "long", 101)
    with pytest.raises(IncomparableError, match=r"short gives 100 tokens, .*long 101"):
        similarity.compare_models(model, model, (short, long))
    made = [paper.fingerprint(model, short), paper.fingerprint(model, long), paper.fingerprint(model, short, [1])]
    with pytest.raises(IncomparableError, match=r"x was made over 100 tokens, y over 101"):
        similarity.compare_fingerprints(made[0], made[1], names=("x", "y"))
    with pytest.raises(IncomparableError, match=r"x was made over 2 layers, y over 1"):
        similarity.compare_fingerprints(made[0], made[2], names=("x", "y"))


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (b'"profile": "paper"', b'"profile": "robust-2"', "profile"),
        (b'"layers": [1,2]', b'"layers": [2,1]', "layers"),
        (b'"units": 1048576', b'"units": 4096', "units"),
        (b'"count":100', b'"count":5000', "count"),
        (b'"units"', b'"unit"', "units"),
    ],
)
def test_files_that_contradict_themselves(old: bytes, new: bytes, word: str, tmp_path: Path) -> None:
    model = open_model(models.network("bert").write(tmp_path / "model"))
    data = dump(paper.fingerprint(model, ids(tmp_path, "ids", 100)))
    assert old in data
    with pytest.raises(InputError, match=word):
        parse(data.replace(old, new))
