"""A copy is hidden in the layers that a challenge does not ask for: what is said then, and what finds it.

Which layers are committed to, and what numbers they have, a prover chooses. So an answer over other layers shows no
relation and no more; with all layers of both sides the copy is found, whatever stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import huref
from huref import Bundle, Challenge, Commitment, Opening
from huref.dispute import doubts, parties
from huref.pipeline import Layers
from tests.support import models

#: What the junk layers write, against the others.
SMALL = 1e-7


@dataclass(frozen=True)
class Owner:
    """A model folder, and the commitment that its owner published before the beacon."""

    model: Path
    commitment: Commitment
    opening: Opening

    @classmethod
    def of(cls, model: Path, layers: Layers = None) -> Owner:
        return cls(model, *huref.commit(model, layers=layers))

    def answer(self, challenge: Challenge) -> Bundle:
        answer = huref.prove(self.model, opening=self.opening, challenge=challenge)
        assert huref.verify(answer, challenge=challenge).ok
        return answer


def answered(one: Owner, other: Owner) -> tuple[Bundle, Bundle]:
    challenge = huref.challenge(one.commitment, other.commitment, beacon=bytes(range(32)))
    return one.answer(challenge), other.answer(challenge)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", seed=1, layers=4).write(tmp_path_factory.mktemp("original") / "model")


@pytest.fixture(scope="module")
def padded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model with two layers after it that write next to nothing."""
    net, junk = models.network("llama", seed=1, layers=4), models.network("llama", seed=7, layers=2)
    for block in junk.blocks:
        block.o *= SMALL
        block.down *= SMALL
    net.blocks += junk.blocks
    return net.write(tmp_path_factory.mktemp("padded") / "model")


def test_other_layers_of_a_copy_show_no_relation_and_no_more(original: Path) -> None:
    alice, thief = Owner.of(original), Owner.of(original, (0, 1))
    answers = answered(alice, thief)
    found = huref.compare(*answers)
    assert found.verdict == "no relation shown"
    assert "as far as these layers tell; others may tell more" in found.reason
    left = {entry.what: entry.why for entry in found.not_checked}
    assert left["layers"] == "layers that a side left out: it chose them, and numbered them"
    # before anybody answers, both are warned
    _, *both = parties(alice.commitment, thief.commitment)
    assert "the commitments cover different layers: a copy can hide in those of one side alone" in doubts(*both)
    # and the folder of either side, of which all layers are tried, finds it
    assert huref.compare(original, answers[1]).verdict == "related"


def test_all_layers_of_both_sides_find_a_copy(original: Path) -> None:
    answers = answered(*(Owner.of(original, "all") for _ in range(2)))
    found = huref.compare(*answers)
    assert (found.verdict, found.cosine, found.pairs) == ("related", 1.0, 16)
    assert [(match.a, match.b) for match in found.layers] == [(i, i) for i in range(4)]


def test_layers_that_write_nothing_are_not_what_is_chosen(original: Path, padded: Path) -> None:
    assert huref.fingerprint(padded).layers == huref.fingerprint(original).layers == (2, 3)
    assert huref.fingerprint(padded, layers="all").layers == (0, 1, 2, 3)
    # so with the options that everybody takes, the copy is found
    found = huref.compare(huref.fingerprint(original), huref.fingerprint(padded))
    assert (found.verdict, found.cosine) == ("alike", 1.0)
    assert huref.compare(original, padded).verdict == "related"


def test_junk_layers_named_on_purpose_hide_nothing_beside_all_others(original: Path, padded: Path) -> None:
    """The thief commits to every layer that he has, junk too: a vector for each, and the copied ones match."""
    answers = answered(Owner.of(original, "all"), Owner.of(padded, tuple(range(6))))
    found = huref.compare(*answers)
    assert (found.verdict, found.cosine, found.pairs) == ("related", 1.0, 24)
    assert [(match.a, match.b) for match in found.layers] == [(i, i) for i in range(4)]
    assert huref.compare(original, answers[1]).verdict == "related"


def test_junk_layers_alone_are_no_relation_and_not_the_absence_of_one(original: Path, padded: Path) -> None:
    mine, his = huref.fingerprint(original, layers="all"), huref.fingerprint(padded, layers=(4, 5))
    found = huref.compare(mine, his)
    assert found.verdict == "no relation shown"
    assert np.abs([match.cosine for match in found.layers]).max() < 0.25
    assert "layers" in {entry.what for entry in found.not_checked}
