"""How numbers, digests and lists are written for people, on a terminal and on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

#: A block of a report: title, then lines of (word, text).
Block = tuple[str, Iterable[tuple[str, str]]]
#: Files of a bundle that are listed one by one.
_FILES = 8


def count(number: int, word: str, several: str = "") -> str:
    """`1 row`, `2 rows`; `several`: the plural where it is no -s."""
    return f"{number:,} {word if number == 1 else several or f'{word}s'}"


def listed(numbers: Iterable[int | str]) -> str:
    """`4, 5`; long lists are cut in the middle."""
    words = [str(number) for number in numbers]
    return ", ".join(words if len(words) <= 12 else [*words[:5], "…", *words[-5:]])


def files(digests: Mapping[str, str]) -> list[tuple[str, str]]:
    """Lines for files and their digests; of many only the first."""
    lines = [("file", f"{name}, sha256 {short(digest)}") for name, digest in islice(digests.items(), _FILES)]
    return lines if len(digests) <= _FILES else [*lines, ("", f"and {len(digests) - _FILES} more")]


def size(number: float) -> str:
    """Bytes for people, in powers of 1000."""
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 100 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"


def seconds(number: float) -> str:
    """A duration for people."""
    if number < 100:
        return f"{number:.2g} s" if number < 10 else f"{number:.0f} s"
    minutes, rest = divmod(round(number), 60)
    return f"{minutes} min {rest:02d} s"


def short(digest: str) -> str:
    """The first digits of a digest, for people."""
    return f"{digest[:16]}…"
