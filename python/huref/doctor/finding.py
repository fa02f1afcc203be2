"""What a check of `huref doctor` found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..artefacts.document import Part
from ..errors import HurefError


@dataclass(frozen=True)
class Finding(Part):
    """A check by its name, whether all is well, a sentence, and the code of `errors.TABLE` where it is not."""

    check: str
    ok: bool
    detail: str
    code: str | None = None


def found(check: str, look: Callable[[], str]) -> Finding:
    """What came of looking: its words, or the error that it raised."""
    try:
        return Finding(check, True, look())
    except HurefError as why:
        return Finding(check, False, str(why), why.code)
