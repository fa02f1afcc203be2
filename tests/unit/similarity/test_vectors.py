"""Vectors against vectors: layers are matched, and a verdict says no more than its sides and draw allow."""

import math
from itertools import product

import numpy as np
import pytest

from huref.artefacts.draw import sides
from huref.artefacts.fingerprint import Fingerprint
from huref.artefacts.outputs import Outputs
from huref.errors import IncomparableError
from huref.profile import named
from huref.similarity.vectors import compare_vectors, cosine, cosines
from huref.similarity.verdict import Comparison, Side, p_value

TOKENS = tuple(f"token {i}".encode() for i in range(1000))
SEED = bytes(32)
Sides = tuple[Side, Side]
FOLDER_AND_BUNDLE: Sides = ("model folder", "verified bundle")
BUNDLES: Sides = ("verified bundle", "verified bundle")
FIXED: list[Sides] = [BUNDLES, ("fingerprint", "fingerprint"), ("fingerprint", "verified bundle")]


def made(
    *vectors: np.ndarray,
    tokens: tuple[bytes, ...] = TOKENS,
    profile: str = "robust-2",
    seed: bytes | None = None,
    layers: tuple[int, ...] | None = None,
) -> Fingerprint:
    z = tuple(tuple(int(x) for x in np.rint((v - v.mean()) / v.std() * 4096)) for v in vectors)
    return Fingerprint(profile, layers or tuple(range(len(z))), tokens, Outputs(z, (), (), ()), seed)


def pair(wanted: float) -> tuple[np.ndarray, np.ndarray]:
    """Two vectors with that cosine."""
    generator = np.random.default_rng(3)
    a, b = (x - x.mean() for x in generator.standard_normal((2, 512)))
    b -= a * (a @ b) / (a @ a)
    return a, wanted * a / np.linalg.norm(a) + math.sqrt(1 - wanted**2) * b / np.linalg.norm(b)


def junk(count: int, seed: int = 9) -> list[np.ndarray]:
    """Vectors that have nothing to do with any other."""
    return list(np.random.default_rng(seed).standard_normal((count, 512)))


