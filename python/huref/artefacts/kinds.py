"""Kinds of files: what each is called, which module here reads it, and which verb a file of that kind is for.

The one table of media types. Every reader opens its files by `opened`, so a file in the wrong place is named for what
it is: "this is a fingerprint; `huref compare` reads it".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from .. import disk
from ..errors import HurefError, InputError, UnsupportedVersionError, shown
from ..foreign import HEAD, foreign
from . import strict


@dataclass(frozen=True)
class Kind:
    """A kind of file. `name`: the module of this package that reads it, and its word in the media type.

    `words`: the kind with its article; `used`: which verb reads it, as the rest of a sentence.
    """

    name: str
    words: str
    used: str
    version: int = 1

    @property
    def media_type(self) -> str:
        """The media type, which is the first field of a file."""
        return f"application/vnd.huref.{self.name}.v{self.version}+json"

    def parse(self, data: bytes, where: str) -> Any:
        """The value in a file of this kind; `where` names the file in messages. Errors: those of the module."""
        return import_module(f".{self.name}", __package__).parse(data, where)


BUNDLE = Kind("bundle", "a bundle", "`huref verify` checks it", version=2)
ANSWERS = Kind("answers", "a list of answered challenges", "`huref prove --challenge` keeps it beside an opening")
CHALLENGE = Kind("challenge", "a challenge", "`huref prove --challenge` answers it")
COMMITMENT = Kind("commitment", "a commitment", "`huref challenge` reads it")
DISPUTE = Kind("dispute", "a dispute", "`huref dispute close` and `huref verify --dispute` read it")
DRIFT = Kind("drift", "a proof of drift", "`huref verify` checks it")
FINGERPRINT = Kind("fingerprint", "a fingerprint", "`huref compare` reads it")
NEARNESS = Kind("nearness", "a proof of nearness", "`huref verify` checks it")
OPENING = Kind("opening", "an opening, a secret", "`huref prove --opening` reads it")
PAPER = Kind("paper", "a fingerprint of profile paper", "`huref compare --profile paper` reads it")
TIMESTAMPS = Kind("timestamps", "a file of timestamps", "`huref verify --timestamp` reads it")
TOKENS = Kind("tokens", "a token list", "`huref fingerprint --tokens` reads it")
WORK = Kind("work", "the job of a work folder, a secret", "`huref commit --work` goes on with its folder")
KINDS = {
    kind.media_type: kind
    for kind in (
        ANSWERS,
        BUNDLE,
        CHALLENGE,
        COMMITMENT,
        DISPUTE,
        DRIFT,
        FINGERPRINT,
        NEARNESS,
        OPENING,
        PAPER,
        TIMESTAMPS,
        TOKENS,
        WORK,
    )
}

_FIRST = re.compile(rb'\s*\{\s*"mediaType"\s*:\s*"([\w./+-]{1,100})"')
_OURS = re.compile(r"application/vnd\.huref\.([a-z]+)\.v([0-9]+)\+json", re.ASCII)


def load(path: Path, *expected: Kind) -> Any:
    """The value in a file of one of these kinds.

    Raises:
        NotFoundError: there is no such file.
        InputError, UnsupportedVersionError: it cannot be read, or is of no such kind; the message says of which.

    """
    data = disk.read(path)
    return one_of(data, str(path), *expected).parse(data, str(path))


def one_of(data: bytes, where: str, *expected: Kind) -> Kind:
    """Which of these kinds a file is of. InputError, UnsupportedVersionError: of none; the message says of which."""
    media_type = _first(data) or _parsed(data, where, InputError, expected).text("mediaType")
    return _checked(media_type, where, InputError, expected)


def opened(kind: Kind, data: bytes, where: str, error: type[HurefError] = InputError) -> strict.Fields:
    """The fields of a file of that kind, behind its media type; `error` is raised for anything else.

    Raises:
        UnsupportedVersionError: another version of the kind.

    """
    fields = _parsed(data, where, error, (kind,))
    _checked(fields.text("mediaType"), where, error, (kind,))
    return fields


def is_of(kind: Kind, data: bytes) -> bool:
    """Whether a file says that it is of that kind, in whatever version, and wherever its media type stands."""
    media_type = _first(data)
    if media_type is None:
        try:
            media_type = strict.parse(data, "").text("mediaType")
        except HurefError:  # the reader of the file says so
            return False
    ours = _OURS.fullmatch(media_type)
    return ours is not None and ours[1] == kind.name


def at(path: Path) -> Kind | None:
    """The kind of a file by its first bytes; None for everything else, and for what cannot be read."""
    try:
        with path.open("rb") as file:
            return of(file.read(HEAD))
    except OSError:  # the reader of the file says so
        return None


def of(data: bytes) -> Kind | None:
    """The kind of a file by its first bytes; None for everything else."""
    return KINDS.get(_first(data) or "")


def _first(data: bytes) -> str | None:
    found = _FIRST.match(data[:HEAD])
    return None if found is None else found[1].decode("ascii")


def _parsed(data: bytes, where: str, error: type[HurefError], expected: tuple[Kind, ...]) -> strict.Fields:
    other = None if _first(data) else foreign(data)
    if other is not None:
        raise error(f"{where}: {other}; {_wanted(expected)}")
    return strict.parse(data, where, error)


def _checked(media_type: str, where: str, error: type[HurefError], expected: tuple[Kind, ...]) -> Kind:
    kind = KINDS.get(media_type)
    if kind in expected:
        return kind
    if kind is not None:
        raise error(f"{where}: this is {kind.words}; {kind.used}; {_wanted(expected)}")
    ours = _OURS.fullmatch(media_type)
    if ours is not None and ours[1] in {kind.name for kind in expected}:
        raise UnsupportedVersionError(f"{where}: {shown(media_type)} is of a version that this release does not know")
    raise error(f"{where}: the media type is {shown(media_type)}; {_wanted(expected)}")


def _wanted(expected: tuple[Kind, ...]) -> str:
    return f"expected {' or '.join(kind.words for kind in expected)}"
