"""Files of nearness: what is written is read again, nothing else is, and two spellings are one file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huref.artefacts import bundle, commitment, intervals, nearness, proved
from huref.artefacts.nearness import NearBundle
from huref.errors import (
    BundleTooLargeError,
    CommitmentMissingError,
    HurefError,
    InputError,
    MalformedBundleError,
    UnsupportedVersionError,
)
from huref.verifier.near import check
from tests.support import places
from tests.support.bundles import CONTEXT, TOY_POLICY, answer, toy
from tests.support.bundles import nearness as near
from tests.support.schemas import schema, validate

MADE = near(context=CONTEXT)
GOOD = nearness.dump(MADE)
BELOW = near("below", 256)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def at_least() -> NearBundle:
    """A file of the third kind; its proof is that of another one."""
    said = nearness.Answer("at-least", (128,), (0, 0))
    return replace(MADE, statement=replace(MADE.statement, answer=said))


def changed(change: Callable[[dict[str, Any]], object], good: bytes = GOOD) -> bytes:
    """The file after a change of its fields."""
    fields = json.loads(good)
    change(fields)
    return json.dumps(fields).encode()


@pytest.mark.parametrize("made", [MADE, near(), BELOW, at_least()], ids=["made for", "rounded", "below", "at least"])
def test_what_is_written_is_read_again(made: NearBundle, tmp_path: Path) -> None:
    data = nearness.dump(made)
    assert nearness.parse(data) == made
    validate("nearness", data)
    assert made.file_digest == hashlib.sha256(data).hexdigest()
    (tmp_path / "x").write_bytes(data)
    assert proved.load(tmp_path / "x") == made


def test_other_white_space_and_order_are_the_same_file() -> None:
    other = json.dumps(json.loads(GOOD), indent=3, sort_keys=True).encode()
    assert proved.parse(other) == nearness.parse(other) == MADE
    assert nearness.parse(other).digest == MADE.digest


def test_a_bundle_stays_a_bundle() -> None:
    assert proved.parse(bundle.dump(toy())) == toy()
    for data in (b"", b"{}", b"\xff", b'{"mediaType":1}'):
        with pytest.raises(MalformedBundleError):
            proved.parse(data)
    with pytest.raises(MalformedBundleError, match="this is a proof of nearness"):
        bundle.parse(GOOD)
    with pytest.raises(InputError, match="this is a bundle"):
        nearness.parse(bundle.dump(toy()))


def test_the_commitment_by_its_id_alone() -> None:
    short, own = replace(MADE, by_reference=True), MADE.statement.committed
    data = nearness.dump(short)
    assert nearness.parse(data, commitments=[own]) == short
    assert (short.digest, short.file_digest != MADE.file_digest) == (MADE.digest, True)
    validate("nearness", data)
    with pytest.raises(CommitmentMissingError):
        nearness.parse(data)
    assert commitment.parse(commitment.dump(own)) == own


def test_no_claim_of_a_name_or_of_files_is_needed() -> None:
    """And the bundle that the vectors came from is outside of the content digest: nothing binds it."""
    other = replace(MADE, claims=replace(MADE.claims, their_bundle="ab" * 32))
    assert (other.digest, other.file_digest != MADE.file_digest) == (MADE.digest, True)
    assert check(other, TOY_POLICY).ok
    with pytest.raises(InputError, match="must name the bundle"):
        nearness.dump(replace(MADE, claims=replace(MADE.claims, their_bundle=None)))


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.update(image=None),
        lambda f: f.update(attestations=[]),
        lambda f: f.pop("claims"),
        lambda f: f["claims"].pop("theirBundle"),
        lambda f: f["claims"].update(theirBundle="AB" * 32),
        lambda f: f["claims"].update(theirBundle="ab" * 31),
        lambda f: f["claims"].update(more=1),
        lambda f: f.update(proof="A"),
        lambda f: f["statement"].update(more=1),
        lambda f: f["statement"].update(version="1"),
        lambda f: f["statement"].pop("draw"),
        lambda f: f["statement"].update(draw={"kind": "common"}),
        lambda f: f["statement"]["draw"].update(kind="own"),
        lambda f: f["statement"]["draw"].update(kind="other"),
        lambda f: f["statement"]["draw"].update(vectors=[]),
        lambda f: f["statement"]["draw"].update(beacon="ab" * 31),
        lambda f: f["statement"]["draw"]["commitments"].reverse(),
        lambda f: f["statement"]["draw"].update(commitments=["ab" * 32, "cd" * 32]),
        lambda f: f["statement"].update(theirs=[]),
        lambda f: f["statement"].update(theirs={}),
        lambda f: f["statement"]["theirs"][0].pop(),
        lambda f: f["statement"]["theirs"].append([]),
        lambda f: f["statement"]["theirs"][0].__setitem__(0, 1 << 30),
        lambda f: f["statement"]["theirs"][0].__setitem__(0, 0.5),
        lambda f: f["statement"]["theirs"][0].__setitem__(0, True),
        lambda f: f["statement"].update(answer=None),
        lambda f: f["statement"]["answer"].update(cosines=[]),
        lambda f: f["statement"]["answer"].update(cosines=[0, 0]),
        lambda f: f["statement"]["answer"].update(cosines=[257]),
        lambda f: f["statement"]["answer"].update(cosines=[-257]),
        lambda f: f["statement"]["answer"].update(cosines=["1"]),
        lambda f: f["statement"]["answer"].update(cosine=1),
        lambda f: f["statement"]["answer"].update(pair=[0, 0]),
        lambda f: f["statement"].update(answer={"kind": "below", "cosine": 0}),
        lambda f: f["statement"].update(answer={"kind": "below", "cosine": 257}),
        lambda f: f["statement"].update(answer={"kind": "below", "cosine": 1, "pair": [0, 0]}),
        lambda f: f["statement"].update(answer={"kind": "below", "cosines": [1]}),
        lambda f: f["statement"].update(answer={"kind": "at-least", "cosine": 1}),
        lambda f: f["statement"].update(answer={"kind": "at-least", "cosine": 1, "pair": [0]}),
        lambda f: f["statement"].update(answer={"kind": "at-least", "cosine": 1, "pair": [0, 1]}),
        lambda f: f["statement"].update(answer={"kind": "at-least", "cosine": 1, "pair": [1, 0]}),
        lambda f: f["statement"].update(answer={"kind": "at-least", "cosine": 1, "pair": [-1, 0]}),
        lambda f: f["statement"].update(context={}),
    ],
)
def test_hostile_files(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(InputError, match=r"^nearness"):
        nearness.parse(changed(change))


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["statement"].update(version=2),
        lambda f: f["statement"].update(protocol="huref/nearness/v2"),
        lambda f: f["statement"]["commitment"].update(profile="robust-9"),
        lambda f: f.update(mediaType="application/vnd.huref.nearness.v2+json"),
    ],
)
def test_versions_that_are_not_known(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(UnsupportedVersionError):
        nearness.parse(changed(change))


def test_large_files_and_doubled_fields() -> None:
    with pytest.raises(BundleTooLargeError):
        nearness.parse(GOOD, max_bytes=len(GOOD) - 1)
    with pytest.raises(InputError, match="twice"):
        nearness.parse(GOOD.replace(b'"proof":', b'"proof": "", "proof":', 1))


def test_intervals_of_each_kind() -> None:
    (k,) = MADE.statement.answer.cosines
    assert intervals.intervals(MADE.statement) == (intervals.Interval(0, 0, k / 256, (k + 1) / 256),)
    assert intervals.intervals(BELOW.statement) == (intervals.Interval(0, 0, -1.0, 1.0),)
    assert intervals.intervals(at_least().statement) == (intervals.Interval(0, 0, 0.5, 1.0),)
    assert intervals.shown(MADE.statement).digest == answer().statement.outputs[0].digest


# Whatever bytes come in


def survives(data: bytes) -> None:
    """A file that can be written again and fits the schema, or an error of our own; only one statement is proved."""
    try:
        parsed = nearness.parse(data)
        report = check(parsed, TOY_POLICY)
    except HurefError:
        return
    assert nearness.parse(nearness.dump(parsed)) == parsed
    schema("nearness").validate(json.loads(data))
    assert report.ok == (parsed.digest == MADE.digest)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    survives(data)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 40), st.binary(max_size=20))
def test_spliced_bytes(start: int, length: int, new: bytes) -> None:
    survives(GOOD[:start] + new + GOOD[start + length :])


@settings(max_examples=200)
@given(st.data(), JSON)
def test_any_value_at_any_place(data: st.DataObject, new: object) -> None:
    whole: dict[str, Any] = json.loads(GOOD)
    places.put(data, whole, new)
    survives(json.dumps(whole).encode())


@settings(max_examples=60)
@given(st.integers(0, 8 * len(MADE.proof) - 1))
def test_flipped_bits_of_the_proof(bit: int) -> None:
    proof = bytearray(MADE.proof)
    proof[bit // 8] ^= 1 << bit % 8
    assert check(replace(MADE, proof=bytes(proof)), TOY_POLICY).code == "proof-rejected"
