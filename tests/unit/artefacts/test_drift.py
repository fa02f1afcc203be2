"""The file of drift: one reading, whatever bytes come in."""

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

from huref.artefacts import bundle, drift, drift_lines, drifted, proved
from huref.artefacts.drift import DriftBundle
from huref.artefacts.drifted import Spoken
from huref.errors import (
    BundleTooLargeError,
    CommitmentMissingError,
    HurefError,
    InputError,
    MalformedBundleError,
    UnsupportedVersionError,
)
from huref.verifier.drift import check
from tests.support import places
from tests.support.bundles import CONTEXT, TOY_POLICY, second, toy
from tests.support.bundles import drift as made_by
from tests.support.schemas import schema, validate

MADE = made_by(context=CONTEXT)
GOOD = drift.dump(MADE)
PUBLIC = made_by(public=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The file after a change of its fields."""
    fields = json.loads(GOOD)
    change(fields)
    return json.dumps(fields).encode()


@pytest.mark.parametrize("made", [MADE, made_by(), PUBLIC], ids=["made for", "committed", "public"])
def test_what_is_written_is_read_again(made: DriftBundle, tmp_path: Path) -> None:
    data = drift.dump(made)
    assert drift.parse(data) == made
    validate("drift", data)
    assert made.file_digest == hashlib.sha256(data).hexdigest()
    (tmp_path / "x").write_bytes(data)
    assert proved.load(tmp_path / "x") == made


def test_other_white_space_and_order_are_the_same_file() -> None:
    other = json.dumps(json.loads(GOOD), indent=3, sort_keys=True).encode()
    assert proved.parse(other) == drift.parse(other) == MADE
    assert drift.parse(other).digest == MADE.digest


def test_of_several_kinds_each_is_read_by_its_own_reader() -> None:
    with pytest.raises(MalformedBundleError, match="this is a proof of drift"):
        bundle.parse(GOOD)
    with pytest.raises(InputError, match="this is a bundle"):
        drift.parse(bundle.dump(toy()))


def test_commitments_by_their_ids_alone() -> None:
    short, own = replace(MADE, by_reference=True), MADE.statement.commitments
    data = drift.dump(short)
    assert drift.parse(data, commitments=own[::-1]) == short
    assert (short.digest, short.file_digest != MADE.file_digest) == (MADE.digest, True)
    validate("drift", data)
    for known in ((), own[:1], own[1:]):
        with pytest.raises(CommitmentMissingError):
            drift.parse(data, commitments=known)


def test_one_commitment_whole_and_the_other_by_its_id() -> None:
    def cut(fields: dict[str, Any]) -> None:
        later = fields["statement"]["later"]
        fields["statement"]["later"] = {key: later[key] for key in ("mediaType", "id")}

    with pytest.raises(InputError, match="must both be whole"):
        drift.parse(changed(cut), commitments=MADE.statement.commitments)


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.update(image=None),
        lambda f: f.pop("claims"),
        lambda f: f["claims"].update(theirBundle="ab" * 32),
        lambda f: f.update(proof="A"),
        lambda f: f["statement"].update(more=1),
        lambda f: f["statement"].update(version="1"),
        lambda f: f["statement"].pop("later"),
        lambda f: f["statement"].update(later=None),
        lambda f: f["statement"].update(public="ab" * 32),
        lambda f: f["statement"].update(public=None),
        lambda f: f["statement"].update(exponents=[]),
        lambda f: f["statement"]["exponents"].pop(),
        lambda f: f["statement"]["exponents"].append(0),
        lambda f: f["statement"].update(exponents=[None] * 7),
        lambda f: f["statement"]["exponents"].__setitem__(0, 5),
        lambda f: f["statement"]["exponents"].__setitem__(0, -5),
        lambda f: f["statement"]["exponents"].__setitem__(0, True),
        lambda f: f["statement"]["exponents"].__setitem__(0, "0"),
        lambda f: f["statement"].update(partition="matrix"),
        lambda f: f["statement"].update(partition=1),
        lambda f: f["statement"].update(limit=1),
        lambda f: f["statement"]["limit"].update(bound=0),
        lambda f: f["statement"]["limit"].update(bound=1025),
        lambda f: f["statement"]["limit"].update(bound=True),
        lambda f: f["statement"]["limit"].update(kind="absolute"),
        lambda f: f["statement"]["limit"].update(bounds=[1]),
        lambda f: f["statement"].update(context={}),
        lambda f: f["statement"]["later"]["tokens"]["list"].reverse(),
    ],
)
def test_hostile_files(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(InputError, match=r"^drift"):
        drift.parse(changed(change))


def test_commitments_of_two_shapes() -> None:
    first, later = MADE.statement.commitments
    other = replace(later, shape=replace(later.shape, layers=(1,)))
    with pytest.raises(InputError, match="one profile, one shape, the same tokens"):
        drift.dump(replace(MADE, statement=replace(MADE.statement, commitments=(first, other))))


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["statement"].update(version=2),
        lambda f: f["statement"].update(protocol="huref/drift/v2"),
        lambda f: f["statement"]["commitment"].update(profile="robust-9"),
        lambda f: f.update(mediaType="application/vnd.huref.drift.v2+json"),
    ],
)
def test_versions_that_are_not_known(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(UnsupportedVersionError):
        drift.parse(changed(change))


def test_large_files_and_doubled_fields() -> None:
    with pytest.raises(BundleTooLargeError):
        drift.parse(GOOD, max_bytes=len(GOOD) - 1)
    with pytest.raises(InputError, match="twice"):
        drift.parse(GOOD.replace(b'"proof":', b'"proof": "", "proof":', 1))


# In words


def test_what_is_spoken_of_and_what_not() -> None:
    found = drifted.shown(replace(MADE.statement, exponents=(None, 0, -2, None, 0, 0, 4)))
    assert found.matrices == (
        *(Spoken("0.q", 0), Spoken("0.k", -2), Spoken("0.oT", 0), Spoken("0.up", 0), Spoken("0.downT", 4)),
    )
    assert found.left_out == ("X", "0.v")
    said = dict(drift_lines.drift_lines(found))
    assert (said["powers"], said["not shown"]) == ("0.k: 2^-2, 0.downT: 2^4", "X; v of layer 0")
    assert drifted.shown(MADE.statement).later == MADE.statement.commitments[1].id
    assert drifted.shown(PUBLIC.statement).public == PUBLIC.statement.public


@pytest.mark.parametrize(("bound", "words"), [(1, "0.1 %"), (41, "4.1 %"), (512, "50.0 %"), (1024, "100.0 %")])
def test_a_bound_in_per_cent_is_never_below_what_is_proved(bound: int, words: str) -> None:
    found = drifted.shown(replace(MADE.statement, bound=bound))
    assert drift_lines.bound_words(found) == f"{words} of its norm ({bound}/1024) in every matrix"
    little = [line for _, line in drift_lines.drift_lines(found) if "says little" in line]
    assert len(little) == (bound > 512)


def test_layers_with_the_same_matrices_share_a_line() -> None:
    assert drift_lines.names(["X", "3.up", "3.downT", "4.up", "4.downT", "5.q"]) == (
        "X; up, downT of layers 3, 4; q of layer 5"
    )


# Whatever bytes come in


def survives(data: bytes) -> None:
    """A file that can be written again and fits the schema, or an error of our own; only one statement is proved."""
    try:
        parsed = drift.parse(data)
        report = check(parsed, TOY_POLICY, public=None if parsed.statement.public is None else second())
    except HurefError:
        return
    assert drift.parse(drift.dump(parsed)) == parsed
    schema("drift").validate(json.loads(data))
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
