"""The road from a model folder to a verdict, in Python: honest, and with everything swapped that can be swapped."""

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import huref
from huref import errors, image
from huref.artefacts import bundle as bundles
from huref.artefacts import fingerprint as fingerprints
from huref.artefacts.commitment import write as write_commitment
from huref.artefacts.opening import Opening
from huref.artefacts.opening import write as write_opening
from tests.support import disguises, models
from tests.support.bundles import TOY_POLICY


@cache
def network(family: str = "llama", seed: int = 1) -> models.Network:
    return models.network(family, seed)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(folders: Path) -> Path:
    return network().write(folders / "secret-name")


@pytest.fixture(scope="module")
def other(folders: Path) -> Path:
    """The same shapes and tokens, other weights."""
    return network(seed=2).write(folders / "other")


@pytest.fixture(scope="module")
def made(model: Path) -> tuple[huref.Bundle, Opening]:
    """A toy bundle and the opening of its commitment."""
    _, opening = huref.commit(model, profile="toy-2")
    return huref.prove(model, opening=opening), opening


def outcome(report: huref.Report) -> tuple[bool, str]:
    return report.ok, report.code


# Prove and verify


@pytest.mark.parametrize("family", models.FAMILIES)
def test_the_whole_road(family: str, tmp_path: Path) -> None:
    folder = network(family).write(tmp_path / "model", shards=2)
    bundle = huref.prove(folder, profile="toy-2")
    assert bundle.statement.outputs[0] == huref.fingerprint(folder, profile="toy-2").outputs
    assert [draw.kind for draw in bundle.statement.draws] == ["common", "own"]
    assert bundle.statement.shape.layers == (1, 2)
    path = tmp_path / "m.huref.json"
    path.write_bytes(bundles.dump(bundle))
    report = huref.verify(path, policy=TOY_POLICY, weights=folder)
    assert outcome(report) == (True, "verified")
    assert report.verified.weights is not None
    assert not report.verified.weights.commitment
    assert outcome(huref.verify(path)) == (False, "policy-not-met")


def test_full_profile_with_portrait(model: Path, tmp_path: Path) -> None:
    bundle = huref.prove(model)
    assert bundle.image is not None
    report = huref.verify(bundle)
    assert outcome(report) == (True, "verified")
    picture = tmp_path / "p.png"
    picture.write_bytes(bundle.image.png)
    report = huref.verify(bundle, image=picture)
    assert report.ok
    assert report.verified.given_image is not None
    pixels = image.decode(bundle.image.png).copy()
    pixels[5, 5, 0] ^= 1
    picture.write_bytes(image.png(pixels))
    assert outcome(huref.verify(bundle, image=picture)) == (False, "image-mismatch")
    picture.write_bytes(b"no picture")
    with pytest.raises(errors.InputError, match=r"p\.png"):
        huref.verify(bundle, image=picture)
    found = huref.compare(bundle, model)
    assert (found.verdict, found.cosine) == ("related", 1.0)
    forged = dataclasses.replace(bundle, proof=bundle.proof[:-1] + bytes([bundle.proof[-1] ^ 1]))
    with pytest.raises(errors.ProofRejectedError):
        huref.compare(forged, model)


def test_claims_name_files_and_nothing_private(made: tuple[huref.Bundle, Opening], model: Path) -> None:
    bundle, opening = made
    assert bundle.claims.model_name == "secret-name"
    assert set(bundle.claims.files) == {"config.json", "model.safetensors"}
    data = bundles.dump(bundle)
    assert str(model.parent).encode() not in data
    assert opening.seed.reveal().hex().encode() not in data


def test_many_proofs_of_one_commitment(made: tuple[huref.Bundle, Opening], model: Path, tmp_path: Path) -> None:
    bundle, opening = made
    write_opening(tmp_path / "secret", opening)
    again = huref.prove(model, opening=tmp_path / "secret")
    assert again.statement == bundle.statement
    assert again.proof != bundle.proof
    assert huref.verify(again, policy=TOY_POLICY).ok


