"""The reference verifier and the native module give the same verdict, at the same check."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huref import _native
from huref.artefacts.commitment import commitment_id as id_of
from huref.artefacts.shape import Shape
from huref.profile import PROFILES as RULES
from huref.profile import named
from huref.verifier import reference
from huref.verifier.reference.profile import PROFILES
from huref.verifier.reference.verify import verify as reference_verify
from huref.verifier.reference.wire import commitment_id, statement_bytes, token_digest
from tests.conformance.changed import checks
from tests.support import toys
from tests.support.toys import SHAPE, quantised

SEED = bytes(range(32))


def tokens(count: int) -> tuple[bytes, ...]:
    return tuple(b"token-%d" % i for i in range(count))


SHAPES = {
    "grouped queries, d no power of two": SHAPE,
    "multi-head": replace(SHAPE, hidden=8, kv_heads=4),
    "multi-query": replace(SHAPE, kv_heads=1, ffn=5),
    "one row for each matrix, few tokens": Shape(2, 4, 2, 2, 3, layers=(7,), tokens=tokens(8)),
    "two slots": Shape(200, 4, 2, 6, 37, layers=(0,), tokens=tokens(16)),
    "one slot": Shape(500, 4, 2, 4, 7, layers=(0,), tokens=tokens(16)),
    "many rows": Shape(256, 2, 1, 8, 300, layers=(3, 9), tokens=tokens(64)),
    "one hidden index": Shape(1, 2, 1, 2, 9, layers=(0,), tokens=tokens(16)),
}


COMMON, OWN = reference.Draw("common"), reference.Draw("own")
BEACON = bytes(range(48))
KINDS = {
    "common": (COMMON,),
    "own": (OWN,),
    "own, beacon": (reference.Draw("own", BEACON),),
    "challenge": (reference.Draw("challenge", BEACON, bytes(32)),),
    "common and own": (COMMON, OWN),
}
ALICE = reference.Context("name:Alice", "court of Utrecht, case 7", bytes(range(16)))


def proved(
    shape: Shape,
    name: str = "toy-2",
    draws: tuple[reference.Draw, ...] = (COMMON, OWN),
    context: reference.Context = ALICE,
) -> tuple[reference.Statement, bytes]:
    weights = quantised(shape=shape, name=name).weights
    commitment = toys.rows(name, shape, weights, SEED)
    numbers, proof = _native.prove(weights, SEED, commitment, draws, context)
    outputs = tuple(reference.Outputs(*map(tuple, of_draw)) for of_draw in numbers)
    return reference.Statement(name, reference.Shape(**asdict(shape)), commitment, draws, outputs, context), proof


@pytest.fixture(scope="module")
def honest() -> tuple[reference.Statement, bytes]:
    return proved(SHAPE)


def native_verdict(statement: reference.Statement, proof: bytes) -> str | None:
    """The reference verifier's values have the fields that the core reads."""
    try:
        _native.verify(statement, proof)
    except _native.Rejected as refusal:
        check: str = refusal.args[0]
        return check
    return None


def verdict(statement: reference.Statement, proof: bytes) -> str | None:
    try:
        reference_verify(statement, proof)
    except reference.Rejected as refusal:
        assert refusal.detail
        return refusal.check
    return None


