"""What others measure, written from their papers: AWM and MDIR on weights, REEF on representations.

AWM and REEF compare tables of numbers by linear CKA (Kornblith et al. 2019), which no rotation of the columns changes.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from huref.model import Model, open_model
from huref.profile import named
from huref.similarity.assignment import best_assignment
from huref.stages.tokens import shared
from lab.lineage import corpus, train

Array = NDArray[np.float64]
#: Texts that REEF shows to both models, as many as its authors take, and how deep it looks: behind layer 18 of 32.
TEXTS, DEPTH = 200, 18 / 32


def awm(a: Path, b: Path) -> float:
    """AWM (Zeng et al. 2025, arXiv 2510.06738): embedding columns over the common tokens are assigned to each other by
    |cosine|; with columns and signs so aligned, unbiased CKA of the rows that the hidden dimensions have in W_q, and in
    W_k; the mean over both and over layers. Layers of models of different depth are assigned by largest total as well,
    which the paper leaves open.
    """
    one, other, x, y = _embeddings(a, b)
    cosines = (x / np.linalg.norm(x, axis=0)).T @ (y / np.linalg.norm(y, axis=0))
    columns = np.array([column for _, column in best_assignment(np.abs(cosines))])
    signs = np.sign(cosines[np.arange(len(columns)), columns])
    first = [_queries_keys(one, layer) for layer in range(one.architecture.layers)]
    second = [
        [matrix[:, columns] * signs for matrix in _queries_keys(other, layer)]
        for layer in range(other.architecture.layers)
    ]
    table = np.array(
        [[np.mean([unbiased_cka(x.T, y.T) for x, y in zip(p, q, strict=True)]) for q in second] for p in first]
    )
    pairs = best_assignment(table) if len(first) != len(second) else [(i, i) for i in range(len(first))]
    return float(np.mean([table[pair] for pair in pairs]))


def mdir(a: Path, b: Path) -> float:
    """MDIR (Zhang 2025, arXiv 2508.06309), its first step, on which its p-value rests: the orthogonal matrix that
    brings one embedding nearest to the other over the common tokens, which is the orthogonal factor of the polar
    decomposition of their product; then the permutation with signs that is nearest to that matrix. The score is the
    mean size of the entries that the permutation picks: 1 if the matrix is one, about 0.3 for a random orthogonal
    matrix of 64 dimensions.
    """
    _, _, x, y = _embeddings(a, b)
    left, _, right = np.linalg.svd(x.T @ y, full_matrices=False)
    size = np.abs(left @ right)
    return float(np.mean([size[pair] for pair in best_assignment(size)]))


def _embeddings(a: Path, b: Path) -> tuple[Model, Model, Array, Array]:
    """Two models, the narrower first, and their embeddings of the tokens that both have."""
    one, other = sorted((open_model(a), open_model(b)), key=lambda model: model.architecture.hidden)
    ours, theirs, _ = shared(one, other, named("robust-2"))
    x, y = (model.embedding(chosen.ids).astype(float) for model, chosen in ((one, ours), (other, theirs)))
    return one, other, x, y


def _queries_keys(model: Model, layer: int) -> list[Array]:
    plain = model.layer(layer)
    return [matrix.values.astype(float) for matrix in (plain.q, plain.k)]


def unbiased_cka(x: Array, y: Array) -> float:
    """CKA of two tables with a row for each sample, from the unbiased estimate of HSIC (Song et al. 2012)."""
    k, l = x @ x.T, y @ y.T
    np.fill_diagonal(k, 0)
    np.fill_diagonal(l, 0)
    return _hsic(k, l) / float(np.sqrt(_hsic(k, k) * _hsic(l, l)))


def _hsic(k: Array, l: Array) -> float:
    n = len(k)
    rows = k.sum(0) @ l.sum(0)
    found = np.vdot(k, l) + k.sum() * l.sum() / ((n - 1) * (n - 2)) - 2 * rows / (n - 2)
    return float(found / (n * (n - 3)))


def reef(a: Path, b: Path) -> float:
    """REEF (Zhang et al. 2024, arXiv 2410.14273): linear CKA of the hidden states of two models behind a layer a little
    past the middle, at the last token of 200 texts.
    """
    x, y = (states - states.mean(0) for states in (_representations(a), _representations(b)))
    return float(np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)))


@cache
@torch.no_grad()
def _representations(folder: Path) -> Array:
    """Texts x hidden."""
    model, tokenizer = train.load(folder)
    long = [text for text in corpus.texts("python") if len(text) > 8 * train.LENGTH][:TEXTS]
    batch = torch.tensor([encoded.ids[: train.LENGTH] for encoded in tokenizer.encode_batch(long)])
    states: Any = model(input_ids=batch, output_hidden_states=True).hidden_states
    found: Array = states[round(DEPTH * (len(states) - 1))][:, -1].double().numpy()
    return found
