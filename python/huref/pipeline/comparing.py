"""How related two models are, and what rests on that: the plan of a comparison, a merged model, a model card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..artefacts.bundle import Bundle
from ..artefacts.commitment import Commitment
from ..artefacts.draw import COMMON, Draw
from ..artefacts.fingerprint import Fingerprint
from ..artefacts.policy import DEFAULT as DEFAULT_POLICY
from ..artefacts.policy import Policy
from ..dispute import two_sides
from ..errors import (
    IncomparableError,
)
from ..planning.memory import must_suffice, streaming
from ..profile import DEFAULT, Profile, named
from ..progress import Progress, silent
from . import given
from .given import Folder, Place

if TYPE_CHECKING:
    from ..model import Model
    from ..planning.comparison import ComparisonPlan
    from ..similarity import Comparison
    from ..similarity.card import CardCheck
    from ..similarity.compare import Fixed
    from ..similarity.decompose import Decomposition
    from ..stages.quantise import Source
    from ..stages.tokens import Selection


def compare(
    a: Place | Fingerprint | Bundle,
    b: Place | Fingerprint | Bundle,
    *,
    policy: Policy = DEFAULT_POLICY,
    commitments: Sequence[Commitment | Place] = (),
    device: str = "auto",
    progress: Progress = silent,
) -> Comparison:
    """How related two models are. Each is a model folder, a fingerprint or a bundle, in a file or at hand.

    Bundles are verified first, under `policy`; `commitments` has those that bundles name by id alone. Two folders are
    compared over the tokens that both have, chosen as the profile demands, by their vectors and by all that
    `huref.similarity.evidence` sees in their layers. A folder and a fixed side are compared over those of its tokens
    that the folder has, all active layers of the folder against its layers; if it is a bundle with own vectors, also
    under that own draw. Bundles that answer a challenge are compared only under this challenge, also with folders,
    which are sketched under it.

    Raises:
        ProofRejectedError, ImageMismatchError, PolicyError: a bundle that does not verify.
        IncomparableError: the profiles or draws differ, or the token lists of two fixed sides too much; or both bundles
            answer for one commitment.
        NotFoundError, InputError, MalformedBundleError, ModelError: as for `verify` and `fingerprint`.

    """
    from ..similarity.compare import Fixed, read_side

    known = given.committed(commitments)
    left, right = read_side(a, policy, known), read_side(b, policy, known)
    if isinstance(left, Fixed) and isinstance(right, Fixed):
        two_sides(left, right)
    try:
        return compared(left, right, device, progress, vectors)
    except IncomparableError as why:
        raise (why.within(f"{a} and {b}") if isinstance(a, str | Path) and isinstance(b, str | Path) else why) from None


def plan_comparison(a: Folder, b: Folder) -> ComparisonPlan:
    """What `compare` on two folders would cost on this machine, in seconds and bytes.

    Reads no weights; measures the machine. Errors as for `fingerprint`.
    """
    from ..planning.comparison import plan as planned

    return planned(given.opened(a), given.opened(b))


def decompose(
    suspect: Folder, parents: Sequence[Folder], *, base: Folder | None = None, progress: Progress = silent
) -> Decomposition:
    """Of what a merged model is made: the weights of its parents in every layer, by least squares.

    With `base`, what the parents were made from, the weights are those of their changes.

    Raises:
        IncomparableError: the models have different sizes.
        NotFoundError, ModelError: as for `fingerprint`.

    """
    from ..similarity.decompose import decompose as find

    return find(
        given.opened(suspect),
        [given.opened(parent) for parent in parents],
        None if base is None else given.opened(base),
        progress,
    )


def check_card(model: Folder, parent: Folder, *, device: str = "auto", progress: Progress = silent) -> CardCheck:
    """The parent that the card of a model names, checked against the folder of that parent.

    Raises:
        NotFoundError, InputError, ModelError: as for `compare`; there is no card, or it cannot be read.

    """
    from ..similarity.card import claimed, judged

    names = claimed(given.opened(model).files()[0].parent)  # the folder of its config.json, also of a model on a hub
    return judged(names, model, parent, compare(model, parent, device=device, progress=progress))


def compared(
    left: Model | Fixed,
    right: Model | Fixed,
    device: str,
    progress: Progress,
    vectors: Callable[..., list[Fingerprint]],
) -> Comparison:
    """`compare` of two sides that were read; `vectors`: `vectors`, or what remembers its results."""
    from ..similarity import compare_vectors
    from ..similarity.compare import Fixed, common_tokens, not_checked, side_of

    fixed = [side for side in (left, right) if isinstance(side, Fixed)]
    profile = named(fixed[0].vectors.profile if fixed else DEFAULT)
    first, second, vocabulary = common_tokens(left, right, profile)
    draws: list[tuple[Draw, bytes | None]] = [(COMMON, None)]
    if fixed:
        draws = [(fixed[0].draw, fixed[0].vectors.seed)]
    if len(fixed) == 1 and fixed[0].own is not None:
        draws.append((fixed[0].own[0], fixed[0].own[1].seed))

    def of(side: Model | Fixed, selection: Selection | None) -> list[Fingerprint]:
        """Those of a side under each draw."""
        if isinstance(side, Fixed):
            return [side.vectors, *([side.own[1]] if side.own is not None else [])]
        source = given.source(side, profile, "all" if fixed else None, selection)
        return vectors(source, [seed for _, seed in draws], device, progress)

    if not isinstance(left, Fixed) and not isinstance(right, Fixed):
        from ..similarity.full import MOST

        if max(left.architecture.ffn, right.architecture.ffn) > MOST:
            return _folders(_without_vectors(left, right, profile), left, right, profile, device, progress)
    pairs = list(zip(of(left, first), of(right, second), strict=not fixed))
    draw = draws[0][0]
    found = compare_vectors(
        *pairs[0],
        vocabulary,
        sides=(side_of(left), side_of(right)),
        draw=draw.kind,
        beacon=bool(draws[-1][0].beacon),
        own=pairs[1] if len(draws) > 1 else None,
    )
    found = replace(found, not_checked=not_checked(left, right, found))
    if isinstance(left, Fixed) or isinstance(right, Fixed):
        return found
    return _folders(found, left, right, profile, device, progress)


def vectors(source: Source, seeds: Sequence[bytes | None], device: str, progress: Progress) -> list[Fingerprint]:
    """The vectors of a model under each of these seeds."""
    from ..stages.encode import encode
    from ..stages.sketch import streamed

    must_suffice(streaming(given.sizes(source)), f"a comparison with {source.model.path}")
    sketches = streamed(source, device, progress, seeds)
    return [encode(source, *of_draw) for of_draw in zip(sketches, seeds, strict=True)]


def _folders(found: Comparison, a: Model, b: Model, profile: Profile, device: str, progress: Progress) -> Comparison:
    """The comparison of two folders with all evidence."""
    from ..similarity.embedding import shared_tokens
    from ..similarity.evidence import examine
    from ..similarity.weigh import weigh

    wide = shared_tokens(a, b, profile) if found.tokens_shared >= found.tokens_needed else None
    seen = examine(a, b, wide, profile, progress, device)
    return weigh(replace(found, pcs=seen.pcs), seen.evidence, seen.shared)


def _without_vectors(a: Model, b: Model, profile: Profile) -> Comparison:
    from ..similarity.vectors import without_vectors
    from ..stages.tokens import shared

    selection, _, vocabulary = shared(a, b, profile)
    return without_vectors(selection.tokens, vocabulary, profile)
