"""The two verifiers of a proof: the core, and the reference verifier, which shares no code with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from .. import _native
from ..artefacts.context import Context
from ..artefacts.draw import Draw
from ..artefacts.drift import Drift
from ..artefacts.nearness import Nearness
from ..artefacts.outputs import Outputs
from ..artefacts.shape import Shape
from ..artefacts.statement import Statement
from ..errors import InternalError
from . import reference

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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

    def second() -> Rejection | None:
        from .reference.verify import verify

        return _by_reference(lambda: verify(plain(statement), proof))

    return _chosen(verifier, lambda: _by_core(lambda: _native.verify(plain(statement), proof)), second)


def near_rejection(statement: Nearness, proof: bytes, verifier: Choice) -> Rejection | None:
    """As `rejection`, of a proof of nearness."""

    def second() -> Rejection | None:
        from .reference.verify import verify

        return _by_reference(lambda: verify(plain_nearness(statement), proof))

    return _chosen(verifier, lambda: _by_core(lambda: _native.verify_near(statement, proof)), second)


def drift_rejection(
    statement: Drift, proof: bytes, verifier: Choice, public: _native.Weights | None
) -> Rejection | None:
    """As `rejection`, of a proof of drift; `public`: the integers of its public model, if it has one."""

    def second() -> Rejection | None:
        from .reference.verify import verify

        return _by_reference(lambda: verify(plain_drift(statement, public), proof))

    return _chosen(verifier, lambda: _by_core(lambda: _native.verify_drift(statement, proof, public)), second)


_Verdict = Callable[[], Rejection | None]


def _chosen(verifier: Choice, core: _Verdict, second: _Verdict) -> Rejection | None:
    """What that verifier says; InternalError if both are asked and disagree."""
    if verifier != "both":
        return core() if verifier == "rust" else second()
    first, other = core(), second()
    if (first is None) != (other is None):
        raise InternalError(f"the verifiers disagree: the core {_said(first)}, the reference verifier {_said(other)}")
    return first


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


def _by_core(verify: Callable[[], None]) -> Rejection | None:
    try:
        verify()
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
    return reference.Statement(
        statement.profile,
        _shape(statement.shape),
        statement.commitment.rows,
        tuple(map(_draw, statement.draws)),
        tuple(map(_flat, statement.outputs)),
        _context(statement.context),
    )


def plain_nearness(statement: Nearness) -> reference.Nearness:
    """As `plain`, of nearness."""
    answer = statement.answer
    return reference.Nearness(
        statement.profile,
        _shape(statement.shape),
        statement.commitment,
        (_draw(statement.draw),),
        statement.theirs,
        reference.Answer(answer.kind, answer.cosines, answer.pair),
        _context(statement.context),
    )


def plain_drift(statement: Drift, public: _native.Weights | None) -> reference.Drift:
    """As `plain`, of drift; a public model of another shape has fewer matrices, or other ones, and will be refused."""
    return reference.Drift(
        statement.profile,
        _shape(statement.shape),
        statement.commitment,
        None if public is None else tuple(_matrices(public, len(statement.exponents))),
        statement.exponents,
        statement.partition,
        statement.bound,
        _context(statement.context),
    )


def _matrices(weights: _native.Weights, count: int) -> Iterator[NDArray[np.int16]]:
    """So many matrices, or all that there are."""
    with suppress(ValueError):
        for index in range(count):
            yield weights.matrix(index)


def _shape(shape: Shape) -> reference.Shape:
    return reference.Shape(
        hidden=shape.hidden,
        heads=shape.heads,
        kv_heads=shape.kv_heads,
        head_dim=shape.head_dim,
        ffn=shape.ffn,
        layers=shape.layers,
        tokens=shape.tokens,
    )


def _draw(draw: Draw) -> reference.Draw:
    return reference.Draw(draw.kind, draw.beacon, draw.other, draw.network)


def _context(context: Context) -> reference.Context:
    return reference.Context(context.owner, context.audience, context.nonce)


def _flat(outputs: Outputs) -> reference.Outputs:
    return reference.Outputs(outputs.z, outputs.shifts, outputs.scales, outputs.vector_scales)


def _by_reference(verify: Callable[[], None]) -> Rejection | None:
    try:
        verify()
    except reference.Rejected as why:
        return Rejection(why.check, why.detail)
    return None


def _said(refused: Rejection | None) -> str:
    return "accepts" if refused is None else f"refuses at {refused.check!r}"