def test_an_opening_proves_its_own_model_only(
    made: tuple[huref.Bundle, Opening], model: Path, other: Path, tmp_path: Path
) -> None:
    _, opening = made
    with pytest.raises(errors.WeightsMismatchError, match="it was made for other weights"):
        huref.prove(other, opening=opening)
    for chosen in ({"layers": (0, 1)}, {"layers": "all"}, {"tokens": [b"a", b"b"]}):
        with pytest.raises(errors.UsageError, match="the opening says which layers and tokens"):
            huref.prove(model, opening=opening, **chosen)
    fewer = network().copy()
    fewer.tokenizer = models.network("llama", 1, vocab=600).tokenizer
    with pytest.raises(errors.WeightsMismatchError, match="its tokenizer lacks"):
        huref.prove(fewer.write(tmp_path / "fewer"), opening=opening)


def test_swapped_parts_are_refused(made: tuple[huref.Bundle, Opening], model: Path, other: Path) -> None:
    """Commitment, vector, proof and shape of one bundle do not fit into another, even of the same weights."""
    bundle, _ = made
    for strange in (huref.prove(model, profile="toy-2"), huref.prove(other, profile="toy-2")):
        theirs = strange.statement
        swapped = [
            dataclasses.replace(bundle, proof=strange.proof),
            dataclasses.replace(bundle, statement=dataclasses.replace(bundle.statement, commitment=theirs.commitment)),
        ]
        if theirs.outputs != bundle.statement.outputs:
            mixed = dataclasses.replace(bundle.statement, outputs=theirs.outputs)
            swapped.append(dataclasses.replace(bundle, statement=mixed))
        for forged in swapped:
            assert outcome(huref.verify(forged, policy=TOY_POLICY)) == (False, "proof-rejected")


# Verify against files


def test_opening_and_weights_show_the_commitment(made: tuple[huref.Bundle, Opening], model: Path) -> None:
    bundle, opening = made
    report = huref.verify(bundle, policy=TOY_POLICY, weights=model, opening=opening)
    assert report.ok
    assert report.verified.weights is not None
    assert report.verified.weights.commitment


def test_a_wrong_opening_is_refused(made: tuple[huref.Bundle, Opening], model: Path) -> None:
    bundle, _ = made
    _, strange = huref.commit(model, profile="toy-2")
    report = huref.verify(bundle, policy=TOY_POLICY, weights=model, opening=strange)
    assert outcome(report) == (False, "weights-mismatch")
    assert report.verified.weights is None
    lied = Opening.of(bundle.statement.commitment, strange.seed)
    assert outcome(huref.verify(bundle, policy=TOY_POLICY, weights=model, opening=lied)) == (False, "weights-mismatch")


def one_weight(net: models.Network) -> models.Network:
    net = net.copy()
    net.blocks[-1].q[3, 4] *= 1.5
    return net


def fewer_layers(net: models.Network) -> models.Network:
    return dataclasses.replace(net.copy(), blocks=net.blocks[:2])


def wider(_net: models.Network) -> models.Network:
    return models.network("llama", 1, ffn=97)


def fewer_tokens(_net: models.Network) -> models.Network:
    return models.network("llama", 1, vocab=600)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (one_weight, "the files give other vectors"),
        (fewer_layers, "it has 2 layers, but the bundle is about layer 2"),
        (wider, "ffn 97 instead of 96"),
        (fewer_tokens, "its tokenizer lacks"),
    ],
)
def test_other_weights_are_refused(
    change: Callable[[models.Network], models.Network],
    message: str,
    made: tuple[huref.Bundle, Opening],
    tmp_path: Path,
) -> None:
    report = huref.verify(made[0], policy=TOY_POLICY, weights=change(network()).write(tmp_path / "changed"))
    assert outcome(report) == (False, "weights-mismatch")
    assert report.failure is not None
    assert message in report.failure.detail
    assert "files" not in [entry.what for entry in report.not_checked]
    assert report.verified.proof is not None
    with pytest.raises(errors.WeightsMismatchError):
        report.raise_for_status()


def test_files_are_not_read_for_a_proof_that_fails(made: tuple[huref.Bundle, Opening], tmp_path: Path) -> None:
    forged = dataclasses.replace(made[0], proof=made[0].proof[:-1])
    report = huref.verify(forged, policy=TOY_POLICY, weights=tmp_path / "missing")
    assert outcome(report) == (False, "proof-rejected")
    assert [entry.why for entry in report.not_checked if entry.what == "files"] == ["a check before it failed"]


