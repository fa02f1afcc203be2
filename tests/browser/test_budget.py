"""The page's bounds and bits of security are those of the others, for shapes of every size."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings

from huref.verifier.reference.profile import PROFILES
from huref.verifier.reference.security import position_variables
from tests.browser.node import Node
from tests.conformance.test_budget import LARGEST, core, full, plain, second, statements


@settings(max_examples=100)
@example(case=("robust-2", LARGEST, 2))
@given(case=statements())
def test_bounds_and_bits(node: Node, case: tuple[str, Any, int]) -> None:
    name, counts, draws = case
    shape = full(counts)
    fields = {"hidden": shape.hidden, "heads": shape.heads, "kvHeads": shape.kv_heads, "headDim": shape.head_dim}
    lists = {"layers": shape.layers, "tokens": [token.hex() for token in shape.tokens]}
    answer = node.ask("budget", profile=name, shape=fields | {"ffn": shape.ffn} | lists)
    found, terms = second(name, shape), core(name, shape, draws)
    if found is None or terms is None:
        assert answer is None
        return
    bounds = [str(found.n_max), found.z_bits, found.c_lo_bits, found.c_hi_bits]
    positions = position_variables(plain(shape), PROFILES[name])
    assert answer == [bounds, list(positions), int(min(terms.values()))]
    assert terms["sumchecks and batching over the scalar field"] > 200
