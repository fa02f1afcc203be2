"""`huref plan` against what then happens, in processor time, which other programs on the machine do not change."""

from __future__ import annotations

import dataclasses
import json
import resource
import time
from pathlib import Path

import pytest

import huref
from huref import _native
from huref.artefacts.context import NOBODY
from huref.artefacts.draw import COMMON, OWN
from huref.model import open_model
from huref.planning import calibrate, speed
from huref.planning.sizes import Sizes
from huref.profile import named
from huref.stages import commit as engine
from huref.stages.quantise import choose
from huref.stages.tokens import select
from tests.support import models
from tests.support.cli import contents, process

RULES = named("robust-2")
UNITS = len(dataclasses.fields(calibrate.Speed))


@pytest.mark.parametrize(
    ("network", "proved"),
    [
        (models.network("llama", 1, hidden=512, heads=8, head_dim=64, ffn=4096, layers=2), True),
        (models.network("llama", 3, hidden=512, heads=2, head_dim=256, ffn=512, layers=2), False),
        (models.network("gpt2", 2, hidden=768, heads=12, head_dim=64, ffn=3072, layers=4), False),
    ],
)
def test_within_a_factor_of_two(network: models.Network, proved: bool, tmp_path: Path) -> None:
    model = open_model(network.write(tmp_path / "model"))
    source = choose(model, select(model, RULES), model.working_layers(), RULES)
    expected = calibrate.estimate(Sizes(RULES.name, source.shape), calibrate.measure(RULES.name))
    start = time.process_time()
    commitment, opening = engine.commit(source)
    took = calibrate.elapsed(time.process_time() - start)
    assert took / 2 < expected.quantise + expected.commit < took * 2
    if proved:
        weights = source.whole().weights
        start = time.process_time()
        _native.prove(weights, opening.seed.reveal(), commitment.rows, [COMMON, OWN], NOBODY)
        took = calibrate.elapsed(time.process_time() - start)
        assert took / 2 < expected.sketch + expected.prove < took * 2


def test_a_plan_costs_little(tmp_path: Path) -> None:
    """Processor time of the whole program, the first time and the next."""
    model = models.network("llama").write(tmp_path / "model")
    costs = []
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert process("plan", model, env={"XDG_CACHE_HOME": str(tmp_path)}).code == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert costs[1] < costs[0] < 3  # half of it on a machine of today


def test_the_machine_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def measure(profile: str) -> calibrate.Speed:
        measured.append(profile)
        return calibrate.Speed(*(float(len(measured)) for _ in range(UNITS)))

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(speed, "measure", measure)
    first, other = speed.speed("robust-2"), speed.speed("toy-2")
    assert (speed.speed("robust-2"), speed.speed("toy-2")) == (first, other)
    assert measured == ["robust-2", "toy-2"]
    monkeypatch.setattr(speed, "cores", lambda: 1000)
    assert speed.speed("robust-2") not in (first, other)


@pytest.mark.parametrize("change", ["", "[", "[]", "{}", "null", "\xff", "nan", "0.0", "1", '"1"', "-1.0", "extra"])
def test_a_cache_that_is_damaged_is_ignored(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, worse = calibrate.Speed(*[1.5] * UNITS), calibrate.Speed(*[2.5] * UNITS)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(speed, "measure", lambda _profile: worse)
    path = tmp_path / "huref" / "speed.json"
    assert speed.speed("robust-2") == worse
    text = path.read_text()
    path.write_text(text.replace("2.5", "1.5"))
    assert speed.speed("robust-2") == good
    if change in ("nan", "0.0", "1", '"1"', "-1.0"):
        damaged = text.replace("2.5", "NaN" if change == "nan" else change, 1)
    else:
        damaged = text.replace('"bit"', '"bits"') if change == "extra" else change
    path.write_bytes(damaged.encode("latin-1"))
    assert speed.speed("robust-2") == worse


def test_without_a_cache_it_is_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(speed, "measure", lambda _profile: calibrate.Speed(*[1.5] * UNITS))
    assert speed.speed("toy-2") == calibrate.Speed(*[1.5] * UNITS)
    assert contents(tmp_path) == {"file"}


def test_a_plan_of_a_comparison(tmp_path: Path) -> None:
    """In processor time shared out to the cores, within a factor of four: of small models most of it is no product."""
    a, b = (
        models.network("llama", seed, hidden=512, heads=8, head_dim=64, ffn=4096, layers=4).write(tmp_path / f"{seed}")
        for seed in (1, 2)
    )
    planned = json.loads(process("plan", a, b, "--json").out)
    assert planned["secondsRelated"] < planned["secondsUnrelated"]
    start = time.process_time()
    assert huref.compare(a, b).verdict == "unrelated"
    took = calibrate.elapsed(time.process_time() - start)
    assert took / 4 < planned["secondsUnrelated"] < took * 4
    assert planned["readBytes"] > 0
    assert process("plan", a, tmp_path / "none").code == 4
