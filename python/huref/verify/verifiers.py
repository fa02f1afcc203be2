"""The two verifiers of a proof: the core, and the reference verifier, which shares no code with it."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from .. import _native
from ..errors import InternalError
from ..statement import Statement, seed_of
from . import reference

#: Who checks a proof: the core, the reference verifier in pure Python, or both one after the other.
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


def _core(statement: Statement, proof: bytes) -> Refusal | None:
    shape, public = statement.shape.native(), statement.public.native()
    try:
        _native.verify(statement.profile, shape, statement.commitment, public, proof, seed_of(statement.challenge))
    except _native.Rejected as why:
        return Refusal(*why.args)
    except OverflowError:
        return Refusal("malformed", "a number of the statement is outside the range of its type")
    except RuntimeError as panic:
        raise InternalError(str(panic)) from panic
    return None


def _reference(statement: Statement, proof: bytes) -> Refusal | None:
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
        reference.verify(reference.Statement(statement.profile, circuit, statement.commitment, outputs, seed), proof)
    except reference.Refused as why:
        return Refusal(why.check, why.detail)
    return None


def _said(refused: Refusal | None) -> str:
    return "accepts" if refused is None else f"refuses at {refused.check!r}"
