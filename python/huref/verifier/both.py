"""The two verifiers of a proof: the core, and the reference verifier, which shares no code with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from .. import _native
from ..artefacts.outputs import Outputs
from ..artefacts.statement import Statement
from ..errors import InternalError
from . import reference

#: What checks a proof: the core, the reference verifier in pure Python, or both one after the other.
Choice = Literal["rust", "python", "both"]
CHOICES: tuple[str, ...] = get_args(Choice)


class Rejection(NamedTuple):
    """Stable name of the check that refused, and what it found."""

    check: str
    detail: str


def rejection(statement: Statement, proof: bytes, verifier: Choice) -> Rejection | None:
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


def rejections(proofs: Sequence[tuple[Statement, bytes]]) -> list[Rejection | None]:
    """Why the core refuses each of many proofs; None where it accepts. It decides them together, on all cores.

    The answer for each is the one that `rejection` gives for it alone, except with a probability of 2^-255.

    Raises:
        InternalError: a bug: the core panicked.

    """
    found: dict[int, Rejection | None] = {}
    for profile in {statement.profile for statement, _ in proofs}:
        places = [i for i, (statement, _) in enumerate(proofs) if statement.profile == profile]
        try:
            verdicts = _native.verify_all(profile, [(plain(proofs[i][0]), proofs[i][1]) for i in places])
        except RuntimeError as panic:
            raise InternalError(str(panic)) from panic
        found |= {i: None if why is None else _rejection_of(why) for i, why in zip(places, verdicts, strict=True)}
    return [found[i] for i in range(len(proofs))]


def _core(statement: Statement, proof: bytes) -> Rejection | None:
    try:
        _native.verify(plain(statement), proof)
    except (_native.Rejected, TypeError) as why:
        return _rejection_of(why)
    except RuntimeError as panic:
        raise InternalError(str(panic)) from panic
    return None


def _rejection_of(why: Exception) -> Rejection:
    """What the core raised, as a rejection; anything that is none is raised again."""
    if isinstance(why, _native.Rejected):
        return Rejection(*why.args)
    cause = why.__cause__
    while cause is not None:  # of a field that the core could not read
        if isinstance(cause, OverflowError):
            return Rejection("malformed", "a number of the statement is outside the range of its type")
        if isinstance(cause, UnicodeEncodeError):
            return Rejection("context", "a text of the statement is not Unicode")
        cause = cause.__cause__
    raise why


def plain(statement: Statement) -> reference.Statement:
    """The values of a statement as both verifiers take them: numbers and byte strings alone."""
    shape, context = statement.shape, statement.context
    return reference.Statement(
        statement.profile,
        reference.Shape(
            hidden=shape.hidden,
            heads=shape.heads,
            kv_heads=shape.kv_heads,
            head_dim=shape.head_dim,
            ffn=shape.ffn,
            layers=shape.layers,
            tokens=shape.tokens,
        ),
        statement.commitment.rows,
        tuple(reference.Draw(draw.kind, draw.beacon, draw.other) for draw in statement.draws),
        tuple(map(_flat, statement.outputs)),
        reference.Context(context.owner, context.audience, context.nonce),
    )


def _flat(outputs: Outputs) -> reference.Outputs:
    return reference.Outputs(outputs.z, outputs.shifts, outputs.scales, outputs.vector_scales)


def _reference(statement: Statement, proof: bytes) -> Rejection | None:
    from .reference.verify import verify

    try:
        verify(plain(statement), proof)
    except reference.Rejected as why:
        return Rejection(why.check, why.detail)
    return None


def _said(refused: Rejection | None) -> str:
    return "accepts" if refused is None else f"refuses at {refused.check!r}"