def test_wrong_usage_of_verify(made: tuple[huref.Bundle, Opening], model: Path, tmp_path: Path) -> None:
    bundle, opening = made
    with pytest.raises(errors.UsageError, match="give the model folder too"):
        huref.verify(bundle, policy=TOY_POLICY, opening=opening)
    with pytest.raises(errors.UsageError, match="have no portrait"):
        huref.verify(bundle, policy=TOY_POLICY, image=tmp_path / "p.png")
    with pytest.raises(errors.NotFoundError):
        huref.verify(tmp_path / "missing.huref.json")
    with pytest.raises(errors.NotFoundError):
        huref.verify(bundle, policy=TOY_POLICY, weights=tmp_path / "missing")


# Choice of tokens and layers


def test_tokens_of_another_fingerprint(model: Path, other: Path, tmp_path: Path) -> None:
    chosen = huref.fingerprint(model, profile="toy-2").tokens[10:50]
    fixed = huref.fingerprint(model, profile="toy-2", tokens=chosen)
    assert fixed.tokens == chosen
    path = tmp_path / "f.json"
    path.write_bytes(fingerprints.dump(fixed))
    assert huref.fingerprint(other, profile="toy-2", tokens=path).tokens == chosen
    with pytest.raises(errors.InputError, match="none of the 1 tokens"):
        huref.fingerprint(model, profile="toy-2", tokens=[b"\xff\xfe not there"])


def test_layers_are_a_choice(model: Path) -> None:
    assert huref.fingerprint(model, profile="toy-2").layers == (1, 2)
    assert huref.fingerprint(model, profile="toy-2", layers=[2, 0]).layers == (0, 2)
    for layers in ([3], [0, 0], []):
        with pytest.raises(errors.ModelError, match="layer"):
            huref.fingerprint(model, profile="toy-2", layers=layers)


# Compare


def test_a_disguised_copy_is_related_and_an_independent_model_is_not(model: Path, other: Path, tmp_path: Path) -> None:
    hidden = disguises.all_together(network(), np.random.default_rng(5), disguises.EXTREME).write(tmp_path / "hidden")
    copy = huref.compare(model, hidden)
    assert copy.verdict == "related"
    assert copy.cosine >= 0.999
    independent = huref.compare(model, other)
    assert independent.verdict == "unrelated"
    assert abs(independent.cosine) < 0.2


def test_every_kind_of_side(model: Path, tmp_path: Path) -> None:
    """A folder, a fingerprint at hand and a fingerprint in a file are the same model."""
    fingerprint = huref.fingerprint(model)
    path = tmp_path / "f.json"
    path.write_bytes(fingerprints.dump(fingerprint))
    for a, b in ((model, fingerprint), (path, model), (fingerprint, path), (model, model)):
        found = huref.compare(a, b)
        verdict = "related" if a is b else "alike"  # anybody can write a fingerprint file
        assert (found.cosine, found.verdict, found.tokens_shared) == (1.0, verdict, len(fingerprint.tokens))
        assert found.sides == tuple("model folder" if side is model else "fingerprint" for side in (a, b))


def test_a_vector_of_other_layers_is_compared_with_the_same_layers(model: Path, other: Path) -> None:
    first = huref.fingerprint(model, layers=(0, 1))
    found = huref.compare(first, model)
    assert (found.cosine, found.verdict) == (1.0, "alike")
    assert [(pair.a, pair.b, pair.cosine) for pair in found.layers] == [(0, 0, 1.0), (1, 1, 1.0)]
    assert found.corrected_p_value == 2 * 3 * found.p_value
    assert huref.compare(other, first).verdict == "no relation shown"


def test_bundles_are_verified_under_the_policy(made: tuple[huref.Bundle, Opening], model: Path) -> None:
    with pytest.raises(errors.PolicyError):
        huref.compare(made[0], made[0])
    found = huref.compare(made[0], model, policy=TOY_POLICY)
    assert (found.cosine, found.sides) == (1.0, ("verified bundle", "model folder"))


