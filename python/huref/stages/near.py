"""The proof of nearness: how near the weights behind this commitment come to vectors that the other side published.

As for `prove`, a proof that does not verify is never handed out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _native
from ..artefacts.commitment import Commitment
from ..artefacts.context import NOBODY, Context
from ..artefacts.draw import Draw
from ..artefacts.nearness import Answer, AnswerKind, Nearness
from ..artefacts.opening import Opening
from ..artefacts.outputs import Vector
from ..errors import UsageError
from ..progress import Progress, silent
from ..verifier.both import near_rejection
from .prove import must_hold, must_open

if TYPE_CHECKING:
    from .quantise import Quantised

#: Which answer, and its t in multiples of 1/256 (0 in "rounded").
Reveal = tuple[AnswerKind, int]


def near(
    quantised: Quantised,
    opening: Opening,
    commitment: Commitment,
    draw: Draw,
    theirs: Vector,
    reveal: Reveal,
    context: Context = NOBODY,
    progress: Progress = silent,
) -> tuple[Nearness, bytes]:
    """The statement of nearness about a committed model, and the bytes of its proof. `draw`: a challenge; `theirs`: the
    other side's vectors one after the other.

    Raises:
        WeightsMismatchError: commitment, opening and weights do not belong together.
        UsageError: the answer would not be true of these weights, or they are too large or too small for any.

    """
    must_open(quantised, opening, commitment)
    try:
        (kind, cosines, pair), proof = _native.near(
            quantised.weights, opening.seed, commitment.rows, draw, theirs, reveal, context, progress
        )
    except ValueError as why:
        raise UsageError(f"there is no such answer: {why}") from None
    answer = Answer(kind, tuple(cosines), pair)
    statement = Nearness(commitment.profile, commitment.shape, commitment.rows, draw, theirs, answer, context)
    progress("verify", 0, 1)
    must_hold(near_rejection(statement, proof, "rust"), quantised, opening, progress)
    return statement, proof
