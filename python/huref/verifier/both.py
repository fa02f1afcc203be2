"""The two verifiers of a proof: the core, and the reference verifier, which shares no code with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from .. import _native
from ..artefacts.challenge import seed_of
from ..artefacts.statement import Statement
from ..errors import InternalError

#: What checks a proof: the core, the reference verifier in pure Python, or both one after the other.
Choice = Literal["rust", "python", "both"]
CHOICES: tuple[str, ...] = get_args(Choice)


class Refusal(NamedTuple):
    """Stable name of the check that refused, and what it found."""

    check: str
    detail: str


def refusal(statement: Statement, proof: bytes, verifier: Choice) -> Refusal | None:
    """Why a proof of a statement is refused; None if it is accepted.

    Raises:
        InternalError: a bug: the core panicked, or one verifier accepts what the other refuses.

    """
    if verifier == "rust":
        return _core(statement, proof)
    if verifier == "python":
        return _reference(statement, proof)
    core, second = _core(statement, proof), _reference(statement, proof)
    if (core is None) != (second is None):
        raise InternalError(f"the verifiers disagree: the core {_said(core)}, the reference verifier {_said(second)}")
    return core


def refusals(proofs: Sequence[tuple[Statement, bytes]]) -> list[Refusal | None]:
    """Why the core refuses each of many proofs; None where it accepts. It decides them together, on all cores.

    The answer for each is the one that `refusal` gives for it alone, except with a probability of 2^-255.

    Raises:
        InternalError: a bug: the core panicked.

    """
    found: dict[int, Refusal | None] = {}
    for profile in {statement.profile for statement, _ in proofs}:
        places = [i for i, (statement, _) in enumerate(proofs) if statement.profile == profile]
        try:
            verdicts = _native.verify_all(profile, [_arguments(*proofs[i]) for i in places])
        except RuntimeError as panic:
            raise InternalError(str(panic)) from panic
        found |= {i: None if why is None else _refused(why) for i, why in zip(places, verdicts, strict=True)}
    return [found[i] for i in range(len(proofs))]


def _arguments(statement: Statement, proof: bytes) -> _native._Claim:
    shape, public = statement.shape, statement.public
    return shape, statement.commitment, public, seed_of(statement.challenge), proof


def _core(statement: Statement, proof: bytes) -> Refusal | None:
    shape, commitment, public, challenge, proof = _arguments(statement, proof)
    try:
        _native.verify(statement.profile, shape, commitment, public, proof, challenge)
    except (_native.Rejected, TypeError) as why:
        return _refused(why)
    except RuntimeError as panic:
        raise InternalError(str(panic)) from panic
    return None


def _refused(why: Exception) -> Refusal:
    """What the core raised, as a refusal; anything that is none is raised again."""
    if isinstance(why, _native.Rejected):
        return Refusal(*why.args)
    if isinstance(why.__cause__, OverflowError):  # of a field that the core could not read
        return Refusal("malformed", "a number of the statement is outside the range of its type")
    raise why


def _reference(statement: Statement, proof: bytes) -> Refusal | None:
    from . import reference
    from .reference.verify import verify

    shape, public = statement.shape, statement.public
    circuit = reference.Shape(
        hidden=shape.hidden,
        heads=shape.heads,
        kv_heads=shape.kv_heads,
        head_dim=shape.head_dim,
        ffn=shape.ffn,
        layers=shape.layers,
        tokens=shape.tokens,
    )
    outputs = reference.Public(public.z, public.e, public.a, public.c)
    seed = seed_of(statement.challenge)
    try:
        verify(reference.Statement(statement.profile, circuit, statement.commitment, outputs, seed), proof)
    except reference.Refused as why:
        return Refusal(why.check, why.detail)
    return None


def _said(refused: Refusal | None) -> str:
    return "accepts" if refused is None else f"refuses at {refused.check!r}"
