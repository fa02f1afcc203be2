"""The page's verifier gives every vector the verdict that it states, with WebAssembly and without; traces agree."""

from __future__ import annotations

import json

import pytest

from tests.browser.node import Node
from tests.browser.vectors import asked
from tests.conformance.trace import NAMES, path
from tests.conformance.vectors import Vector, load

VALID, INVALID = load("valid"), load("invalid")
BY_NAME = {vector.name: vector for vector in VALID}


@pytest.mark.parametrize("vector", VALID + INVALID, ids=lambda vector: vector.name)
def test_verdict(node: Node, vector: Vector) -> None:
    assert node.ask("check", **asked(vector)) == vector.check


#: In BigInts a proof takes half a second: valid ones, and for each check the first vector that it refuses.
FEW = [*VALID[::5], *{vector.check: vector for vector in reversed(INVALID)}.values()]


@pytest.mark.parametrize("vector", FEW, ids=lambda vector: vector.name)
def test_verdict_without_webassembly(node: Node, vector: Vector) -> None:
    assert node.ask("check", **asked(vector), wasm=False) == vector.check


@pytest.mark.parametrize("name", NAMES)
def test_trace(node: Node, name: str) -> None:
    expected = json.loads(path(name).read_text())
    del expected["about"]
    expected["challenges"] = list(expected["challenges"].values())
    assert node.ask("trace", **asked(BY_NAME[name])) == expected
