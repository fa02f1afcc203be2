"""The verdict on two folders in a sentence: what is shared, the strongest count, what that means."""

from __future__ import annotations

from collections.abc import Mapping

from .findings import Evidence, Finding, Word

NAMES = {
    "embedding": "the embedding",
    "positions": "the table of positions",
    "attention": "attention",
    "feed-forward": "feed-forward blocks",
    "norms": "norms",
    "output matrix": "the output matrix",
}
#: Tests that look at what the units of a part do; the parts in the order in which they tell most.
DOING: dict[str, tuple[str, ...]] = {
    "feed-forward": ("partners/tokens", "partners/raw", "partners/fitted"),
    "attention": ("heads/partners",),
    "embedding": ("rotation",),
}
#: What "share a start" leaves open.
OPEN = (
    "one descends from the other, both descend from a third, or both began with the same random numbers; these numbers "
    "cannot tell which"
)


def related(evidence: Evidence, shared: Mapping[str, Word], strongest: Finding | None) -> str:
    """For models that share a start. `strongest`: the test that decided, None where equal tensors did."""
    same = [NAMES[part] for part, word in shared.items() if word in ("equal", "the same") and part != "norms"]
    other = [NAMES[part] for part, word in shared.items() if word == "different"]
    parts = ["the two share a start."]
    count = _equal(evidence) if strongest is None else strongest.sentence
    if same:
        parts.append(f"The same in both: {_listed(same)} ({count}).")
    else:
        parts.append(f"{count[:1].upper()}{count[1:]}.")
    if evidence.copies is not None and evidence.copies.blocks > 1:
        found, blocks = evidence.copies.found, evidence.copies.blocks
        if shared.get("feed-forward") in ("equal", "the same"):
            parts.append(f"The block is in {found} of {blocks} experts.")
        elif shared.get("feed-forward") == "different":
            parts.append(f"{found} of {blocks} experts have a block of the other's.")
    if other:
        parts.append(f"Different: {_listed(other)}.")
    if _numbers_only(evidence, shared):
        parts.append(
            "What the units do has little in common: as after very long training, or of two models that began with one "
            "seed."
        )
    parts.append(f"That is, {OPEN}.")
    return " ".join(parts)


def unrelated(evidence: Evidence) -> str:
    """For models in which nothing is more alike than chance makes it."""
    tested = [test.name for test in evidence.tests if test.ran]
    return f"tested were {_listed(tested)}; none is more alike than in independent models"


def _equal(evidence: Evidence) -> str:
    found = evidence.equal
    how = "bit for bit" if found.same == found.equal else "the same up to scale and rounding"
    return f"{found.equal} of {found.counting} matrices of equal name and shape {how}"


def _numbers_only(evidence: Evidence, shared: Mapping[str, Word]) -> bool:
    """Whether only tests of numbers speak for what is shared, and nothing that looks at what its units do."""
    part = next((part for part in DOING if shared.get(part) == "the same"), "feed-forward")
    doing = [test for test in evidence.tests if test.ran and test.name in DOING[part]]
    return not evidence.equal.equal and bool(doing) and all(test.p_value > 1e-4 for test in doing)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
