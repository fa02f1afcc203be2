"""`huref plan` against what then happens, in processor time, which other jobs on the machine do not change."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from huref import _native
from huref.artefacts.context import NOBODY
from huref.artefacts.draw import COMMON, OWN
from huref.model import open_model
from huref.planning import calibrate
from huref.planning.sizes import Sizes
from huref.profile import named
from huref.stages import commit as engine
from huref.stages.quantise import choose
from huref.stages.tokens import select
from tests.support import models

RULES = named("robust-2")


@pytest.mark.parametrize(
    ("network", "proved"),
    [
        (models.network("llama", 1, hidden=512, heads=8, head_dim=64, ffn=4096, layers=2), True),
        (models.network("gpt2", 2, hidden=768, heads=12, head_dim=64, ffn=3072, layers=4), False),
    ],
)
def test_within_a_factor_of_two(
    network: models.Network, proved: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate.time, "perf_counter", time.process_time)
    model = open_model(network.write(tmp_path / "model"))
    source = choose(model, select(model, RULES), model.working_layers(), RULES)
    expected = calibrate.estimate(Sizes(RULES.name, source.shape), calibrate.measure(RULES.name, source.shape))
    start = time.process_time()
    commitment, opening = engine.commit(source)
    took = time.process_time() - start
    assert took / 2 < expected.quantise + expected.commit < took * 2
    if proved:
        weights = source.whole().weights
        start = time.process_time()
        _native.prove(weights, opening.seed.reveal(), commitment.rows, (COMMON, OWN), NOBODY)
        took = time.process_time() - start
        assert took / 2 < expected.sketch + expected.prove < took * 2
