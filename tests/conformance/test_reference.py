"""The reference verifier and the native module give the same verdict, at the same check."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huref import _native
from huref.artefacts.shape import Shape
from huref.profile import PROVABLE, named
from huref.verifier import reference
from huref.verifier.reference.profile import PROFILES
from huref.verifier.reference.verify import verify as reference_verify
from huref.verifier.reference.wire import statement_bytes, token_digest
from tests.support import toys
from tests.support.toys import SHAPE, quantised

SEED = bytes(range(32))


def tokens(count: int) -> tuple[bytes, ...]:
    return tuple(b"token-%d" % i for i in range(count))


SHAPES = {
    "grouped queries, d no power of two": SHAPE,
    "multi-head": replace(SHAPE, hidden=8, kv_heads=4),
    "multi-query": replace(SHAPE, kv_heads=1, ffn=5),
    "one row for each matrix, few tokens": Shape(2, 4, 2, 2, 3, layers=(7,), tokens=tokens(6)),
    "two slots": Shape(200, 4, 2, 6, 37, layers=(0,), tokens=tokens(16)),
    "one slot": Shape(500, 4, 2, 4, 7, layers=(0,), tokens=tokens(16)),
    "many rows": Shape(256, 2, 1, 8, 300, layers=(3, 9), tokens=tokens(64)),
    "one hidden index": Shape(1, 2, 1, 2, 9, layers=(0,), tokens=tokens(16)),
}


def proved(shape: Shape, name: str = "toy-1", challenge: bytes | None = None) -> tuple[reference.Statement, bytes]:
    weights = quantised(shape=shape, name=name).weights
    commitment = toys.rows(name, shape, weights, SEED)
    outputs, proof = _native.prove(weights, SEED, commitment, challenge=challenge)
    z, e, a, c = outputs
    public = reference.Public(tuple(z), tuple(e), tuple(a), c)
    return reference.Statement(name, reference.Shape(**vars(shape)), commitment, public, challenge), proof


@pytest.fixture(scope="module")
def honest() -> tuple[reference.Statement, bytes]:
    return proved(SHAPE)


def native_arguments(statement: reference.Statement) -> tuple[str, reference.Shape, bytes, reference.Public]:
    """All but the challenge: the reference verifier's values have the fields that the core reads."""
    return statement.profile, statement.shape, statement.commitment, statement.public


def native_verdict(statement: reference.Statement, proof: bytes) -> str | None:
    try:
        _native.verify(*native_arguments(statement), proof, statement.challenge)
    except _native.Rejected as refusal:
        check: str = refusal.args[0]
        return check
    return None


def verdict(statement: reference.Statement, proof: bytes) -> str | None:
    try:
        reference_verify(statement, proof)
    except reference.Refused as refusal:
        assert refusal.detail
        return refusal.check
    return None


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_accepts_what_the_native_prover_proves(shape: Shape) -> None:
    statement, proof = proved(shape)
    assert native_verdict(statement, proof) is None
    assert verdict(statement, proof) is None


def test_accepts_the_full_profile() -> None:
    statement, proof = proved(Shape(384, 4, 2, 32, 256, layers=(4, 5), tokens=tokens(256)), "robust-1")
    assert verdict(statement, proof) is None
    assert verdict(statement, proof[:-1] + bytes([proof[-1] ^ 1])) == "opening"


def test_accepts_answers_to_challenges_at_both_profiles() -> None:
    for name, seed in (("toy-1", bytes(32)), ("robust-1", bytes(range(32)))):
        statement, proof = proved(Shape(64, 2, 1, 16, 80, layers=(4,), tokens=tokens(96)), name, seed)
        assert verdict(statement, proof) is native_verdict(statement, proof) is None
        for other in (None, bytes([1]) + seed[1:]):
            changed = replace(statement, challenge=other)
            assert verdict(changed, proof) == native_verdict(changed, proof) == "linear constraints"


@pytest.mark.parametrize("challenge", [None, bytes(range(32))])
def test_statement_bytes_are_those_of_the_core(
    honest: tuple[reference.Statement, bytes], challenge: bytes | None
) -> None:
    statement = replace(honest[0], challenge=challenge)
    data = statement_bytes(statement, PROFILES[statement.profile])
    assert hashlib.sha256(data).digest() == _native.statement_digest(*native_arguments(statement), challenge)
    assert token_digest(statement.shape.tokens) == _native.token_digest(list(statement.shape.tokens))


def test_profiles_are_those_of_the_core() -> None:
    for name, profile in PROFILES.items():
        rules = named(name)
        assert list(profile.numbers()) == list(rules.numbers.values())
        assert profile.generators.hex() == rules.generators
        for own, labels in ((profile.fingerprint, rules.fingerprint), (profile.challenge, rules.challenge)):
            assert vars(own) == {key: label.encode() for key, label in vars(labels).items()}
    assert tuple(PROFILES) == PROVABLE


def test_changed_proofs_are_refused_at_the_same_check(honest: tuple[reference.Statement, bytes]) -> None:
    statement, proof = honest
    checks = set()
    for i in [*range(0, len(proof), 2003), 1, 32, *range(len(proof) - 70, len(proof), 11)]:
        changed = bytearray(proof)
        changed[i] ^= 1 << i % 8
        check = verdict(statement, bytes(changed))
        assert check is not None and check == native_verdict(statement, bytes(changed)), i
        checks.add(check)
    assert checks >= {"point", "linear constraints", "opening"}


