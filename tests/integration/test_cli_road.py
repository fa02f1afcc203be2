"""The road from the command line: fingerprint, commit, prove, verify, inspect, compare, plan."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from huref.artefacts.tokens import dump as dump_list
from tests.integration.test_families import CASES, Case, Theirs
from tests.support import models
from tests.support.cli import Here, Ran, assert_sentence, contents, process

TOY = ("--profile", "toy-2")


@dataclass(frozen=True)
class Road:
    """What one owner makes of a LLaMA-type model with grouped queries under the default profile."""

    model: Path
    fingerprint: Path
    portrait: Path
    commitment: Path
    opening: Path
    bundle: Path
    ran: dict[str, Ran]


@pytest.fixture(scope="session")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    folder = tmp_path_factory.mktemp("road")
    model = models.network("llama", 1).write(folder / "model", shards=2)
    paths = [folder / name for name in ("print.json", "portrait.png", "commitment.json", "opening", "a.huref.json")]
    fingerprint, portrait, commitment, opening, bundle = paths
    ran = {
        "fingerprint": process("fingerprint", model, "--image", portrait, "-o", fingerprint, "--json"),
        "commit": process("commit", model, "-o", commitment, "--opening", opening, "--json"),
        "prove": process("prove", model, "--opening", opening, "-o", bundle, "--json"),
        "verify": process("verify", bundle, "--json"),
    }
    assert {verb: done.code for verb, done in ran.items()} == dict.fromkeys(ran, 0), ran
    return Road(model, *paths, ran)


def test_fingerprint_document(road: Road) -> None:
    found = road.ran["fingerprint"].json
    assert found["profile"] == "robust-2"
    assert found["layers"] == [1, 2]
    assert found["units"] == 4096
    assert [len(vector) for vector in (found["vector"], *found["vectors"])] == [512] * 3
    assert set(found["tokens"]) >= {"count", "digest"}
    assert json.loads(road.fingerprint.read_bytes()) == found
    for vector in found["vectors"]:
        assert sum(vector) / 4096 / 512 == pytest.approx(0, abs=1e-3)


def test_prove_says_what_was_made_and_how_long_it_took(road: Road) -> None:
    made, committed = road.ran["prove"].json, road.ran["commit"].json
    assert made["commitment"] == committed["commitment"]
    assert made["sizes"]["file"] == road.bundle.stat().st_size
    assert made["sizes"]["commitment"] == committed["bytes"]
    assert {"quantise", "prove"} <= set(made["seconds"])
    assert [draw["kind"] for draw in made["draws"]] == ["common", "own"]


def test_progress_is_one_line_a_stage_on_stderr(road: Road) -> None:
    lines = road.ran["prove"].err.splitlines()
    assert lines
    assert all(line.startswith("huref: ") and line.endswith(" s") for line in lines)
    assert "huref: proving: " in road.ran["prove"].err


def test_verify_report(road: Road) -> None:
    report = road.ran["verify"].json
    assert report["ok"]
    assert report["code"] == "verified"
    assert report["verified"]["proof"]["securityBits"] >= 120
    assert report["verified"]["commitment"] == road.ran["commit"].json["commitment"]
    assert [draw["kind"] for draw in report["verified"]["draws"]] == ["common", "own"]
    assert [draw["digest"] for draw in report["verified"]["draws"]] == [
        draw["digest"] for draw in road.ran["prove"].json["draws"]
    ]
    assert _left(road.ran["verify"]) == ["fitted", "owner", "order", "layers", "files", "publisher"]


def _left(ran: Ran) -> list[str]:
    """What was not checked."""
    return [entry["what"] for entry in ran.json["notChecked"]]


def test_the_report_for_people_has_three_blocks_within_80_columns(road: Road, huref: Here) -> None:
    ran = huref("verify", road.bundle)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("VERIFIED ")
    places = [ran.out.index(title) for title in ("\n\nVerified", "\n\nClaimed", "\n\nNot checked")]
    assert places == sorted(places)
    assert all(len(line) <= 80 for line in ran.out.splitlines()[1:])
    assert road.ran["commit"].json["commitment"] in ran.out  # whole, to be compared with the published one


def test_a_bundle_from_stdin(road: Road) -> None:
    assert process("verify", "-", stdin=road.bundle.read_bytes()).code == 0
    assert process("inspect", "-", stdin=road.bundle.read_bytes()).code == 0


def test_verify_with_weights_opening_and_image(road: Road, huref: Here) -> None:
    ran = huref(
        *("verify", road.bundle, "--weights", road.model, "--opening", road.opening, "--image", road.portrait, "--json")
    )
    assert ran.code == 0
    assert ran.json["verified"]["weights"] == {"commitment": True, "matches": True}
    assert ran.json["verified"]["givenImage"]["matches"]
    assert _left(ran) == ["fitted", "owner", "order", "layers", "publisher"]


def test_verify_with_the_weights_of_another_model(road: Road, huref: Here, tmp_path: Path) -> None:
    other = models.network("llama", 2).write(tmp_path / "other")
    ran = huref("verify", road.bundle, "--weights", other, "--json")
    assert (ran.code, ran.json["code"], ran.json["ok"]) == (1, "weights-mismatch", False)
    refused = huref("verify", road.bundle, "--weights", other).err
    holds = refused.split("Verified: ")[1].split("Claimed: ")[0]
    lines = ["proof", "profile", "commitment", "common", "own", "portrait", "image"]
    assert re.findall(r"^  (\w+)", holds, re.MULTILINE) == lines


def test_a_bundle_without_its_portrait(road: Road, huref: Here, tmp_path: Path) -> None:
    """A fifth of the size, and the portrait that the verifier draws is the one that was published."""
    small = tmp_path / "small"
    assert huref("prove", road.model, "--opening", road.opening, "--no-image", "-o", small, "--json").code == 0
    assert small.stat().st_size < road.bundle.stat().st_size / 3
    assert re.search("image +none", huref("inspect", small).out)
    whole, ran = huref("verify", road.bundle, "--json").json, huref("verify", small, "--image", road.portrait, "--json")
    assert ran.json["verified"]["image"] == whole["verified"]["image"] | {"inBundle": False}
    assert ran.json["verified"]["givenImage"]["matches"]
    said = " ".join(huref("verify", small).out.split())
    assert "image none in the bundle; drawn by the verifier, pixels" in said


def test_verify_with_another_picture(road: Road, huref: Here, tmp_path: Path) -> None:
    pixels = np.array(Image.open(road.portrait))
    pixels[7, 7, 0] ^= 1
    Image.fromarray(pixels).save(tmp_path / "other.png")
    ran = huref("verify", road.bundle, "--image", tmp_path / "other.png", "--json")
    assert (ran.code, ran.json["code"]) == (1, "image-mismatch")


def test_a_policy_that_is_not_met(road: Road, huref: Here, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('name = "strict"\nsecurity-bits = 129\n')
    ran = huref("verify", road.bundle, "--policy", policy)
    assert (ran.code, ran.out) == (5, "")
    assert "policy-not-met" in ran.err
    assert_sentence(huref("verify", road.bundle, "--policy", tmp_path / "none"), 4, "none: no such file")


def test_quiet_verification(road: Road, huref: Here) -> None:
    ran = huref("verify", road.bundle, "--format", "quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_inspect_checks_nothing_and_says_so(road: Road, huref: Here, tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    forged.write_text(road.bundle.read_text().replace('"vectorScales":[', '"vectorScales":[1', 1))
    ran = huref("inspect", forged)
    assert ran.code == 0
    assert ran.out.startswith("Nothing was checked")
    assert "discrete logarithm" in ran.out
    document = huref("inspect", forged, "--json").json
    assert document["checked"] is False
    terms = [term["bits"] for term in document["security"]["terms"]]
    assert document["security"]["bits"] == int(min(terms)) >= 120
    assert huref("verify", forged).code == 1


def test_the_opening_is_private_and_is_never_overwritten(road: Road, huref: Here, tmp_path: Path) -> None:
    assert stat.S_IMODE(road.opening.stat().st_mode) == 0o600
    before = road.opening.read_bytes()
    ran = huref("commit", road.model, "-o", tmp_path / "c", "--opening", road.opening)
    assert_sentence(ran, 6, "exists already")
    assert road.opening.read_bytes() == before
    assert contents(tmp_path) == set()


def test_the_opening_is_nowhere_in_what_is_published_or_said(road: Road) -> None:
    seed = json.loads(road.opening.read_bytes())["seed"]
    said = "".join(done.out + done.err for done in road.ran.values())
    assert len(seed) == 64
    for text in (said, road.commitment.read_text(), road.bundle.read_text(), road.fingerprint.read_text()):
        assert seed not in text


def test_proving_against_a_commitment_to_another_model(road: Road, huref: Here, tmp_path: Path) -> None:
    other = models.network("llama", 2).write(tmp_path / "other")
    ran = huref("prove", other, "--opening", road.opening, "-o", tmp_path / "b", "--format", "quiet")
    assert_sentence(ran, 1, "commitment", "huref commit")
    assert contents(tmp_path) == {"other"}


def test_compare_a_folder_a_fingerprint_and_a_bundle(road: Road, huref: Here) -> None:
    """The folder was made before the bundle: its own vectors show descent; vectors that could be fitted do not."""
    for a, b, verdict in (
        (road.bundle, road.fingerprint, "alike"),
        (road.model, road.bundle, "related"),
        (road.fingerprint, road.model, "alike"),
    ):
        found = huref("compare", a, b, "--json").json
        assert found["cosine"] == pytest.approx(1)
        assert found["pValue"] < 1e-9
        assert found["verdict"] == verdict
        assert found["layers"] == [
            {"a": i, "b": i, "cosine": pytest.approx(1)} | ({"own": pytest.approx(1)} if verdict == "related" else {})
            for i in (1, 2)
        ]
        assert found["tokensShared"] == road.ran["fingerprint"].json["tokens"]["count"]


def test_compare_with_an_independent_model(road: Road, huref: Here, tmp_path: Path) -> None:
    other = models.network("llama", 2).write(tmp_path / "other")
    ran = huref("compare", road.bundle, other)
    assert ran.code == 0
    assert ran.out.startswith("No relation shown: ")
    assert abs(huref("compare", road.bundle, other, "--json").json["cosine"]) < 0.2


def test_profiles_that_differ_cannot_be_compared(road: Road, huref: Here, tmp_path: Path) -> None:
    toy = tmp_path / "toy"
    assert huref("fingerprint", road.model, *TOY, "-o", toy).code == 0
    ran = huref("compare", toy, road.fingerprint)
    assert_sentence(ran, 3, "toy-2", "robust-2", str(toy), str(road.fingerprint))


def test_token_lists_that_differ_cannot_be_compared(road: Road, huref: Here, tmp_path: Path) -> None:
    """Two fixed vectors over halves of the vocabulary; a folder and a vector are compared over the vector's tokens."""
    tokens = json.loads(road.fingerprint.read_text())["tokens"]["list"]
    files = []
    for name, part in (("even", tokens[::2]), ("odd", tokens[1::2])):
        (tmp_path / f"{name}.tokens").write_bytes(dump_list([bytes.fromhex(token) for token in part]))
        files.append(tmp_path / name)
        made = huref("fingerprint", road.model, "--tokens", tmp_path / f"{name}.tokens", "-o", files[-1])
        assert made.code == 0, made
    digests = [json.loads(path.read_text())["tokens"]["digest"][:16] for path in files]
    assert_sentence(huref("compare", *files), 3, *map(str, files), *digests, "share 0 of")
    assert huref("compare", files[0], road.model, "--json").json["cosine"] == 1.0