def test_folders_are_compared_over_what_they_share(tmp_path: Path) -> None:
    """A smaller vocabulary of the same text: fewer tokens, the same ones for both."""
    large = models.network("gpt2", 1, vocab=1000)
    small = large.copy()
    vocabulary = models.network("gpt2", 1, vocab=700).tokenizer
    ids = [large.tokenizer["model"]["vocab"][text] for text in vocabulary["model"]["vocab"]]
    small.tokenizer, small.words = vocabulary, large.words[ids]
    found = huref.compare(large.write(tmp_path / "large"), small.write(tmp_path / "small"))
    assert found.tokens_shared == len(huref.fingerprint(tmp_path / "small").tokens) < 700
    assert found.tokens_needed == 256
    assert found.cosine >= 0.999
    # against the fixed vector of the larger one, computed over more tokens, the same model is less alike
    fixed = huref.compare(huref.fingerprint(tmp_path / "large"), tmp_path / "small")
    assert fixed.tokens_shared == found.tokens_shared
    assert 0.36 < fixed.cosine < found.cosine


def test_too_few_shared_tokens_are_inconclusive(tmp_path: Path) -> None:
    foreign = models.network("gpt2", 1).copy()
    vocabulary = foreign.tokenizer["model"]["vocab"]
    renamed = {
        text if i < 300 and len(text) == 1 and i % 8 == 0 else "Ġ" * 40 + text: i for text, i in vocabulary.items()
    }
    foreign.tokenizer["model"] |= {"vocab": renamed, "merges": []}
    a = models.network("gpt2", 1).write(tmp_path / "a")
    b = foreign.write(tmp_path / "b")
    folders = huref.compare(a, b)
    assert (folders.verdict, folders.decided_by) == ("related", "equal tensors")  # which need no token
    for left, right in ((huref.fingerprint(a), b), (huref.fingerprint(a), huref.fingerprint(b))):
        found = huref.compare(left, right)
        assert found.verdict == "inconclusive"
        assert 0 < found.tokens_shared < 64
        assert f"share {found.tokens_shared} tokens" in found.reason


def test_what_cannot_be_compared(model: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.IncomparableError, match=r"toy-2.*robust-2"):
        huref.compare(huref.fingerprint(model, profile="toy-2"), huref.fingerprint(model))
    commitment, _ = huref.commit(model, profile="toy-2")
    write_commitment(tmp_path / "c.json", commitment)
    with pytest.raises(
        errors.InputError, match="this is a commitment; `huref challenge` reads it; expected a fingerprint or a bundle"
    ):
        huref.compare(model, tmp_path / "c.json")
    (tmp_path / "x").write_bytes(b"\x00\x01")
    with pytest.raises(errors.InputError, match="not JSON"):
        huref.compare(model, tmp_path / "x")
    with pytest.raises(errors.NotFoundError):
        huref.compare(model, tmp_path / "missing")


# Stopping, threads, base install


@pytest.mark.parametrize("stage", ["quantise", "commit", "prove"])
def test_progress_may_stop_the_work(stage: str, tmp_path: Path) -> None:
    folder = models.network("bert", 1, hidden=256, ffn=1024, heads=8, head_dim=32).write(tmp_path / "model")
    seen = set()

    def stop(now: str, _done: int, _total: int) -> None:
        seen.add(now)
        if now == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        huref.prove(folder, progress=stop)
    assert stage in seen
    assert not seen & set(["quantise", "commit", "prove"][["quantise", "commit", "prove"].index(stage) + 1 :])


def test_the_verifier_needs_none_of_the_provers_packages(made: tuple[huref.Bundle, Opening], tmp_path: Path) -> None:
    path = tmp_path / "m.huref.json"
    path.write_bytes(bundles.dump(made[0]))
    program = (
        "import sys\n"
        "for name in ('torch', 'safetensors', 'ml_dtypes', 'tokenizers', 'transformers'):\n"
        "    sys.modules[name] = None\n"
        "import huref\n"
        "policy = huref.Policy('toy', ('toy-2',), 0, tokens=1, side_percent=0)\n"
        f"print(huref.verify({str(path)!r}, policy=policy).code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "verified\n"
