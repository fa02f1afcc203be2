"""The parent that a model card names, against the folder of that parent.

A card is README.md with a block of YAML between lines of `---`. Of it one field is read, in the two forms in which it
is written: `base_model: name`, or a list of names below it. Nothing else of the card is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .. import disk
from ..artefacts.document import RESULTS, Document
from ..errors import CardContradictedError, CardUnknownError, HurefError, InputError, NotFoundError
from .verdict import Comparison

Checked = Literal["consistent", "contradicted", "unknown"]
#: The largest card that is read.
LARGEST = 1 << 22
_BLOCK = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^base_model:[ \t]*(.*)((?:\n[ \t]*-[ \t].*)*)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class CardCheck(Document):
    """What a comparison with `parent` says about the card of `model`, which names `claimed`.

    `checked`: "consistent" (they share a start), "contradicted" (they are unrelated), "unknown" (the card names no
    parent, or the comparison is inconclusive); `code`: the row of the table of errors, if it is not consistent.
    """

    schema: str = f"{RESULTS}/check-card/v1"
    ok: bool
    model: str
    parent: str
    claimed: tuple[str, ...]
    checked: Checked
    reason: str
    comparison: Comparison
    code: str | None = None

    def raise_for_status(self) -> None:
        """CardContradictedError or CardUnknownError, unless the card is consistent."""
        if not self.ok:
            kind: type[HurefError] = CardContradictedError if self.checked == "contradicted" else CardUnknownError
            raise kind(self.reason)


def claimed(folder: Path) -> tuple[str, ...]:
    """The parents that the card of a model folder names; none if it names none.

    Raises:
        NotFoundError: there is no card.
        InputError: it is no text, or larger than 4 MiB.

    """
    path = folder / "README.md"
    if not path.is_file():
        raise NotFoundError(f"{path}: no model card; expected a README.md in the model folder")
    try:
        text = disk.read(path, LARGEST).decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text") from None
    block = _BLOCK.search(text)
    found = _FIELD.search(block[1]) if block else None
    if found is None:
        return ()
    inline = found[1].split("#")[0].strip().removeprefix("[").removesuffix("]")
    names = [*inline.split(","), *(line.strip().removeprefix("-") for line in found[2].splitlines())]
    plain = (name.strip().strip("'\"") for name in names)
    return tuple(name for name in plain if name and name.isprintable() and name not in ("null", "~"))


def judged(names: tuple[str, ...], model: str | Path, parent: str | Path, comparison: Comparison) -> CardCheck:
    """What the card of a model says (`claimed`), with the comparison of the model and the parent."""
    listed = " and ".join(names)
    checked: Checked = "unknown"
    if not names:
        reason = f"the card names no base model; compared with {parent}: {comparison.verdict}"
    elif comparison.verdict == "related":
        checked, reason = "consistent", f"the card names {listed}, and {comparison.reason}"
    elif comparison.verdict == "unrelated":
        checked, reason = "contradicted", f"the card names {listed}, but {comparison.reason}"
    else:
        reason = f"the card names {listed}; {comparison.reason}"
    codes = {"consistent": None, "contradicted": CardContradictedError.code, "unknown": CardUnknownError.code}
    return CardCheck(
        ok=checked == "consistent",
        model=str(model),
        parent=str(parent),
        claimed=names,
        checked=checked,
        reason=reason,
        comparison=comparison,
        code=codes[checked],
    )