def in_shape(**changes: Any) -> Callable[[reference.Statement], reference.Statement]:
    return lambda s: replace(s, shape=replace(s.shape, **changes))


def in_public(**changes: Callable[[Any], Any]) -> Callable[[reference.Statement], reference.Statement]:
    def change(s: reference.Statement) -> reference.Statement:
        return replace(s, public=replace(s.public, **{key: f(getattr(s.public, key)) for key, f in changes.items()}))

    return change


def in_commitment(change: Callable[[bytes], bytes]) -> Callable[[reference.Statement], reference.Statement]:
    return lambda s: replace(s, commitment=change(s.commitment))


def full_size(public: reference.Public) -> reference.Public:
    return replace(public, z=(0,) * 512)


CHANGES: dict[str, tuple[str, Callable[[reference.Statement], reference.Statement]]] = {
    "hidden": ("linear constraints", in_shape(hidden=5)),
    "hidden is zero": ("shape", in_shape(hidden=0)),
    "hidden is wider than a row": ("shape", in_shape(hidden=513)),
    "heads": ("shape", in_shape(heads=3)),
    "kv_heads is zero": ("shape", in_shape(kv_heads=0)),
    "more rows than any verifier keeps": ("shape", in_shape(heads=65536, kv_heads=65536, head_dim=65536)),
    "head_dim is too large": ("shape", in_shape(head_dim=65537)),
    "ffn": ("linear constraints", in_shape(ffn=11)),
    "ffn, one row more": ("commitment rows", in_shape(ffn=100)),
    "other layers": ("linear constraints", in_shape(layers=(0, 2))),
    "layers not ascending": ("shape", in_shape(layers=(1, 0))),
    "no layers": ("shape", in_shape(layers=())),
    "tokens swapped": ("linear constraints", in_shape(tokens=(*tokens(16)[1:], b"token-0"))),
    "a token twice": ("shape", in_shape(tokens=(b"token-0", *tokens(15)))),
    "no tokens": ("shape", in_shape(tokens=())),
    "z": ("linear constraints", in_public(z=lambda z: (z[0] + 1, *z[1:]))),
    "z is short": ("lengths", in_public(z=lambda z: z[1:])),
    "z is large": ("z range", in_public(z=lambda z: (1 << 15, *z[1:]))),
    "e is large": ("shift", in_public(e=lambda e: (224, *e[1:]))),
    "a is small": ("scale", in_public(a=lambda a: ((1 << 14) - 1, *a[1:]))),
    "a is large": ("scale", in_public(a=lambda a: ((1 << 15) + 1, *a[1:]))),
    "c": ("linear constraints", in_public(c=lambda c: c + 1)),
    "c is small": ("c", in_public(c=lambda _: 1023)),
    "c is large": ("c", in_public(c=lambda _: 1 << 40)),
    "rows swapped": ("linear constraints", in_commitment(lambda c: c[33:66] + c[:33] + c[66:])),
    "a row too few": ("commitment rows", in_commitment(lambda c: c[33:])),
    "half a row": ("commitment rows", in_commitment(lambda c: c[1:])),
    "the identity": ("point", in_commitment(lambda c: bytes(33) + c[33:])),
    "other profile": ("proof length", lambda s: replace(s, profile="robust-1", public=full_size(s.public))),
}


@pytest.mark.parametrize(("check", "change"), CHANGES.values(), ids=CHANGES)
def test_changed_statements(
    honest: tuple[reference.Statement, bytes],
    check: str,
    change: Callable[[reference.Statement], reference.Statement],
) -> None:
    statement, proof = honest
    assert verdict(change(statement), proof) == check
    assert native_verdict(change(statement), proof) == check


@settings(max_examples=60, deadline=None, derandomize=True)
@given(position=st.integers(0, 10**6), longer=st.sampled_from([0, 0, 0, 1, 33]), inserted=st.binary(max_size=70))
def test_any_splice_has_the_same_verdict(position: int, longer: int, inserted: bytes) -> None:
    statement, proof = FIXED
    at = position % len(proof)
    changed = proof[:at] + inserted + proof[at + max(0, len(inserted) - longer) :]
    assert verdict(statement, changed) == native_verdict(statement, changed)


FIXED = proved(Shape(2, 1, 1, 2, 3, layers=(0,), tokens=tokens(8)))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary(), st.lists(st.integers()), st.floats()))
def test_anything_has_a_verdict(value: Any) -> None:
    statement, proof = FIXED
    shape, public = statement.shape, statement.public
    anything = [(value, proof), (statement, None), (statement, [value])]
    anything += [(replace(statement, **{key: value}), proof) for key in vars(statement)]
    anything += [(replace(statement, shape=replace(shape, **{key: value})), proof) for key in vars(shape)]
    anything += [(replace(statement, shape=replace(shape, **{key: (value,)})), proof) for key in ("layers", "tokens")]
    anything += [(replace(statement, public=replace(public, **{key: value})), proof) for key in vars(public)]
    anything += [(replace(statement, public=replace(public, **{key: (value,)})), proof) for key in ("z", "e", "a")]
    for other, data in anything:
        if (other, data) != FIXED:
            assert verdict(other, data) is not None
