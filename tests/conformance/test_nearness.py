"""Proofs of nearness: the reference verifier and the core give the same verdict, at the same check."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huref import _native
from huref.artefacts.commitment import commitment_id
from huref.artefacts.shape import Shape
from huref.verifier import reference
from huref.verifier.reference import Answer, Draw, Nearness
from huref.verifier.reference.nearness import statement_bytes
from huref.verifier.reference.profile import PROFILES
from huref.verifier.reference.verify import verify as reference_verify
from tests.conformance import core
from tests.conformance.changed import checks
from tests.conformance.test_reference import ALICE, BEACON, SEED, SHAPES, in_context, in_shape, tokens
from tests.support import toys

ASKED = (("rounded", 0), ("below", 256), ("at-least", 1))


def proved(shape: Shape, asked: tuple[str, int], name: str = "toy-2", theirs: int = 4) -> tuple[Nearness, bytes]:
    """A true answer about the vectors of a model of so many layers."""
    shapes = shape, replace(shape, layers=tuple(range(theirs)))
    models = [toys.quantised(seed, of, name).weights for seed, of in enumerate(shapes)]
    rows = [toys.rows(name, of, weights, SEED) for of, weights in zip(shapes, models, strict=True)]
    ids = [bytes.fromhex(commitment_id(name, of, of_it)) for of, of_it in zip(shapes, rows, strict=True)]
    (outputs,), _ = _native.prove(models[1], SEED, rows[1], (Draw("challenge", BEACON, ids[0]),), ALICE)
    draw, vectors = Draw("challenge", BEACON, ids[1]), tuple(outputs[0])
    (kind, cosines, pair), proof = _native.near(models[0], SEED, rows[0], draw, vectors, asked, ALICE)
    plain, answer = reference.Shape(**asdict(shape)), Answer(kind, tuple(cosines), pair and tuple(pair))
    return Nearness(name, plain, rows[0], (draw,), vectors, answer, ALICE), proof


def native_verdict(statement: Nearness, proof: bytes) -> str | None:
    try:
        core.verify(statement, proof)
    except _native.Rejected as refusal:
        return str(refusal.args[0])
    return None


def verdict(statement: Nearness, proof: bytes) -> str | None:
    try:
        reference_verify(statement, proof)
    except reference.Rejected as refusal:
        return refusal.check
    return None


@pytest.mark.parametrize(("name", "asked"), list(zip(SHAPES, ASKED * 3, strict=False)))
def test_accepts_what_the_native_prover_proves(name: str, asked: tuple[str, int]) -> None:
    # with fewer tokens a sketch may be 0
    shape = SHAPES[name] if len(SHAPES[name].tokens) >= 16 else replace(SHAPES[name], tokens=tokens(16))
    for profile in ("toy-2", "toy-2-cnn"):
        statement, proof = proved(shape, asked, profile)
        assert native_verdict(statement, proof) is None
        assert verdict(statement, proof) is None
        digest = hashlib.sha256(statement_bytes(statement, PROFILES[profile])).digest()
        assert digest == _native.near_digest(core.nearness(statement))


def test_accepts_the_full_profile() -> None:
    shape = Shape(384, 4, 2, 32, 256, layers=(4, 5), tokens=tokens(256))
    statement, proof = proved(shape, ("rounded", 0), "robust-2", theirs=2)
    assert verdict(statement, proof) is None
    assert verdict(statement, proof[:-1] + bytes([proof[-1] ^ 1])) == "opening"


@pytest.fixture(scope="module")
def honest() -> tuple[Nearness, bytes]:
    return proved(toys.SHAPE, ASKED[0])


def test_changed_proofs_are_refused_at_the_same_check(honest: tuple[Nearness, bytes]) -> None:
    assert checks(*honest, 2003, verdict, native_verdict) >= {"point", "linear constraints", "opening"}


def says(kind: str, *cosines: int, pair: tuple[int, int] | None = None) -> Callable[[Nearness], Nearness]:
    return lambda s: replace(s, answer=Answer(kind, cosines, pair))


def one_more(j: int, by: int) -> Callable[[Nearness], Nearness]:
    """Another cosine for pair j."""

    def change(s: Nearness) -> Nearness:
        cosines = list(s.answer.cosines)
        cosines[j] += by
        return says("rounded", *cosines)(s)

    return change


def under(**changes: Any) -> Callable[[Nearness], Nearness]:
    return lambda s: replace(s, draws=(replace(s.draws[0], **changes),))


#: Statements that are in order, but are others. (For those that are not: tests/unit/verifier/reference.)
CHANGES: dict[str, tuple[str, Callable[[Nearness], Nearness]]] = {
    "other layers": ("linear constraints", in_shape(layers=(0, 2))),
    "tokens swapped": ("linear constraints", in_shape(tokens=(*tokens(16)[1:], b"token-0"))),
    "ffn, one row more": ("commitment rows", in_shape(ffn=100)),
    "another beacon": ("linear constraints", under(beacon=bytes(48))),
    "another commitment": ("linear constraints", under(other=bytes(32))),
    "another owner": ("linear constraints", in_context(owner="name:Mallory")),
    "an owner of no form": ("context", in_context(owner="Alice")),
    "a cosine more": ("linear constraints", one_more(0, 1)),
    "a cosine less": ("linear constraints", one_more(7, -1)),
    "one vector less": ("interval", lambda s: replace(s, theirs=s.theirs[8:])),
    "vectors exchanged": ("linear constraints", lambda s: replace(s, theirs=s.theirs[8:] + s.theirs[:8])),
    "a vector turned": ("linear constraints", lambda s: replace(s, theirs=tuple(-z for z in s.theirs))),
    "a vector that is none": ("vector", lambda s: replace(s, theirs=(4096,) * 8 + s.theirs[8:])),
    "a bound in its place": ("proof length", says("below", 256)),
    "one pair in its place": ("proof length", says("at-least", 1, pair=(0, 0))),
    "another profile": ("linear constraints", lambda s: replace(s, profile="toy-2-cnn")),
}


@pytest.mark.parametrize(("check", "change"), CHANGES.values(), ids=CHANGES)
def test_changed_statements(honest: tuple[Nearness, bytes], check: str, change: Callable[[Nearness], Nearness]) -> None:
    statement, proof = honest
    assert verdict(change(statement), proof) == check
    assert native_verdict(change(statement), proof) == check


def test_the_same_bound_for_another_pair_is_another_statement() -> None:
    statement, proof = proved(toys.SHAPE, ASKED[2])
    (i, layer), t = statement.answer.pair or (0, 0), statement.answer.cosines[0]
    for other in (says("at-least", t, pair=(i, 1 - layer)), says("at-least", t + 1, pair=(i, layer))):
        assert verdict(other(statement), proof) == native_verdict(other(statement), proof) == "linear constraints"


def test_a_proof_of_one_kind_is_none_of_the_other(honest: tuple[Nearness, bytes]) -> None:
    statement, proof = honest
    outputs = reference.Outputs((0,) * 16, (20,) * 6, (1 << 14,) * 6, (1 << 20,) * 2)
    other = reference.Statement("toy-2", statement.shape, statement.commitment, statement.draws, (outputs,), ALICE)
    with pytest.raises(reference.Rejected, match="bytes, not"):
        reference_verify(other, proof)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(position=st.integers(0, 10**6), longer=st.sampled_from([0, 0, 0, 1, 33]), inserted=st.binary(max_size=70))
def test_any_splice_has_the_same_verdict(position: int, longer: int, inserted: bytes) -> None:
    statement, proof = FIXED
    at = position % len(proof)
    changed = proof[:at] + inserted + proof[at + max(0, len(inserted) - longer) :]
    assert verdict(statement, changed) == native_verdict(statement, changed)


FIXED = proved(Shape(2, 1, 1, 2, 3, layers=(0,), tokens=tokens(8)), ASKED[0])
