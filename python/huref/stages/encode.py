"""From sketches to the fingerprint: shift, scale, encode, standardise, round (specification, "fingerprint", 4 to 7).

Every step is integer arithmetic with a stated rounding rule in the Rust core, so there is exactly one right answer. The
file of a fingerprint carries the token list itself, so that two files can be checked for what they share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _native
from ..artefacts.fingerprint import Fingerprint
from ..artefacts.outputs import Outputs
from ..errors import ModelError

if TYPE_CHECKING:
    from .quantise import Quantised, Source
    from .sketch import Seed, Sketches


def encode(model: Quantised | Source, sketches: Sketches, seed: Seed = None) -> Fingerprint:
    """The fingerprint of a model from its sketches under the draw of this seed.

    Raises:
        ModelError: the model is degenerate: a term is zero or too small, or the terms of a layer cancel.

    """
    profile, shape = model.profile, model.shape
    try:
        (numbers,) = _native.encode(profile.name, sketches, [seed])
    except ValueError as why:
        raise ModelError(f"the model has no fingerprint: {why}") from None
    return Fingerprint(profile.name, shape.layers, shape.tokens, Outputs.of(numbers), seed)
