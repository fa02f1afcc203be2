"""A steered vector does not survive a challenge: the whole dispute, with proofs, and what luck is worth.

The owner who steers knows the sketch matrices of the fingerprint before he commits. Those of a challenge nobody knew.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import huref
from huref import Bundle, Challenge, Commitment, Opening, profile
from huref.artefacts.challenge import between
from huref.model import open_model
from huref.similarity import cosine, null_width
from huref.stages import tokens
from huref.stages.encode import encode
from huref.stages.quantise import quantise
from huref.stages.sketch import sketch
from tests.attacks.test_steering import steered
from tests.support import models

RULES = profile.named("robust-2")
DRAWS = 40


@dataclass(frozen=True)
class Owner:
    """A model folder, and the commitment that its owner published before the beacon."""

    model: Path
    commitment: Commitment
    opening: Opening

    def answer(self, challenge: Challenge) -> Bundle:
        return huref.prove(self.model, opening=self.opening, challenge=challenge)


@pytest.fixture(scope="module")
def owners(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Owner]:
    folder = tmp_path_factory.mktemp("owners")
    original = models.network("llama", seed=1)
    networks = {
        "base": original,
        "steered": steered(original, folder),
        "stranger": models.network("llama", seed=2),
    }
    paths = {name: network.write(folder / name) for name, network in networks.items()}
    return {name: Owner(path, *huref.commit(path)) for name, path in paths.items()}


def test_steering_hides_a_model_from_its_fingerprint_and_not_from_a_challenge(owners: dict[str, Owner]) -> None:
    base, thief = owners["base"], owners["steered"]
    plain = huref.compare(*(huref.prove(owner.model, opening=owner.opening) for owner in (base, thief)))
    assert plain.verdict == "no relation shown"
    assert abs(plain.cosine) < 0.2
    challenge = huref.challenge(base.commitment, thief.commitment, beacon=bytes(range(32)))
    answers = [owner.answer(challenge) for owner in (base, thief)]
    for answer in answers:
        assert huref.verify(answer, challenge=challenge, verifier="both").ok
    found = huref.compare(*answers)
    assert found.verdict == "related"
    assert found.cosine > 0.8
    audited = huref.verify(answers[1], weights=thief.model, opening=thief.opening)
    assert audited.verified.weights is not None
    assert audited.verified.weights.commitment
    assert huref.verify(answers[1], weights=base.model).code == "weights-mismatch"
    # one of the two against the other's folder, which is sketched under the same challenge
    assert huref.compare(answers[0], thief.model).cosine == pytest.approx(found.cosine, abs=1e-3)


def test_strangers_stay_strangers_under_a_challenge(owners: dict[str, Owner]) -> None:
    base, stranger = owners["base"], owners["stranger"]
    challenge = huref.challenge(base.commitment, stranger.commitment, beacon=bytes(32))
    assert huref.compare(base.answer(challenge), stranger.answer(challenge)).verdict == "no relation shown"


def test_what_drawing_again_is_worth(owners: dict[str, Owner]) -> None:
    """Who draws the beacon alone, or commits after it, can try many seeds; the cosine hardly moves between them."""
    integers = []
    for name in ("base", "steered", "stranger"):
        model = open_model(owners[name].model)
        integers.append(quantise(model, tokens.select(model, RULES), model.default_layers(2), RULES))
    moved, apart = [], []
    for attempt in range(DRAWS):
        seed = between("0a" * 32, "0b" * 32, bytes([attempt]) * 32).seed  # fixed, so that every run draws the same
        base, thief, stranger = (encode(one, *sketch(one, "cpu", seeds=(seed,)), seed).vectors[0] for one in integers)
        moved.append(cosine(base, thief))
        apart.append(cosine(base, stranger))
    assert min(moved) > 0.8
    assert np.std(moved) < 0.03
    assert abs(np.mean(apart)) < 3 * null_width(RULES) / np.sqrt(DRAWS)
    assert np.std(apart) < null_width(RULES)
