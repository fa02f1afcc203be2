"""Whatever stands in a fingerprint, commitment or opening file: a value to be written again, or an error of our own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huref.artefacts.commitment import dump as dump_commitment
from huref.artefacts.commitment import parse as parse_commitment
from huref.artefacts.fingerprint import dump, parse
from huref.artefacts.opening import Opening, Seed
from huref.artefacts.opening import read as read_opening
from huref.artefacts.opening import write as write_opening
from huref.errors import HurefError
from huref.stages.commit import commit_whole as commit
from huref.stages.encode import encode
from huref.stages.sketch import sketch
from tests.support.toys import quantised

#: Machines are busy; how long one example takes says nothing.
UNTIMED = settings(deadline=None)
MODEL = quantised()
FINGERPRINT = dump(encode(MODEL, *sketch(MODEL, "cpu")))
MADE, _ = commit(MODEL)
COMMITMENT = dump_commitment(MADE)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
READERS: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "fingerprint": (FINGERPRINT, lambda data: dump(parse(data))),
    "commitment": (COMMITMENT, lambda data: dump_commitment(parse_commitment(data))),
}


def survives(read: Callable[[bytes], bytes], data: bytes) -> None:
    try:
        again = read(data)
    except HurefError:
        return
    assert json.loads(again) == json.loads(data)


@pytest.mark.parametrize("kind", READERS)
@UNTIMED
@given(data=st.binary(max_size=200))
def test_any_bytes(kind: str, data: bytes) -> None:
    survives(READERS[kind][1], data)


@pytest.mark.parametrize("kind", READERS)
@UNTIMED
@given(place=st.integers(0, 1 << 20), byte=st.integers(0, 255), cut=st.booleans())
def test_one_byte_changed_or_cut_off(kind: str, place: int, byte: int, cut: bool) -> None:
    good, read = READERS[kind]
    at = place % len(good)
    survives(read, good[:at] if cut else good[:at] + bytes([byte]) + good[at + 1 :])


@pytest.mark.parametrize("kind", READERS)
@UNTIMED
@given(data=st.data(), value=VALUES)
def test_one_value_replaced(kind: str, data: st.DataObject, value: Any) -> None:
    good, read = READERS[kind]
    fields = json.loads(good)
    inner: Any = fields
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(inner[key], dict | list) or not inner[key] or data.draw(st.booleans()):
            break
        inner = inner[key]
    inner[key] = value
    survives(read, json.dumps(fields).encode())


@settings(UNTIMED, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 1 << 20), byte=st.integers(0, 255))
def test_openings(place: int, byte: int, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.unlink(missing_ok=True)
    write_opening(path, Opening.of(MADE, Seed(bytes(range(32)))))
    good = path.read_bytes()
    at = place % len(good)
    path.write_bytes(good[:at] + bytes([byte]) + good[at + 1 :])
    try:
        opening = read_opening(path)
    except HurefError as why:
        assert bytes(range(4, 28)).hex() not in str(why)  # nothing of the seed in any message
    else:
        assert len(opening.seed.reveal()) == 32