@pytest.mark.parametrize("name", ["toy-2", "toy-2-cnn"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_accepts_what_the_native_prover_proves(shape: Shape, name: str) -> None:
    statement, proof = proved(shape, name)
    assert native_verdict(statement, proof) is None
    assert verdict(statement, proof) is None


@pytest.mark.parametrize("name", ["robust-2", "robust-2-cnn"])
def test_accepts_the_full_profiles(name: str) -> None:
    statement, proof = proved(Shape(384, 4, 2, 32, 256, layers=(4, 5), tokens=tokens(256)), name)
    assert verdict(statement, proof) is None
    assert verdict(statement, proof[:-1] + bytes([proof[-1] ^ 1])) == "opening"


@pytest.mark.parametrize("draws", KINDS.values(), ids=KINDS)
def test_accepts_every_kind_of_statement(draws: tuple[reference.Draw, ...]) -> None:
    for name, layers, context in (
        ("toy-2", (0, 1, 5), ALICE),
        ("toy-2-cnn", (0, 1, 5), ALICE),
        ("robust-2", (4,), reference.Context("", "", b"")),
    ):
        shape = Shape(64, 2, 1, 16, 80, layers=layers, tokens=tokens(96))
        statement, proof = proved(shape, name, draws, context)
        assert verdict(statement, proof) is native_verdict(statement, proof) is None
        if name != "robust-2":  # which takes seconds for each
            for other in (replace(context, owner="name:Mallory"), replace(context, nonce=bytes(17))):
                changed = replace(statement, context=other)
                assert verdict(changed, proof) == native_verdict(changed, proof) == "linear constraints"
        data = statement_bytes(statement, PROFILES[name])
        assert hashlib.sha256(data).digest() == _native.statement_digest(statement)
        assert commitment_id(statement, PROFILES[name]).hex() == id_of(name, shape, statement.commitment)
        assert token_digest(shape.tokens) == _native.token_digest(list(shape.tokens))


def test_profiles_are_those_of_the_core() -> None:
    for name, profile in PROFILES.items():
        rules = named(name)
        assert list(profile.numbers()) == list(rules.numbers.values())
        assert profile.generators.hex() == rules.generators
        assert profile.protocol == rules.protocol.encode()
        for own, labels in ((profile.common, rules.common), (profile.fresh, rules.fresh)):
            assert vars(own) == {key: label.encode() for key, label in vars(labels).items()}
        assert (profile.network or b"").hex() == (rules.network or "")
    assert tuple(PROFILES) == tuple(RULES)


def test_changed_proofs_are_refused_at_the_same_check(honest: tuple[reference.Statement, bytes]) -> None:
    assert checks(*honest, 2003, verdict, native_verdict) >= {"point", "linear constraints", "opening"}


def in_shape(**changes: Any) -> Callable[[reference.Statement], reference.Statement]:
    return lambda s: replace(s, shape=replace(s.shape, **changes))


def in_outputs(draw: int, **changes: Callable[[Any], Any]) -> Callable[[reference.Statement], reference.Statement]:
    def change(s: reference.Statement) -> reference.Statement:
        outputs = list(s.outputs)
        outputs[draw] = replace(outputs[draw], **{key: f(getattr(outputs[draw], key)) for key, f in changes.items()})
        return replace(s, outputs=tuple(outputs))

    return change


def in_draws(*draws: reference.Draw) -> Callable[[reference.Statement], reference.Statement]:
    """These draws, each with outputs."""
    return lambda s: replace(s, draws=draws, outputs=(s.outputs * 2)[: len(draws)])


def in_context(**changes: Any) -> Callable[[reference.Statement], reference.Statement]:
    return lambda s: replace(s, context=replace(s.context, **changes))


def in_commitment(change: Callable[[bytes], bytes]) -> Callable[[reference.Statement], reference.Statement]:
    return lambda s: replace(s, commitment=change(s.commitment))


def full_size(s: reference.Statement) -> reference.Statement:
    outputs = tuple(replace(o, z=(0,) * 512 * len(s.shape.layers)) for o in s.outputs)
    return replace(s, profile="robust-2", outputs=outputs)


def own_id(s: reference.Statement) -> bytes:
    return commitment_id(s, PROFILES[s.profile])


def naming_itself(s: reference.Statement) -> reference.Statement:
    return in_draws(reference.Draw("challenge", BEACON, own_id(s)))(s)


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
    "z": ("linear constraints", in_outputs(0, z=lambda z: (z[0] + 1, *z[1:]))),
    "z is short": ("lengths", in_outputs(1, z=lambda z: z[1:])),
    "z is large": ("z range", in_outputs(1, z=lambda z: (1 << 15, *z[1:]))),
    "e is large": ("shift", in_outputs(1, e=lambda e: (224, *e[1:]))),
    "a is small": ("scale", in_outputs(1, a=lambda a: ((1 << 14) - 1, *a[1:]))),
    "a is large": ("scale", in_outputs(1, a=lambda a: ((1 << 15) + 1, *a[1:]))),
    "c": ("linear constraints", in_outputs(1, c=lambda c: (c[0], c[1] + 1))),
    "c is small": ("c", in_outputs(1, c=lambda c: (c[0], 1023))),
    "c is large": ("c", in_outputs(1, c=lambda c: (1 << 40, c[1]))),
    "c is short": ("lengths", in_outputs(1, c=lambda c: c[1:])),
    "outputs of one draw": ("lengths", lambda s: replace(s, outputs=s.outputs[:1])),
    "no draw": ("draws", in_draws()),
    "draws the other way round": ("draws", in_draws(OWN, COMMON)),
    "a beacon of 31 bytes": ("draws", in_draws(COMMON, reference.Draw("own", bytes(31)))),
    "a common draw with a beacon": ("draws", in_draws(reference.Draw("common", BEACON))),
    "an own draw with another commitment": ("draws", in_draws(reference.Draw("own", BEACON, bytes(32)))),
    "a challenge with an id of 31 bytes": ("draws", in_draws(reference.Draw("challenge", BEACON, bytes(31)))),
    "a challenge that names its own commitment": ("draws", naming_itself),
    "another beacon": ("linear constraints", in_draws(COMMON, reference.Draw("own", BEACON))),
    "half of the draws": ("proof length", in_draws(COMMON)),
    "another owner": ("linear constraints", in_context(owner="name:Mallory")),
    "no owner": ("linear constraints", in_context(owner="")),
    "an owner of no form": ("context", in_context(owner="Alice")),
    "an audience that looks alike": ("context", in_context(audience="court of Utrecht, c\u0430se 7")),
    "a line break": ("context", in_context(audience="court\n")),
    "a nonce of 15 bytes": ("context", in_context(nonce=bytes(15))),
    "rows swapped": ("linear constraints", in_commitment(lambda c: c[33:66] + c[:33] + c[66:])),
    "a row too few": ("commitment rows", in_commitment(lambda c: c[33:])),
    "half a row": ("commitment rows", in_commitment(lambda c: c[1:])),
    "the identity": ("point", in_commitment(lambda c: bytes(33) + c[33:])),
    "other profile": ("proof length", full_size),
    "a profile whose encoder is a network": ("proof length", lambda s: replace(s, profile="toy-2-cnn")),
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
    shape, draw, outputs, context = statement.shape, statement.draws[1], statement.outputs[1], statement.context
    anything = [(value, proof), (statement, None), (statement, [value])]
    anything += [(replace(statement, **{key: value}), proof) for key in vars(statement)]
    anything += [(replace(statement, **{key: (value,)}), proof) for key in ("draws", "outputs")]
    anything += [(replace(statement, shape=replace(shape, **{key: value})), proof) for key in vars(shape)]
    anything += [(replace(statement, shape=replace(shape, **{key: (value,)})), proof) for key in ("layers", "tokens")]
    anything += [(replace(statement, context=replace(context, **{key: value})), proof) for key in vars(context)]
    draws = [replace(draw, **{key: value}) for key in vars(draw)]
    anything += [(replace(statement, draws=(statement.draws[0], other)), proof) for other in draws]
    numbers = [replace(outputs, **{key: of}) for key in vars(outputs) for of in (value, (value,))]
    anything += [(replace(statement, outputs=(statement.outputs[0], other)), proof) for other in numbers]
    for other, data in anything:
        if (other, data) != FIXED:
            assert verdict(other, data) is not None
