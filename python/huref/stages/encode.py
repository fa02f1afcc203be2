"""From sketches to the fingerprint: shift, scale, encode, standardise, round (specification, "fingerprint", 4 to 7).

Every step is integer arithmetic with a stated rounding rule in the Rust core, so there is exactly one right answer. The
file of a fingerprint carries the token list itself, so that two files can be checked for what they share.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from .. import _native
from ..artefacts.fingerprint import Fingerprint
from ..artefacts.outputs import Outputs
from ..errors import ModelError

if TYPE_CHECKING:
    from .quantise import Quantised, Source
    from .sketch import Seed, Sketches


def encode(model: Quantised | Source, sketches: Sketches, seed: Seed = None, network: bytes = b"") -> Fingerprint:
    """The fingerprint of a model from its sketches under the draw of this seed, or under the custom one with the
    `network` of these canonical bytes.

    Raises:
        ModelError: the model is degenerate: a term is zero or too small, or the terms of a layer cancel.

    """
    profile, shape = model.profile, model.shape
    try:
        (numbers,) = _native.encode(profile.name, sketches, [seed], network or None)
    except ValueError as why:
        raise ModelError(f"the model has no fingerprint: {why}") from None
    name = hashlib.sha256(network).hexdigest() if network else None
    return Fingerprint(profile.name, shape.layers, shape.tokens, Outputs.of(numbers), seed, name)
