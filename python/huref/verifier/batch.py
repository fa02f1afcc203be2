"""Many bundles. Each gets the verdict that `check` gives it alone; the core decides their proofs together.

A nearness or drift file among them is checked alone.

Bundles are read, checked and forgotten in blocks, so memory does not grow with their number. While the core decides a
block, the next one is read, and the reports on the one before are made.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from ..artefacts.bundle import Bundle
from ..artefacts.document import RESULTS, Document, Part
from ..artefacts.drift import DriftBundle
from ..artefacts.nearness import NearBundle
from ..artefacts.policy import DEFAULT, Policy
from ..artefacts.proved import Proved
from ..artefacts.report import Report
from ..errors import TABLE, Exit, HurefError, MalformedBundleError, PolicyError
from . import drift, near
from .both import Choice, Rejection, rejections
from .check import check, meet, report

#: A block ends with so many bundles, or so many bytes of commitments (half a million rows).
BUNDLES, BYTES = 32, 16 << 20
#: The worst first: a bug, what is false, what the policy forbids, what cannot be read, is missing, was not given, or
#: does not fit.
SEVERITY = (Exit.INTERNAL, Exit.REJECTED, Exit.POLICY, Exit.MALFORMED, Exit.NOT_FOUND, Exit.USAGE, Exit.RESOURCES)

#: Name of a bundle for people, and the function that reads it.
Source = tuple[str, Callable[[], Proved]]


@dataclass(frozen=True)
class Outcome(Part):
    """The outcome for one bundle.

    `ok`: it is verified; `code`: `verified`, or one of `huref.errors.TABLE`; `detail`: what is wrong, None if nothing
    is; `report`: None if the bundle could not be read.
    """

    name: str
    ok: bool
    code: str
    detail: str | None = None
    report: Report | None = None

    @classmethod
    def of(cls, name: str, found: Report | HurefError) -> Outcome:
        """The outcome of a verification that gave this report, or raised this error."""
        if isinstance(found, HurefError):
            return cls(name, False, found.code, str(found))
        return cls(name, found.ok, found.code, None if found.failure is None else found.failure.detail, found)


@dataclass(frozen=True, kw_only=True)
class Outcomes(Document):
    """The outcomes of many bundles, in the order given; `verified`: how many are."""

    schema: str = f"{RESULTS}/verify-many/v1"
    ok: bool
    verified: int
    bundles: tuple[Outcome, ...]


def severest(outcomes: Iterable[Outcome]) -> Exit:
    """The exit code of many bundles: OK only if all are verified, else the one that comes first in `SEVERITY`."""
    return min(
        (TABLE[outcome.code].exit for outcome in outcomes if not outcome.ok), key=SEVERITY.index, default=Exit.OK
    )


def check_many(sources: Iterable[Source], policy: Policy = DEFAULT, verifier: Choice = "rust") -> Iterator[Outcome]:
    """The outcome of each bundle, in order: what `check` reports about it alone, except with a probability of 2^-255.

    A bundle that cannot be read, or for which `check` raises an error, affects no other. All cores work; the reference
    verifier (`verifier` "python" or "both") takes one bundle at a time. The seconds of a report include the bundle's
    share of the common work.

    Raises:
        InternalError: a bug: the core panicked.

    """
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        blocks = _blocks(sources, policy)
        following = threads.submit(next, blocks, None)
        reported: Iterator[Outcome] = iter(())
        while (block := following.result()) is not None:
            following = threads.submit(next, blocks, None)
            if verifier == "rust":
                decided = _decided(block)
                yield from reported
                reported = threads.map(partial(_outcome, decided=decided, policy=policy), block)
            else:
                for name, bundle, _ in block:
                    yield Outcome.of(name, _attempt(partial(_alone, policy=policy, verifier=verifier), bundle))
        yield from reported


#: A bundle, or why it could not be read.
_Read = Proved | HurefError


class _Entry(NamedTuple):
    """A bundle of a block; `together`: its proof is decided with those of the others."""

    name: str
    bundle: _Read
    together: bool


def _blocks(sources: Iterable[Source], policy: Policy) -> Iterator[list[_Entry]]:
    block: list[_Entry] = []
    size = 0
    for name, load in sources:
        try:
            bundle: _Read = load()
        except HurefError as why:
            bundle = why
        block.append(_Entry(name, bundle, isinstance(bundle, Bundle) and _meets(bundle, policy)))
        size += _bytes(bundle)
        if len(block) == BUNDLES or size >= BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def _bytes(bundle: _Read) -> int:
    """Bytes of its commitment."""
    if isinstance(bundle, Bundle):
        return len(bundle.statement.commitment.rows)
    return len(bundle.statement.commitment) if isinstance(bundle, NearBundle | DriftBundle) else 0


class _Decided(NamedTuple):
    """What the core said about the proofs of a block that it decided together.

    `refused`: by the identity of a bundle, why it is refused, or None; `share`: seconds for each.
    """

    refused: dict[int, Rejection | None]
    share: float


def _decided(block: list[_Entry]) -> _Decided:
    """The core on all proofs of a block at once."""
    start = time.perf_counter()
    bundles = [bundle for _, bundle, together in block if together and isinstance(bundle, Bundle)]
    found = rejections([(bundle.statement, bundle.proof) for bundle in bundles])
    refused = {id(bundle): why for bundle, why in zip(bundles, found, strict=True)}
    return _Decided(refused, (time.perf_counter() - start) / max(len(bundles), 1))


def _outcome(entry: _Entry, decided: _Decided, policy: Policy) -> Outcome:
    """All that is left of a bundle: its portrait, and its report."""

    def found(bundle: Proved) -> Report:
        if not isinstance(bundle, Bundle):
            return _alone(bundle, policy)
        return report(bundle, policy, lambda bundle: decided.refused[id(bundle)], decided.share)

    return Outcome.of(entry.name, _attempt(found, entry.bundle))


def _meets(bundle: Bundle, policy: Policy) -> bool:
    """Whether the proof is checked; if not, the report or the error says why."""
    try:
        meet(bundle, policy)
    except (PolicyError, MalformedBundleError):
        return False
    return True


def _alone(bundle: Proved, policy: Policy, verifier: Choice = "rust") -> Report:
    if isinstance(bundle, NearBundle):
        return near.check(bundle, policy, verifier)
    if isinstance(bundle, DriftBundle):
        return drift.check(bundle, policy, verifier)
    return check(bundle, policy, verifier)


def _attempt(job: Callable[[Proved], Report], bundle: _Read) -> Report | HurefError:
    if isinstance(bundle, HurefError):
        return bundle
    try:
        return job(bundle)
    except HurefError as why:
        return why
