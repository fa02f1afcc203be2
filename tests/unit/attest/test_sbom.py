"""Bills of materials: valid by CycloneDX's own schema, and saying no more than was looked at."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from huref import Bundle
from huref.artefacts.context import Context
from huref.attest import envelope, keys, release, sbom, statement
from huref.attest.signing import sign
from huref.errors import AttestationError
from tests.support import bundles

FILES = {"config.json": "cd" * 32, "original/model.safetensors": "ab" * 32}


def written(bundle: Bundle, *others: Any) -> Any:
    data = sbom.of(bundle, "a model.huref.json", *others)
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(data.decode()) is None
    document = json.loads(data)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.7")
    (model,) = document["components"]
    assert model["type"] == "machine-learning-model"
    return model


def test_the_validator_refuses() -> None:
    document = json.loads(sbom.of(bundles.robust(), "bundle"))
    document["components"][0]["type"] = "model"
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(json.dumps(document)) is not None


def test_what_it_says_of_a_bundle_alone() -> None:
    bundle = bundles.robust()
    model = written(bundle)
    assert "hashes" not in model
    assert "components" not in model
    references = {reference["url"]: reference for reference in model["externalReferences"]}
    assert set(references) == {"a%20model.huref.json", "a%20model.huref.json#/statement/commitment"}
    digests = {url: reference["hashes"][0]["content"] for url, reference in references.items()}
    assert set(digests.values()) == {statement.of_bundle(bundle)[name] for name in ("bundle", "commitment")}
    said = {one["name"]: one["value"] for one in model["properties"]}
    assert said["huref:commitment"] == bundle.statement.commitment.id
    assert said["huref:name"] == "as the bundle's maker claims"
    assert "not about these files" in references["a%20model.huref.json"]["comment"]


def test_files_and_an_attestation(tmp_path: Path) -> None:
    bundle = bundles.robust(Context("name:Alice"))
    made = sign(bundle, keys.fresh("p256"))
    path = tmp_path / "attestation"
    path.write_bytes(envelope.dump(made))
    model = written(bundle, FILES, ("model.sigstore.json", b"\x01" * 32, made))
    assert model["hashes"] == [{"alg": "SHA-256", "content": release.root(FILES)}]
    assert {one["name"]: one["hashes"][0]["content"] for one in model["components"]} == FILES
    (attestation,) = (one for one in model["externalReferences"] if one["type"] == "attestation")
    assert (attestation["url"], attestation["hashes"][0]["content"]) == ("model.sigstore.json", "01" * 32)
    assert attestation["comment"].endswith("Its signature was not checked here.")
    assert {"name": "huref:owner", "value": "as the prover says: name:Alice"} in model["properties"]


def test_an_attestation_of_another_bundle_is_refused() -> None:
    made = sign(bundles.robust(), keys.fresh("p256"))
    other = replace(bundles.robust(), claims=replace(bundles.CLAIMS, model_name="other"))
    with pytest.raises(AttestationError, match="of another bundle"):
        sbom.of(other, "bundle", None, ("attestation", b"", made))
