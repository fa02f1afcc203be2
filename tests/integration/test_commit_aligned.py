"""`huref commit --aligned-to BASE`: proved, audited and answered for with the base at hand, and refused without it."""

import json
from pathlib import Path

import numpy as np
import pytest

from huref.artefacts.commitment import read as read_commitment
from huref.artefacts.opening import read as read_opening
from huref.model import open_model
from huref.profile import named
from huref.stages.commit.work import Work
from huref.stages.quantise import choose
from huref.stages.tokens import select
from tests.support import gguf_files, models
from tests.support.cli import Here, assert_sentence, contents
from tests.support.schemas import validate

TOY = ("--profile", "toy-2")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return models.network("llama", 7).write(tmp_path / "base")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    net, rng = models.network("llama", 7), np.random.default_rng(1)
    for matrix in (getattr(block, name) for block in net.blocks for name in ("q", "k", "v", "o", "up", "down")):
        matrix += 0.01 * matrix.std() * rng.standard_normal(matrix.shape)
    return net.write(tmp_path / "release")


@pytest.fixture
def committed(huref: Here, base: Path, release: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Commitment and opening of the release, aligned to the base."""
    commitment, opening = tmp_path / "commitment", tmp_path / "opening"
    ran = huref("commit", release, *TOY, "--aligned-to", base, "-o", commitment, "--opening", opening, "--json")
    assert ran.json["alignedTo"] == read_opening(opening).aligned_to
    validate("opening", opening.read_bytes())
    return commitment, opening


def test_the_whole_road(
    huref: Here, base: Path, release: Path, committed: tuple[Path, Path], toys: Path, tmp_path: Path
) -> None:
    commitment, opening = committed
    bundle, proof = tmp_path / "bundle", ("prove", release, "--opening", opening, "-o", tmp_path / "bundle")
    for taken in ((), ("--commitment", commitment)):
        assert_sentence(huref(*proof, *taken), 2, "was aligned to a base", "--aligned-to")
        ran = huref(*proof, *taken, "--aligned-to", release)
        assert_sentence(ran, 1, "release: not the base that the commitment was aligned to")
        assert not bundle.exists()
        assert huref(*proof, *taken, "--aligned-to", base).code == 0
        checked = ("verify", bundle, "--policy", toys, "--weights", release, "--json")
        found = huref(*checked, "--aligned-to", base, "--opening", opening)
        assert found.json["verified"]["weights"]["commitment"]
        assert huref(*checked, "--aligned-to", base).code == 0
        bundle.unlink()


def test_an_audit_without_the_base(
    huref: Here, base: Path, release: Path, committed: tuple[Path, Path], toys: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    assert huref("prove", release, "--opening", committed[1], "--aligned-to", base, "-o", bundle).code == 0
    checked = ("verify", bundle, "--policy", toys, "--format", "quiet")
    ran = huref(*checked, "--weights", release)
    assert_sentence(ran, 1, "other vectors", "give the base's folder too: --aligned-to")
    ran = huref(*checked, "--weights", release, "--opening", committed[1])
    assert_sentence(ran, 2, "was aligned to a base and cannot be made again without it")
    ran = huref(*checked, "--weights", release, "--opening", committed[1], "--aligned-to", release)
    assert_sentence(ran, 1, "not the base that the commitment was aligned to")
    assert_sentence(huref(*checked, "--aligned-to", base), 2, "--aligned-to needs --weights")


def test_a_commitment_that_was_not_aligned(huref: Here, base: Path, release: Path, tmp_path: Path) -> None:
    opening, bundle = tmp_path / "opening", tmp_path / "bundle"
    assert huref("commit", release, *TOY, "-o", tmp_path / "commitment", "--opening", opening).code == 0
    assert "alignedTo" not in json.loads(opening.read_bytes())
    proof = ("prove", release, "--aligned-to", base, "-o", bundle)
    assert_sentence(huref(*proof, "--opening", opening), 2, "was not aligned to a base")
    assert_sentence(huref(*proof), 2, "--aligned-to needs --opening")


def test_a_dispute_is_answered_with_the_base(
    huref: Here, base: Path, release: Path, committed: tuple[Path, Path], toys: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    assert huref("commit", base, *TOY, "-o", theirs, "--opening", tmp_path / "their-opening").code == 0
    challenge, answer, near = (tmp_path / name for name in ("challenge", "answer", "near"))
    assert huref("challenge", committed[0], theirs, "--beacon", "ab" * 32, "-o", challenge).code == 0
    their = ("prove", base, "--opening", tmp_path / "their-opening", "--challenge", challenge, "-o", answer)
    assert huref(*their).code == 0
    ours = ("answer", release, "--opening", committed[1], "--near", answer, "--policy", toys, "-o", near)
    assert_sentence(huref(*ours), 2, "was aligned to a base")
    assert huref(*ours, "--aligned-to", base).code == 0
    assert huref("verify", near, "--near", answer, "--policy", toys).code == 0


def test_what_was_begun_goes_on_with_the_same_base_only(
    huref: Here, base: Path, release: Path, committed: tuple[Path, Path], tmp_path: Path
) -> None:
    """Killed after the opening was written: the same base gives the same commitment, no base and another do not."""
    commitment, opening = committed
    before, layers = commitment.read_bytes(), read_commitment(commitment).shape.layers
    commitment.unlink()
    model, rules = open_model(release), named("toy-2")
    source = choose(model, select(model, rules), layers, rules).aligned_to(open_model(base))
    with Work.at(tmp_path / "commitment.work", source) as work:
        work.add(bytes(32), bytes(33))
    again = ("commit", release, *TOY, "-o", commitment, "--opening", opening, "--format", "quiet")
    assert_sentence(huref(*again), 2, "an unfinished commitment with other base")
    other = models.network("llama", 8).write(tmp_path / "other", shards=2)
    assert_sentence(huref(*again, "--aligned-to", other), 2, "an unfinished commitment with other base")
    assert huref(*again, "--aligned-to", base).code == 0
    assert commitment.read_bytes() == before
    assert "commitment.work" not in contents(tmp_path)


def test_a_base_in_a_gguf_file(huref: Here, base: Path, release: Path, tmp_path: Path) -> None:
    file, opening, bundle = gguf_files.write(base, tmp_path / "base.gguf"), tmp_path / "opening", tmp_path / "bundle"
    commit = ("commit", release, *TOY, "--aligned-to", file, "-o", tmp_path / "commitment", "--opening", opening)
    assert huref(*commit).code == 0
    assert huref("prove", release, "--opening", opening, "--aligned-to", file, "-o", bundle).code == 0


def test_bases_that_cannot_be_used(huref: Here, base: Path, release: Path, tmp_path: Path) -> None:
    commit = ("commit", release, *TOY, "-o", tmp_path / "commitment", "--opening", tmp_path / "opening")
    other = models.network("llama", kv_heads=1).write(tmp_path / "other")
    assert_sentence(huref(*commit, "--aligned-to", other), 3, "other", "kv_heads is 1 instead of 2")
    assert_sentence(huref(*commit, "--aligned-to", tmp_path / "absent"), 4, "absent")
    assert_sentence(huref(*commit, "--aligned-to", base, "--engine", "ray"), 2, "'ray' does not align")
    assert contents(tmp_path) == {"base", "release", "other"}
