"""Which parts of two models are shared, each in a word.

    equal         all of its matrices are the same numbers
    the same      some of them are, or its own test has p < 1e-9
    alike         its matrices correlate, and no test says more
    unclear       a test has a p-value between
    different     tested, and no more alike than independent parts: less than half of its units find a counterpart
    not compared  neither

What tests of neurons see in a basis that two models share through their embedding does not show that their blocks are
the same: there at least half of a block must agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model import Role
from .chance import CERTAIN, TEN, Log
from .equal import ALIKE, Pairing
from .findings import Equal, Finding, Word

#: The tests that speak for a part.
TESTS: dict[Role, tuple[str, ...]] = {
    "embedding": ("dims/embedding", "rotation"),
    "attention": ("channels", "heads/order", "heads/partners"),
    "feed-forward": ("order/tokens", "order/raw", "partners/tokens", "partners/raw", "partners/fitted", "invariants"),
}
ROLES: tuple[Role, ...] = ("embedding", "positions", "attention", "feed-forward", "norms", "output matrix")
SURE, NOTHING = -9 * TEN, -4 * TEN


def counted(pairings: Sequence[Pairing]) -> Equal:
    """The tensors in numbers."""
    counting = [pairing for pairing in pairings if pairing.counts]
    others = tuple(pairing.name for pairing in counting if not pairing.equal)
    return Equal(
        len(pairings),
        len(counting),
        sum(pairing.same for pairing in counting),
        sum(pairing.equal for pairing in counting),
        others[:10],
        sum(pairing.equal for pairing in pairings if not pairing.counts),
    )


def words(pairings: Sequence[Pairing], roles: Mapping[str, Role], tests: Sequence[Finding]) -> dict[str, Word]:
    """A word for every part; positions, norms and output matrix only where both models have such tensors."""
    found: dict[str, Word] = {}
    for role in ROLES:
        own = [pairing for pairing in pairings if roles.get(pairing.name) == role]
        if role in TESTS or own:
            found[role] = _word(role, own, [test for test in tests if test.name in TESTS.get(role, ())])
    return found


def _word(role: Role, own: Sequence[Pairing], tests: Sequence[Finding]) -> Word:
    counting = own if role == "norms" else [pairing for pairing in own if pairing.counts]
    p: Log = min((speaks(test) for test in tests if test.ran), default=CERTAIN)
    if counting and all(pairing.equal for pairing in counting):
        return "equal"
    if p < SURE or (role != "norms" and any(pairing.equal for pairing in counting)):
        return "the same"
    if any(pairing.correlation >= ALIKE for pairing in counting):
        return "alike"
    ran = [test for test in tests if test.ran]
    if p <= NOTHING or any(2 * (test.agreeing or 0) >= (test.units or 1) for test in ran if "partners" in test.name):
        return "unclear"
    return "different" if ran else "not compared"


def speaks(test: Finding) -> Log:
    """The p-value of a test as evidence that its part is the same."""
    if test.name == "partners/raw" and 2 * (test.agreeing or 0) < (test.units or 0):
        return CERTAIN
    return test.p
