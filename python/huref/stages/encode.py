"""From sketches to the fingerprint: shift, scale, encode, standardise, round (specification, "fingerprint", 4 to 7).

Every step is integer arithmetic with a stated rounding rule in the Rust core, so there is exactly one right answer. The
file of a fingerprint carries the token list itself, so that two files can be checked for what they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import _native, cnn
from ..artefacts.challenge import Challenge, seed_of
from ..artefacts.fingerprint import LINEAR, Encoder, Fingerprint
from ..artefacts.statement import Public
from ..errors import ModelError

if TYPE_CHECKING:
    from .quantise import Quantised, Source


def encode(
    model: Quantised | Source,
    sketches: Sequence[Sequence[int]],
    challenge: Challenge | None = None,
    encoder: Encoder = LINEAR,
) -> Fingerprint:
    """The fingerprint of a model from its sketches; with a challenge, the vector of sketches made under it.

    Only encoder linear answers challenges.

    Raises:
        ModelError: the model is degenerate: a term is zero or too small, or the terms cancel.
        NotFoundError, InputError: the file of a trained encoder is missing or was changed.

    """
    profile, shape = model.profile.name, model.shape
    convolutions = None if encoder == LINEAR else cnn.shipped().convolutions
    try:
        if convolutions is None:
            values = _native.encode(profile, sketches, seed_of(challenge))
        else:
            values = _native.encode_by(profile, convolutions, sketches)
    except ValueError as why:
        raise ModelError(f"the model has no fingerprint: {why}") from None
    return Fingerprint(profile, shape.layers, shape.tokens, Public.of(values), challenge, encoder)