@pytest.mark.parametrize(
    ("wanted", "verdict", "reason"),
    [
        (1.0, "alike", "10^9"),
        (0.41, "alike", "10^9"),
        (0.39, "inconclusive", "model folders"),
        (0.37, "inconclusive", "model folders"),
        (0.34, "inconclusive", "exclude chance"),
        (0.24, "inconclusive", "exclude chance"),
        (0.2, "no relation shown", "independent"),
        (0.0, "no relation shown", "independent"),
        (-0.2, "no relation shown", "independent"),
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


@pytest.mark.parametrize(("wanted", "sides"), list(product([1.0, 0.5, 0.3, 0.1, 0.0, -0.5], FIXED)))
def test_two_fixed_sides_are_never_unrelated(wanted: float, sides: Sides) -> None:
    """And without a challenge never related: each side could see the vectors of the other."""
    a, b = pair(wanted)
    for draw, seed in (("common", None), ("challenge", SEED)):
        one, other = made(a, seed=seed), made(b, seed=seed)
        found = compare_vectors(one, other, sides=sides, draw=draw)  # type: ignore[arg-type]
        assert found.verdict in (
            ("alike", "inconclusive", "no relation shown")
            if draw == "common"
            else ("related", "inconclusive", "no relation shown")
        )


def test_vectors_are_related_under_a_challenge_and_alike_without() -> None:
    a, b = pair(0.9)
    common = compare_vectors(made(a), made(b), sides=BUNDLES)
    assert (common.verdict, common.draw, common.challenge) == ("alike", "common", None)
    assert "weights can be made to have public vectors" in common.reason
    fresh = compare_vectors(made(a, seed=SEED), made(b, seed=SEED), sides=BUNDLES, draw="challenge")
    assert (fresh.verdict, fresh.draw, fresh.challenge) == ("related", "challenge", SEED.hex())
    assert fresh.reason.endswith("nobody could choose these sketches")


def test_two_folders_are_unrelated_or_left_to_their_neurons() -> None:
    both: Sides = ("model folder", "model folder")
    for wanted, verdict in ((0.9, "inconclusive"), (0.0, "unrelated"), (0.3, "inconclusive")):
        a, b = pair(wanted)
        assert compare_vectors(made(a), made(b), len(TOKENS), sides=both).verdict == verdict


# Layers


def test_layers_are_matched_whatever_their_numbers() -> None:
    vectors = junk(4)
    found = compare_vectors(made(*vectors), made(*vectors[::-1], layers=(1, 5, 6, 9)))
    assert [(match.a, match.b) for match in found.layers] == [(0, 9), (1, 6), (2, 5), (3, 1)]
    assert all(match.cosine == 1.0 for match in found.layers)
    assert (found.pairs, found.cosine) == (16, 1.0)


def test_the_largest_of_several_cosines_is_worth_less() -> None:
    a, b = pair(0.23)
    once = compare_vectors(made(a), made(b))
    often = compare_vectors(made(a, *junk(1)), made(b, *junk(4, seed=11)))
    assert (once.pairs, often.pairs) == (1, 10)
    assert (once.verdict, often.verdict) == ("inconclusive", "no relation shown")
    assert often.cosine == once.cosine
    assert often.corrected_p_value == pytest.approx(10 * once.p_value)
    assert often.p_value == once.p_value


@pytest.mark.parametrize("beside", [0, 1, 2, 10, 40])
def test_junk_beside_a_copied_layer_takes_nothing_away(beside: int) -> None:
    """One layer that is alike is enough, whatever stands beside it on either side."""
    a, b = pair(0.9)
    for left, right in ((0, beside), (beside, 0), (beside, beside)):
        one = made(*junk(left, 21), a, seed=SEED)
        other = made(b, *junk(right, 22), seed=SEED)
        found = compare_vectors(one, other, sides=BUNDLES, draw="challenge")
        assert (found.verdict, found.cosine) == ("related", pytest.approx(0.9, abs=1e-3))
        (match,) = (match for match in found.layers if match.cosine > 0.5)
        assert (match.a, match.b) == (left, 0)


def test_many_strange_layers_are_no_relation() -> None:
    """The largest of 1600 cosines of strangers is large, and is worth as little."""
    found = compare_vectors(made(*junk(40, 31)), made(*junk(40, 32)))
    assert found.verdict == "no relation shown"
    assert found.pairs == 1600
    assert found.p_value < 0.01 < found.corrected_p_value
    assert "as far as these layers tell" in found.reason


# Own vectors: folder against bundle


def against(
    common: float, own: float, *, beacon: bool = True, layers: int = 2, shared: int = len(TOKENS)
) -> Comparison:
    """A folder of those layers, which has the first `shared` tokens, against a bundle, with these cosines under both
    draws.
    """
    random = np.random.default_rng(5)

    def two(wanted: float) -> tuple[list[np.ndarray], list[np.ndarray]]:
        rows = np.linalg.qr(random.standard_normal((513, 2 * layers + 1)))[0].T[:, :512]
        ones, others = rows[:layers], rows[layers : 2 * layers]
        return list(ones), [wanted * a + math.sqrt(1 - wanted**2) * b for a, b in zip(ones, others, strict=True)]

    (a, b), (own_a, own_b) = two(common), two(own)
    tokens = TOKENS[:shared]
    return compare_vectors(
        made(*a, tokens=tokens),
        made(*b),
        shared,
        sides=FOLDER_AND_BUNDLE,
        beacon=beacon,
        own=(made(*own_a, tokens=tokens, seed=SEED), made(*own_b, seed=SEED)),
    )


@pytest.mark.parametrize(
    ("common", "own", "verdict", "reason"),
    [
        (0.9, 0.9, "related", "by the common vectors and by the own ones"),
        (0.9, 0.0, "fitted", "weights were made to have these common vectors"),
        (0.0, 0.9, "inconclusive", "no honest model shows that"),
        (0.0, 0.0, "no relation shown", "as far as these layers tell"),
        (0.9, 0.2, "inconclusive", "neither alike nor plainly different"),
        (0.3, 0.9, "inconclusive", "exclude chance"),
        (0.3, 0.0, "inconclusive", "exclude chance"),
    ],
)
@pytest.mark.parametrize("beacon", [True, False])
def test_common_and_own_vectors_together(common: float, own: float, verdict: str, reason: str, beacon: bool) -> None:
    found = against(common, own, beacon=beacon)
    assert (found.verdict, found.own is not None) == (verdict, True)
    assert reason in found.reason
    assert found.decided_by == ("own vectors" if verdict in ("related", "fitted") else "vectors")
    assert found.own is not None
    assert found.own.mean == pytest.approx(own, abs=0.03)
    assert all(match.own == pytest.approx(own, abs=0.05) for match in found.layers)


def test_an_own_draw_without_a_beacon_could_have_been_tried_often() -> None:
    """A cosine that is enough where nobody knew the sketches is not where 2^40 commitments could be tried."""
    with_beacon, without = (against(0.9, 0.55, beacon=beacon, layers=1) for beacon in (True, False))
    assert (with_beacon.verdict, without.verdict) == ("related", "inconclusive")
    assert with_beacon.own is not None
    assert without.own is not None
    assert without.own.corrected_p_value == pytest.approx(2.0**40 * with_beacon.own.corrected_p_value)
    assert against(0.9, 0.7, beacon=False, layers=1).verdict == "related"


def test_an_own_draw_alone_is_worth_less_without_a_beacon() -> None:
    a, b = pair(0.55)
    with_beacon, without = (
        compare_vectors(
            made(a, seed=SEED), made(b, seed=SEED), 1000, sides=FOLDER_AND_BUNDLE, draw="own", beacon=beacon
        )
        for beacon in (True, False)
    )
    assert without.corrected_p_value == pytest.approx(2.0**40 * with_beacon.corrected_p_value)
    assert (with_beacon.verdict, without.verdict) == ("related", "inconclusive")


def test_own_vectors_are_read_where_the_common_ones_match_and_nowhere_else() -> None:
    """Of two layers one is copied: the own vectors of the other, matched by luck, say nothing."""
    a, b = pair(0.9)
    strange, other = junk(2)
    found = compare_vectors(
        made(a, strange),
        made(other, b),
        1000,
        sides=FOLDER_AND_BUNDLE,
        beacon=True,
        own=(made(a, strange, seed=SEED), made(strange, b, seed=SEED)),
    )
    assert found.own is not None
    assert (found.own.pairs, found.own.mean) == (1, pytest.approx(0.9, abs=1e-3))
    assert found.verdict == "related"


# Tokens


@pytest.mark.parametrize(
    ("vocabulary", "shared", "enough"),
    [(1000, 256, True), (1000, 255, False), (200, 100, True), (200, 99, False), (70, 63, False)],
)
def test_few_tokens_decide_nothing(vocabulary: int, shared: int, enough: bool) -> None:
    a, _ = pair(1)
    other = TOKENS[:shared] + tuple(b"other" + token for token in TOKENS[shared:])
    found = compare_vectors(made(a), made(a, tokens=other), vocabulary)
    assert found.tokens_shared == shared
    assert (found.verdict == "alike") == enough
    if not enough:
        assert f"share {shared} tokens" in found.reason


def lopsided(few: int, many: int, seed: bytes | None = None) -> tuple[bytes, ...]:
    """A list with so many tokens on the sides P and Q."""
    profile = named("robust-2")
    names = [b"word %d" % i for i in range(3000)]
    on = [[name for name in names if sides([name], profile, seed)[side]] for side in (0, 1)]
    return (*on[0][:few], *on[1][:many])


@pytest.mark.parametrize(("few", "verdict"), [(2, "inconclusive"), (31, "inconclusive"), (32, "alike")])
@pytest.mark.parametrize("turned", [False, True])
def test_few_tokens_on_a_side_decide_nothing(few: int, verdict: str, turned: bool) -> None:
    """Then P or Q has a low rank, and strangers are alike by chance."""
    counts = (600, few) if turned else (few, 600)
    tokens, (a, b) = lopsided(*counts), pair(0.9)
    found = compare_vectors(made(a, tokens=tokens), made(b, tokens=tokens))
    assert (found.verdict, found.tokens_on_sides) == (verdict, counts)
    if few < 32:
        assert f"one side of the sketch has {few} shared tokens; a verdict needs 32" in found.reason
        # nor is anything said against a relation
        assert compare_vectors(made(a, tokens=tokens), made(pair(0.0)[1], tokens=tokens)).verdict == "inconclusive"


def test_sides_are_those_of_the_draw() -> None:
    """A list that is lopsided under the common draw is not under a fresh one."""
    tokens, (a, b) = lopsided(2, 600), pair(0.9)
    found = compare_vectors(made(a, tokens=tokens, seed=SEED), made(b, tokens=tokens, seed=SEED), draw="challenge")
    assert min(found.tokens_on_sides) > 200
    assert found.verdict == "related"


def test_no_relation_needs_tokens_that_would_have_told() -> None:
    """With 40 % of the tokens in both lists, equal models would have a cosine of about 0.16 only."""
    a, b = pair(0.1)
    other = TOKENS[:400] + tuple(b"other" + token for token in TOKENS[400:])
    found = compare_vectors(made(a), made(b, tokens=other), len(TOKENS))
    assert found.verdict == "inconclusive"
    assert "the 400 tokens that both have cannot tell: an unchanged copy would show 0.16" in found.reason


@pytest.mark.parametrize(
    ("wanted", "shared", "verdict", "reason"),
    [
        (0.181, 191, "inconclusive", "as alike as an unchanged copy would be (0.18; a copy 0.19"),
        (0.08, 191, "inconclusive", "cannot tell"),
        (-0.1, 191, "no relation shown", "where an unchanged copy would show 0.19"),
        (0.75, 760, "alike", "less than once in 10^9"),
        (0.1, 760, "no relation shown", "where an unchanged copy would show 0.76"),
    ],
)
def test_a_vector_over_few_shared_tokens_is_judged_against_a_copy(
    wanted: float, shared: int, verdict: str, reason: str
) -> None:
    """A fingerprint over a list of which the folder has a part only: a vocabulary that was cut."""
    a, b = pair(wanted)
    found = compare_vectors(made(a), made(b, tokens=TOKENS[:shared]), 300, sides=("fingerprint", "model folder"))
    assert found.verdict == verdict
    assert reason in found.reason
    assert ("smaller vocabulary" in found.reason) == (verdict == "inconclusive")


def test_own_vectors_over_few_shared_tokens_name_what_a_copy_would_show_and_the_way_out() -> None:
    """A bundle against the folder of a copy that kept less than half of its tokens."""
    found = against(0.44, 0.36, beacon=False, shared=440)
    assert found.verdict == "inconclusive"
    assert "own vectors of the bundle are neither alike nor plainly different" in found.reason
    assert "over the 440 tokens that both have they show 0.3" in found.reason
    assert "an unchanged copy would show 0.44" in found.reason
    assert "make the fingerprint of the model with the smaller vocabulary" in found.reason
    assert "smaller vocabulary" not in against(0.9, 0.2, beacon=False).reason


@pytest.mark.parametrize("shared", [0, 400])
def test_lists_of_two_fixed_vectors_that_differ_are_refused(shared: int) -> None:
    a, b = pair(1)
    one, other = made(a), made(b, tokens=TOKENS[:shared] + tuple(b"other" + token for token in TOKENS[shared:]))
    names = f"{one.token_digest[:16]}.*{other.token_digest[:16]}"
    with pytest.raises(IncomparableError, match=f"{names}.*share {shared} of"):
        compare_vectors(one, other)


# What has nothing in common


def test_vectors_of_eight_numbers_decide_nothing() -> None:
    a = made(np.arange(8.0), profile="toy-2")
    assert compare_vectors(a, a).verdict == "inconclusive"


def test_profiles_and_draws_that_differ_are_refused() -> None:
    with pytest.raises(IncomparableError, match=r"robust-2.*toy-2"):
        compare_vectors(made(np.arange(512.0)), made(np.arange(8.0), profile="toy-2"))
    one = made(np.arange(512.0))
    other, third = (made(np.arange(512.0), seed=bytes([i]) * 32) for i in (1, 2))
    with pytest.raises(IncomparableError, match=r"of the common draw.*seed 0101.*answer one challenge"):
        compare_vectors(one, other)
    with pytest.raises(IncomparableError, match=r"seed 0202.*seed 0101"):
        compare_vectors(third, other)


def test_cosine_of_integers_is_exact() -> None:
    a = (1 << 40, -(1 << 40), 3)
    assert cosine(a, a) == 1.0
    assert cosine(a, tuple(-x for x in a)) == -1.0
    assert cosine((1, 0), (0, 1)) == 0.0
    one = tuple(map(int, np.random.default_rng(1).integers(-(1 << 20), 1 << 20, 512)))
    assert cosine(one, one) == 1.0
    assert cosines((one, a[:2] * 256), (one,)).shape == (2, 1)
