"""What callers give, read: model folders and what is chosen of them, files or what was in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from .. import _native, disk
from ..artefacts.commitment import Commitment
from ..artefacts.commitment import read as read_commitment
from ..artefacts.opening import Opening
from ..errors import InputError, WeightsMismatchError
from ..planning.sizes import Sizes
from ..profile import Profile, named

if TYPE_CHECKING:
    from ..model import Model
    from ..stages.quantise import Source
    from ..stages.tokens import Selection

#: Where a model folder is.
Folder = str | Path
#: Where a file is, or, for what may be either, a folder.
Place = str | Path
#: Which layers, counted from 0: these, all active ones, or the profile's choice among those (`huref.model.idle`).
Layers = Sequence[int] | Literal["all"] | None
Value = TypeVar("Value")
#: Room for as many weights as a network may have, and for its biases.
MAX_NETWORK_BYTES = 8 << 20


def opened(folder: Folder) -> Model:
    """The model there. NotFoundError, ModelError: it is missing, or cannot be used."""
    from ..model import open_model

    return open_model(folder)


def sizes(source: Source, draws: int = 2) -> Sizes:
    """The sizes of what is made from a source."""
    return Sizes(source.profile.name, source.shape, draws)


def source(
    model: Model, profile: Profile, layers: Layers, tokens: Place | Sequence[bytes] | Selection | None
) -> Source:
    """What is read of a model: these layers, over these tokens. Errors as for `fingerprint`."""
    from ..stages.quantise import choose

    selection = _selection(model, profile, tokens)
    return choose(model, selection, model.chosen_layers(layers, profile.layers), profile)


def _selection(model: Model, profile: Profile, tokens: Place | Sequence[bytes] | Selection | None) -> Selection:
    from ..stages.tokens import Selection, chosen, match, select

    if tokens is None:
        return select(model, profile)
    if isinstance(tokens, Selection):
        return tokens
    if isinstance(tokens, str | Path):
        return chosen(model, Path(tokens), profile)
    found = match(model, tokens)
    if not found.tokens:
        raise InputError(f"{model.path}: its tokenizer has none of the {len(tokens)} tokens that were asked for")
    return found


def network(path: Place, profile: str) -> bytes:
    """The canonical bytes of an encoder file, a network for the sketches of a profile (specification, "fingerprint").

    Raises:
        NotFoundError, InputError: there is no such file, or no network of this profile in it.

    """
    data = disk.read(Path(path), MAX_NETWORK_BYTES)
    try:
        _native.check_network(profile, data)
    except ValueError as why:
        raise InputError(f"{path}: no encoder for profile {profile}: {why}") from None
    return data


def reopened(model: Model, opening: Opening, base: Folder | None) -> Source:
    """What an opening says was committed to, of the model that was; `base`: the model that it was aligned to.

    Raises:
        UsageError: a base is missing, or there was none.
        WeightsMismatchError: the model lacks a token.
        ModelError: one of the two cannot be used.

    """
    from ..stages.base import must_fit

    must_fit(opening, base)
    found = source(model, named(opening.profile), opening.layers, _all_of(model, opening))
    return found if base is None else found.aligned_to(opened(base), opening.aligned_to)


def _all_of(model: Model, opening: Opening) -> Selection:
    """The tokens of an opening, of which the model must have every one."""
    from ..stages.tokens import match_all

    try:
        return match_all(model, opening.tokens)
    except WeightsMismatchError as why:
        name = opening.commitment[:16]
        raise WeightsMismatchError(
            f"{why} of commitment {name}...; give the model folder given to `huref commit`"
        ) from None


def loaded(given: Value | str | Path, read: Callable[[Path], Value]) -> Value:
    """What was given, or what is in the file that was given."""
    return read(Path(given)) if isinstance(given, str | Path) else given


def committed(commitments: Sequence[Commitment | Place]) -> list[Commitment]:
    """Commitments, each in a file or at hand."""
    return [loaded(commitment, read_commitment) for commitment in commitments]
