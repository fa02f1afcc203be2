"""The check: policy, proof, image, and the report about them."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PIL import Image as Pillow

from huref import _native, image
from huref.artefacts import bundle as bundle_files
from huref.artefacts import portrait as portraits
from huref.artefacts.bundle import Bundle
from huref.artefacts.commitment import Commitment
from huref.artefacts.context import Context
from huref.artefacts.draw import COMMON, OWN, Draw
from huref.artefacts.outputs import Outputs, vector_digest
from huref.artefacts.policy import DEFAULT, Policy
from huref.artefacts.portrait import Portrait
from huref.artefacts.report import Drawing, Failure, NotChecked, Picture, Report, Weights
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
from huref.verifier import check as verifying
from huref.verifier.check import check, redraw, security_bits, security_terms
from tests.support import generators
from tests.support.bundles import BEACON, CLAIMS, CONTEXT, TOY_POLICY, answer, proved, robust, toy, whole

SCHEMA = Draft202012Validator(json.loads(Path("proofs/schemas/report.v1.json").read_text("utf-8")))


#: What no proof of common vectors says, in the order of reports.
ALWAYS = ["fitted", "owner", "order", "layers", "files", "publisher"]
VECTOR = robust().statement.vector or ()


def checked(bundle: Bundle) -> Report:
    """The report about a toy; its JSON fits the schema."""
    report = check(bundle, TOY_POLICY)
    SCHEMA.validate(report.to_json())
    assert report.code in TABLE or report.ok
    return report


def with_outputs(bundle: Bundle, **changes: Any) -> Bundle:
    outputs: Outputs = replace(bundle.statement.outputs[0], **changes)
    return replace(bundle, statement=replace(bundle.statement, outputs=(outputs, *bundle.statement.outputs[1:])))


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
    assert verified.image.sha256 == image.rgb_digest(image.render(VECTOR))
    assert [entry.what for entry in report.not_checked] == ALWAYS
    (drawn,) = verified.draws or ()
    assert (drawn.kind, drawn.digest) == ("common", robust().statement.outputs[0].digest)
    assert sum(drawn.sides) == 64
    assert verified.vector_digest == vector_digest(VECTOR)
    assert verified.made_for is None
    report.raise_for_status()


def test_report_has_the_three_blocks_apart() -> None:
    report = checked(toy()).to_json()
    assert report["ok"] is True
    assert report["claimed"]["modelName"] == CLAIMS.model_name
    assert CLAIMS.model_name not in json.dumps(report["verified"])
    assert set(report["verified"]) == {"proof", "commitment", "draws", "vectorDigest"}
    assert [entry["what"] for entry in report["notChecked"]] == ["image", *ALWAYS]
    assert report["policy"] == {"name": TOY_POLICY.name, "sha256": TOY_POLICY.digest}
    assert report["bundle"] == {"sha256": toy().digest, "fileSha256": toy().file_digest, "version": 2}


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


def test_terms_are_those_of_its_own_shape() -> None:
    """What is kept for one shape says nothing of another one, of another profile or of fewer draws."""
    made = whole().statement
    shape = made.shape
    shapes = (shape, replace(shape, tokens=shape.tokens[:20]), replace(shape, ffn=2 * shape.ffn))
    for _ in range(2):
        for profile in ("toy-2", "robust-2"):
            for other in shapes:
                for draws in (made.draws, made.draws[:1]):
                    commitment = replace(made.commitment, profile=profile, shape=other)
                    drawn = replace(made, commitment=commitment, draws=draws, outputs=made.outputs[: len(draws)])
                    found = security_terms(drawn)
                    assert found == _native.security(profile, other, len(draws), None)
        with pytest.raises(MalformedBundleError):
            security_terms(replace(made, commitment=replace(made.commitment, shape=replace(shape, kv_heads=3))))


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
    (outputs,) = toy().statement.outputs
    vector = outputs.vectors[0]
    for changed in (
        with_outputs(toy(), vectors=((vector[0] + 1, *vector[1:]),)),
        with_outputs(toy(), shifts=(outputs.shifts[0] + 1, *outputs.shifts[1:])),
        with_outputs(toy(), scales=(outputs.scales[0] - 1, *outputs.scales[1:])),
        with_outputs(toy(), vector_scales=(outputs.vector_scales[0] + 1,)),
        with_outputs(toy(), vectors=((2**31 - 1, *vector[1:]),)),
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
    portrait = image.render(VECTOR)
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
    good = with_image(png=png(portrait, compress_level=1))
    for _ in range(2):  # what is kept of one file says nothing of another
        assert redraw(good) == Drawing(digest, in_bundle=True)
        with pytest.raises(ImageMismatchError):
            redraw(with_image(png=png(other)))
    with pytest.raises(UnsupportedVersionError):
        redraw(with_image(renderer="huref/portrait/v2"))


@pytest.fixture
def artist(tmp_path: Path) -> image.Renderer:
    path = tmp_path / "G.safetensors"
    path.write_bytes(generators.file())
    return image.renderer("stylegan2", path)


def test_images_by_a_generator(artist: image.Renderer) -> None:
    drawn = portraits.draw(robust().statement, artist)
    assert drawn is not None
    pixels, name = artist.draw(VECTOR), artist.generator
    assert (drawn.generator, drawn.renderer, pixels.shape) == (name, "huref/stylegan2/v1", (16, 16, 3))
    whole = replace(robust(), image=drawn)
    assert bundle_files.parse(bundle_files.dump(whole)) == whole
    report = check(whole, generator=artist)
    SCHEMA.validate(report.to_json())
    assert report.ok
    assert report.verified.image == Drawing(image.rgb_digest(pixels), in_bundle=True, generator=name)
    assert [entry.what for entry in report.not_checked] == ALWAYS
    other = pixels.copy()
    other[3, 3, 1] ^= 1
    for wrong in (
        {"png": png(other)},
        {"png": png(other), "rgb_sha256": image.rgb_digest(other)},
        {"png": png(image.render(VECTOR)), "rgb_sha256": image.rgb_digest(image.render(VECTOR))},
        {"png": png(pixels[:15])},
    ):
        refused = check(replace(whole, image=replace(drawn, **wrong)), generator=artist)
        assert (refused.code, refused.verified.image) == ("image-mismatch", None)
        assert [entry.what for entry in refused.not_checked] == ALWAYS


def test_a_generator_that_is_not_at_hand(artist: image.Renderer) -> None:
    drawn = portraits.draw(robust().statement, artist)
    whole = replace(robust(), image=drawn)
    report = check(whole)
    SCHEMA.validate(report.to_json())
    assert (report.ok, report.verified.image) == (True, None)
    first, *others = report.not_checked
    assert first == NotChecked(
        "image", f"generator not at hand, of SHA-256 {artist.generator}", "huref verify BUNDLE --generator FILE"
    )
    assert [entry.what for entry in others] == ALWAYS


def test_a_policy_may_demand_the_image(artist: image.Renderer) -> None:
    by_generator = replace(robust(), image=portraits.draw(robust().statement, artist))
    name = f"stylegan2:{artist.generator}"
    for bundle, images, generator, met in (
        (robust(), ("portrait",), None, True),
        (replace(robust(), image=None), ("portrait",), None, True),
        (robust(), (name,), None, False),
        (by_generator, (name,), artist, True),
        (by_generator, ("portrait", name), artist, True),
        (by_generator, (name,), None, False),
        (by_generator, ("portrait",), artist, False),
        (by_generator, ("stylegan2:" + "ab" * 32,), artist, False),
    ):
        report = check(bundle, replace(DEFAULT, images=images), generator=generator)
        assert (report.ok, report.code) == (met, "verified" if met else "policy-not-met"), images
    left = check(toy(), replace(TOY_POLICY, images=("portrait",)))
    assert (left.code, "no portrait" in str(left.failure)) == ("policy-not-met", True)


def test_a_bundle_without_an_image() -> None:
    """The portrait follows from the vector, so the report has it all the same."""
    report = check(replace(robust(), image=None))
    SCHEMA.validate(report.to_json())
    assert report.ok
    digest = image.rgb_digest(image.render(VECTOR))
    assert report.to_json()["verified"]["image"] == {"sha256": digest, "inBundle": False}
    assert [entry.what for entry in report.not_checked] == ALWAYS
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
    assert [entry.what for entry in more.not_checked] == ["image", *(what for what in ALWAYS if what != "files")]
    less = report.refused(WeightsMismatchError("the vector of the folder is another one"), "weights")
    SCHEMA.validate(less.to_json())
    assert (less.ok, less.code) == (False, "weights-mismatch")
    with pytest.raises(WeightsMismatchError, match="another one"):
        less.raise_for_status()


def test_report_of_common_and_own_vectors_made_for_somebody() -> None:
    report, own = checked(whole()), whole().statement.commitment.id
    common, fresh = report.verified.draws or ()
    assert (common.kind, common.seed, common.beacon, common.commitments) == ("common", None, None, None)
    assert (fresh.kind, fresh.beacon, fresh.commitments) == ("own", None, None)
    assert fresh.seed == (OWN.seed(own) or b"").hex()
    assert (common.digest, fresh.digest) == tuple(outputs.digest for outputs in whole().statement.outputs)
    assert sum(common.sides) == sum(fresh.sides) == 16
    made = report.to_json()["verified"]["madeFor"]
    assert made == {
        "owner": CONTEXT.owner,
        "audience": CONTEXT.audience,
        "nonce": CONTEXT.nonce.hex(),
        "expected": [],
    }
    refused = checked(replace(whole(), proof=whole().proof[:-1]))
    assert refused.to_json()["verified"] == {}


def words(bundle: Bundle) -> dict[str, tuple[str, str | None]]:
    """What the report about a toy says was not checked: why, and how it can be."""
    return {entry.what: (entry.why, entry.how) for entry in checked(bundle).not_checked}


def test_fitted_is_said_of_common_vectors_and_its_way_out_is_the_one_there_is() -> None:
    why, how = words(toy())["fitted"]
    assert why == "the common sketches are public, so weights can be made that have these vectors and this portrait"
    assert how == "huref prove, which adds own vectors, or a challenge"
    why, how = words(whole())["fitted"]
    assert why.endswith("; the own vectors follow from the commitment, so nobody can fit weights to them")
    assert how == "huref compare MODEL BUNDLE"
    for fresh in (answer(), proved((OWN,)), proved((Draw("own", BEACON),))):
        assert "fitted" not in words(fresh)


def test_owner_is_what_the_prover_wrote_or_nobody() -> None:
    why, how = words(toy())["owner"]
    assert why == "the proof names nobody, so those who show the bundle need not have made it"
    assert how == "huref prove --owner NAME --nonce HEX, over your nonce"
    assert words(whole())["owner"] == (
        "the name is what the prover wrote; no signature of that owner was checked",
        None,
    )
    assert words(whole(context=Context(audience="court")))["owner"] == (why, how)


def test_order_is_said_of_every_statement() -> None:
    beacon = "that the commitment was published before the beacon was known"
    assert (
        words(toy())["order"]
        == words(whole())["order"]
        == (
            "since when the commitment exists",
            "huref verify BUNDLE --timestamp FILE --authorities PEM",
        )
    )
    assert words(proved((COMMON, Draw("own", BEACON))))["order"] == (beacon, None)
    assert words(proved((Draw("own", BEACON),)))["order"] == (beacon, None)
    both = "that both commitments were published before the beacon was known"
    assert words(answer())["order"] == (both, None)


def test_layers_files_and_publisher_are_said_of_every_statement() -> None:
    for bundle in (toy(), whole(), answer(), proved((OWN,))):
        said = words(bundle)
        assert "chose 1 of the model's layers" in said["layers"][0]
        assert said["files"][0] == "no model was given, so nothing is known about any file"
        assert said["files"][1] == "huref verify BUNDLE --weights MODEL"
        assert said["publisher"][0] == "no attestation was given"
    assert "chose 1 of" in {entry.what: entry.why for entry in check(robust()).not_checked}["layers"]


def test_the_image_is_missing_for_the_reason_that_is_given() -> None:
    assert words(toy())["image"] == ("the vectors of this bundle have no portrait (profile toy-2)", None)
    for fresh in (answer(), proved((OWN,))):
        assert words(fresh)["image"] == ("only common vectors have a portrait", None)
    assert "image" not in {entry.what for entry in check(robust()).not_checked}
    broken = replace(robust(), proof=robust().proof[:-1])
    left = {entry.what: entry.why for entry in check(broken).not_checked}
    assert left["image"] == "the bundle was refused before this check"


def demanded(bundle: Bundle, **changes: Any) -> str:
    """What a policy that is changed like this says of a toy: nothing, or why it refuses."""
    report = check(bundle, replace(TOY_POLICY, **changes))
    SCHEMA.validate(report.to_json())
    if report.ok:
        return ""
    assert report.failure is not None
    assert (report.code, report.failure.check) == ("policy-not-met", "policy")
    assert report.to_json()["verified"] == {}
    return report.failure.detail


def test_policies_demand_sizes() -> None:
    assert demanded(toy(), hidden=6, tokens=16, layers=1) == ""
    assert "hidden size 6, fewer than the 7 that policy 'toys' demands" in demanded(toy(), hidden=7)
    assert "16 tokens, fewer than the 17 that" in demanded(toy(), tokens=17)
    both = Policy(name="toys", profiles=("toy-2",), security_bits=0, hidden=1, tokens=1, side_percent=0, layers=1)
    two = with_shape(toy(), layers=(0, 1))
    assert "2 layers, more than the 1 that" in (check(two, both).failure or Failure("", "")).detail


def test_policies_demand_tokens_on_both_sides_of_every_draw() -> None:
    """37 percent of 16 tokens are 5.92, 38 are 6.08."""
    assert [found.sides for found in checked(whole()).verified.draws or ()] == [(6, 10), (6, 10)]
    assert demanded(whole(), side_percent=37) == ""
    said = "draw has 6 and 10 tokens on its sides, not what policy 'toys' demands"
    assert f"the common {said}" in demanded(whole(), side_percent=38)
    assert f"the own {said}" in demanded(proved((OWN,)), side_percent=38)
    assert "the challenge draw has 10 and 6 tokens" in demanded(answer(), side_percent=38)


def test_policies_demand_own_vectors() -> None:
    assert demanded(whole(), own_vectors=True) == ""
    for other in (toy(), answer()):
        assert "no own vectors, which policy 'toys' demands" in demanded(other, own_vectors=True)


def test_policies_demand_whom_a_proof_names() -> None:
    assert demanded(whole(), owners=(CONTEXT.owner,), audience=CONTEXT.audience) == ""
    assert "the proof names 'name:Alice', not the owner that" in demanded(whole(), owners=("name:Bob",))
    assert "the proof names nobody, not the owner that" in demanded(toy(), owners=("name:Bob",))
    assert demanded(whole(), owners=("name:Bob", CONTEXT.owner)) == ""
    assert "not one of the owners that" in demanded(whole(), owners=("name:Bob", "name:Eve"))
    assert "the proof is for 'court of Utrecht', not what" in demanded(whole(), audience="court of Delft")
    assert "the proof is for nobody, not what" in demanded(toy(), audience="court of Delft")


def test_what_is_demanded_is_compared_with_what_is_proved_not_what_is_written() -> None:
    """A context that the proof was not made for meets the policy, and then fails the proof."""
    forged = replace(whole(), statement=replace(whole().statement, context=Context("name:Mallory")))
    report = check(forged, replace(TOY_POLICY, owners=("name:Mallory",)))
    assert report.code == "proof-rejected"
    assert report.verified.made_for is None


@pytest.mark.parametrize(("threads", "beside"), [("1", False), ("2", True)])
def test_a_portrait_is_drawn_behind_the_proof_where_there_is_one_thread(
    threads: str, beside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused proof costs no portrait there; the report is the same."""
    monkeypatch.setenv("RAYON_NUM_THREADS", threads)
    drawn: list[str] = []
    redraw = verifying.redraw

    def noted(*given: Any) -> Any:
        drawn.append(threading.current_thread().name)
        return redraw(*given)

    monkeypatch.setattr(verifying, "redraw", noted)
    found = check(robust())
    assert found.ok
    assert found.verified.image is not None
    assert [name == "huref-beside" for name in drawn] == [beside]
    drawn.clear()
    assert check(replace(robust(), proof=bytes(len(robust().proof)))).code == "proof-rejected"
    assert bool(drawn) == beside
