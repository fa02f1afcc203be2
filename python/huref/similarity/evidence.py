"""What two model folders reveal about each other: more than two vectors can, because layers need not be the last two,
and because single units can be compared.

    equal        tensors of equal name, value by value                             `equal`
    dims         hidden dimensions under the same number, of embedding and body    `dims`
    rotation     embeddings up to a rotation, fitted and judged on other tokens    `rotation`
    layers       matched by signatures, and the feed-forward blocks within         `blocks`
    order        neurons under the same number                                     `neurons`
    partners     neurons matched twice, by reading and writing                     `neurons`
    channels     value channels, and heads                                         `heads`
    invariants   neurons matched by numbers that no rotation changes               `invariants`
    terms        exact ICS, against shuffled tokens: agreement, not descent        `ics`

What is cheap goes first; what is dear is left out where everything is known already. `verdict.weigh` says what all of
it is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import ModelError
from ..model import Model
from ..profile import Profile
from ..progress import Progress, silent
from ..stages.tokens import Selection
from . import blind, blocks, embedding, equal, full, layers
from .blocks import Signatures, Sketch
from .chance import TEN, Log, times
from .embedding import Embeddings
from .findings import Copies, Evidence, Finding, LayerPair, Pcs, Word
from .frames import Plain
from .heads import ALIBI, heads
from .layers import Frames, HeadCount
from .mutual import Array
from .parts import SURE, TESTS, counted, speaks, words
from .tally import Tally

#: Layer pairs that are read again, at most.
PAIRS = 4
#: Nothing more is looked for below this p-value, if every part has its answer.
ENOUGH: Log = -30 * TEN


@dataclass(frozen=True)
class Examined:
    """The evidence, a word for each part of the models, and the plain cosine of all parameters."""

    evidence: Evidence
    shared: dict[str, Word]
    pcs: Pcs


def examine(
    a: Model,
    b: Model,
    selections: tuple[Selection, Selection] | None,
    profile: Profile,
    progress: Progress = silent,
    device: str = "auto",
) -> Examined:
    """The evidence on two models.

    `selections`: the same tokens in the same order, the profile's first; None if they share too few. `device`: where
    full terms are multiplied, as for `huref.stages.sketch`; a GPU gives the same correlations to 1e-12.

    Raises:
        ModelError: a tensor is missing, has the wrong shape or type or is not finite; or every layer of a model has a
            matrix of zeros.

    """
    ours, theirs = _layers(a), _layers(b)
    roles = a.parts()
    pairings, pcs = equal.tensors(a, b, progress)
    pairings = [replace(pairing, counts=pairing.counts and pairing.name in roles) for pairing in pairings]
    given = embedding.read(a, b, selections)
    few = "too few tokens are shared"
    tests = [*embedding.findings(given, few)]
    frames = layers.frames_of(given.frames, raw=given.raw)
    found = _Layers(a, b, ours, theirs, frames, _signatures(a, b, (ours, theirs), given, progress))
    tests += found.read(progress, tests, sure=any(pairing.equal and pairing.counts for pairing in pairings))
    blind, fitted = _blind(a, b, (ours, theirs), tests, progress)
    tests = _stronger([*tests, *blind])
    pairs, terms = found.pairs(), None
    if fitted is not None:
        pairs, found.copies = fitted.pairs(), fitted.copies
        selections = None
    if selections is not None and max(a.architecture.ffn, b.architecture.ffn) <= full.MOST and pairs:
        known = min(test.p for test in tests) < ENOUGH
        best = [(pair.a, pair.b) for pair in pairs[: 1 if known else PAIRS]]
        exact, shuffled = full.exact(a, b, best, _of_profile(selections, profile), profile, device)
        pairs, terms = [*exact, *pairs[len(exact) :]], full.finding(exact, shuffled)
    evidence = Evidence(
        tuple(pairs),
        _without(ours, [pair.a for pair in pairs]),
        _without(theirs, [pair.b for pair in pairs]),
        _without(range(a.architecture.layers), ours),
        _without(range(b.architecture.layers), theirs),
        counted(pairings),
        tuple(tests),
        terms,
        found.copies,
    )
    return Examined(evidence, words(pairings, roles, tests), pcs)


def _blind(
    a: Model, b: Model, numbers: tuple[tuple[int, ...], tuple[int, ...]], tests: Sequence[Finding], progress: Progress
) -> tuple[list[Finding], _Layers | None]:
    """The tests `invariants` and `partners/fitted`, where nothing else spoke; and the layers as the fitted basis
    matches them, if there is one.
    """
    names = ("invariants", "partners/fitted")
    why = "not needed: a cheaper test decides" if min(test.p for test in tests) < SURE else ""
    if a.architecture.hidden != b.architecture.hidden:
        why = "the hidden sizes differ"
    if why:
        return [Finding.none(name, why) for name in names], None
    seen = blind.look(a, b, numbers, progress)
    ours, theirs = (
        tuple(layer for layer in side if layer != at) for side, at in zip(numbers, seen.layers, strict=True)
    )
    if seen.turn is None or not ours or not theirs:
        return [seen.finding, Finding.none(names[1], "no basis could be fitted")], None
    raw = Sketch.raw(a.architecture.hidden)
    turned = Sketch(raw.left @ seen.turn.T, raw.right @ seen.turn.T)
    signed = blocks.signatures(a, ours, [turned], progress), blocks.signatures(b, theirs, [raw], progress)
    found = _Layers(a, b, ours, theirs, seen.frames, list(zip(*signed, strict=True)))
    fitted = [test for test in found.read(progress, tests, sure=False) if test.name in (names[1], "heads/partners")]
    return [seen.finding, *fitted], found


def _stronger(tests: Sequence[Finding]) -> list[Finding]:
    """Of tests that were made twice, in two frames, the one that says more, corrected for both."""
    found: dict[str, Finding] = {}
    for test in tests:
        before = found.get(test.name)
        if before is None:
            found[test.name] = test
        else:
            best = min(before, test, key=lambda one: one.p)
            counted = None if best.agreeing is None or best.units is None else (best.agreeing, best.units)
            found[test.name] = Finding.of(best.name, times(2, best.p), best.sentence, counted)
    return list(found.values())


def _signatures(
    a: Model, b: Model, numbers: tuple[Sequence[int], Sequence[int]], given: Embeddings, progress: Progress
) -> list[tuple[Signatures, Signatures]]:
    """Of both models in every frame that there is: over every other shared token, and raw."""
    sketches: list[tuple[Sketch, Sketch]] = []
    filtered = given.frames
    if filtered is not None:
        one, other = (Sketch.over_tokens(frame.basis[::2]) for frame in filtered if frame.basis is not None)
        sketches.append((one, other))
    if given.raw:
        raw = Sketch.raw(a.architecture.hidden)
        sketches.append((raw, raw))
    if not sketches:
        return []
    sides = (
        blocks.signatures(model, layers_, [pair[side] for pair in sketches], progress)
        for side, (model, layers_) in enumerate(zip((a, b), numbers, strict=True))
    )
    return list(zip(*sides, strict=True))


class _Layers:
    """Layers of two models, matched, and what is seen in them."""

    def __init__(
        self,
        a: Model,
        b: Model,
        ours: Sequence[int],
        theirs: Sequence[int],
        frames: Frames,
        signatures: list[tuple[Signatures, Signatures]],
    ) -> None:
        self.models, self.numbers, self.frames, self.signatures = (a, b), (ours, theirs), frames, signatures
        likeness = [blocks.similarities(*pair) for pair in signatures]
        self.likeness: Array = np.max(likeness, axis=0) if likeness else np.zeros((0, 0, 3))
        gain = np.max([table.mean(axis=2) for table in likeness], axis=0) if likeness else np.zeros((0, 0))
        self.matched = blocks.match(gain) if likeness else []
        self.tally = Tally()
        self.copies: Copies | None = None

    def pairs(self) -> list[LayerPair]:
        """The matching, with estimated correlations."""
        ours, theirs = self.numbers
        return [LayerPair(ours[i], theirs[j], False, *map(float, self.likeness[i, j])) for i, j in self.matched]

    def read(self, progress: Progress, known: Sequence[Finding], *, sure: bool) -> list[Finding]:
        """Every test on layers."""
        counts = {name: HeadCount() for name in self.frames}
        for done, (i, j) in enumerate(self.matched):
            if done >= PAIRS and all(count.enough for count in counts.values()):
                break
            tests = self._findings(counts)
            if done and self._answered([*known, *tests], sure=sure):
                break
            first = Plain.of(self.models[0], self.numbers[0][i])
            second = Plain.of(self.models[1], self.numbers[1][j])
            at = self.numbers[0][i], self.numbers[1][j]
            for name, count in counts.items():
                if not count.enough:
                    count.found.append(heads(first, second, self.frames[name]))
                    count.layers.append(at)
            if done < PAIRS:
                table = blocks.block_table(self.signatures, i, j)
                layers.read(first, second, at, blocks.best_blocks(table), self.frames, self.tally)
                if done == 0 and max(table.shape) > 1:
                    self.copies = _copies(table)
            progress("evidence", min(done + 1, PAIRS), min(PAIRS, len(self.matched)))
        return self._findings(counts)

    def _answered(self, tests: Sequence[Finding], *, sure: bool) -> bool:
        """Whether the verdict is plain, and what attention and feed-forward blocks are."""
        plain = sure or min(test.p for test in tests) < ENOUGH
        return plain and all(
            any(speaks(test) < SURE for test in tests if test.name in TESTS[part])
            for part in ("attention", "feed-forward")
        )

    def _findings(self, counts: dict[str, HeadCount]) -> list[Finding]:
        a, b = self.models
        choices = max(1, len(self.numbers[0]) * len(self.numbers[1]))
        no_tokens, no_raw = "too few tokens are shared", "the hidden dimensions cannot be compared by number"
        sizes = "the layers have different numbers of neurons, so their numbering shows nothing"
        raw = "raw" in self.frames
        tests = [
            self.tally.numbered("order/tokens", sizes if "tokens" in self.frames else no_tokens),
            self.tally.numbered("order/raw", sizes if raw else no_raw),
            self.tally.chosen("dims/body", "no matrices of equal shape" if raw else no_raw, choices),
            self.tally.numbered("channels", "heads differ in number or size" if raw else no_raw),
            self.tally.chosen("partners/tokens", no_tokens, choices * self._blocks()),
            self.tally.chosen("partners/raw", no_raw, choices * self._blocks()),
            *([self.tally.chosen("partners/fitted", "", choices * self._blocks())] if "fitted" in self.frames else []),
        ]
        numbers = not {a.family, b.family} & set(ALIBI)
        return [*tests, *layers.head_findings(list(counts.values()), numbers=numbers)]

    def _blocks(self) -> int:
        """Pairs of blocks of a pair of layers."""
        if not self.signatures:
            return 1
        one, other = self.signatures[0]
        return max(map(len, one.blocks)) * max(map(len, other.blocks))


def _copies(table: Array) -> Copies:
    """Of how many blocks of the larger side one of the other is like."""
    wide = table if table.shape[1] >= table.shape[0] else table.T
    return Copies(int((wide.max(axis=0) > blocks.COPIES).sum()), wide.shape[1])


def _of_profile(selections: tuple[Selection, Selection], profile: Profile) -> tuple[Selection, Selection]:
    """The profile's own tokens among those that are shared."""
    one, other = (Selection(side.tokens[: profile.tokens], side.ids[: profile.tokens]) for side in selections)
    return one, other


def _layers(model: Model) -> tuple[int, ...]:
    found = model.whole_layers()
    if not found:
        raise ModelError(f"{model.path}: every layer has a matrix that is exactly zero; there is nothing to compare")
    return found


def _without(layers: Iterable[int], known: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(layers) - set(known)))
