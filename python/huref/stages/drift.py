"""The proof of drift: how far the weights behind a commitment are from those of a second model, committed or public.

As for `prove`, a proof that does not verify is never handed out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

from .. import _native
from ..artefacts.commitment import Commitment
from ..artefacts.context import NOBODY, Context
from ..artefacts.drift import ONE, Drift, Partition
from ..artefacts.drift_lines import names
from ..artefacts.opening import Opening
from ..artefacts.shape import ATTENTION, NAMES, Shape, is_attention
from ..errors import IncomparableError, InternalError, UsageError, shown
from ..progress import Progress, silent
from ..verifier.both import drift_rejection
from .commit import recommit
from .prove import must_open

if TYPE_CHECKING:
    from .quantise import Quantised


@dataclass(frozen=True)
class Committed:
    """A committed model: its integers, and the opening of its commitment. Secret."""

    quantised: Quantised
    opening: Opening
    commitment: Commitment


@dataclass(frozen=True)
class Asked:
    """What a statement shall say. `left_out`: matrices that it does not speak of, in the words of `matrices`; `bound`:
    of 1024, None for the least that holds. `aligned`: attention of both is in one basis.
    """

    left_out: Collection[str] = ()
    partition: Partition = "matrices"
    bound: int | None = None
    context: Context = NOBODY
    aligned: bool = False


def drift(
    models: Sequence[Committed], public: Quantised | None, asked: Asked, progress: Progress = silent
) -> tuple[Drift, bytes]:
    """The statement of drift about a committed model and a second one, and the bytes of its proof. `models`: one, and
    then the second is `public`; or two.

    Raises:
        WeightsMismatchError: commitment, opening and weights of a model do not belong together.
        IncomparableError: the models differ in profile, sizes, layers or tokens.
        UsageError: a matrix differs by more than its own size, or by more than the bound.

    """
    for model in models:
        must_open(model.quantised, model.opening, model.commitment)
    both = [*(model.quantised for model in models), *(() if public is None else (public,))]
    _must_be_alike(*both)
    first, second = (quantised.weights for quantised in both)
    commitments = tuple(model.commitment for model in models)
    exponents = _exponents(both[0].shape, _native.drift_sizes(first, second), asked)
    try:
        (bound,), proof = _native.drift(
            first,
            second,
            [model.opening.seed for model in models],
            b"".join(commitment.rows for commitment in commitments),
            exponents,
            asked.partition,
            ("relative", () if asked.bound is None else (asked.bound,)),
            asked.context,
            progress,
        )
    except ValueError as why:
        raise UsageError(f"there is no such statement: {why}") from None
    digest = None if public is None else _native.public_digest(second).hex()
    statement = Drift(commitments, exponents, asked.partition, bound, digest, asked.context)
    progress("verify", 0, 1)
    refused = drift_rejection(statement, proof, "rust", None if public is None else second)
    if refused is not None:
        for model in models:
            recommit(model.quantised, model.opening, progress)
        raise InternalError(f"the new proof fails its own check {refused.check!r}; please report this bug")
    return statement, proof


def _must_be_alike(first: Quantised, second: Quantised) -> None:
    a, b = first.shape, second.shape
    sizes = ("hidden", "heads", "kv_heads", "head_dim", "ffn", "layers", "tokens")
    differ = [name for name in sizes if getattr(a, name) != getattr(b, name)]
    if first.profile != second.profile:
        differ.insert(0, "profile")
    if differ:
        raise IncomparableError(
            f"the two models differ in {', '.join(differ)}: only models of one shape have a drift; commit to both with "
            "the same --profile, --layers and --tokens"
        )


def _exponents(shape: Shape, sizes: Sequence[tuple[int, int, int]], asked: Asked) -> tuple[int | None, ...]:
    """For each matrix the power of two with which the models are nearest, None for those left out.

    Raises:
        UsageError: a matrix differs by more than its own size; or attention of commitments that were not aligned
            differs by more than all else, as it does where the canonical basis has turned.

    """
    listed, omitted = shape.matrix_names(), matrices(asked.left_out, shape)
    spoken = {name: least(*size[1:]) for name, size in zip(listed, sizes, strict=True) if name not in omitted}
    attention = {name: bound for name, bound in spoken.items() if is_attention(name)}
    rest = max((bound for name, bound in spoken.items() if name not in attention), default=0)
    far = [name for name, bound in spoken.items() if bound > ONE and name not in attention]
    if not spoken:
        raise UsageError("every matrix is left out, so nothing would be said")
    if far:
        raise UsageError(
            f"{names(far)}: the models differ there by more than their own size, as strangers do; nothing is to be said"
        )
    if attention and max(attention.values()) > (ONE if asked.aligned else rest):
        raise UsageError(
            "attention differs by more than the rest of the models, because its canonical basis turns under the "
            "smallest change; make the later commitment with 'huref commit --aligned-to BASE', or leave its matrices "
            "out, of which nothing is said then: --leave-out attention"
        )
    return tuple(size[0] if name in spoken else None for name, size in zip(listed, sizes, strict=True))


def matrices(words: Collection[str], shape: Shape) -> set[str]:
    """The names of matrices for such words: `attention`, `X`, a name in every layer such as `up`, one such as `4.q`.

    Raises:
        UsageError: there is no such matrix.

    """
    found: set[str] = set()
    for word in words:
        kinds = ATTENTION if word == "attention" else (word,)
        meant = {name for name in shape.matrix_names() if name == word or name.rpartition(".")[2] in kinds}
        if not meant:
            raise UsageError(
                f"there is no matrix {shown(word)}; write attention, X, one of {', '.join(NAMES)}, or one of a layer "
                f"such as {shape.layers[-1]}.up"
            )
        found |= meant
    return found


def least(difference: int, base: int) -> int:
    """The least bound, of 1024, that holds for these squared norms; more than 1024 if none does."""
    if base == 0:
        return 1 if difference == 0 else ONE + 1
    quotient = -(-difference * ONE**2 // base)
    return max(1, isqrt(quotient - 1) + 1) if quotient else 1
