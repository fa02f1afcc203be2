"""Relations of the reference verifier in conversation with a prover who hides nothing: every pad is 0."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from huref.verifier.reference.curve import P
from huref.verifier.reference.pads import Ledger
from huref.verifier.reference.side import Side

#: A prover: from the list of challenges, which grows, to the scalars that it sends.
Prover = Callable[[list[int]], Iterator[int]]


class Conversation(Side):
    """The verifier's side, with challenges from a fixed seed. A form's value is its constant, since pads are 0."""

    def __init__(self, prover: Prover, seed: int = 1) -> None:
        self.ledger = Ledger()
        self._drawn: list[int] = []
        self._random = random.Random(seed)
        self._sent = prover(self._drawn)

    def scalar(self) -> int:
        return next(self._sent)

    def challenge(self) -> int:
        self._drawn.append(self._random.randrange(1, P))
        return self._drawn[-1]

    @property
    def holds(self) -> bool:
        """Whether all forms vanish that must."""
        return all(form.constant == 0 for form in self.ledger.zeros)


def sumcheck(
    drawn: list[int], tables: list[list[int]], degree: int, product: Callable[[list[int]], int], until: int = 1
) -> Iterator[int]:
    """Messages of a sumcheck over `product` of the tables; they end with so many values, at the point drawn."""
    while len(tables[0]) > until:
        half = len(tables[0]) // 2
        for x in (0, *range(2, degree + 1)):
            rows = [[low + x * (high - low) for low, high in zip(t[:half], t[half:], strict=True)] for t in tables]
            yield sum(product(list(values)) for values in zip(*rows, strict=True)) % P
        r = drawn[-1]
        tables[:] = [
            [(low + r * (high - low)) % P for low, high in zip(t[:half], t[half:], strict=True)] for t in tables
        ]
