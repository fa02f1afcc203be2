"""Model files that become shorter, or others, while they are read: exit 3 and a sentence, whichever thread reads."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import huref as library
from huref.artefacts import tokens as token_lists
from huref.artefacts.fingerprint import dump
from huref.errors import ModelError
from huref.model.containers.weights import SAFE
from tests.support import models
from tests.support.bundles import TOY_POLICY
from tests.support.cli import contents, running

TOY = ("--profile", "toy-2")


def _halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, (0, 0))
    other.replace(path)


CHANGES = (_halve, _empty, _replace)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return models.network("llama").write(tmp_path / "model")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("verb", ["fingerprint", "commit", "prove", "terms"])
def test_verbs(verb: str, change: Callable[[Path], None], model: Path, tmp_path: Path) -> None:
    """The tokens are asked for after the files' headers were read and before any tensor is."""
    found = library.fingerprint(model, profile="toy-2")
    listed, pipe = tmp_path / "list", tmp_path / "pipe"
    listed.write_bytes(token_lists.dump(found.tokens))
    os.mkfifo(pipe)
    secret = ("--opening", tmp_path / "secret") if verb == "commit" else ()
    with running(verb, model, *TOY, "--tokens", pipe, "-o", tmp_path / "out", *secret) as program:
        with pipe.open("wb") as asked:  # returns when the program opens its end
            change(model / SAFE.single)
            asked.write(listed.read_bytes() if verb == "terms" else dump(found))
        assert program.stderr is not None
        said = program.stderr.read().decode()
        assert program.wait() == 3, said
    assert SAFE.single in said.splitlines()[-1]
    assert "changed while it was read" in said
    assert contents(tmp_path) == {"model", "list", "pipe"}


@pytest.mark.parametrize("change", CHANGES)
def test_a_layer_that_the_reading_thread_meets(change: Callable[[Path], None], model: Path) -> None:
    """The first report of `commit` comes before its thread is asked for the embeddings or a layer."""
    _stopped(model, change, lambda progress: library.commit(model, profile="toy-2", progress=progress))


@pytest.mark.parametrize("change", CHANGES)
def test_verify_weights(change: Callable[[Path], None], model: Path) -> None:
    bundle = library.prove(model, profile="toy-2")
    _stopped(
        model, change, lambda progress: library.verify(bundle, policy=TOY_POLICY, weights=model, progress=progress)
    )


@pytest.mark.parametrize("change", CHANGES)
def test_compare(change: Callable[[Path], None], model: Path, tmp_path: Path) -> None:
    other = models.network("llama", 1).write(tmp_path / "b")
    _stopped(model, change, lambda progress: library.compare(model, other, progress=progress))


def _stopped(model: Path, change: Callable[[Path], None], work: Callable[[Callable[..., None]], object]) -> None:
    """The work ends with the sentence if the model's file changes at its first report."""
    left = [change]

    def report(*_: object) -> None:
        if left:
            left.pop()(model / SAFE.single)

    with pytest.raises(ModelError, match=f"{SAFE.single}.*changed while it was read"):
        work(report)
