"""Too little memory ends in exit code 6 and a sentence, at whatever place it is missed."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from huref import memory, pipeline
from huref.errors import MemoryLimitError
from tests.support import models
from tests.support.cli import HUREF, Here, assert_sentence, contents

MIB = 1 << 20


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("memory")
    return models.network("llama", hidden=512, ffn=4096, heads=8, head_dim=64, layers=2).write(folder / "model")


def limited(size: int, *command: object) -> subprocess.CompletedProcess[str]:
    """A command in so many bytes of address space."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, preexec_fn=limit, timeout=100, check=False)


@pytest.mark.parametrize("verb", ["fingerprint", "commit", "prove", "compare"])
def test_the_estimate_is_compared_with_what_there_is(
    verb: str, model: Path, tmp_path: Path, huref: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huref.planning.memory.available", lambda: 50e6)
    outputs = {
        "prove": ("-o", tmp_path / "bundle"),
        "commit": ("-o", tmp_path / "commitment", "--opening", tmp_path / "secret"),
        "compare": (model,),
    }
    ran = huref(verb, model, *outputs.get(verb, ()))
    assert_sentence(ran, 6, f"{model} needs about ", " MB of memory, and 50 MB can be had; choose fewer layers")
    assert contents(tmp_path) == set()


def test_python_gets_an_error_for_it(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huref.planning.memory.available", lambda: 50e6)
    with pytest.raises(MemoryLimitError, match=r"a proof about .* needs about"):
        pipeline.prove(model)


@pytest.mark.parametrize("size", [60, 140, 230, 260, 300, 340, 380, 420, 460, 500, 560, 640, 720, 800])
@pytest.mark.parametrize("verb", ["fingerprint", "prove"])
def test_no_size_ends_in_another_way(verb: str, size: int, model: Path, tmp_path: Path) -> None:
    done = limited(size * MIB, *HUREF, verb, model, "-o", tmp_path / "output")
    assert done.returncode in (0, 6), done.stderr
    if done.returncode:
        assert all(line.startswith("huref: ") for line in done.stderr.splitlines()), done.stderr
        assert "memory" in done.stderr.splitlines()[-1]
        assert contents(tmp_path) == set()


def test_an_allocation_that_fails_in_the_core_ends_the_program(model: Path) -> None:
    """Also where a verb asked for a document."""
    script = f"""
import resource, sys
from huref.cli.start import run
from huref.planning import memory as planned
planned.available = lambda: 1e12
from huref.stages import sketch
def tight(*arguments):
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    return sketched(*arguments)
sketched, sketch.streamed = sketch.streamed, tight
sys.exit(run(["fingerprint", {str(model)!r}, *sys.argv[1:]]))
"""
    for style in ((), ("--json",)):
        done = subprocess.run([sys.executable, "-c", script, *style], capture_output=True, text=True, check=False)
        assert done.returncode == 6, done.stderr
        if style:
            assert json.loads(done.stdout)["code"] == "memory-limit"
        else:
            assert done.stderr.splitlines()[-1].startswith("huref: there is too little memory; 'huref plan MODEL'")


def test_the_program_says_so_where_it_cannot_even_start() -> None:
    done = limited(memory.START, *HUREF, "version")
    assert (done.returncode, done.stdout) == (6, "")
    assert "memory" in done.stderr
    assert "Traceback" not in done.stderr
    assert limited(memory.START + (os.cpu_count() or 1) * memory.PER_CORE + 40 * MIB, *HUREF, "version").returncode == 0
