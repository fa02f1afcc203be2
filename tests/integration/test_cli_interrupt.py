"""Ctrl-C on a terminal, at any moment: the cursor is there, one sentence on a line of its own, exit code 130."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.support import models
from tests.support.cli import contents
from tests.support.terminal import CTRL_C, HIDE, SHOW, Terminal, terminal


def _ended_well(run: Terminal) -> None:
    assert run.end() == 130, run.screen
    assert "Traceback" not in run.screen
    assert run.screen.rfind(HIDE) <= run.screen.rfind(SHOW)
    assert run.screen.count("huref: stopped") == 1, run.screen
    *_, line, pressed = re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", run.screen).split("\n")
    assert pressed.strip("^C") == ""
    *covered, shown = line.removesuffix("\r").split("\r")
    assert shown == "huref: stopped", run.screen
    assert not any(text.strip("^C") for text in covered), run.screen


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "model"
    return models.network("llama", hidden=256, ffn=1024, heads=8, head_dim=32).write(folder)


@pytest.mark.parametrize("stage", ["bringing", "committing", "proving"])
def test_while_a_bar_is_shown(stage: str, model: Path, tmp_path: Path) -> None:
    with terminal("prove", model, "-o", tmp_path / "bundle") as run:
        run.until(lambda: stage in run.screen)
        run.press(CTRL_C)
        _ended_well(run)
    assert HIDE in run.screen
    assert contents(tmp_path) == set()


def test_twice(model: Path, tmp_path: Path) -> None:
    """A second Ctrl-C does not spoil what the first has begun."""
    with terminal("prove", model, "-o", tmp_path / "bundle") as run:
        run.until(lambda: "committing" in run.screen)
        for _ in range(5):
            run.press(CTRL_C)
            time.sleep(0.01)
        _ended_well(run)


@pytest.mark.parametrize("delay", [0, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.24, 0.32, 0.48, 0.64, 0.96, 1.3])
def test_while_it_starts(delay: float, model: Path, tmp_path: Path) -> None:
    with terminal("prove", model, "-o", tmp_path / "bundle") as run:
        while not run.handles_signals():
            time.sleep(0.0005)
        time.sleep(delay)
        run.press(CTRL_C)
        _ended_well(run)
    assert contents(tmp_path) == set()


def test_after_the_last_word(tmp_path: Path) -> None:
    """While the interpreter leaves, nobody is listening any more."""
    with terminal("--help") as run:
        run.until(lambda: "completion" in run.screen)
        while run.program.poll() is None:
            run.press(CTRL_C)
            time.sleep(0.001)
        assert run.end() in {0, -2, 130}
    assert "Traceback" not in run.screen
