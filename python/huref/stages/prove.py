"""The proof: these vectors are those of the weights behind this commitment (specification, "protocol").

The conversation between prover and verifier runs in the Rust core. What it returns is checked here by the verifier
before anyone else sees it: a proof that does not verify is never handed out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import _native
from ..artefacts.commitment import Commitment
from ..artefacts.context import NOBODY, Context
from ..artefacts.draw import Draw
from ..artefacts.opening import Opening
from ..artefacts.outputs import Outputs
from ..artefacts.portrait import Portrait, draw
from ..artefacts.statement import Statement
from ..beside import beside
from ..errors import InternalError, ModelError, WeightsMismatchError
from ..image import Renderer
from ..progress import Progress, silent
from ..verifier.both import Rejection, rejection
from .commit import recommit

if TYPE_CHECKING:
    from .quantise import Quantised


def prove(
    quantised: Quantised,
    opening: Opening,
    commitment: Commitment,
    draws: Sequence[Draw],
    context: Context = NOBODY,
    progress: Progress = silent,
    *,
    image: Renderer | None = None,
) -> tuple[Statement, bytes, Portrait | None]:
    """The statement about a committed model, and the bytes of its proof. Two proofs of one statement differ.

    `commitment` must be the one that `opening` opens. Whether it was made of these very weights, the check of the
    finished proof shows. `draws`: common; own; challenge; or common and own. `context`: whom the proof is for. With
    `image` that renderer's picture too, if the statement has one: it is drawn while the proof is checked.

    Raises:
        WeightsMismatchError: commitment, opening and weights do not belong together.
        ModelError: the model is degenerate and has no fingerprint.

    """
    must_open(quantised, opening, commitment)
    try:
        numbers, proof = _native.prove(quantised.weights, opening.seed, commitment.rows, draws, context, progress)
    except ValueError as why:
        raise ModelError(f"the model has no fingerprint: {why}") from None
    statement = Statement(commitment, tuple(draws), tuple(map(Outputs.of, numbers)), context)
    drawing = beside(lambda: None if image is None else draw(statement, image))
    progress("verify", 0, 1)
    must_hold(rejection(statement, proof, "rust"), quantised, opening, progress)
    if image is not None:
        progress("image", 0, 1)
    return statement, proof, drawing.result()


def must_open(quantised: Quantised, opening: Opening, commitment: Commitment) -> None:
    """Check that an opening is that of a commitment, and of one to weights of this shape. WeightsMismatchError."""
    profile, shape = quantised.profile.name, quantised.shape
    if commitment.id != opening.commitment:
        raise WeightsMismatchError(
            f"the opening is that of commitment {opening.commitment[:16]}..., not of {commitment.id[:16]}...; "
            "give the opening that was written beside this commitment"
        )
    if (commitment.profile, commitment.shape) != (profile, shape):
        raise WeightsMismatchError(
            f"commitment {commitment.id[:16]}... was made for a different profile, other sizes, layers or tokens; "
            "give the options that it was made with"
        )


def must_hold(refused: Rejection | None, quantised: Quantised, opening: Opening, progress: Progress) -> None:
    """Check that a new proof was not refused.

    Raises:
        WeightsMismatchError: the commitment is to other weights: otherwise an honest proof does not fail.
        InternalError: a bug.

    """
    if refused is not None:
        recommit(quantised, opening, progress)
        raise InternalError(f"the new proof fails its own check {refused.check!r}; please report this bug")
