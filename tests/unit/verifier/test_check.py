"""The check: policy, proof, image, and the report about them."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PIL import Image as Pillow

from huref import _native, image
from huref.artefacts.bundle import Bundle
from huref.artefacts.commitment import Commitment
from huref.artefacts.outputs import Outputs
from huref.artefacts.policy import DEFAULT
from huref.artefacts.portrait import Portrait
from huref.artefacts.report import Drawing, Picture, Report, Weights
from huref.errors import (
    TABLE,
    ImageMismatchError,
    InternalError,
    MalformedBundleError,
    PolicyError,
    ProofRejectedError,
    UnsupportedVersionError,
    WeightsMismatchError,
)
from huref.verifier.check import check, redraw, security_bits
from tests.support.bundles import CLAIMS, TOY_POLICY, robust, toy

SCHEMA = Draft202012Validator(json.loads(Path("proofs/schemas/report.v1.json").read_text("utf-8")))


def checked(bundle: Bundle) -> Report:
    """The report about a toy; its JSON fits the schema."""
    report = check(bundle, TOY_POLICY)
    SCHEMA.validate(report.to_json())
    assert report.code in TABLE or report.ok
    return report


def with_outputs(bundle: Bundle, **changes: Any) -> Bundle:
    outputs: Outputs = replace(bundle.statement.outputs, **changes)
    return replace(bundle, statement=replace(bundle.statement, outputs=outputs))


def with_commitment(bundle: Bundle, **changes: Any) -> Bundle:
    commitment: Commitment = replace(bundle.statement.commitment, **changes)
    return replace(bundle, statement=replace(bundle.statement, commitment=commitment))


def with_shape(bundle: Bundle, **changes: Any) -> Bundle:
    return with_commitment(bundle, shape=replace(bundle.statement.shape, **changes))


def with_image(**changes: Any) -> Bundle:
    picture = robust().image
    assert picture is not None
    changed: Portrait = replace(picture, **changes)
    return replace(robust(), image=changed)


def test_verified() -> None:
    report = check(robust())
    SCHEMA.validate(report.to_json())
    assert (report.ok, report.code, report.failure) == (True, "verified", None)
    verified = report.verified
    assert verified.proof is not None
    assert verified.image is not None
    assert verified.proof.security_bits >= 120
    assert verified.commitment == robust().statement.commitment.id
    assert verified.image.sha256 == image.rgb_digest(image.render(robust().statement.outputs.vector))
    assert [entry.what for entry in report.not_checked] == ["weights", "publisher"]
    report.raise_for_status()


def test_report_has_the_three_blocks_apart() -> None:
    report = checked(toy()).to_json()
    assert report["ok"] is True
    assert report["claimed"]["modelName"] == CLAIMS.model_name
    assert CLAIMS.model_name not in json.dumps(report["verified"])
    assert set(report["verified"]) == {"proof", "commitment", "vectorDigest"}
    assert {entry["what"] for entry in report["notChecked"]} == {"image", "weights", "publisher"}
    assert report["policy"] == {"name": TOY_POLICY.name, "sha256": TOY_POLICY.digest}
    assert report["bundle"] == {"sha256": toy().digest, "version": 1}


def test_policy_comes_first() -> None:
    report = check(toy())
    assert (report.ok, report.code) == (False, "policy-not-met")
    assert report.failure is not None
    assert report.failure.check == "policy"
    assert report.to_json()["verified"] == {}
    with pytest.raises(PolicyError, match="toy-2"):
        report.raise_for_status()
    assert check(toy(), replace(TOY_POLICY, security_bits=security_bits(toy().statement) + 1)).code == "policy-not-met"
    size = len(robust().image.png)  # type: ignore[union-attr]
    assert check(robust(), replace(DEFAULT, max_image_bytes=size - 1)).code == "policy-not-met"


def test_bits_of_security() -> None:
    assert security_bits(robust().statement) == 128
    assert security_bits(toy().statement) < 20


def test_proof_of_another_length() -> None:
    for proof in (b"", toy().proof[:-1], toy().proof + b"\0", toy().proof[1:], toy().proof * 2):
        report = checked(replace(toy(), proof=proof))
        assert (report.code, report.verified.commitment) == ("proof-rejected", None)
        assert report.failure is not None
        assert report.failure.check == "proof length"
    with pytest.raises(ProofRejectedError) as caught:
        report.raise_for_status()
    assert caught.value.check == "proof length"


def test_every_part_of_the_proof_matters() -> None:
    for position in range(0, len(toy().proof), 131):
        proof = bytearray(toy().proof)
        proof[position] ^= 0x10
        assert checked(replace(toy(), proof=bytes(proof))).code == "proof-rejected", position


def test_another_models_parts() -> None:
    one, other = toy(1), toy(2)
    for mixed in (
        replace(one, proof=other.proof),
        replace(one, statement=replace(one.statement, commitment=other.statement.commitment)),
        replace(one, statement=replace(one.statement, outputs=other.statement.outputs)),
    ):
        assert checked(mixed).code == "proof-rejected"


def test_changed_outputs() -> None:
    outputs = toy().statement.outputs
    for changed in (
        with_outputs(toy(), vector=(outputs.vector[0] + 1, *outputs.vector[1:])),
        with_outputs(toy(), shifts=(outputs.shifts[0] + 1, *outputs.shifts[1:])),
        with_outputs(toy(), scales=(outputs.scales[0] - 1, *outputs.scales[1:])),
        with_outputs(toy(), scale=outputs.scale + 1),
        with_outputs(toy(), vector=(2**31 - 1, *outputs.vector[1:])),
        with_outputs(toy(), shifts=(2**32 - 1, *outputs.shifts[1:])),
    ):
        report = checked(changed)
        assert report.code == "proof-rejected"


def test_changed_shapes() -> None:
    tokens = toy().statement.shape.tokens
    for changed in (
        with_shape(toy(), tokens=tokens[::-1]),
        with_shape(toy(), tokens=(b"other", *tokens[1:])),
        with_shape(toy(), layers=(1,)),
    ):
        assert checked(changed).code == "proof-rejected"


def test_impossible_shapes_are_malformed() -> None:
    tokens = toy().statement.shape.tokens
    for changed in (
        with_shape(toy(), kv_heads=3),
        with_shape(toy(), hidden=513),
        with_shape(toy(), layers=(1, 0)),
        with_shape(toy(), tokens=tokens + tokens[:1]),
    ):
        with pytest.raises(MalformedBundleError):
            check(changed, TOY_POLICY)
    with pytest.raises(MalformedBundleError):
        check(with_commitment(toy(), rows=toy().statement.commitment.rows[:-1]), TOY_POLICY)


def test_panic_of_the_core_is_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(*_: object) -> None:
        raise RuntimeError("the core panicked; this is a bug")

    monkeypatch.setattr(_native, "verify", panic)
    with pytest.raises(InternalError):
        check(toy(), TOY_POLICY)


def png(pixels: np.ndarray[Any, np.dtype[np.uint8]], **options: Any) -> bytes:
    out = io.BytesIO()
    Pillow.fromarray(pixels, "RGB").save(out, "PNG", **options)
    return out.getvalue()


def test_images() -> None:
    portrait = image.render(robust().statement.outputs.vector)
    other = portrait.copy()
    other[100, 100, 0] ^= 1
    frames = [Pillow.fromarray(255 - portrait, "RGB")]
    for wrong in (
        {"png": png(other)},
        {"png": png(other), "rgb_sha256": image.rgb_digest(other)},
        {"rgb_sha256": image.rgb_digest(other)},
        {"png": png(portrait[:511])},
        {"png": b""},
        {"png": b"GIF89a"},
        {"png": png(portrait)[:-20]},
        {"png": png(portrait) + b"\0"},
        {"png": png(portrait, save_all=True, append_images=frames, default_image=True)},
        {"png": png(portrait, icc_profile=b"x" * 200)},
    ):
        with pytest.raises(ImageMismatchError):
            redraw(with_image(**wrong))
    digest = image.rgb_digest(portrait)
    assert redraw(with_image(png=png(portrait, compress_level=1))) == Drawing(digest, in_bundle=True)
    with pytest.raises(UnsupportedVersionError):
        redraw(with_image(renderer="huref/portrait/v2"))


def test_a_bundle_without_an_image() -> None:
    """The portrait follows from the vector, so the report has it all the same."""
    report = check(replace(robust(), image=None))
    SCHEMA.validate(report.to_json())
    assert report.ok
    digest = image.rgb_digest(image.render(robust().statement.outputs.vector))
    assert report.to_json()["verified"]["image"] == {"sha256": digest, "inBundle": False}
    assert [entry.what for entry in report.not_checked] == ["weights", "publisher"]
    assert report.bundle.sha256 != robust().digest
    assert check(toy(), TOY_POLICY).verified.image is None


def test_another_image_beside_a_proof_that_holds() -> None:
    report = check(with_image(png=image.png(image.render([0] * 512))))
    SCHEMA.validate(report.to_json())
    assert (report.ok, report.code) == (False, "image-mismatch")
    assert report.verified.proof is not None
    assert report.verified.image is None
    with pytest.raises(ImageMismatchError):
        report.raise_for_status()


def test_reports_of_further_checks() -> None:
    report = checked(toy())
    more = report.with_verified(weights=Weights(commitment=True), given_image=Picture("ab" * 32))
    SCHEMA.validate(more.to_json())
    assert more.ok
    assert more.to_json()["verified"]["weights"] == {"commitment": True, "matches": True}
    assert {entry.what for entry in more.not_checked} == {"image", "publisher"}
    less = report.refused(WeightsMismatchError("the vector of the folder is another one"), "weights")
    SCHEMA.validate(less.to_json())
    assert (less.ok, less.code) == (False, "weights-mismatch")
    with pytest.raises(WeightsMismatchError, match="another one"):
        less.raise_for_status()
