"""An answer by nearness gives away a cosine and nothing by which a model is recognised; and it is no way out."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import huref
from huref import Bundle, Commitment, NearBundle, Opening, _native
from huref.artefacts import bundle as bundles
from huref.artefacts import nearness
from huref.artefacts.claims import Claims
from huref.artefacts.context import NOBODY
from huref.artefacts.nearness import AnswerKind, Nearness
from huref.artefacts.outputs import Outputs
from huref.errors import UsageError
from huref.stages.claims import UNNAMED
from tests.attacks.test_steering import steered
from tests.support import models, toys
from tests.support.bundles import BEACON, CLAIMS

RUN = 4
"""Entries of a vector in a row that are searched for."""


@dataclass(frozen=True)
class Owner:
    """A model folder, and the commitment that its owner published before the beacon."""

    model: Path
    commitment: Commitment
    opening: Opening


@pytest.fixture(scope="module")
def owners(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Owner]:
    folder = tmp_path_factory.mktemp("owners")
    original = models.network("llama", seed=1)
    networks = {"base": original, "steered": steered(original, folder), "stranger": models.network("llama", seed=2)}
    paths = {name: network.write(folder / name) for name, network in networks.items()}
    return {name: Owner(path, *huref.commit(path)) for name, path in paths.items()}


def dispute(alice: Owner, bob: Owner, *reveals: tuple[AnswerKind, int]) -> tuple[Bundle, list[NearBundle | str]]:
    """Alice answers with vectors, Bob in each of these ways, or says why that would not be true."""
    challenge = huref.challenge(alice.commitment, bob.commitment, beacon=BEACON)
    theirs = huref.prove(alice.model, opening=alice.opening, challenge=challenge)

    def answer(reveal: tuple[AnswerKind, int]) -> NearBundle | str:
        try:
            return huref.answer(bob.model, near=theirs, opening=bob.opening, commitment=bob.commitment, reveal=reveal)
        except UsageError as why:
            return str(why)

    return theirs, [answer(reveal) for reveal in reveals]


def verdict(bundle: NearBundle | str, theirs: Bundle) -> str:
    """The word for an answer, or why there is none."""
    if isinstance(bundle, str):
        return bundle
    found = huref.verify(bundle, near=theirs).verified.nearness
    assert found is not None
    assert found.judged is not None
    return found.judged.verdict


def test_a_steered_copy_is_related_without_a_vector_of_its_own(owners: dict[str, Owner]) -> None:
    theirs, made = dispute(owners["base"], owners["steered"], ("rounded", 0), ("at-least", 128), ("below", 128))
    rounded, half, below = (verdict(each, theirs) for each in made)
    assert (rounded, half) == ("related", "related")
    assert below.startswith("there is no such answer")


def test_strangers_stay_strangers_and_nameless(owners: dict[str, Owner]) -> None:
    """The claims name no model: the digest of a public file would say which one it is."""
    theirs, made = dispute(owners["base"], owners["stranger"], ("rounded", 0), ("below", 128), ("at-least", 128))
    rounded, below, half = (verdict(each, theirs) for each in made)
    assert (rounded, below) == ("no relation shown", "inconclusive")
    assert half.startswith("there is no such answer")
    assert isinstance(made[0], NearBundle)
    assert (made[0].claims.model_name, made[0].claims.files) == (UNNAMED, {})
    assert str(owners["stranger"].model) not in nearness.dump(made[0]).decode()


# What is in the file


@dataclass(frozen=True)
class Published:
    """A file, and all that its base64 and hexadecimal digits stand for."""

    data: bytes

    @property
    def texts(self) -> tuple[bytes, ...]:
        """The bytes of the file, and what is encoded in it."""
        words = re.findall(rb'"([A-Za-z0-9+/]{64,}=*)"', self.data)
        encoded = [base64.b64decode(word) for word in words if len(word) % 4 == 0]
        digits = [bytes.fromhex(word.decode()) for word in re.findall(rb'"((?:[0-9a-f]{2}){16,})"', self.data)]
        return (self.data.replace(b"[", b",").replace(b"]", b","), *encoded, *digits)

    def holds(self, numbers: list[int]) -> str | None:
        """How these numbers stand in the file, one after the other; None if they do not."""
        for how, pattern in spellings(numbers):
            if any(pattern in text for text in self.texts):
                return how
        return None


def spellings(numbers: list[int]) -> Iterator[tuple[str, bytes]]:
    """Numbers as text, as bytes of every width in both orders, and these in base64 at any of its three alignments."""
    for separator in (",", ", ", " ", "\n"):
        # a number of its own, not the digits of a longer one
        yield f"text {separator!r}", separator.join(["", *map(str, numbers), ""]).encode()
    for bits in (16, 32, 64):
        if any(not -(1 << bits - 1) <= number < 1 << bits - 1 for number in numbers):
            continue
        for order in "<>":
            packed = np.array(numbers, dtype=f"{order}i{bits // 8}").tobytes()
            yield f"{order}{bits}", packed
            yield f"{order}{bits} in hexadecimal digits", packed.hex().encode()
            for skipped in range(3):
                whole = packed[skipped:]
                whole = whole[: len(whole) // 3 * 3]
                yield f"{order}{bits} in base64 from {skipped}", base64.b64encode(whole)


@pytest.fixture(scope="module")
def hidden() -> tuple[Nearness, bytes, Outputs, bytes]:
    """Of toy weights: the statement of nearness with the file, and what an answer with vectors would have published."""
    weights = toys.quantised(2).weights
    other = Commitment("toy-2", toys.SHAPE, toys.rows("toy-2", toys.SHAPE, toys.quantised(1).weights, bytes(32)))
    rows = toys.rows("toy-2", toys.SHAPE, weights, bytes(range(32)))
    own = Commitment("toy-2", toys.SHAPE, rows)
    challenge = huref.challenge(other, own, beacon=BEACON)
    alice, _ = _native.prove(toys.quantised(1).weights, bytes(32), other.rows, (challenge.draw(other.id),), NOBODY)
    public, proof = _native.prove(weights, bytes(range(32)), rows, (challenge.draw(own.id),), NOBODY)
    z, draw = Outputs.of(alice[0]).z, challenge.draw(own.id)
    (kind, cosines, pair), near = _native.near(weights, bytes(range(32)), rows, draw, z, ("rounded", 0), NOBODY)
    statement = Nearness("toy-2", toys.SHAPE, rows, draw, z, nearness.Answer(kind, tuple(cosines), pair))
    claims = Claims("not said", 2, {}, "huref", CLAIMS.proved_at, "ab" * 32)
    outputs = Outputs.of(public[0])
    vectors = huref.Statement(own, (draw,), (outputs,))
    return (
        statement,
        nearness.dump(NearBundle(statement, claims, near)),
        outputs,
        bundles.dump(Bundle(vectors, CLAIMS, proof, image=None)),
    )


def runs(outputs: Outputs) -> Iterator[tuple[str, list[int]]]:
    """Everything about the weights that an answer with vectors has: z in runs, e and a together, each c."""
    for vector in outputs.vectors:
        for start in range(len(vector) - RUN + 1):
            yield "z", list(vector[start : start + RUN])
    yield "e", list(outputs.shifts)
    yield "a", list(outputs.scales)
    for c in outputs.vector_scales:
        yield "c", [c]


def test_a_file_of_nearness_holds_nothing_by_which_a_model_is_recognised(
    hidden: tuple[Nearness, bytes, Outputs, bytes],
) -> None:
    _, data, outputs, _ = hidden
    file = Published(data)
    for name, numbers in runs(outputs):
        assert file.holds(numbers) is None, f"{name} as {file.holds(numbers)}"


def test_the_search_finds_what_an_answer_with_vectors_publishes(
    hidden: tuple[Nearness, bytes, Outputs, bytes],
) -> None:
    statement, data, outputs, vectors = hidden
    whole = Published(vectors)
    assert {name for name, numbers in runs(outputs) if whole.holds(numbers)} == {"z", "e", "a", "c"}
    theirs = Published(data)
    assert theirs.holds(list(statement.theirs[:RUN])) == "text ','"
    proof = Published(b'"' + base64.b64encode(np.array(outputs.scales, dtype=">i4").tobytes() * 3) + b'"')
    assert proof.holds(list(outputs.scales)) == ">32"


def test_two_answers_to_one_challenge_say_the_same_and_are_different_proofs(
    hidden: tuple[Nearness, bytes, Outputs, bytes],
) -> None:
    """Every secret number has a pad of its own, drawn anew: no byte of two proofs is tied to the weights."""
    statement, data, _, _ = hidden
    weights, draw = toys.quantised(2).weights, statement.draw
    said, again = _native.near(
        weights, bytes(range(32)), statement.commitment, draw, statement.theirs, ("rounded", 0), NOBODY
    )
    assert tuple(said[1]) == statement.answer.cosines
    first = nearness.parse(data).proof
    blocks = {first[at : at + 16] for at in range(0, len(first) - 16)}
    assert not any(again[at : at + 16] in blocks for at in range(0, len(again) - 16, 16))
