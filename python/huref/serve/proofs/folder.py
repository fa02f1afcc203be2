"""Which folders a proof job may name: those below the operator's, by plain names, with no file from elsewhere."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

from ...errors import InputError, NotFoundError

#: Names with `/` between them. No name begins with a dot; none has a sign that means something to a reader of models.
NAMES = r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*"
#: Longest text that is looked at.
LONGEST = 512
#: More files than a model has.
_MOST = 10_000


def below(root: Path, name: str) -> Path:
    """The folder of that name below `root`, which must be resolved.

    Raises:
        InputError: that is no name of a folder.
        NotFoundError: there is no such folder; or it, or a file in it, is a link that leads out of `root`.

    """
    if len(name) > LONGEST or re.fullmatch(NAMES, name, re.ASCII) is None:
        raise InputError("field 'folder' must be names of letters, digits, '.', '_' and '-', with '/' between them")
    missing = NotFoundError("there is no such folder of a model here")
    try:
        found = (root / name).resolve(strict=True)
        files = [found, *islice(found.rglob("*"), _MOST)] if found.is_dir() else []
        inside = all(one.resolve(strict=True).is_relative_to(root) for one in files)
    except (OSError, RuntimeError):
        raise missing from None
    if not files or len(files) > _MOST or not inside:
        raise missing
    return found
