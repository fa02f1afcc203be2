"""What `huref plan` counts. How near its seconds come is measured by `make bench`."""

from __future__ import annotations

import dataclasses
import json
import resource
from pathlib import Path

import pytest

from huref.artefacts.shape import LAYER
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
#: A value for each unit of speed, and the stages that it is charged to.
UNIT = {"integer": 1e-6, "head": 1e-3, "product": 1e-9, "addition": 1e-6, "sketched": 1e-6, "bit": 1e-6}
STAGES = {
    "integer": {"quantise"},
    "head": {"quantise"},
    "product": {"quantise"},
    "addition": {"commit"},
    "sketched": {"sketch", "prove"},
    "bit": {"prove"},
}


@pytest.mark.parametrize("unit", UNIT)
def test_each_unit_is_charged_to_its_stages(unit: str, tmp_path: Path) -> None:
    """Whether the plan holds is measured by `make bench`; here: what is counted, at a speed that is given."""
    model = open_model(models.network("llama", layers=2).write(tmp_path / "model"))
    source = choose(model, select(model, RULES), model.working_layers(), RULES)
    sizes = Sizes(RULES.name, source.shape)
    speed_of_one = calibrate.Speed(**dict.fromkeys(UNIT, 0.0) | {unit: UNIT[unit]})
    estimate = calibrate.estimate(sizes, speed_of_one)
    charged = {stage for stage in ("quantise", "sketch", "commit", "prove") if getattr(estimate, stage) > 0}
    assert charged == STAGES[unit]
    twice = calibrate.estimate(sizes, dataclasses.replace(speed_of_one, **{unit: 2 * UNIT[unit]}))
    assert twice.total == pytest.approx(2 * estimate.total)


def test_what_a_plan_counts_is_what_a_commitment_has(tmp_path: Path) -> None:
    model = open_model(models.network("gpt2", 2, layers=4).write(tmp_path / "model"))
    source = choose(model, select(model, RULES), model.working_layers(), RULES)
    sizes = Sizes(RULES.name, source.shape)
    commitment, weights = engine.commit(source)[0], source.whole().weights
    speed_of_one = calibrate.Speed(**dict.fromkeys(UNIT, 0.0) | {"integer": 1.0})
    integers = sum(weights.matrix(index).size for index in range(1 + len(LAYER) * len(source.layers)))
    assert calibrate.estimate(sizes, speed_of_one).quantise == pytest.approx(calibrate.elapsed(integers))
    assert sizes.commitment_bytes == len(commitment.rows)


def test_the_next_plan_costs_less(tmp_path: Path) -> None:
    """Processor time of the whole program: the machine is measured the first time alone."""
    model = models.network("llama").write(tmp_path / "model")
    costs = []
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert process("plan", model, env={"XDG_CACHE_HOME": str(tmp_path)}).code == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert costs[1] < costs[0]


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
    a, b = (models.network("llama", seed, layers=4).write(tmp_path / f"{seed}") for seed in (1, 2))
    planned = json.loads(process("plan", a, b, "--json").out)
    assert 0 < planned["secondsRelated"] < planned["secondsUnrelated"]
    assert planned["readBytes"] > 0
    assert process("plan", a, tmp_path / "none").code == 4
