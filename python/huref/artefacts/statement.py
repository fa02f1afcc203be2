"""The statement that a proof is about: every public value, and nothing else (specification, "statement")."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from ..profile import Profile, named
from ..recent import Recent
from .challenge import Challenge
from .commitment import Commitment
from .context import NOBODY, Context
from .draw import Draw, Kind, sides, sketch_stream
from .outputs import Outputs, Vector, vector_digest
from .shape import Shape

#: Sides of the common draw, the same for all models over one list of tokens. Every own draw has its own.
_COMMON_SIDES: Recent[tuple[int, int]] = Recent(16)


@dataclass(frozen=True)
class Statement:
    """Under each of these draws, these outputs are those of the weights behind this commitment; the proof was made for
    this context. `draws` is one of `huref.artefacts.draw.LISTS`; `outputs` has one entry for each.
    """

    commitment: Commitment
    draws: tuple[Draw, ...]
    outputs: tuple[Outputs, ...]
    context: Context = NOBODY

    @property
    def profile(self) -> str:
        """Name of the profile."""
        return self.commitment.profile

    @property
    def shape(self) -> Shape:
        """The shape of the committed weights."""
        return self.commitment.shape

    def drawn(self, kind: Kind) -> tuple[Draw, Outputs] | None:
        """The draw of that kind, and its outputs; None if the statement has none."""
        pairs = zip(self.draws, self.outputs, strict=True)
        return next(((draw, outputs) for draw, outputs in pairs if draw.kind == kind), None)

    @cached_property
    def sides(self) -> tuple[tuple[int, int], ...]:
        """How many tokens P has, and how many Q, under each draw."""
        profile, own = named(self.profile), self.commitment.id
        return tuple(_sides(self.shape, profile, draw.seed(own)) for draw in self.draws)

    @property
    def custom(self) -> Draw | None:
        """The draw whose network belongs to no release; None if there is none."""
        found = self.drawn("custom")
        return None if found is None else found[0]

    def with_network(self, network: bytes) -> Statement:
        """The same with the network of its custom draw at hand, if these are its canonical bytes."""
        given = Draw.custom(network)
        return replace(self, draws=tuple(given if draw == given else draw for draw in self.draws))

    @property
    def challenge(self) -> Challenge | None:
        """The challenge that the vectors answer; None for all other statements."""
        found = self.drawn("challenge")
        return None if found is None else Challenge.of(found[0], self.commitment.id)

    @cached_property
    def vector(self) -> Vector | None:
        """The vector of the portrait, from the common vectors of all layers; None if there is none."""
        found = self.drawn("common")
        return None if found is None else found[1].portrait_vector(named(self.profile))

    @property
    def vector_digest(self) -> str | None:
        """The name of that vector. It names a vector, not a model: weights can be made to have it."""
        return None if self.vector is None else vector_digest(self.vector)


def _sides(shape: Shape, profile: Profile, seed: bytes | None) -> tuple[int, int]:
    if seed is not None:
        return sides(shape.tokens, profile, seed)
    key = (sketch_stream(profile, None), shape.token_digest)
    return _COMMON_SIDES.get(key, lambda: sides(shape.tokens, profile, None))
