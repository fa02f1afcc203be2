"""The two sides of a comparison: what each is, and over which tokens and layers they meet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .. import disk
from ..artefacts import kinds
from ..artefacts.bundle import Bundle
from ..artefacts.bundle import parse as parse_bundle
from ..artefacts.fingerprint import Fingerprint
from ..artefacts.policy import Policy
from ..errors import HurefError
from ..profile import Profile
from ..verifier.check import check
from .verdict import FEWEST, Side

if TYPE_CHECKING:
    from ..model import Model
    from ..stages.tokens import Selection


def read_side(side: str | Path | Fingerprint | Bundle, policy: Policy) -> tuple[Model | Fingerprint, Side, str | None]:
    """A model that is still to be read, or a fixed vector: of a fingerprint, or of a bundle that verifies.

    The third item is the id of a bundle's commitment.
    """
    if isinstance(side, Fingerprint):
        return side, "fingerprint", None
    if isinstance(side, Bundle):
        return verified(side, policy), "verified bundle", side.statement.commitment.id
    path = Path(side)
    if path.is_dir():
        from ..model import open_model

        return open_model(path), "model folder", None
    data = disk.read(path)
    if kinds.one_of(data, str(path), kinds.FINGERPRINT, kinds.BUNDLE) is kinds.FINGERPRINT:
        return read_side(kinds.FINGERPRINT.parse(data, str(path)), policy)
    bundle = parse_bundle(data, str(path), policy.max_bundle_bytes)
    try:
        return read_side(bundle, policy)
    except HurefError as why:
        raise why.within(path) from None


def verified(bundle: Bundle, policy: Policy) -> Fingerprint:
    """The fingerprint of a bundle, which is verified first."""
    check(bundle, policy).raise_for_status()
    statement = bundle.statement
    shape = statement.shape
    return Fingerprint(statement.profile, shape.layers, shape.tokens, statement.outputs, statement.challenge)


def layer_choices(
    a: Model | Fingerprint, b: Model | Fingerprint, profile: Profile
) -> tuple[tuple[int, ...] | None, ...]:
    """The layers to try: None for each folder's own default; for a folder and a vector also the vector's layers."""
    if isinstance(a, Fingerprint):
        a, b = b, a
    if isinstance(a, Fingerprint) or not isinstance(b, Fingerprint):
        return (None,)
    own = a.default_layers(profile.layers)
    return (own,) if b.layers == own or b.layers[-1] >= a.architecture.layers else (own, b.layers)


def common_tokens(
    a: Model | Fingerprint, b: Model | Fingerprint, profile: Profile
) -> tuple[Selection | None, Selection | None, int | None]:
    """The tokens over which each side's vector is computed (None: the side's own), and how many they could share.

    Below FEWEST shared tokens there is no verdict; then each side keeps its own choice, so that there is a cosine.
    """
    if isinstance(a, Fingerprint) and isinstance(b, Fingerprint):
        return None, None, None
    from ..stages.tokens import match, shared

    if isinstance(a, Fingerprint):
        second, first, vocabulary = common_tokens(b, a, profile)
        return first, second, vocabulary
    if isinstance(b, Fingerprint):
        first, second, vocabulary = match(a, b.tokens), None, len(b.tokens)
    else:
        first, second, vocabulary = shared(a, b, profile)
    return (first, second, vocabulary) if len(first.tokens) >= FEWEST else (None, None, vocabulary)
