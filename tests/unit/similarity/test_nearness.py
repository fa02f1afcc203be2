"""What intervals of cosines are worth: never more than `huref compare` would say of the vectors themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huref.artefacts.commitment import Commitment
from huref.artefacts.draw import Draw
from huref.artefacts.fingerprint import Fingerprint
from huref.artefacts.intervals import Judged
from huref.artefacts.nearness import Answer, Nearness
from huref.artefacts.outputs import Outputs
from huref.artefacts.shape import Shape
from huref.artefacts.statement import Statement
from huref.errors import IncomparableError
from huref.similarity.nearness import judge
from huref.similarity.vectors import compare_vectors, cosines

TOKENS = tuple(b"token-%d" % i for i in range(600))
OUTPUTS = 512


def shape(layers: int, tokens: tuple[bytes, ...] = TOKENS) -> Shape:
    return Shape(64, 2, 2, 32, 128, layers=tuple(range(layers)), tokens=tokens)


def statements(
    answer: Answer, vectors: np.ndarray, layers: int, tokens: tuple[bytes, ...] = TOKENS
) -> tuple[Nearness, Statement]:
    """Bob's statement about Alice's vectors, and Alice's own; nobody proves them."""
    theirs = Commitment("robust-2", shape(len(vectors)), b"alice")
    own = Commitment("robust-2", shape(layers, tokens), b"bob")
    listed = tuple(tuple(map(int, row)) for row in vectors)
    outputs = Outputs(listed, (0,) * 3 * len(vectors), (1,) * 3 * len(vectors), (1,) * len(vectors))
    draw = Draw("challenge", bytes(32), bytes.fromhex(theirs.id))
    near = Nearness("robust-2", own.shape, own.rows, draw, outputs.z, answer)
    return near, Statement(theirs, (Draw("challenge", bytes(32), bytes.fromhex(own.id)),), (outputs,))


def judged(answer: Answer, layers: int = 1, vectors: int = 1, tokens: tuple[bytes, ...] = TOKENS) -> Judged:
    return judge(*statements(answer, np.zeros((vectors, OUTPUTS)), layers, tokens))


@pytest.mark.parametrize(
    ("k", "verdict", "end"),
    [
        (256, "related", "low"),
        (200, "related", "low"),
        (103, "related", "low"),  # 0.402
        (102, "inconclusive", "low"),  # up to 0.402, but perhaps below 0.40
        (60, "inconclusive", "low"),
        (57, "inconclusive", "low"),  # nothing at the low end, p = 1.03e-4, but not at the high end
        (56, "no relation shown", "high"),
        (30, "no relation shown", "high"),
        (0, "no relation shown", "high"),
        (-30, "no relation shown", "high"),
        (-100, "inconclusive", "low"),
    ],
)
def test_one_rounded_cosine(k: int, verdict: str, end: str) -> None:
    found = judged(Answer("rounded", (k,)))
    assert (found.verdict, found.end) == (verdict, end)
    assert found.cosine == min((k + (end == "high")) / 256, 1.0)
    assert found.corrected_p_value == pytest.approx(found.p_value)


@pytest.mark.parametrize(
    ("t", "verdict"), [(128, "related"), (192, "related"), (64, "inconclusive"), (32, "inconclusive")]
)
def test_at_least(t: int, verdict: str) -> None:
    found = judged(Answer("at-least", (t,), (1, 2)), layers=3, vectors=2)
    assert (found.verdict, found.end, found.cosine, found.pairs) == (verdict, "low", t / 256, 6)
    assert found.corrected_p_value == pytest.approx(min(1.0, 6 * found.p_value))


@pytest.mark.parametrize(
    ("t", "verdict"), [(32, "no relation shown"), (64, "inconclusive"), (128, "inconclusive"), (192, "inconclusive")]
)
def test_below_acquits_nobody(t: int, verdict: str) -> None:
    found = judged(Answer("below", (t,)))
    assert (found.verdict, found.end, found.cosine) == (verdict, "high", t / 256)
    assert "it acquits nobody" in found.reason


@pytest.mark.parametrize(
    "answer", [Answer("rounded", (256,)), Answer("at-least", (192,), (0, 0)), Answer("below", (32,))]
)
def test_few_tokens_decide_nothing(answer: Answer) -> None:
    found = judged(answer, tokens=TOKENS[:100] + tuple(b"other-%d" % i for i in range(500)))
    assert found.verdict == "inconclusive"
    assert "the two share 100 tokens; a verdict needs 256" in found.reason


def test_other_tokens_altogether() -> None:
    with pytest.raises(IncomparableError):
        judged(Answer("rounded", (0,)), tokens=tuple(b"other-%d" % i for i in range(600)))


@settings(max_examples=60)
@given(st.integers(0, 1 << 30), st.floats(0, 1), st.integers(1, 4), st.integers(1, 4))
def test_never_more_than_is_known(seed: int, share: float, vectors: int, layers: int) -> None:
    """Two sets of vectors, one pair of them alike: the word for the answer is that for the vectors, or inconclusive."""
    random = np.random.default_rng(seed)
    a, b = random.standard_normal((vectors, OUTPUTS)), random.standard_normal((layers, OUTPUTS))
    b[0] = share * a[0] + np.sqrt(1 - share**2) * b[0]
    a, b = (np.rint(4096 * (rows - rows.mean(1, keepdims=True))).astype(int) for rows in (a, b))
    table = cosines(tuple(map(tuple, a)), tuple(map(tuple, b)))
    rounded = tuple(int(k) for k in np.floor(256 * table).ravel().clip(-256, 255))
    near, theirs = statements(Answer("rounded", rounded), a, layers)
    own = Outputs(tuple(map(tuple, b.tolist())), (), (), ())
    made = (theirs.outputs[0], own)
    compared = compare_vectors(
        *(Fingerprint("robust-2", (*range(len(o.vectors)),), TOKENS, o, near.challenge.seed) for o in made),
        draw="challenge",
    )
    found = judge(near, theirs)
    assert found.verdict in (compared.verdict, "inconclusive")
    assert found.cosine == pytest.approx(compared.cosine, abs=1 / 256)
    best = float(table.max())
    for t in (32, 64, 128, 192):
        if best >= t / 256:
            pair = tuple(map(int, np.unravel_index(int(table.argmax()), table.shape)))
            said, _ = statements(Answer("at-least", (t,), pair), a, layers)  # type: ignore[arg-type]
            assert judge(said, theirs).verdict in (compared.verdict, "inconclusive")
        if np.abs(table).max() < t / 256:
            said, _ = statements(Answer("below", (t,)), a, layers)
            assert judge(said, theirs).verdict in (compared.verdict, "inconclusive")
