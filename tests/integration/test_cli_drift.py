"""`huref drift`: from two folders or a public file to a verdict in words, and what is refused on the way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from huref.artefacts import drift
from tests.support import gguf_files, models
from tests.support.cli import Here, Ran, assert_sentence, contents, process
from tests.support.schemas import validate

TOY = ("--profile", "toy-2")
LAYERS = ("1.q", "1.k", "1.v", "1.oT", "1.up", "1.downT", "2.q", "2.k", "2.v", "2.oT", "2.up", "2.downT")
ATTENTION = [name for name in LAYERS if name[2:] not in ("up", "downT")]


@dataclass(frozen=True)
class Owner:
    """A base; a later release with 0.5 % of noise, aligned to it and not; a stranger. All are committed to."""

    folder: Path

    def file(self, name: str) -> Path:
        return self.folder / name

    def drift(self, later: str, opening: str, output: Path, *more: object) -> tuple[object, ...]:
        openings = ("--opening", self.file("base.secret"), "--opening", self.file(opening))
        return ("drift", self.file("base"), self.file(later), *openings, "-o", output, *more)

    def to_public(self, model: Path, output: Path, *more: object, opening: str = "base.secret") -> tuple[object, ...]:
        return ("drift", self.file("base"), "--opening", self.file(opening), "--public", model, "-o", output, *more)


def noisy(part: float) -> models.Network:
    """The base with so much noise in every matrix."""
    net, rng = models.network("llama", 7), np.random.default_rng(1)
    for matrix in (getattr(block, name) for block in net.blocks for name in ("q", "k", "v", "o", "up", "down")):
        matrix += part * matrix.std() * rng.standard_normal(matrix.shape)
    return net


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Owner:
    folder = tmp_path_factory.mktemp("owner")
    models.network("llama", 7).write(folder / "base")
    noisy(0.005).write(folder / "later")
    models.network("llama", 8).write(folder / "stranger")
    made = Owner(folder)
    aligned = ("--aligned-to", folder / "base")
    for name, model, more in (
        ("base", "base", ()),
        ("later", "later", aligned),
        ("apart", "later", ()),
        ("stranger", "stranger", aligned),
        ("other", "base", ("--layers", "1")),
    ):
        files = ("-o", folder / f"{name}.json", "--opening", folder / f"{name}.secret")
        done = process("commit", folder / model, *files, *TOY, *more)
        assert done.code == 0, done
    return made


def words(ran: Ran) -> str:
    return " ".join(ran.out.split())


def test_a_release_near_its_base(owner: Owner, huref: Here, toys: Path, tmp_path: Path) -> None:
    output = tmp_path / "x.drift.json"
    made = huref(*owner.drift("later", "later.secret", output, "--owner", "name:Alice", "--json"))
    assert made.code == 0, made
    said = made.json["said"]
    validate("drift", output.read_bytes())
    assert 1 <= said["bound"] <= 15
    assert [matrix["name"] for matrix in said["matrices"]] == ["X", *LAYERS]
    assert said["leftOut"] == []
    checked = ("verify", output, "--policy", toys)
    ran = huref(*checked, "--expect-owner", "name:Alice", "--json")
    assert ran.code == 0, ran
    assert (ran.json["bundle"], ran.json["verified"]["drift"]) == (made.json["drift"], said)
    assert {entry["what"] for entry in ran.json["notChecked"]} == {"rest", "behaviour", "order", "owner", "files"}
    assert huref(*checked, "--expect-owner", "name:Bob").code == 1
    shown = words(huref(*checked))
    for part in (
        "Verified: mathematics, no trust needed",
        "the committed weights differ by no more than this",
        f"of its norm ({said['bound']}/1024) in every matrix",
        "X; q, k, v, oT, up, downT of layers 1, 2",
        "up to a power of two for each matrix",
        "that both models answer alike",
        "which of the two came first",
        "an audit of one is no audit of the other",
        "gates, biases, norms, other layers, other tokens",
    ):
        assert part in shown, part
    # neither name nor file of either model is in it
    assert json.loads(output.read_bytes())["claims"]["files"] == {}
    assert b"later" not in output.read_bytes().replace(b'"later":', b"")


def test_what_the_file_says_unchecked(owner: Owner, huref: Here, tmp_path: Path) -> None:
    output = tmp_path / "x.drift.json"
    made = huref(*owner.drift("later", "later.secret", output, "--json"))
    ran = huref("inspect", output, "--json")
    assert (ran.json["said"], ran.json["drift"]) == (made.json["said"], made.json["drift"])
    assert "Statement of drift" in huref("inspect", output).out


def test_attention_that_was_not_aligned(owner: Owner, huref: Here, toys: Path, tmp_path: Path) -> None:
    output = tmp_path / "x.drift.json"
    made = owner.drift("later", "apart.secret", output)
    assert_sentence(huref(*made, "--format", "quiet"), 2, "huref commit --aligned-to BASE", "--leave-out attention")
    assert contents(tmp_path) == set()
    ran = huref(*made, "--leave-out", "attention", "--json")
    assert ran.code == 0, ran
    assert ran.json["said"]["leftOut"] == ATTENTION
    ran = huref("verify", output, "--policy", toys)
    assert "q, k, v, oT of layers 1, 2: left out, so nothing is said of them" in words(ran)


def test_the_same_weights_under_two_commitments(owner: Owner, huref: Here, tmp_path: Path) -> None:
    """Nothing has turned, so nothing need be aligned."""
    files = ("-o", tmp_path / "c", "--opening", tmp_path / "s")
    assert huref("commit", owner.file("base"), *files, *TOY).code == 0
    openings = ("--opening", owner.file("base.secret"), "--opening", tmp_path / "s")
    ran = huref("drift", owner.file("base"), owner.file("base"), *openings, "-o", tmp_path / "x", "--json")
    assert (ran.json["said"]["bound"], ran.json["said"]["leftOut"]) == (1, [])


def test_both_aligned_to_a_third(owner: Owner, huref: Here, tmp_path: Path) -> None:
    """And the order in which models are given counts."""
    noisy(0.002).write(tmp_path / "next")
    commit = ("commit", tmp_path / "next", *TOY, "--aligned-to", owner.file("base"))
    assert huref(*commit, "-o", tmp_path / "c", "--opening", tmp_path / "s").code == 0
    pair, output = (owner.file("later"), tmp_path / "next"), ("-o", tmp_path / "x")
    made = ("drift", *pair, "--opening", owner.file("later.secret"), "--opening", tmp_path / "s", *output)
    assert_sentence(huref(*made, "--format", "quiet"), 1, "not the base that the commitment was aligned to")
    ran = huref(*made, "--aligned-to", owner.file("base"), "--json")
    assert (ran.code, ran.json["said"]["leftOut"]) == (0, [])
    exchanged = ("drift", *pair, "--opening", tmp_path / "s", "--opening", owner.file("later.secret"), *output)
    assert huref(*exchanged, "--aligned-to", owner.file("base")).code == 1


def test_strangers_and_other_shapes(owner: Owner, huref: Here, tmp_path: Path) -> None:
    made = owner.drift("stranger", "stranger.secret", tmp_path / "x", "--format", "quiet")
    assert_sentence(huref(*made), 2, "differ there by more than their own size, as strangers do")
    made = owner.drift("base", "other.secret", tmp_path / "x", "--format", "quiet")
    assert_sentence(huref(*made), 3, "the two models differ in layers")
    assert contents(tmp_path) == set()


@pytest.mark.parametrize("blocks", ["rows", "matrices", "whole"])
def test_blocks_and_bounds(owner: Owner, huref: Here, toys: Path, tmp_path: Path, blocks: str) -> None:
    output = tmp_path / "x"
    made = owner.drift("later", "later.secret", output, "--blocks", blocks)
    least = huref(*made, "--json").json["said"]["bound"]
    assert huref("verify", output, "--policy", toys, "--json").json["verified"]["drift"]["partition"] == blocks
    assert huref(*made, "--bound", "52/1024", "--json").json["said"]["bound"] == 52
    ran = huref("verify", output, "--policy", toys)
    assert "at most 5.1 % of its norm (52/1024)" in words(ran)
    ran = huref(*made, "--bound", f"{least - 1}/1024", "--format", "quiet")
    assert_sentence(ran, 2, "differs by more than the bound")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--bound", "5"), "--bound"),
        (("--bound", "0/1024"), "--bound"),
        (("--bound", "1025/1024"), "--bound"),
        (("--bound", "1/1000"), "--bound"),
        (("--leave-out", "gate"), "there is no matrix 'gate'"),
        (("--leave-out", "3.q"), "there is no matrix '3.q'"),
        (
            ("--leave-out", "X", "--leave-out", "attention", "--leave-out", "up", "--leave-out", "downT"),
            "nothing would",
        ),
        (("--public", "base"), "not both"),
        (("--opening", "none"), "none"),
        (("--owner", "nobody"), "the owner must be"),
    ],
)
def test_what_cannot_be_asked_for(
    owner: Owner, huref: Here, tmp_path: Path, more: tuple[str, ...], sentence: str
) -> None:
    ran = huref(*owner.drift("later", "later.secret", tmp_path / "x", "--format", "quiet", *more))
    assert_sentence(ran, 4 if sentence == "none" else 2, sentence)
    assert contents(tmp_path) == set()


def test_one_opening_for_each_model(owner: Owner, huref: Here, tmp_path: Path) -> None:
    alone = ("drift", owner.file("base"), "--opening", owner.file("base.secret"), "-o", tmp_path / "x")
    assert_sentence(huref(*alone), 2, "a drift is that of two models")
    ran = huref(*alone[:2], owner.file("later"), *alone[2:])
    assert_sentence(ran, 2, "one opening for each committed model")
    ran = huref(*alone, "--public", owner.file("base"), "--aligned-to", owner.file("base"))
    assert_sentence(ran, 2, "no commitment was aligned")


def test_commitments_at_hand_and_by_reference(owner: Owner, huref: Here, toys: Path, tmp_path: Path) -> None:
    output, files = tmp_path / "x", ("--commitment", owner.file("later.json"), "--commitment", owner.file("base.json"))
    made = owner.drift("later", "later.secret", output, *files, "--by-reference", "--json")
    ran = huref(*made)
    assert ran.code == 0, ran
    assert "rows" not in ran.json["seconds"]
    assert output.stat().st_size < 12_000
    checked = ("verify", output, "--policy", toys)
    assert huref(*checked, *files).code == 0
    assert_sentence(huref(*checked, *files[:2]), 2, "by its id alone", "--commitment FILE")


# A public model


def test_a_quantised_file_of_the_model(owner: Owner, huref: Here, toys: Path, tmp_path: Path) -> None:
    public = gguf_files.write(owner.file("base"), tmp_path / "q8.gguf", "Q8_0")
    output = tmp_path / "x"
    made = huref(*owner.to_public(public, output, "--json"))
    assert made.code == 0, made
    said = made.json["said"]
    assert 1 <= said["bound"] <= 30
    assert said["leftOut"] == ATTENTION
    assert list(drift.parse(output.read_bytes()).claims.files) == ["q8.gguf"]
    checked = ("verify", output, "--policy", toys)
    ran = huref(*checked, "--public", public, "--json")
    assert (ran.code, ran.json["verified"]["drift"]) == (0, said)
    assert "matrices" in {entry["what"] for entry in ran.json["notChecked"]}
    assert_sentence(huref(*checked), 2, "the proof is not verified", "not at hand", "--public")
    assert "computed together with the public model" in huref("inspect", output).out
    # a file of a changed model is another one
    noisy(0.01).write(tmp_path / "changed")
    changed = gguf_files.write(tmp_path / "changed", tmp_path / "changed.gguf", "Q8_0")
    ran = huref(*checked, "--public", changed, "--json")
    assert (ran.code, ran.json["code"], ran.json["failure"]["check"]) == (1, "weights-mismatch", "public model")
    assert "drift" not in ran.json["verified"]
    assert_sentence(huref(*checked, "--public", tmp_path / "absent"), 4, "absent")


def test_attention_of_a_commitment_aligned_to_the_file(owner: Owner, huref: Here, toys: Path, tmp_path: Path) -> None:
    public = gguf_files.write(owner.file("base"), tmp_path / "q8.gguf", "Q8_0")
    files, output = ("-o", tmp_path / "c", "--opening", tmp_path / "s"), tmp_path / "x"
    assert huref("commit", owner.file("base"), *TOY, "--aligned-to", public, *files).code == 0
    made = huref("drift", owner.file("base"), "--opening", tmp_path / "s", "--public", public, "-o", output, "--json")
    assert (made.code, made.json["said"]["leftOut"]) == (0, [])
    assert huref("verify", output, "--policy", toys, "--public", public).code == 0


def test_what_a_drift_file_is_not_checked_against(owner: Owner, huref: Here, toys: Path, tmp_path: Path) -> None:
    output = tmp_path / "x"
    assert huref(*owner.drift("later", "later.secret", output)).code == 0
    checked = ("verify", output, "--policy", toys, "--format", "quiet")
    base = owner.file("base")
    assert_sentence(huref(*checked, "--public", base), 2, "between two commitments")
    assert_sentence(huref(*checked, "--weights", base), 2, "a drift file has no vectors")
    challenge = tmp_path / "challenge"
    assert huref("challenge", owner.file("base.json"), owner.file("later.json"), "-o", challenge).code == 0
    assert_sentence(huref(*checked, "--challenge", challenge), 2, "a drift file answers no challenge")
    assert_sentence(huref(*checked, "--receipt", tmp_path / "r"), 2, "but a drift file was given")
    assert huref("prove", base, *TOY, "-o", tmp_path / "b").code == 0
    ran = huref("verify", tmp_path / "b", "--policy", toys, "--public", base, "--format", "quiet")
    assert_sentence(ran, 2, "only a drift file is about a public model")
    ran = huref("verify", output, tmp_path / "b", "--policy", toys)
    assert (ran.code, "drift of at most" in ran.out) == (0, True)


def test_too_little_memory_for_two_models(
    owner: Owner, huref: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huref.planning.memory.available", lambda: 50e6)
    ran = huref(*owner.drift("later", "later.secret", tmp_path / "x"))
    assert_sentence(ran, 6, "a proof about two models such as", "50 MB can be had")
    assert contents(tmp_path) == set()
