"""Statements of nearness in the page's verifier: refused at the checks of the reference verifier."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from huref.artefacts import commitment as commitments
from huref.artefacts import nearness
from huref.artefacts.nearness import NearBundle
from huref.verifier.near import check
from huref.verifier.reference import Nearness
from huref.verifier.reference.instance import Instance
from huref.verifier.reference.profile import PROFILES
from huref.verifier.reference.verify import proof_length
from huref.verifier.reference.wire import read_points
from tests.browser.node import Node
from tests.browser.vectors import asked
from tests.conformance.vectors import Vector
from tests.support import bundles
from tests.unit.verifier.reference.test_nearness import AT_LEAST, BELOW, REFUSED, ROUNDED


def given(statement: Nearness, proof: bytes) -> dict[str, object]:
    """What `answers.mjs` reads."""
    shape, context, answer = statement.shape, statement.context, statement.answer
    names = {"hidden": "hidden", "heads": "heads", "kvHeads": "kv_heads", "headDim": "head_dim", "ffn": "ffn"}
    sizes = {key: getattr(shape, name) for key, name in names.items()} | {"layers": shape.layers}
    draws = [{"kind": draw.kind, "beacon": draw.beacon.hex(), "other": draw.other.hex()} for draw in statement.draws]
    made_for = {"owner": context.owner, "audience": context.audience, "nonce": context.nonce.hex()}
    theirs, said = [list(statement.theirs)], vars(answer)
    rows, profile = statement.commitment, statement.profile
    return asked(Vector("", None, profile, sizes, shape.tokens, rows, draws, made_for, proof, theirs, said))


#: An empty list of draws, and numbers beyond the range of JavaScript's.
CHANGES = {name: case for name, case in REFUSED.items() if name not in ("half a pair", "an entry beyond all encodings")}


@pytest.mark.parametrize(("check", "change"), CHANGES.values(), ids=CHANGES)
def test_refused(node: Node, check: str, change: Callable[[Nearness], Nearness]) -> None:
    # an answer is no object of a class here, so one of no kind has none of the three forms
    expected = "interval" if check == "malformed" else check
    assert node.ask("check", **given(change(ROUNDED), b"")) == expected


@pytest.mark.parametrize(
    "made", [bundles.nearness(), bundles.nearness(context=bundles.CONTEXT), bundles.nearness("below", 256)]
)
def test_the_report_on_a_file(node: Node, made: NearBundle) -> None:
    """The same as that of `huref verify`, whole or with the commitment in a file of its own."""
    commitment = base64.b64encode(commitments.dump(made.statement.committed)).decode()
    for file in (made, replace(made, by_reference=True)):
        data = base64.b64encode(nearness.dump(file)).decode()
        found = node.ask("verify", bundle=data, policy=bundles.TOY_POLICY.to_json(), commitments=[commitment])
        report = check(file, bundles.TOY_POLICY).to_json()
        for key in ("schema", "verifier"):
            report.pop(key)
        found["report"].pop("verifier")
        assert (found["verdict"], found["report"]) == ("Verified", report)


def test_the_report_on_a_changed_file(node: Node) -> None:
    document = json.loads(nearness.dump(bundles.nearness()))
    document["statement"]["answer"]["cosines"][0] += 1
    data = base64.b64encode(json.dumps(document).encode()).decode()
    found = node.ask("verify", bundle=data, policy=bundles.TOY_POLICY.to_json())
    assert found["code"] == "proof-rejected"
    assert "nearness" not in found["report"]["verified"]


@pytest.mark.parametrize("statement", [ROUNDED, BELOW, AT_LEAST])
@pytest.mark.parametrize("name", ["toy-2", "toy-2-cnn"])
def test_the_length_of_a_proof(node: Node, name: str, statement: Nearness) -> None:
    profile = PROFILES[name]
    instance = Instance(profile, statement, read_points(statement.commitment))
    length = proof_length(instance)
    for wrong in (length - 1, length + 1):
        assert node.ask("check", **given(statement, bytes(wrong))) == "proof length"
    assert node.ask("check", **given(statement, bytes(length))) == "point"
