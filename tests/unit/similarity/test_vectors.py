"""Two fingerprints: cosine, p-value, verdict, and which have nothing in common."""

import math

import numpy as np
import pytest

from huref.artefacts.fingerprint import Fingerprint
from huref.artefacts.outputs import Outputs
from huref.errors import IncomparableError
from huref.similarity.vectors import compare_vectors, cosine
from huref.similarity.verdict import p_value

TOKENS = tuple(f"token {i}".encode() for i in range(1000))


def made(vector: np.ndarray, tokens: tuple[bytes, ...] = TOKENS, profile: str = "robust-2") -> Fingerprint:
    z = tuple(int(x) for x in np.rint((vector - vector.mean()) / vector.std() * 4096))
    return Fingerprint(profile, (0, 1), tokens, Outputs(z, (), (), 1))


def pair(wanted: float) -> tuple[np.ndarray, np.ndarray]:
    """Two vectors with that cosine."""
    generator = np.random.default_rng(3)
    a, b = (x - x.mean() for x in generator.standard_normal((2, 512)))
    b -= a * (a @ b) / (a @ a)
    return a, wanted * a / np.linalg.norm(a) + math.sqrt(1 - wanted**2) * b / np.linalg.norm(b)


@pytest.mark.parametrize(
    ("wanted", "verdict", "reason"),
    [
        (1.0, "related", "10^9"),
        (0.81, "related", "10^9"),
        (0.79, "inconclusive", "model folders"),
        (0.67, "inconclusive", "model folders"),
        (0.37, "inconclusive", "model folders"),
        (0.34, "inconclusive", "exclude chance"),
        (0.24, "inconclusive", "exclude chance"),
        (0.2, "unrelated", "independent"),
        (0.0, "unrelated", "independent"),
        (-0.2, "unrelated", "independent"),
        (-0.9, "inconclusive", "opposed"),
    ],
)
def test_verdicts(wanted: float, verdict: str, reason: str) -> None:
    a, b = pair(wanted)
    found = compare_vectors(made(a), made(b))
    assert found.cosine == pytest.approx(wanted, abs=1e-3)
    assert (found.verdict, found.tokens_shared, found.tokens_needed) == (verdict, 1000, 256)
    assert reason in found.reason
    assert found.p_value == p_value(found.cosine, found.null_width)
    assert compare_vectors(made(b), made(a)) == found


@pytest.mark.parametrize(
    ("vocabulary", "shared", "enough"),
    [(1000, 256, True), (1000, 255, False), (200, 100, True), (200, 99, False), (70, 63, False)],
)
def test_few_tokens_decide_nothing(vocabulary: int, shared: int, enough: bool) -> None:
    a, _ = pair(1)
    other = TOKENS[:shared] + tuple(b"other" + token for token in TOKENS[shared:])
    found = compare_vectors(made(a), made(a, other), vocabulary)
    assert found.tokens_shared == shared
    assert (found.verdict == "related") == enough
    if not enough:
        assert f"share {shared} tokens" in found.reason


def test_unrelated_needs_tokens_that_would_have_told() -> None:
    """With 40 % of the tokens shared, equal models would have a cosine of about 0.16 only."""
    a, b = pair(0.1)
    other = TOKENS[:400] + tuple(b"other" + token for token in TOKENS[400:])
    found = compare_vectors(made(a), made(b, other), len(TOKENS))
    assert found.verdict == "inconclusive"
    assert "different tokens" in found.reason


@pytest.mark.parametrize("shared", [0, 400])
def test_lists_of_two_fixed_vectors_that_differ_are_refused(shared: int) -> None:
    a, b = pair(1)
    one, other = made(a), made(b, TOKENS[:shared] + tuple(b"other" + token for token in TOKENS[shared:]))
    names = f"{one.token_digest[:16]}.*{other.token_digest[:16]}"
    with pytest.raises(IncomparableError, match=f"{names}.*share {shared} of"):
        compare_vectors(one, other)


def test_the_largest_of_several_cosines_is_worth_less() -> None:
    a, b = pair(0.23)
    once, often = (compare_vectors(made(a), made(b), tries=tries) for tries in (1, 10))
    assert (once.verdict, often.verdict) == ("inconclusive", "unrelated")
    assert often.corrected_p_value == pytest.approx(10 * once.p_value)
    assert often.p_value == once.p_value


def test_vectors_of_eight_numbers_decide_nothing() -> None:
    a = made(np.arange(8.0), profile="toy-2")
    assert compare_vectors(a, a).verdict == "inconclusive"


def test_profiles_that_differ_are_refused() -> None:
    with pytest.raises(IncomparableError, match=r"robust-2.*toy-2"):
        compare_vectors(made(np.arange(512.0)), made(np.arange(8.0), profile="toy-2"))


def test_cosine_of_integers_is_exact() -> None:
    a = (1 << 40, -(1 << 40), 3)
    assert cosine(a, a) == 1.0
    assert cosine(a, tuple(-x for x in a)) == -1.0
    assert cosine((1, 0), (0, 1)) == 0.0
