"""What a database takes from a folder, what it passes over, and what it leaves out with a reason."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import huref
from huref.artefacts import bundle as bundles
from huref.artefacts import commitment as commitments
from huref.artefacts import fingerprint as fingerprints
from huref.artefacts.draw import COMMON, Draw
from huref.artefacts.policy import Policy
from huref.errors import InputError, NotFoundError
from huref.similarity.database import common, read
from tests.support import bundles as proofs
from tests.support import models

RULES = Policy()


@pytest.fixture(scope="module")
def fingerprint(tmp_path_factory: pytest.TempPathFactory) -> huref.Fingerprint:
    return huref.fingerprint(models.network("llama", 1, layers=2).write(tmp_path_factory.mktemp("net")))


def test_a_folder_of_files(fingerprint: huref.Fingerprint, tmp_path: Path) -> None:
    whole = proofs.proved((COMMON, Draw("own")))
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    (tmp_path / "deep" / "deeper" / "of a model").write_bytes(
        fingerprints.dump(fingerprint)
    )  # a service names by digest
    (tmp_path / "b.huref.json").write_bytes(bundles.dump(whole))
    (tmp_path / "README.md").write_text("not of ours")
    (tmp_path / "broken.huref.json").write_bytes(bundles.dump(whole)[:-20])
    (tmp_path / "own.huref.json").write_bytes(bundles.dump(proofs.proved((Draw("own"),))))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    found = read(tmp_path, RULES)
    assert {(group.profile, tuple(path.name for path in group.files)) for group in found.groups} == {
        ("robust-2", ("of a model",)),
        ("toy-2", ("b.huref.json",)),
    }
    left = {Path(out.file).name: out.why for out in found.left_out}
    assert left.keys() == {"broken.huref.json", "own.huref.json"}
    assert "no common vectors" in left["own.huref.json"]
    assert str(tmp_path) not in left["broken.huref.json"]


def test_a_bundle_that_names_a_commitment_of_the_folder(tmp_path: Path) -> None:
    bundle = proofs.whole()
    (tmp_path / "a.huref.json").write_bytes(bundles.dump(replace(bundle, by_reference=True)))
    assert "names commitment" in read(tmp_path, RULES).left_out[0].why
    commitments.write(tmp_path / "z.commitment.json", bundle.statement.commitment)
    found = read(tmp_path, RULES)
    assert (len(found.groups), found.left_out) == (1, ())


def test_any_layer_finds_its_entry(fingerprint: huref.Fingerprint, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(fingerprints.dump(fingerprint))
    (group,) = read(tmp_path, RULES).groups
    group.add(
        tmp_path / "stranger",
        tuple(tuple(map(int, row)) for row in np.random.default_rng(1).integers(-9999, 9999, (3, 512))),
    )
    for vector in fingerprint.vectors:
        assert group.candidates((vector,), 0.9) == [tmp_path / "a"]
    assert group.candidates(fingerprint.vectors, 0.0) == [tmp_path / "a", tmp_path / "stranger"]


def test_common_vectors_of_files(fingerprint: huref.Fingerprint) -> None:
    assert common(fingerprint) is fingerprint
    bundle = proofs.proved((COMMON, Draw("own")))
    found = common(bundle)
    assert found is not None
    assert found.outputs == bundle.statement.outputs[0]
    assert common(proofs.proved((Draw("own"),))) is None


def test_places_that_are_no_database(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read(tmp_path / "none", RULES)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="not a folder"):
        read(tmp_path / "file", RULES)
