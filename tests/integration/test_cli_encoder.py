"""A network of an owner's own on the command line: proved, verified with its file alone, and never evidence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from huref import compare, fingerprint, prove, verify
from huref.artefacts import fingerprint as fingerprints
from huref.artefacts.bundle import dump, parse
from huref.errors import IncomparableError, InputError, UsageError
from huref.pipeline.checking import verify_many
from huref.serve import jobs, queries
from huref.similarity.vectors import compare_vectors
from tests.support import models, networks
from tests.support.cli import Here, assert_sentence
from tests.support.schemas import validate

FOREIGN = "encoder not of this release"
NAME = hashlib.sha256(networks.WHOLE).hexdigest()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", 3, hidden=96, ffn=300).write(tmp_path_factory.mktemp("a"))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("encoder") / "own.cnn"
    path.write_bytes(networks.WHOLE)
    return path


@pytest.fixture(scope="module")
def bundle(folder: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "own.huref.json"
    path.write_bytes(dump(prove(folder, encoder=encoder)))
    return path


def test_the_whole_road(huref: Here, folder: Path, encoder: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "own.huref.json"
    ran = huref("prove", folder, "--encoder-file", encoder, "-o", bundle)
    assert ran.code == 0
    assert "custom and own" in ran.out
    assert f"--encoder-file {encoder}".split()[1] in ran.out.split()
    validate("bundle", bundle.read_bytes())
    document = json.loads(bundle.read_bytes())
    assert document["image"] is None
    assert [draw["kind"] for draw in document["statement"]["draws"]] == ["custom", "own"]
    assert document["statement"]["draws"][0]["network"] == NAME
    assert NAME in huref("inspect", bundle).out

    ran = huref("verify", bundle, "--encoder-file", encoder, "--weights", folder, "--verifier", "both")
    assert (ran.code, FOREIGN in ran.out, NAME in ran.out) == (0, True, True)
    report = huref("verify", bundle, "--encoder-file", encoder, "--json").json
    assert report["verified"]["draws"][0]["network"] == NAME
    assert "image" not in report["verified"]
    (entry,) = (entry for entry in report["notChecked"] if entry["what"] == "encoder")
    assert entry["why"].startswith(FOREIGN)
    assert "no p-value" in entry["why"]
    # the vectors are those of the fingerprint
    vectors = fingerprint(folder, encoder=encoder).vectors
    assert [tuple(vector) for vector in document["statement"]["draws"][0]["vectors"]] == list(vectors)


def test_without_the_file_it_is_refused(huref: Here, bundle: Path, tmp_path: Path) -> None:
    ran = huref("verify", bundle)
    assert ran.code == 5
    assert f"the network of this bundle is not of this release; give its file, of SHA-256 {NAME}" in ran.err
    (outcome,) = verify_many([bundle])
    assert (outcome.ok, outcome.code) == (False, "policy-not-met")
    other = tmp_path / "other.cnn"
    other.write_bytes(networks.drawn([(8, 3, 4, 4, 11), (8, 8, 1, 1, 0)]))
    with pytest.raises(UsageError, match="is not the encoder of the bundle"):
        verify(bundle, encoder=other)


def test_of_several_bundles_each_has_the_verdict_that_it_has_alone(
    huref: Here, folder: Path, bundle: Path, encoder: Path, tmp_path: Path
) -> None:
    common, changed = tmp_path / "common.json", tmp_path / "changed.json"
    common.write_bytes(dump(prove(folder)))
    whole = parse(bundle.read_bytes())
    changed.write_bytes(dump(replace(whole, proof=whole.proof[:-1] + bytes([whole.proof[-1] ^ 1]))))
    with_file = ("--encoder-file", encoder)
    ran = huref("verify", bundle, bundle, *with_file, "--json")
    assert (ran.code, ran.json["verified"]) == (0, 2)
    ran = huref("verify", bundle, common, changed, *with_file, "--json")
    codes = [one["code"] for one in ran.json["bundles"]]
    alone = [huref("verify", one, *with_file).code for one in (bundle, common, changed)]
    assert (ran.code, codes, alone) == (1, ["verified", "usage", "proof-rejected"], [0, 2, 1])
    assert [one.code for one in verify_many([bundle, common], encoder=encoder)] == ["verified", "usage"]
    assert {one.code for one in verify_many([bundle], encoder=tmp_path / "none")} == {"not-found"}


@pytest.mark.parametrize(("named", "code"), [(NAME, 0), ("0" * 64, 5)])
def test_a_policy_names_networks(
    huref: Here, bundle: Path, encoder: Path, tmp_path: Path, named: str, code: int
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(f'name = "ours"\nnetworks = ["{named}"]\n')
    assert huref("verify", bundle, "--encoder-file", encoder, "--policy", policy).code == code
    assert huref("verify", bundle, "--policy", policy).code == 5
    policy.write_text('name = "ours"\nnetworks = ["abc"]\n')
    assert_sentence(huref("verify", bundle, "--policy", policy), 3, "networks")


def test_nothing_compares_them(huref: Here, folder: Path, bundle: Path, encoder: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    ran = huref("fingerprint", folder, "--encoder-file", encoder, "-o", file)
    assert (ran.code, FOREIGN.removeprefix("encoder ") in ran.out) == (0, True)
    validate("fingerprint", file.read_bytes())
    assert json.loads(file.read_bytes())["vector"] is None
    assert_sentence(huref("compare", folder, file), 3, FOREIGN)
    assert_sentence(huref("compare", folder, bundle), 5, "not of this release")
    own = fingerprint(folder, encoder=encoder)
    for pair in ((own, own), (own, fingerprint(folder)), (fingerprint(folder), own)):
        with pytest.raises(IncomparableError, match=FOREIGN):
            compare_vectors(*pair)
    given = parse(bundle.read_bytes())
    with pytest.raises(IncomparableError, match=FOREIGN):  # whoever fills in the network compares as little
        compare(replace(given, statement=given.statement.with_network(networks.WHOLE)), folder)
    scanned = huref("scan", folder, "--database", bundle.parent, "--json").json
    assert [left["why"] for left in scanned["leftOut"]] == [
        "it has no common vectors, which alone can be searched; compare it by itself"
    ]


def test_a_service_keeps_and_searches_none(folder: Path, bundle: Path, encoder: Path) -> None:
    assert jobs.verify(bundle.read_bytes()).code == "policy-not-met"
    for data in (bundle.read_bytes(), fingerprints.dump(fingerprint(folder, encoder=encoder))):
        with pytest.raises(IncomparableError, match=f"no common vectors|{FOREIGN}"):
            queries.query(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not those of a network"),
        (b"PK\3\4" + bytes(100), "not those of a network"),
        (networks.WHOLE[:-1], "not those of a network"),
        (networks.WHOLE + b"\0", "not those of a network"),
        (networks.drawn([(8, 3, 4, 4, 12), (7, 8, 1, 1, 0)]), "448 numbers come out, not 512"),
        (networks.drawn([(8, 3, 4, 4, 12), (8, 4, 1, 1, 0)]), "kernels for 4 channels, not 8"),
        (networks.drawn([(8, 3, 40, 4, 12), (8, 8, 1, 1, 0)]), "does not fit 3 channels of side 32"),
        (networks.drawn([(8, 3, 4, 4, 12)]), "2 to 8 convolutions"),
        (networks.drawn([(64, 3, 4, 4, 0), (64, 64, 3, 1, 0), (32, 64, 3, 1, 0)]), "a sum could reach 2^44"),
        (bytes(9 << 20), "larger than"),
    ],
    ids=["empty", "archive", "short", "long", "outputs", "channels", "kernel", "one", "sums", "size"],
)
def test_hostile_files(huref: Here, folder: Path, bundle: Path, tmp_path: Path, data: bytes, words: str) -> None:
    path, output = tmp_path / "bad.cnn", tmp_path / "out.json"
    path.write_bytes(data)
    for verb in (("prove", folder, "-o", output), ("fingerprint", folder, "-o", output), ("verify", bundle)):
        assert_sentence(huref(*verb, "--encoder-file", path), 3, words)
        assert not output.exists()
    with pytest.raises(InputError):
        prove(folder, encoder=path)


def test_what_it_cannot_stand_beside(huref: Here, folder: Path, encoder: Path, tmp_path: Path) -> None:
    common = tmp_path / "common.json"
    with_file = ("--encoder-file", encoder, "-o", tmp_path / "x.json")
    for extra in (("--image", tmp_path / "x.png"), ("--profile", "paper")):
        assert_sentence(huref("fingerprint", folder, *with_file, *extra), 2, extra[0].strip("-"))
    assert_sentence(huref("prove", folder, *with_file, "--image-by", "stylegan2"), 2, "--encoder-file")
    common.write_bytes(dump(prove(folder)))
    assert_sentence(huref("verify", common, "--encoder-file", encoder), 2, "no vectors by an encoder")
