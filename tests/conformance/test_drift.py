"""Proofs of drift: the reference verifier and the core give the same verdict, at the same check."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huref import _native
from huref.artefacts.shape import Shape
from huref.verifier import reference
from huref.verifier.reference import Drift
from huref.verifier.reference.drift import blocks, statement_bytes
from huref.verifier.reference.profile import PROFILES
from huref.verifier.reference.verify import verify as reference_verify
from tests.conformance import core
from tests.conformance.changed import checks
from tests.conformance.test_reference import ALICE, SEED, SHAPES, in_context, in_shape, tokens
from tests.support import toys

OTHER_SEED = bytes(range(1, 33))
#: Partition, whether the bound is relative, whether the second model is public.
KINDS = [
    (partition, relative, public)
    for public in (False, True)
    for relative in (True, False)
    for partition in ("rows", "matrices", "whole")
]
#: No bound of a toy is so large.
LARGE = 1 << 60


def proved(
    shape: Shape, kind: tuple[str, bool, bool], name: str = "toy-2", factors: tuple[int | None, ...] | None = None
) -> tuple[Drift, bytes]:
    """A true statement about a model and one that is near; the least relative bound, or a large absolute one."""
    partition, relative, public = kind
    ours = toys.matrices(shape)
    random = np.random.default_rng(9)
    near = [np.clip(m + random.integers(-20, 21, m.shape), -2047, 2047).astype(np.int16) for m in ours]
    first, second = (_native.Weights.from_integers(name, shape, matrices) for matrices in (ours, near))
    models = [(first, SEED)] if public else [(first, SEED), (second, OTHER_SEED)]
    rows = b"".join(toys.rows(name, shape, weights, seed) for weights, seed in models)
    factors = factors or (0, None, *[0] * (len(ours) - 2))
    plain = reference.Shape(**asdict(shape))
    theirs = tuple(near) if public else None
    drift = Drift(name, plain, rows, theirs, factors, partition, 1, ALICE)
    if not relative:
        drift = replace(drift, bound=(LARGE,) * blocks(drift, PROFILES[name]))
    limit = ("absolute", list(drift.bound)) if isinstance(drift.bound, tuple) else ("relative", [])
    seeds = [seed for _, seed in models]
    values, proof = _native.drift(first, second, seeds, rows, list(factors), partition, limit, ALICE)
    return (replace(drift, bound=values[0]) if relative else drift), proof


def native_verdict(statement: Drift, proof: bytes) -> str | None:
    try:
        core.verify(statement, proof)
    except _native.Rejected as refusal:
        return str(refusal.args[0])
    return None


def verdict(statement: Drift, proof: bytes) -> str | None:
    try:
        reference_verify(statement, proof)
    except reference.Rejected as refusal:
        return refusal.check
    return None


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for i, name in enumerate(SHAPES) for kind in KINDS[i % 2 :: 2]]
)
def test_accepts_what_the_native_prover_proves(name: str, kind: tuple[str, bool, bool]) -> None:
    for profile in ("toy-2", "toy-2-cnn"):
        statement, proof = proved(SHAPES[name], kind, profile)
        assert native_verdict(statement, proof) is None
        assert verdict(statement, proof) is None
        digest = hashlib.sha256(statement_bytes(statement, PROFILES[profile])).digest()
        assert digest == _native.drift_digest(core.drift(statement), core.public(statement))


def test_accepts_the_full_profile() -> None:
    shape = Shape(384, 4, 2, 32, 256, layers=(4, 5), tokens=tokens(256))
    statement, proof = proved(shape, ("matrices", True, False), "robust-2")
    assert verdict(statement, proof) is None
    assert verdict(statement, proof[:-1] + bytes([proof[-1] ^ 1])) == "opening"


@pytest.fixture(scope="module")
def honest() -> tuple[Drift, bytes]:
    return proved(toys.SHAPE, ("matrices", True, False))


@pytest.fixture(scope="module")
def public() -> tuple[Drift, bytes]:
    return proved(toys.SHAPE, ("rows", False, True))


def test_changed_proofs_are_refused_at_the_same_check(honest: tuple[Drift, bytes], public: tuple[Drift, bytes]) -> None:
    found = [checks(*made, 503, verdict, native_verdict) for made in (honest, public)]
    assert set().union(*found) >= {"point", "linear constraints", "opening"}


def having(**changes: Any) -> Callable[[Drift], Drift]:
    return lambda s: replace(s, **changes)


def factor(at: int, x: int | None) -> Callable[[Drift], Drift]:
    return lambda s: replace(s, factors=(*s.factors[:at], x, *s.factors[at + 1 :]))


def exchanged(s: Drift) -> Drift:
    half = len(s.commitment) // 2
    return replace(s, commitment=s.commitment[half:] + s.commitment[:half])


#: Statements that are in order, but are others. (For those that are not: tests/unit/verifier/reference.)
CHANGES: dict[str, tuple[str, Callable[[Drift], Drift]]] = {
    "other layers": ("linear constraints", in_shape(layers=(0, 2))),
    "tokens swapped": ("linear constraints", in_shape(tokens=(*tokens(16)[1:], b"token-0"))),
    "ffn, more rows": ("commitment rows", in_shape(ffn=100)),
    "another owner": ("linear constraints", in_context(owner="name:Mallory")),
    "an owner of no form": ("context", in_context(owner="Alice")),
    "the models exchanged": ("linear constraints", exchanged),
    "one b less": ("linear constraints", lambda s: replace(s, bound=s.bound - 1)),  # type: ignore[operator]
    "one b more": ("linear constraints", lambda s: replace(s, bound=s.bound + 1)),  # type: ignore[operator]
    "b much larger": ("linear constraints", having(bound=1024)),
    "twice the other": ("linear constraints", factor(0, -1)),
    "a matrix more": ("linear constraints", factor(1, 0)),
    "another matrix": ("linear constraints", lambda s: factor(1, 0)(factor(2, None)(s))),
    "a factor above 16": ("factors", factor(0, 5)),
    "whole": ("proof length", having(partition="whole")),
    "rows": ("linear constraints", having(partition="rows")),
    "another profile": ("linear constraints", having(profile="toy-2-cnn")),
}


@pytest.mark.parametrize(("check", "change"), CHANGES.values(), ids=CHANGES)
def test_changed_statements(honest: tuple[Drift, bytes], check: str, change: Callable[[Drift], Drift]) -> None:
    statement, proof = honest
    assert verdict(change(statement), proof) == check
    assert native_verdict(change(statement), proof) == check


@pytest.mark.parametrize("matrix", [0, 1, 5])
def test_another_public_model(public: tuple[Drift, bytes], matrix: int) -> None:
    """One entry more or less, of a matrix that is spoken of or not: all of V is absorbed."""
    statement, proof = public
    model = list(statement.public or ())
    model[matrix] = model[matrix].copy()
    model[matrix][-1, -1] += 1 if model[matrix][-1, -1] < 2047 else -1
    changed = replace(statement, public=tuple(model))
    assert verdict(changed, proof) == native_verdict(changed, proof) == "linear constraints"


def test_smaller_and_larger_limits(public: tuple[Drift, bytes]) -> None:
    statement, proof = public
    assert isinstance(statement.bound, tuple)
    for first in (LARGE - 1, LARGE + 1):
        changed = replace(statement, bound=(first, *statement.bound[1:]))
        assert verdict(changed, proof) == native_verdict(changed, proof) == "linear constraints"


def test_a_proof_of_one_kind_is_none_of_the_other(honest: tuple[Drift, bytes]) -> None:
    statement, proof = honest
    half = statement.commitment[: len(statement.commitment) // 2]
    outputs = reference.Outputs((0,) * 16, (20,) * 6, (1 << 14,) * 6, (1 << 20,) * 2)
    other = reference.Statement("toy-2", statement.shape, half, (reference.Draw("own"),), (outputs,), ALICE)
    with pytest.raises(reference.Rejected, match="bytes, not"):
        reference_verify(other, proof)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(position=st.integers(0, 10**6), longer=st.sampled_from([0, 0, 0, 1, 33]), inserted=st.binary(max_size=70))
def test_any_splice_has_the_same_verdict(position: int, longer: int, inserted: bytes) -> None:
    statement, proof = FIXED
    at = position % len(proof)
    changed = proof[:at] + inserted + proof[at + max(0, len(inserted) - longer) :]
    assert verdict(statement, changed) == native_verdict(statement, changed)


FIXED = proved(Shape(2, 1, 1, 2, 3, layers=(0,), tokens=tokens(8)), KINDS[0])
