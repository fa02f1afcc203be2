"""Whose model is this, among the bundles that are kept? `neighbours` is for bundles among them, `search` for others.

Candidates are found by common vectors of layers, any layer against any, and each has the word that `compare` has for
two bundles. A large index is first looked through by signs, which can miss something with a probability that the answer
states; where that finds nothing alike, everything is compared, so that "nothing" is never said on the word of a filter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

from ..artefacts.document import Part
from ..artefacts.fingerprint import Fingerprint
from ..artefacts.report import NotChecked
from ..artefacts.tokens import unpacked
from ..errors import IncomparableError, NotFoundError
from ..profile import named
from ..similarity import signs
from ..similarity.compare import Fixed, not_checked
from ..similarity.scan import ORDER, doubt, least
from ..similarity.vectors import compare_vectors
from ..similarity.verdict import DESCENT, MORE, RELATED, UNRELATED, Comparison, Matched, Side, Verdict, null_width
from .common import Common
from .index import Near
from .store.entries import Entry
from .store.vectors import Group

if TYPE_CHECKING:
    from .service import Service
    from .store import Store

#: From so many vectors on, signs are looked at first, of so many layers at most: those of more take as long as all.
MANY, FEW = 1 << 17, 16
Method = Literal["exact", "signs"]


@dataclass(frozen=True)
class Neighbour(Part):
    """A bundle that is alike, or not plainly a stranger. The words are those of `huref compare` for two bundles.

    `sha256`, `accepted`, `position`, `location`, `commitment`: as for its entry; `model_name`: what its maker claims;
    `contested`: other commitments show its vector too. `cosine`: of the two layers that are most alike; `layers`: those
    that belong together, `a` of what was asked for, `b` of this one.
    """

    sha256: str
    accepted: str
    position: int
    location: str
    commitment: str
    model_name: str
    contested: bool
    verdict: Verdict
    cosine: float
    p_value: float
    corrected_p_value: float
    layers: tuple[Matched, ...]
    tokens_shared: int
    reason: str


@dataclass(frozen=True)
class Apart(Part):
    """Bundles that were not compared: how many, and why."""

    bundles: int
    why: str


@dataclass(frozen=True)
class Found(Part):
    """What is kept here that is like a model.

    `bundles`: how many were compared; `method`: by an exact scan of all of them, or by signs; `least`: the size of
    cosine from which on one was looked for, the lowest of all lists of tokens; `miss_probability`: the most that one
    which just reaches it is missed with. `neighbours`: what says most first; `more`: how many others reach `least` and
    are not listed. `left_out`: bundles that could not be compared. `reason`: all this in a sentence. `not_checked`:
    what could mislead, and was not checked.
    """

    bundles: int
    method: Method
    miss_probability: float
    least: float
    neighbours: tuple[Neighbour, ...]
    more: int
    left_out: tuple[Apart, ...]
    reason: str
    not_checked: tuple[NotChecked, ...]


@dataclass(frozen=True)
class Asked:
    """What is looked for: its vectors; of a verified bundle the commitment, of one that is kept the digest too."""

    common: Common
    commitment: str | None = None
    sha256: str | None = None

    @property
    def side(self) -> Side:
        """What it is, in a word."""
        return "fingerprint" if self.commitment is None else "verified bundle"

    @property
    def group(self) -> Group:
        """What its vectors can be compared with as they are."""
        return self.common.profile, self.common.digest


@dataclass(frozen=True)
class _Plan:
    """A group whose bundles can be compared, `asked` being what they are compared with; the cosine that decides."""

    group: Group
    tokens: tuple[bytes, ...]
    asked: Fingerprint
    least: float


@dataclass(frozen=True)
class _Decided:
    entry: Entry
    comparison: Comparison


#: In place of what `compare` says, which knows of no dates.
_ORDER = NotChecked("order", "which model is older: the date of an entry is that of its bundle, not of its model")
#: Standard deviations of strangers that a copy must show, or two fixed sides cannot be compared.
CERTAIN = -NormalDist().inv_cdf(RELATED)


async def neighbours(service: Service, sha256: str, limit: int = 20) -> Found:
    """What is like a bundle that is kept, without itself.

    Raises:
        NotFoundError: no bundle of that digest is kept, or its vectors were not read yet.
        IncomparableError: it has no common vectors.
        StoreError, BusyError, TimeLimitError, VerifierLostError: as for `Service.do`.

    """
    row = await asyncio.to_thread(service.store.vectors.get, sha256)
    entry = await asyncio.to_thread(service.store.entries.get, sha256)
    if row is None or entry is None:
        raise NotFoundError("no bundle of this name is kept here, or its vectors were not read yet")
    if not row.common.layers:
        raise IncomparableError("this bundle has no common vectors, which alone can be searched")
    return await search(service, Asked(row.common, entry.commitment, sha256), limit)


async def search(service: Service, asked: Asked, limit: int = 20) -> Found:
    """What is like these vectors: at most `limit` bundles. Errors as for `neighbours`."""
    store = service.store
    plans, left_out = await asyncio.to_thread(_planned, store, asked)
    if service.reading.left:
        left_out.append(Apart(service.reading.left, "their vectors were not read yet; ask again later"))
    sizes = [await service.index.size(plan.group) for plan in plans]
    many = sum(sizes) >= MANY and len(asked.common.layers) <= FEW
    method: Method = "signs" if many and service.index.filters else "exact"
    near = [await _near(service, plan, asked, method) for plan in plans]
    decided = await asyncio.to_thread(_decided, store, asked, plans, near)
    if method == "signs" and not any(one.comparison.verdict == "alike" for one in decided):
        method = "exact"
        near = [await _near(service, plan, asked, method) for plan in plans]
        decided = await asyncio.to_thread(_decided, store, asked, plans, near)
    listed, counts = decided[:limit], store.vectors.counts()
    bundles = sum(counts[plan.group] - (asked.sha256 is not None and plan.group == asked.group) for plan in plans)
    more = len(decided) - len(listed) + sum(one.count - len(one.best) for one in near)
    return Found(
        bundles=bundles,
        method=method,
        miss_probability=signs.MISS if method == "signs" else 0.0,
        least=min((_bar(plan, method) for plan in plans), default=0.0),
        neighbours=tuple(await asyncio.to_thread(_shown, store, listed)),
        more=more,
        left_out=tuple(left_out),
        reason=_reason(method, bundles, len(listed) + more, left_out),
        not_checked=tuple(_not_checked(listed, bundles)),
    )


def _planned(store: Store, asked: Asked) -> tuple[list[_Plan], list[Apart]]:
    """The groups that can be compared, and those that cannot."""
    profile, digest = named(asked.common.profile), asked.common.digest
    tokens = store.vectors.listed(digest) or unpacked(asked.common.listed)
    wanted, plans, left_out = asked.common.fingerprint(tokens), [], []
    for group, count in sorted(store.vectors.counts().items()):
        listed = tokens if group == asked.group else store.vectors.listed(group[1]) or ()
        shared = tokens if listed is tokens else tuple(set(tokens).intersection(listed))
        reach = len(shared) ** 2 / max(1, len(tokens) * len(listed))
        if not group[0]:
            why: str | None = "they have no common vectors, which alone can be searched"
        elif group[0] != profile.name:
            why = f"they are of profile {group[0]}, and what was asked for of {profile.name}"
        elif not tokens:
            why = f"no list of tokens {digest[:16]}... is known here; send a fingerprint, which has its list"
        else:
            why = doubt(shared, min(len(tokens), len(listed)), reach, profile, CERTAIN)
        if why is None:
            bar = least(len(wanted.layers), reach, null_width(profile))
            plans.append(_Plan(group, listed, wanted, bar))
        else:
            left_out.append(Apart(count, why))
    return plans, left_out


async def _near(service: Service, plan: _Plan, asked: Asked, method: Method) -> Near:
    bar = _bar(plan, method)
    return await service.index.near(plan.group, asked.common.vectors, bar, by_signs=method == "signs")


def _bar(plan: _Plan, method: Method) -> float:
    """Below `DESCENT`, signs let most strangers through."""
    return max(DESCENT, plan.least) if method == "signs" else plan.least


def _decided(store: Store, asked: Asked, plans: Sequence[_Plan], near: Sequence[Near]) -> list[_Decided]:
    """The candidates that are more than strangers, what says most first."""
    found = []
    for plan, candidates in zip(plans, near, strict=True):
        for row in store.vectors.numbered(candidates.best):
            entry = None if row.sha256 == asked.sha256 else store.entries.get(row.sha256)
            if entry is None:  # itself, or not visible yet
                continue
            vectors = row.common.fingerprint(plan.tokens)
            one = compare_vectors(plan.asked, vectors, sides=(asked.side, "verified bundle"))
            sides = (
                Fixed(asked.side, plan.asked, commitment=asked.commitment),
                Fixed("verified bundle", vectors, commitment=entry.commitment),
            )
            found.append(_Decided(entry, replace(one, not_checked=not_checked(*sides, one))))
    return sorted(
        (one for one in found if one.comparison.verdict in ORDER),
        key=lambda one: (ORDER.index(one.comparison.verdict), -one.comparison.cosine, one.entry.number),
    )


def _shown(store: Store, listed: Sequence[_Decided]) -> Iterator[Neighbour]:
    for one in listed:
        entry, found = one.entry, one.comparison
        yield Neighbour(
            sha256=entry.sha256,
            accepted=entry.accepted,
            position=entry.position or 0,
            location=f"/v1/bundles/{entry.sha256}",
            commitment=entry.commitment,
            model_name=entry.about["modelName"],
            contested=entry.vector is not None and len(store.entries.claims(entry.vector)) > 1,
            verdict=found.verdict,
            cosine=found.cosine,
            p_value=found.p_value,
            corrected_p_value=found.corrected_p_value,
            layers=found.layers,
            tokens_shared=found.tokens_shared,
            reason=found.reason,
        )


def _not_checked(listed: Sequence[_Decided], bundles: int) -> Iterator[NotChecked]:
    """What was not checked of those that are listed, once, and of all others."""
    yield from dict.fromkeys(
        _ORDER if entry.what == _ORDER.what else entry for one in listed for entry in one.comparison.not_checked
    )
    if len(listed) < bundles:
        yield NotChecked("own", "own vectors of any bundle, which decide; compare a model folder with the bundle")


def _reason(method: Method, bundles: int, found: int, left_out: Sequence[Apart]) -> str:
    rest = sum(one.bundles for one in left_out)
    apart = f"; {rest:,} more could not be compared" if rest else ""
    if not bundles:
        return f"nothing here could be compared{apart}"
    if not found:
        return (
            f"none of the {bundles:,} bundles is alike: all their layers were compared, and no relation is shown, "
            f"{MORE}{apart}"
        )
    if method == "signs":
        return (
            f"{found:,} of {bundles:,} bundles are alike, found by signs: one that just reaches a cosine of {DESCENT} "
            f"is missed with a probability of at most {signs.MISS}, and those below were not looked for{apart}"
        )
    return (
        f"{found:,} of {bundles:,} bundles are alike or inconclusive, all others without a relation shown; of "
        f"strangers about one in {1 / UNRELATED:,.0f} is inconclusive by chance{apart}"
    )
