"""The plan of a proof: what it will cost, before a weight is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..artefacts.document import RESULTS, Part, Result
from .calibrate import estimate
from .fetching import Fetching
from .memory import proving, streaming
from .sizes import Sizes
from .speed import speed

if TYPE_CHECKING:
    from ..stages.quantise import Source


@dataclass(frozen=True)
class PlannedSizes(Part):
    """Bytes of the proof and of the commitment's points."""

    proof: int
    commitment: int


@dataclass(frozen=True)
class PlannedSeconds(Part):
    """Seconds of each stage, and of all from the files to the bundle."""

    quantise: float
    sketch: float
    commit: float
    prove: float
    total: float


@dataclass(frozen=True)
class PlannedMemory(Part):
    """Bytes of memory of the verbs `commit` and `prove`."""

    commit: int
    prove: int


@dataclass(frozen=True, kw_only=True)
class Plan(Result):
    """What a proof of these layers costs on this machine. Sizes follow from the shape, all else is estimated.

    `layers` of the `model_layers` of the model; `tokens`: how many; `integers` quantised weights in `rows` commitment
    rows; `fetching`: None for a model that is on no hub.
    """

    schema: str = f"{RESULTS}/plan/v1"
    estimate: bool = True
    profile: str
    layers: tuple[int, ...]
    model_layers: int
    tokens: int
    integers: int
    rows: int
    sizes: PlannedSizes
    seconds: PlannedSeconds
    memory_bytes: PlannedMemory
    fetching: Fetching | None = None


def plan(source: Source, fetching: Fetching | None) -> Plan:
    """The plan for a model whose headers were read. The machine is measured once."""
    shape, profile = source.shape, source.profile.name
    sizes = Sizes(profile, shape)
    expected = estimate(sizes, speed(profile))
    stages = (expected.quantise, expected.sketch, expected.commit, expected.prove, expected.total)
    return Plan(
        profile=profile,
        layers=shape.layers,
        model_layers=source.model.architecture.layers,
        tokens=len(shape.tokens),
        integers=sizes.integers,
        rows=sizes.rows,
        sizes=PlannedSizes(sizes.proof_bytes, sizes.commitment_bytes),
        seconds=PlannedSeconds(*(round(value, 2) for value in stages)),
        memory_bytes=PlannedMemory(round(streaming(sizes)), round(proving(sizes))),
        fetching=fetching,
    )
