"""Comparison by the authors' definition (profile paper): mean-pooled vectors, and ICS as they compute it.

**ICS** (arXiv 2312.04828, section 4; their code). Every term, K x K, less the mean of its entries and divided by their
standard deviation; the cosine of all terms of one model, strung together, and those of the other. That is the mean of
the correlations of the terms, the last layer of one model with the last of the other, the one before with the one
before. Tokens correspond by *rank*: the rarest of one list with the rarest of the other, whatever they are.

No verdict follows from either number. Vectors of independent models reach a cosine of 0.97, because nothing is centred;
ICS falls with any disguise that touches a norm's weights, a head's basis under rounding, or the ranks of tokens. The
verdict is always "inconclusive", and the reason says what to use instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..artefacts import kinds
from ..artefacts.document import RESULTS, Result
from ..artefacts.paper import PaperFingerprint
from ..errors import IncomparableError
from ..place import is_model
from ..profile import DEFAULT
from ..progress import Progress, silent
from ..similarity import Verdict, cosine
from ..similarity.findings import Pcs
from . import mean_pool as stage
from .mean_pool import MeanPool, chosen_layers, rounded

if TYPE_CHECKING:
    from ..model import Model
    from ..stages.terms import Term

#: Rows of two terms that are in memory at a time.
ROWS = 256
WARNING = (
    "profile paper is for comparison with published results: vectors of independent models reach a cosine of 0.97, and "
    f"disguises change it; to decide, compare under {DEFAULT} (leave out --profile), best the model folders themselves"
)


@dataclass(frozen=True, kw_only=True)
class PaperComparison(Result):
    """`cosine` of the two vectors; of two model folders also the correlations of their terms, by the names they have in
    the first model, `ics`, their mean, and `pcs`. `tokens` is K, `same_tokens` whether the two lists of ids are equal.
    """

    schema: str = f"{RESULTS}/compare-paper/v1"
    cosine: float
    tokens: int
    same_tokens: bool
    ics: float | None = None
    terms: Mapping[str, float] | None = None
    pcs: Pcs | None = None
    profile: str = "paper"
    verdict: Verdict = "inconclusive"
    reason: str = WARNING


def compare(
    a: Path,
    b: Path,
    lists: tuple[Path | None, Path | None] = (None, None),
    layers: tuple[int, ...] | None = None,
    progress: Progress = silent,
) -> PaperComparison:
    """Compares two models, each a folder or a file of a fingerprint of profile paper. `lists`: for each folder the
    frequency list that its tokens are taken from; `layers`: of folders, default the last two active ones.

    Raises:
        IncomparableError: a fingerprint has a different profile, or the numbers of tokens or layers differ.
        UsageError, NotFoundError, InputError, ModelError: as for `huref.paper.mean_pool.fingerprint`; or a file is not
            a fingerprint.

    """
    one, other = _side(a), _side(b)
    if not isinstance(one, PaperFingerprint) and not isinstance(other, PaperFingerprint):
        return compare_models(one, other, lists, layers, progress)
    vectors = (
        side if isinstance(side, PaperFingerprint) else stage.fingerprint(side, tokens, layers, progress)
        for side, tokens in zip((one, other), lists, strict=True)
    )
    return compare_fingerprints(*vectors, names=(a, b))


def _side(path: Path) -> Model | PaperFingerprint:
    if is_model(path):
        from ..model import open_model

        return open_model(path)
    found = kinds.load(path, kinds.PAPER, kinds.FINGERPRINT)
    if isinstance(found, PaperFingerprint):
        return found
    raise IncomparableError(
        f"{path} has profile {found.profile}, the comparison profile paper: vectors of different rules have nothing in "
        "common; make both under one profile"
    )


def compare_fingerprints(a: PaperFingerprint, b: PaperFingerprint, *, names: tuple[object, object]) -> PaperComparison:
    """The cosine of two vectors; `names` are those of the two in messages.

    Raises:
        IncomparableError: they were made over different numbers of tokens or layers.

    """
    for what, one, other in (("tokens", a.tokens, b.tokens), ("layers", len(a.layers), len(b.layers))):
        if one != other:
            raise IncomparableError(
                f"{names[0]} was made over {one} {what}, {names[1]} over {other}: vectors of profile paper are aligned "
                "rank by rank; make both over equally many"
            )
    same = a.token_digest == b.token_digest
    return PaperComparison(cosine=cosine(a.vector, b.vector), tokens=a.tokens, same_tokens=same)


def compare_models(
    a: Model,
    b: Model,
    lists: tuple[Path | None, Path | None],
    layers: tuple[int, ...] | None = None,
    progress: Progress = silent,
) -> PaperComparison:
    """Vectors, ICS and PCS of two models, each over its own list of tokens, one pair of terms in memory at a time.

    Raises:
        UsageError, NotFoundError, InputError, ModelError: as for `huref.paper.mean_pool.fingerprint`.
        IncomparableError: the lists have different numbers of tokens.

    """
    from ..similarity.equal import pcs
    from .terms import paper, paper_ids

    ids = [paper_ids(model, tokens) for model, tokens in zip((a, b), lists, strict=True)]
    if len(ids[0]) != len(ids[1]):
        raise IncomparableError(
            f"{lists[0]} gives {len(ids[0])} tokens, {lists[1]} {len(ids[1])}: terms are aligned rank by rank; give "
            "lists of equal length"
        )
    numbers = [chosen_layers(model, layers) for model in (a, b)]
    pools = [MeanPool(len(ids[0]), 3 * len(numbers[0])) for _ in range(2)]
    found = {}
    for first, second in zip(paper(a, ids[0], numbers[0], progress), paper(b, ids[1], numbers[1]), strict=True):
        pools[0].add(first)
        pools[1].add(second)
        found[first.name] = correlation(first, second)
    one, other = (rounded(*parts) for parts in zip(pools, numbers, ids, strict=True))
    vectors = compare_fingerprints(one, other, names=(a.path, b.path))
    ics = sum(found.values()) / len(found)
    return replace(vectors, ics=ics, terms=found, pcs=pcs(a, b, progress))


def correlation(a: Term, b: Term) -> float:
    """Pearson's correlation of the K^2 entries of two terms, formed row by row; 0 if one of them is constant."""
    size = len(a.left)
    means = [float(term.left.sum(axis=0) @ term.right.sum(axis=0)) / size**2 for term in (a, b)]
    product = square_a = square_b = 0.0
    for start in range(0, size, ROWS):
        x = a.left[start : start + ROWS] @ a.right.T - means[0]
        y = b.left[start : start + ROWS] @ b.right.T - means[1]
        product += float(np.vdot(x, y))
        square_a, square_b = square_a + float(np.vdot(x, x)), square_b + float(np.vdot(y, y))
    length = math.sqrt(square_a) * math.sqrt(square_b)
    return max(-1.0, min(1.0, product / length)) if length else 0.0