def test_a_bundle_that_does_not_verify_is_not_compared(road: Road, huref: Here, tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    forged.write_text(road.bundle.read_text().replace('"vectorScales":[', '"vectorScales":[1', 1))
    assert huref("compare", forged, road.fingerprint, "--json").json["code"] == "proof-rejected"


def test_plan_knows_the_sizes_and_says_that_it_estimates(road: Road, huref: Here) -> None:
    plan, made = huref("plan", road.model, "--json").json, road.ran["prove"].json
    assert plan["estimate"] is True
    assert plan["integers"] == made["integers"]
    assert plan["sizes"]["commitment"] == made["sizes"]["commitment"]
    assert plan["sizes"]["proof"] == pytest.approx(made["sizes"]["proof"], rel=0.02)
    assert plan["seconds"]["total"] > 0
    assert "estimate" in huref("plan", road.model, *TOY).out


@pytest.mark.parametrize("family", models.FAMILIES)
def test_every_family_goes_the_whole_road(family: str, huref: Here, tmp_path: Path, toys: Path) -> None:
    model = models.network(family, 3).write(tmp_path / "model")
    bundle = tmp_path / "bundle"
    assert huref("prove", model, *TOY, "--layers", "0,2", "-o", bundle).code == 0
    assert huref("verify", bundle).code == 5
    ran = huref("verify", bundle, "--policy", toys, "--weights", model, "--json")
    assert ran.code == 0
    assert json.loads(bundle.read_bytes())["statement"]["commitment"]["shape"]["layers"] == [0, 2]


@pytest.mark.parametrize("name", ["deepseek_v3", "gemma4", "llama4", "qwen3_5", "granitemoeshared", "t5", "albert"])
def test_odd_families_go_the_whole_road(name: str, huref: Here, tmp_path: Path, toys: Path) -> None:
    """Latent attention, heads of two sizes, experts in one tensor, gated queries, two stacks, a narrow embedding."""
    case = CASES[name]
    sizes = {key: 600 for key in ("vocab_size", "vocab_size_per_layer_input") if key in case.fields}
    model = Theirs(Case(**{**vars(case), "fields": case.fields | sizes})).save(tmp_path / "model")
    (model / "tokenizer.json").write_text(models.trained("bert", 600))
    bundle = tmp_path / "bundle"
    assert huref("prove", model, *TOY, "-o", bundle).code == 0
    assert huref("verify", bundle, "--policy", toys, "--weights", model, "--json").code == 0


def test_a_token_list_from_another_fingerprint(road: Road, huref: Here, tmp_path: Path) -> None:

    fewer, listed = tmp_path / "tokens", road.ran["fingerprint"].json["tokens"]["list"]
    fewer.write_bytes(dump_list([bytes.fromhex(token) for token in listed[:100]]))
    assert huref("fingerprint", road.model, *TOY, "--tokens", fewer, "--json").json["tokens"]["count"] == 100


def test_outputs_replace_what_was_there_and_follow_links(road: Road, huref: Here, tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    assert huref("fingerprint", road.model, *TOY, "-o", link).code == 0
    assert link.is_symlink()
    assert json.loads(target.read_bytes())["profile"] == "toy-2"
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~_umask()
    assert contents(tmp_path) == {"target", "link"}


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
