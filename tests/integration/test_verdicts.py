"""What each kind of evidence is worth, end to end: real proofs under the default profile, strangers, copies, disguises,
and copies whose owner committed to other layers than the original's.

Proofs are of one or two layers of small models: the length of a proof is that of its vectors, not of its weights.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import huref
from huref.artefacts.commitment import Commitment
from huref.artefacts.opening import Opening
from huref.errors import IncomparableError
from huref.similarity import Comparison
from tests.support import disguises, models
from tests.support.models import Network

BEACON = bytes(range(32))


@cache
def original(family: str = "llama") -> Network:
    return models.network(family, 1, layers=2)


def stranger(family: str = "llama") -> Network:
    return models.network(family, 2, layers=2)


def copied(family: str = "llama") -> Network:
    """In the strongest disguise."""
    return disguises.all_together(original(family), np.random.default_rng(3), disguises.EXTREME)


def padded(net: Network) -> Network:
    """Two foreign layers behind the last one, which do little, but enough to pass for working ones."""
    others = models.network(net.family, 99, layers=2)
    for block in others.blocks:
        block.o *= 0.1
        block.down *= 0.1
    net = net.copy()
    net.blocks = [*net.blocks, *others.blocks]
    return net


def left(found: Comparison) -> list[str]:
    """What was not checked."""
    json.dumps(found.to_json())
    return [entry.what for entry in found.not_checked]


def matched(found: Comparison) -> dict[int, int]:
    return {pair.a: pair.b for pair in found.layers if pair.cosine > 0.99}


@pytest.mark.parametrize("family", models.FAMILIES)
def test_a_folder_against_a_bundle_with_own_vectors(family: str, tmp_path: Path) -> None:
    """The owner of the original, who has its folder, looks at the bundle of a copy; then at that of a stranger. One
    layer is enough, and nobody needs to know which one it is.
    """
    mine = original(family).write(tmp_path / "mine")
    bundle = huref.prove(copied(family).write(tmp_path / "copy"), layers=(0,))
    found = huref.compare(mine, bundle)
    assert (found.verdict, found.decided_by, matched(found)) == ("related", "own vectors", {0: 0})
    assert found.own is not None
    assert (found.own.verdict, found.own.pairs) == ("alike", 1)
    assert found.own.mean > 0.99
    assert found.sides == ("model folder", "verified bundle")
    assert left(found) == ["fitted", "order", "owner", "layers", "files"]
    again = huref.compare(bundle, mine)
    assert (again.verdict, again.cosine, again.own) == (found.verdict, found.cosine, found.own)

    apart = huref.compare(stranger(family).write(tmp_path / "stranger"), bundle)
    assert apart.verdict == "no relation shown"
    assert "as far as these layers tell" in apart.reason
    assert abs(apart.cosine) < 0.25
    assert left(apart) == left(found)


@dataclass(frozen=True)
class Side:
    """A model, its commitment to some layers, and the opening."""

    folder: Path
    commitment: Commitment
    opening: Opening

    @classmethod
    def of(cls, net: Network, folder: Path, layers: Sequence[int] | str) -> Side:
        return cls(net.write(folder), *huref.commit(folder, layers=layers))  # type: ignore[arg-type]

    def answers(self, other: Side) -> huref.Bundle:
        challenge = huref.challenge(self.commitment, other.commitment, beacon=BEACON)
        return huref.prove(self.folder, opening=self.opening, commitment=self.commitment, challenge=challenge)


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Side:
    """The original, all layers."""
    return Side.of(original(), tmp_path_factory.mktemp("mine") / "model", "all")


def test_two_bundles_are_at_most_alike(mine: Side, tmp_path: Path) -> None:
    """Common vectors are public, so both sides could have been fitted; own vectors have nothing in common."""
    ours = huref.prove(mine.folder, layers=(0,))
    copy = copied().write(tmp_path / "copy")
    theirs = huref.prove(copy, layers=(0,), own=False)
    found = huref.compare(ours, theirs)
    assert (found.verdict, found.own, matched(found)) == ("alike", None, {0: 0})
    assert "both owners answer one challenge" in found.reason
    assert left(found) == ["fitted", "order", "owner", "layers", "files"]
    plain = huref.compare(ours, huref.fingerprint(copy, layers="all"))
    assert (plain.verdict, plain.sides) == ("alike", ("verified bundle", "fingerprint"))
    apart = huref.compare(ours, huref.fingerprint(stranger().write(tmp_path / "stranger"), layers="all"))
    assert apart.verdict == "no relation shown"


def test_answers_to_a_challenge_decide_even_with_junk_layers(mine: Side, tmp_path: Path) -> None:
    """All layers on both sides: whatever was appended, the layers of the original are found."""
    theirs = Side.of(padded(copied()), tmp_path / "copy", "all")
    assert theirs.commitment.shape.layers == (0, 1, 2, 3)
    answers = mine.answers(theirs), theirs.answers(mine)
    found = huref.compare(*answers)
    assert (found.verdict, found.draw, matched(found)) == ("related", "challenge", {0: 0, 1: 1})
    assert "nobody could choose these sketches" in found.reason
    assert found.pairs == 8
    assert left(found) == ["order", "owner", "layers", "files"]
    assert found.challenge == huref.challenge(mine.commitment, theirs.commitment, beacon=BEACON).seed.hex()
    # a folder is sketched under the challenge of a bundle
    assert huref.compare(mine.folder, answers[1]).verdict == "related"
    with pytest.raises(IncomparableError, match="both bundles answer for commitment"):
        huref.compare(answers[0], answers[0])


def test_answers_of_strangers(tmp_path: Path) -> None:
    one, other = (Side.of(net, tmp_path / str(i), (1,)) for i, net in enumerate((original(), stranger())))
    found = huref.compare(one.answers(other), other.answers(one))
    assert (found.verdict, found.draw) == ("no relation shown", "challenge")


def test_a_copy_that_commits_to_other_layers(mine: Side, tmp_path: Path) -> None:
    """Layer 0 of the one says nothing about layer 1 of the other, and the verdict does not pretend that it does. The
    folder of the original, and its commitment to all layers, find it.
    """
    theirs = Side.of(copied(), tmp_path / "copy", (0,))
    shown = huref.fingerprint(theirs.folder, layers=(0,))
    last = huref.compare(huref.fingerprint(mine.folder, layers=(1,)), shown)
    assert (last.verdict, "layers" in left(last)) == ("no relation shown", True)
    assert huref.compare(mine.folder, shown).verdict == "alike"
    found = huref.compare(mine.answers(theirs), theirs.answers(mine))
    assert (found.verdict, matched(found)) == ("related", {0: 0})
