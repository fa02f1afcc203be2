"""The two sides of a comparison: what each is, over which tokens and layers they meet, and what nobody checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import disk
from ..artefacts import kinds
from ..artefacts.bundle import Bundle
from ..artefacts.bundle import parse as parse_bundle
from ..artefacts.challenge import Challenge
from ..artefacts.commitment import Commitment
from ..artefacts.draw import COMMON, Draw
from ..artefacts.fingerprint import FOREIGN, Fingerprint
from ..artefacts.policy import Policy
from ..artefacts.report import NotChecked
from ..errors import HurefError, IncomparableError
from ..place import is_model
from ..profile import Profile
from ..verifier.check import check
from .verdict import FEWEST, Comparison, Side

if TYPE_CHECKING:
    from ..model import Model
    from ..stages.tokens import Selection


@dataclass(frozen=True)
class Fixed:
    """A side whose vectors are given: a fingerprint, or a bundle that verifies.

    `vectors` are those of its first draw, `own` those of an own draw beside it, with that draw. `commitment` is the id
    of a bundle's commitment.
    """

    kind: Side
    vectors: Fingerprint
    draw: Draw = COMMON
    own: tuple[Draw, Fingerprint] | None = None
    commitment: str | None = None

    @property
    def challenge(self) -> Challenge | None:
        """The challenge that the vectors answer."""
        if self.commitment is None or self.draw.kind != "challenge":
            return None
        return Challenge.of(self.draw, self.commitment)


def side_of(side: Model | Fixed) -> Side:
    """What a side is, in a word."""
    return side.kind if isinstance(side, Fixed) else "model folder"


def read_side(
    side: str | Path | Fingerprint | Bundle, policy: Policy, commitments: Sequence[Commitment] = ()
) -> Model | Fixed:
    """A model that is still to be read, or the vectors of a fingerprint, or of a bundle that verifies.

    `commitments`: among them that of a bundle which names it by id alone.
    """
    if isinstance(side, Fingerprint):
        return Fixed("fingerprint", side)
    if isinstance(side, Bundle):
        return verified(side, policy)
    path = Path(side)
    if is_model(path):
        from ..model import open_model

        return open_model(path)
    data = disk.read(path)
    if kinds.one_of(data, str(path), kinds.FINGERPRINT, kinds.BUNDLE) is kinds.FINGERPRINT:
        return Fixed("fingerprint", kinds.FINGERPRINT.parse(data, str(path)))
    bundle = parse_bundle(data, str(path), policy.max_bundle_bytes, commitments)
    try:
        return verified(bundle, policy)
    except HurefError as why:
        raise why.within(path) from None


def verified(bundle: Bundle, policy: Policy) -> Fixed:
    """The vectors of a bundle, which is verified first."""
    check(bundle, policy).raise_for_status()
    statement = bundle.statement
    if statement.custom is not None:
        raise IncomparableError(FOREIGN)
    name, shape = statement.commitment.id, statement.shape
    first, *more = (
        (draw, Fingerprint(statement.profile, shape.layers, shape.tokens, outputs, draw.seed(name)))
        for draw, outputs in zip(statement.draws, statement.outputs, strict=True)
    )
    return Fixed("verified bundle", first[1], first[0], more[0] if more else None, name)


def common_tokens(
    a: Model | Fixed, b: Model | Fixed, profile: Profile
) -> tuple[Selection | None, Selection | None, int | None]:
    """The tokens over which each side's vectors are computed (None: the side's own), and how many they could share.

    Below FEWEST shared tokens there is no verdict; then each side keeps its own choice, so that there is a cosine.
    """
    if isinstance(a, Fixed) and isinstance(b, Fixed):
        return None, None, None
    from ..stages.tokens import match, shared

    if isinstance(a, Fixed):
        second, first, vocabulary = common_tokens(b, a, profile)
        return first, second, vocabulary
    if isinstance(b, Fixed):
        first, second, vocabulary = match(a, b.vectors.tokens), None, len(b.vectors.tokens)
    else:
        first, second, vocabulary = shared(a, b, profile)
    return (first, second, vocabulary) if len(first.tokens) >= FEWEST else (None, None, vocabulary)


def not_checked(a: Model | Fixed, b: Model | Fixed, found: Comparison) -> tuple[NotChecked, ...]:
    """What could mislead somebody who reads a comparison, and was not checked."""
    fixed = [side for side in (a, b) if isinstance(side, Fixed)]
    bundles = [side for side in fixed if side.commitment is not None]
    entries = [_fitted(fixed, found)] if fixed else []
    if found.draw == "challenge":
        entries.append(NotChecked("order", "that both commitments were published before the beacon was known"))
    elif bundles:
        entries.append(NotChecked("order", "which of the two is older: no date was looked at"))
    if bundles:
        entries.append(NotChecked("owner", "who the parties are: a bundle names at most what its prover wrote"))
    if fixed:
        entries.append(NotChecked("layers", "layers that a side left out: it chose them, and numbered them"))
    if bundles:
        how = "huref verify BUNDLE --weights MODEL --opening SECRET"
        entries.append(NotChecked("files", "that a commitment was made from the files of any model", how))
    return tuple(entry for entry in entries if entry is not None)


def _fitted(fixed: list[Fixed], found: Comparison) -> NotChecked | None:
    """Which side could have been made to resemble the other."""
    if len(fixed) == 2:
        if found.draw == "challenge":
            return None
        return NotChecked("fitted", "either side, by somebody who could see the other's public vectors")
    if found.own is not None or found.draw != "common":
        return NotChecked(
            "fitted", "the folder, if it is younger than the bundle: its vectors were public from then on"
        )
    return NotChecked("fitted", "either side, by somebody who could see the other's vectors or files")
