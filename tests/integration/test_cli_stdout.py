"""`-o -`: the file goes to standard output, all else to stderr; secrets never, and nobody is left with half of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from huref.artefacts import bundle as bundles
from huref.artefacts import challenge as challenges
from huref.artefacts import commitment as commitments
from huref.artefacts import fingerprint as fingerprints
from huref.artefacts import opening as openings
from tests.support import bundles as ready
from tests.support import models
from tests.support.cli import HUREF, Here, assert_sentence, contents, process

TOY = ("--profile", "toy-2")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return models.network("llama").write(tmp_path / "model")


def test_a_bundle_through_a_pipe(model: Path, tmp_path: Path) -> None:
    made = process("prove", model, *TOY, "-o", "-")
    assert made.code == 0
    assert "Proved" in made.err
    assert "standard output, " in made.err
    bundle = bundles.parse(made.out.encode())
    assert bundle.digest in made.err
    assert process("inspect", "-", "--json", stdin=made.out.encode()).json["bundle"]["sha256"] == bundle.digest
    assert contents(tmp_path) == {"model"}


def test_a_fingerprint_is_the_file_that_is_written(model: Path, tmp_path: Path) -> None:
    made = process("fingerprint", model, *TOY, "-o", "-", "--format", "quiet")
    assert process("fingerprint", model, *TOY, "-o", tmp_path / "file").code == 0
    assert made.out.encode() == (tmp_path / "file").read_bytes()
    assert fingerprints.parse(made.out.encode()).profile == "toy-2"


def test_a_commitment_and_never_its_opening(model: Path, tmp_path: Path) -> None:
    opening = tmp_path / "opening"
    made = process("commit", model, *TOY, "-o", "-", "--opening", opening)
    assert commitments.parse(made.out.encode()).id == openings.read(opening).commitment
    assert openings.read(opening).seed.reveal().hex() not in made.out + made.err
    assert contents(tmp_path) == {"model", "opening"}


def test_a_challenge_and_a_table(tmp_path: Path) -> None:
    for seed in (1, 2):
        (tmp_path / str(seed)).write_bytes(bundles.dump(ready.toy(seed)))
    made = process("challenge", tmp_path / "1", tmp_path / "2", "--beacon", "07" * 32, "-o", "-")
    assert challenges.parse(made.out.encode()).beacon == bytes([7] * 32)


def test_what_needs_a_file(huref: Here, model: Path, tmp_path: Path) -> None:
    for arguments in (
        ("commit", model, "-o", "-", "--opening", "-"),
        ("commit", model, "-o", tmp_path / "x", "--opening", "-"),
        ("terms", model, "-o", "-"),
        ("fingerprint", model, "--image", "-"),
    ):
        assert_sentence(huref(*arguments), 2, "needs a file")
    ran = huref("prove", model, "-o", "-", "--json")
    assert (ran.code, ran.json["code"]) == (2, "usage")
    assert contents(tmp_path) == {"model"}


@pytest.mark.parametrize("verb", ["prove", "fingerprint", "commit"])
def test_a_reader_that_leaves_before_the_end_of_a_file(verb: str, model: Path, tmp_path: Path) -> None:
    secret = ("--opening", str(tmp_path / "secret")) if verb == "commit" else ()
    command = [*HUREF, verb, str(model), *TOY, *secret, "-o", "-", "--format", "quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        said = program.stderr.read().decode()
    assert (program.returncode, said) == (6, "huref: standard output: cannot be written (Broken pipe)\n")
    assert contents(tmp_path) == {"model"}
