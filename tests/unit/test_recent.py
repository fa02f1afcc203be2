"""Values that are kept for a while."""

from __future__ import annotations

import pytest

from huref.recent import Recent, forget


def test_a_value_is_made_once_and_the_oldest_goes_first() -> None:
    made: list[int] = []

    def value(key: int) -> int:
        return recent.get(key, lambda: made.append(key) or 10 * key)  # type: ignore[func-returns-value]

    recent: Recent[int] = Recent(2)
    assert [value(key) for key in (1, 2, 1, 3, 1, 2)] == [10, 20, 10, 30, 10, 20]
    assert made == [1, 2, 3, 2], "2 was asked for before 1, so it went when 3 came"


def test_nothing_is_kept_of_a_failure() -> None:
    recent: Recent[int] = Recent(2)

    def fail() -> int:
        raise ValueError("a sentence")

    for _ in range(2):
        with pytest.raises(ValueError, match="a sentence"):
            recent.get(1, fail)
    assert recent.get(1, lambda: 5) == 5


def test_nothing_is_known_afterwards() -> None:
    made: list[int] = []
    recents: list[Recent[int]] = [Recent(1), Recent(2)]
    for _ in range(2):
        for recent in recents:
            recent.get(1, lambda: made.append(1) or 5)  # type: ignore[func-returns-value]
    assert len(made) == 2
    forget()
    recents[0].get(1, lambda: made.append(1) or 5)  # type: ignore[func-returns-value]
    assert len(made) == 3
