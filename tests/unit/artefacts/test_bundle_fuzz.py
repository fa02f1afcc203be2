"""Whatever bytes come in: a bundle that can be written again and fits the schema, or an error of our own."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from huref.artefacts import bundle
from huref.errors import HurefError
from huref.verifier.check import check
from tests.support import places
from tests.support.bundles import TOY_POLICY, toy

SCHEMA = Draft202012Validator(json.loads(Path("proofs/schemas/bundle.v2.json").read_text("utf-8")))
SEED = bundle.dump(toy())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def survives(data: bytes) -> None:
    """Nothing but a bundle or our own error comes out of these bytes, and only the seed's statement verifies."""
    try:
        parsed = bundle.parse(data)
        report = check(parsed, TOY_POLICY)
    except HurefError:
        return
    assert bundle.parse(bundle.dump(parsed)) == parsed
    SCHEMA.validate(json.loads(data))
    assert report.ok == (parsed.digest == toy().digest)


@settings(deadline=None)
@given(st.binary())
def test_arbitrary_bytes(data: bytes) -> None:
    survives(data)


@settings(deadline=None)
@given(JSON)
def test_arbitrary_json(value: object) -> None:
    survives(json.dumps(value).encode())


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SEED) - 1), st.integers(0, 40), st.binary(max_size=20))
def test_spliced_bytes(start: int, length: int, new: bytes) -> None:
    survives(SEED[:start] + new + SEED[start + length :])


@settings(max_examples=300, deadline=None)
@given(st.data(), JSON)
def test_any_value_at_any_place(data: st.DataObject, new: object) -> None:
    whole: dict[str, Any] = json.loads(SEED)
    places.put(data, whole, new)
    survives(json.dumps(whole).encode())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 8 * len(toy().proof) - 1))
def test_flipped_bits_of_the_proof(bit: int) -> None:
    proof = bytearray(toy().proof)
    proof[bit // 8] ^= 1 << bit % 8
    whole = json.loads(SEED)
    whole["proof"] = base64.b64encode(proof).decode()
    report = check(bundle.parse(json.dumps(whole).encode()), TOY_POLICY)
    assert report.code == "proof-rejected"
