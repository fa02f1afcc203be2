"""Profile paper by the command line: fingerprints, comparisons without a verdict, and what refuses it."""

from pathlib import Path

import numpy as np
import pytest

from tests.support import models
from tests.support.cli import Here, Ran, assert_sentence, contents


def ids(folder: Path, name: str, count: int = 300) -> Path:
    path = folder / name
    path.write_text("\n".join(map(str, np.random.default_rng(1).permutation(900)[:count])))
    return path


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return tuple(models.network("llama", seed).write(tmp_path / f"model-{seed}") for seed in (1, 2))  # type: ignore[return-value]


def warned(ran: Ran) -> None:
    assert ran.code == 0, ran
    assert "huref: warning: " in ran.err
    for word in ("0.97", "robust-2", "model folders"):
        assert word in ran.err


def test_two_folders(huref: Here, folders: tuple[Path, Path], tmp_path: Path) -> None:
    tokens = ids(tmp_path, "ids")
    ran = huref("compare", *folders, "--profile", "paper", "--tokens", tokens)
    warned(ran)
    for word in ("Inconclusive", "ICS", "PCS", "layer2.M_f", "the same list"):
        assert word in ran.out
    found = huref("compare", *folders, "--profile", "paper", "--tokens", tokens, "--json").json
    assert (found["ok"], found["verdict"], found["tokens"]) == (True, "inconclusive", 300)
    assert "0.97" in found["reason"]
    assert found["ics"] == pytest.approx(np.mean(list(found["terms"].values())))
    assert -1 <= found["pcs"]["value"] <= 1


def test_a_model_and_its_own_vector(huref: Here, folders: tuple[Path, Path], tmp_path: Path) -> None:
    """A file of a fingerprint says itself of which profile it is."""
    tokens, file = ids(tmp_path, "ids"), tmp_path / "vector.json"
    ran = huref("fingerprint", folders[0], "--profile", "paper", "--tokens", tokens, "-o", file)
    assert ran.code == 0, ran
    assert "proved" in ran.out
    warned(huref("compare", file, file))
    found = huref("compare", folders[0], file, "--tokens", tokens, "--json").json
    assert (found["cosine"], found["sameTokens"]) == (1.0, True)
    assert not {"ics", "pcs"} & found.keys()


def test_a_list_for_each_model(huref: Here, folders: tuple[Path, Path], tmp_path: Path) -> None:
    lists = ids(tmp_path, "long", 301), ids(tmp_path, "short", 300)
    options = ("--profile", "paper", "--tokens", lists[0], "--tokens", lists[1])
    assert_sentence(huref("compare", *folders, *options), 3, "long gives 301 tokens", "short 300")
    lists[0].write_text("\n".join(map(str, range(100, 400))))
    found = huref("compare", *folders, *options, "--json").json
    assert not found["sameTokens"]


def test_vectors_over_different_numbers_of_tokens(huref: Here, folders: tuple[Path, Path], tmp_path: Path) -> None:
    for name, count in (("a", 300), ("b", 200)):
        tokens = ids(tmp_path, "ids", count)
        huref("fingerprint", folders[0], "--profile", "paper", "--tokens", tokens, "-o", tmp_path / name)
    ran = huref("compare", tmp_path / "a", tmp_path / "b", "--format", "quiet")
    assert_sentence(ran, 3, f"{tmp_path / 'a'} was made over 300", f"{tmp_path / 'b'} over 200")


def test_profiles_that_differ(huref: Here, folders: tuple[Path, Path], tmp_path: Path) -> None:
    tokens = ids(tmp_path, "ids")
    huref("fingerprint", folders[0], "--profile", "paper", "--tokens", tokens, "-o", tmp_path / "paper")
    huref("fingerprint", folders[0], "-o", tmp_path / "robust")
    for pair in (("paper", "robust"), ("robust", "paper")):
        ran = huref("compare", *(tmp_path / name for name in pair), "--format", "quiet")
        assert_sentence(ran, 3, str(tmp_path / "robust"), "robust-2", "profile paper")
    ran = huref("compare", tmp_path / "paper", folders[0], "--profile", "robust-2", "--format", "quiet")
    assert_sentence(ran, 3, "paper", "profile paper")


@pytest.mark.parametrize("verb", ["prove", "commit", "plan"])
def test_it_is_never_proved(verb: str, huref: Here, folders: tuple[Path, Path], tmp_path: Path) -> None:
    output = () if verb == "plan" else ("-o", tmp_path / "output")
    secret = ("--opening", tmp_path / "secret") if verb == "commit" else ()
    ran = huref(verb, folders[0], "--profile", "paper", *output, *secret, "--format", "quiet")
    assert_sentence(ran, 3, "profile paper", "neither committed to nor proved", "robust-2")
    assert contents(tmp_path) == {"model-1", "model-2"}


def test_what_it_needs_and_cannot_do(huref: Here, folders: tuple[Path, Path], tmp_path: Path) -> None:
    tokens = ids(tmp_path, "ids")
    paper = ("--profile", "paper")
    assert_sentence(huref("fingerprint", folders[0], *paper), 2, "--tokens", "huref tokens")
    assert_sentence(huref("compare", *folders, *paper), 2, "--tokens", "huref tokens")
    assert_sentence(huref("compare", *folders, "--tokens", tokens), 2, "--tokens is for --profile paper")
    assert_sentence(huref("compare", *folders, *paper, *("--tokens", tokens) * 3), 2, "one list")
    assert_sentence(huref("compare", *folders, *paper, "--table"), 2, "--table")
    image = ("--tokens", tokens, "--image", tmp_path / "x.png")
    assert_sentence(huref("fingerprint", folders[0], *paper, *image), 2, "no portrait")
    few = ids(tmp_path, "few", 9)
    assert_sentence(huref("fingerprint", folders[0], *paper, "--tokens", few, "--format", "quiet"), 3, "9 tokens")
