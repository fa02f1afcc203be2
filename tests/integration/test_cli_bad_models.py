"""Models that cannot be used, through verbs that read more of them than two layers; too few shared tokens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.integration.test_cli_refusals import BAD_MODELS
from tests.support import models
from tests.support.cli import Here, assert_sentence, contents


@pytest.mark.parametrize("case", BAD_MODELS)
def test_compare(case: str, huref: Here, tmp_path: Path) -> None:
    """Whichever of the two it is."""
    good = models.network("llama").write(tmp_path / "good")
    bad = models.network("llama", 1).write(tmp_path / "bad")
    spoil, word = BAD_MODELS[case]
    spoil(bad)
    for pair in ((good, bad), (bad, good)):
        assert_sentence(huref("compare", *pair, "--format", "quiet"), 3, str(bad), word)


@pytest.mark.parametrize(
    "case", sorted(BAD_MODELS.keys() - {"no tokenizer", "tokenizer beyond the embedding", "all-zero matrix"})
)
def test_terms_of_the_paper(case: str, huref: Here, tmp_path: Path) -> None:
    """They need no tokenizer, and a term of zeros is one."""
    bad = models.network("llama").write(tmp_path / "bad")
    spoil, word = BAD_MODELS[case]
    spoil(bad)
    (tmp_path / "ids").write_text("\n".join(map(str, range(300, 400))))
    paper = ("--profile", "paper", "--tokens", tmp_path / "ids", "--format", "quiet")
    assert_sentence(huref("terms", bad, *paper, "-o", tmp_path / "terms.npz"), 3, word)
    assert_sentence(huref("fingerprint", bad, *paper, "-o", tmp_path / "vector"), 3, word)
    assert contents(tmp_path) == {"bad", "ids"}


def test_nan_in_a_layer_that_only_a_comparison_reads(huref: Here, tmp_path: Path) -> None:
    net = models.network("llama", 1)
    good = models.network("llama").write(tmp_path / "good")
    net.blocks[0].k[2, 3] = np.nan
    bad = net.write(tmp_path / "bad")
    assert huref("fingerprint", bad).code == 0
    ran = huref("compare", good, bad, "--format", "quiet")
    assert_sentence(ran, 3, str(bad), "model.layers.0.self_attn.k_proj.weight", "NaN")


@pytest.mark.parametrize("shared", [255, 256])
def test_fewer_than_256_shared_tokens_end_only_the_tests_over_tokens(shared: int, huref: Here, tmp_path: Path) -> None:
    """Of a model and its copy, whose other tokens were given other names."""
    net = models.network("gpt2", 1)
    vocabulary = net.tokenizer["model"]["vocab"]
    renamed = net.copy()
    ordinary = [piece for piece in vocabulary if not piece.startswith("<|")]
    kept = set(ordinary[:shared])
    names = {piece: piece if piece in kept else "Ġ" * 40 + piece for piece in ordinary}
    renamed.tokenizer["model"] |= {
        "vocab": {names.get(piece, piece): i for piece, i in vocabulary.items()},
        "merges": [],
    }
    ran = huref("compare", net.write(tmp_path / "a"), renamed.write(tmp_path / "b"), "--json")
    assert ran.code == 0, ran
    assert (ran.json["tokensShared"], ran.json["tokensNeeded"]) == (shared, 256)
    assert ran.json["verdict"] == "related"
    made = {test["name"] for test in ran.json["evidence"]["tests"] if test["ran"]}
    assert ("order/tokens" in made, "order/raw" in made) == (shared >= 256, True)
