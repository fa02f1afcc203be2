"""The full invariant terms, K x K in float64, as the authors of HuRef compute them (arXiv 2312.04828, section 4).

They are those of the weights as they are in the files. X are the rows of the input embedding of the K rarest tokens,
heads are summed over, each query head with its own key/value head:

    M_a = X W_q^T W_k X^T        M_b = X W_v^T W_o^T X^T
    M_f = X W_up^T W_down^T X^T,      of gated models  X ((W_gate^T o W_up^T) W_down^T) X^T    (o: entry by entry)

Nothing is folded in and nothing is centred, so the terms of a disguised model differ: this profile is for comparison
with published results.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .. import disk
from ..errors import ModelError, UsageError
from ..model import Architecture, Model
from ..model.layer import Matrix
from ..profile import DEFAULT, named
from ..progress import Progress, silent
from ..stages.frequency import parse_ids
from ..stages.terms import Array, Spread, Term
from ..stages.tokens import chosen

#: Tokens and layers of profile paper: the last of the list, the last of the model.
PAPER_TOKENS, PAPER_LAYERS = 4096, 2


def terms(
    model: Model,
    tokens: Path | None,
    layers: Sequence[int] | Literal["all"] | None = None,
    progress: Progress = silent,
) -> Iterator[Term]:
    """The authors' terms a, b, f of layer after layer, one at a time.

    `tokens`: a frequency list, or a token list in JSON. `layers`: default the last two active ones.

    Raises:
        UsageError: no list of tokens is given.
        NotFoundError, InputError: the file of tokens is missing or cannot be read.
        ModelError: a tensor or token id is missing, has the wrong shape or type, or is not finite.

    """
    ids = paper_ids(model, tokens)
    return paper(model, ids, model.chosen_layers(layers, PAPER_LAYERS), progress)


def paper(model: Model, ids: NDArray[np.int64], layers: Sequence[int], progress: Progress = silent) -> Iterator[Term]:
    """The authors' terms, for the tokens of those ids in that order. ModelError as for `terms`."""
    x = model.embedding(ids).astype(np.float64)
    a: Architecture = model.architecture
    spread = Spread(a.heads, a.kv_heads, a.head_dim)
    for done, layer in enumerate(layers, 1):
        plain = model.layer(layer)

        def read(matrix: Matrix, layer: int = layer) -> Array:
            if not np.isfinite(matrix.values).all():
                raise ModelError(f"{model.path}: layer {layer}: NaN or infinity in {matrix.name}")
            return matrix.values.astype(np.float64)

        q, k, v = (x @ read(part).T for part in (plain.q, plain.k, plain.v))
        yield from (Term(layer, "a", q, spread(k)), Term(layer, "b", spread(v), x @ read(plain.o)))
        del q, k, v
        up = np.concatenate([read(expert) for expert in plain.up])
        if gates := model.gate(layer):
            up *= np.concatenate([read(gate) for gate in gates])
        down = np.concatenate([read(expert) for expert in plain.down], axis=1)
        yield Term(layer, "f", x @ up.T, x @ down)
        progress("terms", done, len(layers))


def paper_ids(model: Model, tokens: Path | None) -> NDArray[np.int64]:
    """The token ids of profile paper: the last 4096 of a frequency list, or those of a token list in JSON.

    Raises:
        UsageError: no list is given.
        NotFoundError, InputError: the list is missing or cannot be read.
        ModelError: the model has none of the tokens of a list in JSON.

    """
    if tokens is None:
        raise UsageError(
            "profile paper takes its tokens from a frequency list: give --tokens; 'huref tokens' makes one from texts"
        )
    data = disk.read(tokens)
    if data.lstrip()[:1] == b"{":
        return chosen(model, tokens, named(DEFAULT)).ids
    return np.array(parse_ids(data, tokens)[-PAPER_TOKENS:], dtype=np.int64)
