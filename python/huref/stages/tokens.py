"""Stage "tokens": which rows of the input embedding a fingerprint uses (specification, "tokens").

Tokens are chosen and matched by their *bytes*, never by id or rank, so that a renumbered vocabulary changes nothing.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import disk
from ..artefacts import kinds
from ..artefacts import tokens as lists
from ..artefacts.bundle import Bundle
from ..artefacts.commitment import Commitment
from ..artefacts.fingerprint import Fingerprint
from ..errors import ModelError, ModelWarning, WeightsMismatchError
from ..model import Model
from ..model.tokenizer import Token
from ..profile import Profile
from .frequency import parse_ids

#: Short words: a vocabulary that is cut down, or trained on other text, has most of them. Lower-case ASCII letters,
#: behind a space, sentencepiece's mark for it, WordPiece's mark of a continuation, or nothing.
WORD = re.compile(rb"(?: |\xe2\x96\x81|##)?[a-z]{2,4}")


@dataclass(frozen=True, eq=False)
class Selection:
    """Chosen tokens: byte strings in order of selection, all different, and the id (int64) of each in the model."""

    tokens: tuple[bytes, ...]
    ids: NDArray[np.int64]

    @property
    def digest(self) -> str:
        """SHA-256 of the list, in hexadecimal digits."""
        return lists.digest(self.tokens)


def select(model: Model, profile: Profile) -> Selection:
    """The profile's own choice: the K tokens with the smallest SHA-256 of their bytes, in the order of that hash.

    All of them where the vocabulary has fewer. A profile with `words_first` takes short words in that order, then all
    others in that order.

    Raises:
        ModelError: there is no tokenizer, it cannot be read, or it does not fit the embedding.

    """
    ids = _ids(model)
    return _selection(ids, _ranked(ids, profile))


def match(model: Model, tokens: Sequence[bytes]) -> Selection:
    """Those of a list that the model has, in the order of the list; perhaps none.

    Raises:
        ModelError: as for `select`.

    """
    ids = _ids(model)
    return _selection(ids, [text for text in tokens if text in ids])


def match_all(model: Model, tokens: Sequence[bytes]) -> Selection:
    """A list of which the model must have every token.

    Raises:
        ModelError: as for `select`.
        WeightsMismatchError: it lacks some.

    """
    found = match(model, tokens)
    missing = len(tokens) - len(found.tokens)
    if missing:
        raise WeightsMismatchError(f"{model.path}: its tokenizer lacks {missing} of the {len(tokens)} tokens")
    return found


def shared(a: Model, b: Model, profile: Profile, most: int | None = None) -> tuple[Selection, Selection, int]:
    """The profile's choice among the tokens that two models share, and how many candidates the smaller vocabulary has.

    The same list for both models, empty if they share no token. `most`: how many are chosen, if not as many as the
    profile says; its own come first.

    Raises:
        ModelError: as for `select`.

    """
    ids, others = _ids(a), _ids(b)
    ranked = _ranked(ids.keys() & others.keys(), profile, most)
    return _selection(ids, ranked), _selection(others, ranked), min(len(ids), len(others))


def chosen(model: Model, path: Path, profile: Profile) -> Selection:
    """The tokens that a file asks for: a token list, or any file of huref that has one (fingerprint, commitment,
    bundle); or token ids as the authors of HuRef publish them.

    A file of ids has one id a line, most frequent first; the last K of those that are ordinary tokens of the model are
    used, in the order of the file.

    Raises:
        NotFoundError: there is no such file.
        InputError: the file is neither a token list nor a list of ids.
        ModelError: as for `match`.

    """
    data = disk.read(path)
    if data.lstrip()[:1] == b"{":
        kind = kinds.one_of(data, str(path), kinds.TOKENS, kinds.FINGERPRINT, kinds.COMMITMENT, kinds.BUNDLE)
        found = match(model, _listed(kind.parse(data, str(path))))
        if not found.tokens:
            raise ModelError(f"{model.path}: its tokenizer has none of the tokens of {path}")
        return found
    ids = _ids(model)
    texts = {number: text for text, number in ids.items()}
    known = [texts[number] for number in dict.fromkeys(parse_ids(data, path)) if number in texts]
    if not known:
        raise ModelError(f"{model.path}: its tokenizer has none of the token ids of {path}")
    return _selection(ids, known[-profile.tokens :])


def _listed(found: tuple[bytes, ...] | Fingerprint | Commitment | Bundle) -> tuple[bytes, ...]:
    """The token list that a file holds."""
    if isinstance(found, tuple):
        return found
    if isinstance(found, Fingerprint):
        return found.tokens
    return found.shape.tokens if isinstance(found, Commitment) else found.statement.shape.tokens


def _ranked(texts: Iterable[bytes], profile: Profile, most: int | None = None) -> list[bytes]:
    label = profile.token_label.encode()

    def rank(text: bytes) -> tuple[bool, bytes]:
        later = profile.words_first and WORD.fullmatch(text) is None
        return later, hashlib.sha256(label + text).digest()

    return sorted(texts, key=rank)[: most or profile.tokens]


def _selection(ids: dict[bytes, int], texts: Sequence[bytes]) -> Selection:
    return Selection(tuple(texts), np.array([ids[text] for text in texts], dtype=np.int64))


def _ids(model: Model) -> dict[bytes, int]:
    """Bytes -> id of every candidate that has a row in the embedding.

    Some tokenizers have ids for which there is none: a ModelWarning says how many. ModelError if that are most.
    """
    vocabulary, path = model.vocabulary()
    rows = model.architecture.vocab
    kept = [token for token in vocabulary if token.id < rows]
    without = len(vocabulary) - len(kept)
    if without > len(kept):
        raise ModelError(
            f"{path}: {without} of its {len(vocabulary)} tokens have no row in the embedding, which has {rows}; is it "
            "this model's?"
        )
    if without:
        warnings.warn(
            f"{path}: {without} of its {len(vocabulary)} tokens have no row in the embedding, which has {rows}; they "
            "are left out",
            ModelWarning,
            stacklevel=2,
        )
    ids = _unambiguous(kept)
    if not ids:
        raise ModelError(f"{path}: no ordinary token in it")
    return ids


def _unambiguous(vocabulary: Sequence[Token]) -> dict[bytes, int]:
    """One id for each byte string. If two ids have the same bytes, an ordinary piece takes precedence over a
    byte-fallback token; of two ids of the same kind neither is taken, because ids must not decide.
    """
    kinds: dict[bytes, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for token in vocabulary:
        if token.text:
            kinds[token.text][token.fallback].append(token.id)
    best = {text: ordinary or fallback for text, (ordinary, fallback) in kinds.items()}
    return {text: ids[0] for text, ids in best.items() if len(ids) == 1}
