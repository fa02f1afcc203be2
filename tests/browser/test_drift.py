"""Statements of drift in the page's verifier: refused at the checks of the reference verifier, accepted like there."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest

from huref.artefacts.drift import dump
from huref.verifier.reference import Drift
from huref.verifier.reference.instance import Instance
from huref.verifier.reference.profile import PROFILES
from huref.verifier.reference.verify import proof_length
from huref.verifier.reference.wire import read_points
from tests.browser.node import Node
from tests.browser.vectors import asked
from tests.conformance.test_drift import KINDS, proved
from tests.conformance.test_reference import SHAPES
from tests.conformance.vectors import Vector
from tests.support import bundles
from tests.unit.verifier.reference.test_drift import ABSOLUTE, PUBLIC, REFUSED, RELATIVE


def given(statement: Drift, proof: bytes) -> dict[str, object]:
    """What `answers.mjs` reads."""
    shape, context, bound = statement.shape, statement.context, statement.bound
    names = {"hidden": "hidden", "heads": "heads", "kvHeads": "kv_heads", "headDim": "head_dim", "ffn": "ffn"}
    sizes = {key: getattr(shape, name) for key, name in names.items()} | {"layers": shape.layers}
    made_for = {"owner": context.owner, "audience": context.audience, "nonce": context.nonce.hex()}
    said = {
        "public": None if statement.public is None else [m.astype("<i2").tobytes().hex() for m in statement.public],
        "exponents": statement.factors,
        "partition": statement.partition,
        "limit": {
            "kind": "absolute" if isinstance(bound, tuple) else "relative",
            "values": [str(x) for x in (bound if isinstance(bound, tuple) else (bound,))],
        },
    }
    rows, profile = statement.commitment, statement.profile
    return asked(Vector("", None, profile, sizes, shape.tokens, rows, [], made_for, proof, drift=said))


#: Only Python has integers of several widths, and knows how a list of them was arranged.
CHANGES = {
    name: case
    for name, case in REFUSED.items()
    if name not in ("integers of 32 bits", "the other order of bytes", "a matrix that lies on its side")
}


@pytest.mark.parametrize(("check", "change"), CHANGES.values(), ids=CHANGES)
def test_refused(node: Node, check: str, change: Callable[[Drift], Drift]) -> None:
    # a partition is no object of a class here, so one of no kind is part of a bound that is not read
    expected = "bound" if check == "malformed" else check
    assert node.ask("check", **given(change(RELATIVE), b"")) == expected


@pytest.mark.parametrize("statement", [RELATIVE, ABSOLUTE, PUBLIC, replace(RELATIVE, bound=(0,) * 6)])
@pytest.mark.parametrize("name", ["toy-2", "toy-2-cnn"])
def test_the_length_of_a_proof(node: Node, name: str, statement: Drift) -> None:
    statement = replace(statement, profile=name)
    instance = Instance(PROFILES[name], statement, read_points(statement.commitment))
    length = proof_length(instance)
    for wrong in (length - 1, length + 1):
        assert node.ask("check", **given(statement, bytes(wrong))) == "proof length"
    assert node.ask("check", **given(statement, bytes(length))) == "point"


#: Half of all kinds of statements for each of two shapes, one of them of several rows for each matrix.
PROVED = [
    proved(SHAPES[name], kind)
    for i, name in enumerate(("grouped queries, d no power of two", "two slots"))
    for kind in KINDS[i::2]
]


@pytest.mark.parametrize("made", PROVED, ids=lambda made: f"{made[0].shape.hidden}-{made[0].partition}")
def test_verdicts(node: Node, made: tuple[Drift, bytes]) -> None:
    statement, proof = made
    assert node.ask("check", **given(statement, proof)) is None
    assert node.ask("check", **given(statement, proof), wasm=False) is None
    changed = proof[:-1] + bytes([proof[-1] ^ 1])
    assert node.ask("check", **given(statement, changed)) == "opening"
    other = replace(statement, context=replace(statement.context, owner="name:Mallory"))
    assert node.ask("check", **given(other, proof)) == "linear constraints"


def test_a_file_of_drift(node: Node) -> None:
    """The page reads none."""
    data = base64.b64encode(dump(bundles.drift())).decode()
    found = node.ask("verify", bundle=data, policy=bundles.TOY_POLICY.to_json())
    assert (found["verdict"], found["code"], found["report"]) == ("Not verified", "unsupported-version", None)
    assert "how far two models are apart" in found["detail"]
