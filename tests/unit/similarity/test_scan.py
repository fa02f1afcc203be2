"""A scan names every entry of which more can be said than that no relation is shown, and says what it left out."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huref.artefacts.report import NotChecked
from huref.profile import named
from huref.similarity.database import Group, LeftOut
from huref.similarity.scan import Found, concluded, doubt, least
from huref.similarity.vectors import compare_vectors
from huref.similarity.verdict import Verdict, null_width, strength
from tests.unit.similarity.test_vectors import TOKENS, lopsided, made, pair

PROFILE = named("robust-2")
WIDTH = null_width(PROFILE)


@pytest.mark.parametrize(("layers", "shared"), list(product([1, 4, 40], [300, 440, 700, 1000])))
def test_exactly_below_the_threshold_no_relation_is_shown(layers: int, shared: int) -> None:
    """Of an entry with one layer, for which the threshold is lowest."""
    reach = shared / len(TOKENS)

    def said(value: float) -> str:
        a, b = pair(value)
        found = compare_vectors(made(a, tokens=TOKENS[:shared]), made(b), len(TOKENS))
        found = replace(found, pairs=layers, corrected_p_value=min(1.0, layers * found.p_value))
        return strength(found, min(0.0, value), reach)[0]

    bar = least(layers, reach, WIDTH)
    assert said(bar - 0.003) == "nothing"
    assert said(bar + 0.003) != "nothing"


@given(
    seed=st.integers(0, 1 << 30),
    layers=st.integers(1, 5),
    entries=st.lists(st.tuples(st.integers(1, 3), st.floats(-0.9, 0.95)), min_size=1, max_size=5),
    shared=st.sampled_from([300, 600, 1000]),
)
@settings(max_examples=40)
def test_the_index_loses_no_entry_of_which_more_can_be_said(
    seed: int, layers: int, entries: list[tuple[int, float]], shared: int
) -> None:
    """Against a comparison with every single entry: each has one layer that is alike to some layer of the model."""
    random, tokens = np.random.default_rng(seed), TOKENS[:shared]
    model = made(*random.standard_normal((layers, 512)), tokens=tokens)
    group, wanted = Group("robust-2", TOKENS), set()
    for number, (own, value) in enumerate(entries):
        vectors = random.standard_normal((own, 512))
        alike = np.array(model.vectors[number % layers]) / 4096
        vectors[-1] = value * alike + math.sqrt(1 - value**2) * vectors[-1]
        entry = made(*vectors)
        group.add(Path(str(number)), entry.vectors)
        if compare_vectors(model, entry, len(TOKENS)).verdict != "no relation shown":
            wanted.add(Path(str(number)))
    assert wanted <= set(group.candidates(model.vectors, least(layers, shared / len(TOKENS), WIDTH)))


def test_opposed_vectors_are_candidates_too() -> None:
    a, b = pair(-0.3)
    found = compare_vectors(made(a), made(b))
    assert found.verdict == "inconclusive"
    assert least(1, 1.0, WIDTH) < 0.3


@pytest.mark.parametrize(
    ("tokens", "listed", "why"),
    [
        (TOKENS, 1000, None),
        (TOKENS[:256], 1000, None),
        (TOKENS[:255], 1000, "share 255 tokens; a verdict needs 256"),
        ((), 1000, "share 0 tokens"),
        (TOKENS[:300], 4096, "an unchanged copy would show 0.07"),
        (lopsided(600, 31), 700, "one side of the sketch has 31"),
    ],
)
def test_lists_that_could_tell_nothing(tokens: Sequence[bytes], listed: int, why: str | None) -> None:
    found = doubt(tokens, listed, len(tokens) / listed, PROFILE)
    if why is None:
        assert found is None
    else:
        assert why in (found or "")


def hit(verdict: Verdict, cosine: float) -> Found:
    a, b = pair(cosine)
    return Found(f"{verdict}.json", replace(compare_vectors(made(a), made(b)), verdict=verdict))


def test_what_is_found_comes_in_order_and_is_counted() -> None:
    found = [hit("inconclusive", 0.3), hit("alike", 0.9), hit("related", 0.8), hit("related", 0.95)]
    answer = concluded("model", "base", 100, found, [LeftOut("x.json", "it is broken")])
    assert [(one.comparison.verdict, round(one.comparison.cosine, 2)) for one in answer.found] == [
        ("related", 0.95),
        ("related", 0.8),
        ("alike", 0.9),
        ("inconclusive", 0.3),
    ]
    assert answer.reason == (
        "of 100 entries: 2 related, 1 alike, 1 inconclusive, 96 without a relation shown; of strangers about one in "
        "10,000 is inconclusive by chance; 1 more could not be compared"
    )


def test_what_was_not_checked_is_said_once() -> None:
    doubts = (NotChecked("layers", "some"), NotChecked("owner", "who"))
    found = [replace(one, comparison=replace(one.comparison, not_checked=doubts)) for one in [hit("alike", 0.9)] * 3]
    assert concluded("model", "base", 3, found, []).not_checked == doubts
    assert len(concluded("model", "base", 4, found, []).not_checked) == 3


def test_nothing_is_said_with_how_many_were_compared() -> None:
    answer = concluded("model", "base", 1234, [], [])
    assert answer.reason.startswith("none of the 1,234 entries is related to the model: its layers were compared with")
    assert "as far as these layers tell" in answer.reason
    assert [entry.what for entry in answer.not_checked] == ["entries"]
    assert "nothing in base could be compared" in concluded("model", "base", 0, [], []).reason
