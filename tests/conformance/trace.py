"""Values inside a verification, for whoever writes another verifier: proofs/vectors/traces.

Run `python -m tests.conformance.trace` to write the files again.
"""

import hashlib
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from huref.verifier.reference import relations
from huref.verifier.reference.commit.open import FinalClaim
from huref.verifier.reference.drift import blocks
from huref.verifier.reference.drift import statement_bytes as drift_bytes
from huref.verifier.reference.instance import Instance
from huref.verifier.reference.nearness import statement_bytes as near_bytes
from huref.verifier.reference.network import variables
from huref.verifier.reference.poly import log2_ceil
from huref.verifier.reference.profile import PROFILES, Profile
from huref.verifier.reference.security import position_variables
from huref.verifier.reference.side import Side
from huref.verifier.reference.statement import Drift, Nearness, Statement
from huref.verifier.reference.transcript import Transcript
from huref.verifier.reference.verify import verify as reference_verify
from huref.verifier.reference.wire import read_points, statement_bytes
from tests.conformance.vectors import FOLDER, load

TRACES = FOLDER / "traces"
NAMES = (
    *("challenge", "custom-three-layers", "drift-matrices", "drift-public", "drift-rows", "grouped", "layers-apart"),
    *("near-at-least", "near-below", "near-three-layers", "network-three-layers", "wide"),
)


def _labels(instance: Instance) -> list[str]:
    """Names of the challenges in the order in which they are drawn."""
    profile, statement = instance.profile, instance.statement
    log_y = log2_ceil(profile.projection)
    bits = [("tau", instance.bit_variables), ("bits", instance.bit_variables)]
    projection = [("r1", log_y), ("r2", log_y), ("rz", log2_ceil(profile.projection_z))]
    if isinstance(statement, Drift):
        ran = [*bits, *projection, *_drift(statement, instance)]
    else:
        encoded = _nearness(instance) if isinstance(statement, Nearness) else _rounding(instance)
        ran = [*_terms(instance), *bits, *_squares(instance), *encoded, *projection, ("squares of Y", 2 * log_y)]
    runs = [
        ("seed 1", 1),
        ("seed 2", 1),
        *ran,
        ("gamma", 1),
        ("sigma", profile.log_n),
        ("mu", 1),
        ("nu", 1),
        ("e", 1),
        ("u", 1),
        ("x", profile.log_n),
    ]
    return [name if count == 1 else f"{name} {i}" for name, count in runs for i in range(count)]


def _terms(instance: Instance) -> list[tuple[str, int]]:
    log_r = log2_ceil(instance.profile.sketch)
    return [
        ("rho", 1),
        ("ri", log_r),
        ("rj", log_r),
        ("chains", sum(position_variables(instance.shape, instance.profile))),
        ("beta", 1),
        ("matrix-vector", log2_ceil(instance.shape.hidden)),
    ]


def _squares(instance: Instance) -> list[tuple[str, int]]:
    """Of rounded sketches, and of h where vectors are published."""
    profile, terms, groups = instance.profile, len(instance.layout.sketches), instance.layout.c_lo.count
    return [("theta", 1), ("squares", log2_ceil(profile.entries * terms + profile.outputs * groups))]


def _drift(statement: Drift, instance: Instance) -> list[tuple[str, int]]:
    rows = sum(instance.shape.commitment_rows(instance.profile))
    return [
        ("rho", log2_ceil(blocks(statement, instance.profile))),
        ("rows", log2_ceil(rows)),
        ("columns", instance.profile.log_n),
    ]


def _rounding(instance: Instance) -> list[tuple[str, int]]:
    """In "encode", behind "squares"."""
    kappas = [("kappa 1", log2_ceil(instance.layout.c_lo.count)), ("kappa 2", log2_ceil(instance.profile.outputs))]
    if instance.network is None:
        return kappas
    layers = len(instance.shape.layers)
    places = sum(variables(instance.network, layers))
    inputs = log2_ceil(3 * layers * instance.profile.entries)
    return [("xi", inputs), ("zeta", places), *kappas, ("lambda", 1), ("activations", places)]


def _nearness(instance: Instance) -> list[tuple[str, int]]:
    """In "nearness", behind the sumcheck of "norms"."""
    return [("delta", 1), ("vectors", log2_ceil(instance.profile.outputs)), ("omega", 1)]


def _hex(scalar: int) -> str:
    return f"{scalar:064x}"


def _bytes(statement: Statement | Nearness | Drift, profile: Profile) -> bytes:
    match statement:
        case Nearness():
            return near_bytes(statement, profile)
        case Drift():
            return drift_bytes(statement, profile)
    return statement_bytes(statement, profile)


def trace(name: str) -> dict[str, Any]:
    """What the reference verifier computes on a valid vector."""
    vector = next(vector for vector in load("valid") if vector.name == name)
    statement = vector.statement()
    profile = PROFILES[statement.profile]
    instance = Instance(profile, statement, read_points(statement.commitment))
    data = _bytes(statement, profile)
    drawn: list[int] = []
    left: list[tuple[Side, FinalClaim]] = []
    draw, run = Transcript.challenge, relations.run

    def recorded_challenge(self: Transcript) -> int:
        drawn.append(draw(self))
        return drawn[-1]

    def recorded_run(side: Side, *arguments: Any) -> FinalClaim:
        left.append((side, run(side, *arguments)))
        return left[-1][1]

    with patch.object(Transcript, "challenge", recorded_challenge), patch.object(relations, "run", recorded_run):
        reference_verify(statement, vector.proof)
    side, opening = left[0]
    return {
        "about": f"values inside the verification of valid/{name}.json, in the words of proofs/spec",
        "statement": {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()},
        "bounds": {"nMax": instance.bounds.n_max, "zBits": instance.bounds.z_bits, "bits": instance.layout.size},
        "pads": side.ledger.used,
        "triples": [f"{i} {j} {k}" for i, j, k in side.ledger.triples],
        "challenges": dict(zip(_labels(instance), map(_hex, drawn), strict=True)),
        "zeroConstants": [_hex(zero.constant) for zero in side.ledger.zeros],
        "opening": {"rowWeights": [_hex(row) for row in opening.rows], "constant": _hex(opening.value.constant)},
    }


def path(name: str) -> Path:
    """File of a trace."""
    return TRACES / f"{name}.json"


def text(name: str) -> str:
    """A trace as it stands in its file."""
    return json.dumps(trace(name), indent=1) + "\n"


if __name__ == "__main__":
    TRACES.mkdir(exist_ok=True)
    for name in NAMES:
        path(name).write_text(text(name))
