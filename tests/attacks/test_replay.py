"""A bundle is shown by somebody who did not make it, or a verdict by somebody who is both sides of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import huref
from huref._native import Weights
from huref.artefacts import bundle as bundles
from huref.artefacts.context import NOBODY, Context
from huref.artefacts.draw import COMMON, OWN
from huref.model import open_model
from huref.profile import named
from huref.stages import tokens
from huref.stages.commit import commit_whole
from huref.stages.prove import prove
from huref.stages.quantise import Quantised, quantise
from huref.verifier.both import Choice
from tests.support import models
from tests.support.bundles import CLAIMS, CONTEXT, TOY_POLICY, whole

MALLORY = Context("name:Mallory", CONTEXT.audience, CONTEXT.nonce)


def test_other_claims_are_seen_in_the_digest_of_the_file_alone() -> None:
    mine = whole()
    claims = replace(CLAIMS, model_name="MalloryNet-7B", files={"model.safetensors": "00" * 32})
    replayed = bundles.parse(bundles.dump(replace(mine, claims=replace(claims, proved_at="2019-01-01T00:00:00Z"))))
    assert replayed.digest == mine.digest
    assert replayed.file_digest != mine.file_digest
    report = huref.verify(replayed, policy=TOY_POLICY)
    assert report.ok
    assert report.bundle.file_sha256 == replayed.file_digest
    # the report keeps apart what was written and what was proved: whom it names did not change
    assert report.claimed.model_name == "MalloryNet-7B"
    assert report.verified.made_for is not None
    assert report.verified.made_for.owner == CONTEXT.owner
    assert "MalloryNet" not in str(report.verified)


@pytest.mark.parametrize(
    "context",
    [
        MALLORY,
        NOBODY,
        replace(CONTEXT, audience="court of Delft"),
        replace(CONTEXT, audience=""),
        replace(CONTEXT, nonce=bytes(16)),
        replace(CONTEXT, nonce=b""),
    ],
    ids=str,
)
@pytest.mark.parametrize("verifier", ["rust", "python"])
def test_another_name_audience_or_nonce_breaks_the_proof(context: Context, verifier: Choice) -> None:
    renamed = replace(whole(), statement=replace(whole().statement, context=context))
    report = huref.verify(renamed, policy=TOY_POLICY, verifier=verifier)
    assert (report.ok, report.code) == (False, "proof-rejected")
    assert report.verified.made_for is None


def test_a_replayed_bundle_does_not_answer_a_fresh_nonce() -> None:
    """Who asks for a proof over a nonce of their own sees that a bundle is older, and whom it names."""
    for expected in (Context(nonce=bytes(range(16, 32))), Context(MALLORY.owner), Context(audience="my shop")):
        report = huref.verify(whole(), policy=TOY_POLICY, expected=expected)
        assert (report.ok, report.code) == (False, "context-mismatch")
    assert huref.verify(whole(), policy=TOY_POLICY, expected=CONTEXT).ok
    nameless = huref.verify(whole(context=NOBODY), policy=TOY_POLICY)
    why = next(entry.why for entry in nameless.not_checked if entry.what == "owner")
    assert why == "the proof names nobody, so those who show the bundle need not have made it"


def test_one_owner_can_be_both_sides_and_a_verdict_says_so(tmp_path: Path) -> None:
    """Two commitments to one model: their answers are related, and nobody said whose they are."""
    folder = models.network("llama", seed=1).write(tmp_path / "model")
    (first, one), (second, two) = (huref.commit(folder) for _ in range(2))
    assert first.id != second.id
    challenge = huref.challenge(first, second, beacon=bytes(32))
    found = huref.compare(*(huref.prove(folder, opening=opening, challenge=challenge) for opening in (one, two)))
    assert (found.verdict, found.cosine) == ("related", 1.0)
    left = {entry.what: entry.why for entry in found.not_checked}
    assert left["owner"] == "who the parties are: a bundle names at most what its prover wrote"
    assert left["order"] == "that both commitments were published before the beacon was known"
    assert {"layers", "files"} <= set(left)


def test_files_with_the_vectors_are_not_yet_those_of_the_commitment(tmp_path: Path) -> None:
    """Neurons in another order have the same terms, so the same vectors; only the opening tells."""
    folder, rules = models.network("llama", seed=1).write(tmp_path / "model"), named("toy-2")
    model = open_model(folder)
    honest = quantise(model, tokens.select(model, rules), (2,), rules)
    parts = [honest.weights.matrix(i).copy() for i in range(7)]
    order = np.random.default_rng(1).permutation(honest.shape.ffn)
    parts[5], parts[6] = parts[5][order], parts[6][order]
    permuted = Quantised(rules, honest.shape, Weights.from_integers(rules.name, honest.shape, parts))
    commitment, opening = commit_whole(permuted)
    statement, proof, _ = prove(permuted, opening, commitment, (COMMON, OWN))
    made = huref.Bundle(statement, CLAIMS, proof, None)
    report = huref.verify(made, policy=TOY_POLICY, weights=folder)
    assert report.ok
    assert report.verified.weights is not None
    assert not report.verified.weights.commitment
    opened = huref.verify(made, policy=TOY_POLICY, weights=folder, opening=opening)
    assert opened.code == "weights-mismatch"
