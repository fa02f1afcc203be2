"""The traces of proofs/vectors are those of the reference verifier."""

import pytest

from tests.conformance.trace import NAMES, TRACES, path, text


@pytest.mark.parametrize("name", NAMES)
def test_trace(name: str) -> None:
    assert path(name).read_text() == text(name)


def test_there_are_no_other_traces() -> None:
    assert {file.stem for file in TRACES.iterdir()} == set(NAMES)
