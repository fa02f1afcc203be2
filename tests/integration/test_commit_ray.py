"""Commitments by the workers of a Ray cluster: the same bytes as in one process, also when a worker is killed."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from huref.artefacts.commitment import dump as dump_commitment
from huref.artefacts.opening import read as read_opening
from huref.errors import NotFoundError, UsageError
from huref.model import open_model
from huref.place import allow_pickles
from huref.profile import named
from huref.stages import commit as engine
from huref.stages.commit import recommit
from huref.stages.commit.work import SUMS
from huref.stages.quantise import Source, choose
from huref.stages.tokens import select
from tests.support import models
from tests.support.cli import Here, assert_sentence, contents, running
from tests.support.processes import descendants

#: No reports to Ray's makers; nobody else on this machine may join.
APART = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16)}


def source_of(folder: Path) -> Source:
    opened, rules = open_model(folder), named("toy-2")
    return choose(opened, select(opened, rules), opened.working_layers(), rules)


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", 7, layers=40).write(tmp_path_factory.mktemp("ray") / "model")


@pytest.fixture
def cluster() -> Iterator[tuple[str, int]]:
    """A cluster with room for two workers: its address, and the process above all of its processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="ray")  # sockets have short names
    start = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", f"--port={port}"]
    sizes = ["--num-cpus=4", "--object-store-memory=80000000", "--include-dashboard=false", f"--temp-dir={folder}"]
    command = [*start, "--node-ip-address=127.0.0.1", *sizes]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | APART) as head:
        try:
            assert head.stdout is not None
            assert any(b"Ray runtime started" in line for line in head.stdout)
            yield f"127.0.0.1:{port}", head.pid
        finally:
            below = descendants(head.pid)
            head.terminate()
            head.wait(20)
            for pid in below:
                if Path(f"/proc/{pid}").exists():
                    os.kill(pid, signal.SIGKILL)
            shutil.rmtree(folder, ignore_errors=True)


def test_a_worker_is_killed_half_way(cluster: tuple[str, int], deep: Path, tmp_path: Path) -> None:
    address, head = cluster
    commitment, opening = tmp_path / "commitment", tmp_path / "opening"
    sums = tmp_path / "commitment.work" / SUMS
    command = ("commit", deep, "--profile", "toy-2", "--layers", "all", "-o", commitment, "--opening", opening)
    killed = 0
    with running(*command, "--engine", "ray", "--address", address, env=APART) as program:
        while program.poll() is None:
            if not killed and sums.exists() and sums.stat().st_size > 20_000:  # of 66,000
                program.send_signal(signal.SIGSTOP)  # so that it is half way still when the worker has gone
                workers = [pid for pid, line in descendants(head).items() if line.startswith("ray::Worker")]
                killed = workers[0]
                os.kill(killed, signal.SIGKILL)
                program.send_signal(signal.SIGCONT)
            time.sleep(0.001)
        assert program.stderr is not None
        assert program.returncode == 0, program.stderr.read()
    assert killed
    made = read_opening(opening)
    assert commitment.read_bytes() == dump_commitment(recommit(source_of(deep).whole(), made))
    assert contents(tmp_path) == {"commitment", "opening"}


def test_on_this_machine_alone_and_its_failures(deep: Path, tmp_path: Path) -> None:
    """One cluster is begun and ended for each commitment."""
    source = source_of(deep)
    reports: list[tuple[str, int, int]] = []
    commitment, opening = engine.commit(source, engine="ray", progress=lambda *report: reports.append(report))
    assert recommit(source.whole(), opening) == commitment
    assert reports[-1] == ("commit", source.rows, source.rows)
    assert not [line for line in descendants(os.getpid()).values() if "ray" in line]
    folder = shutil.copytree(deep, tmp_path / "model")
    gone = source_of(folder)
    shutil.rmtree(folder)
    with pytest.raises(NotFoundError, match="a worker of the cluster: "):
        engine.commit(gone, engine="ray")


def test_pickled_weights(tmp_path: Path) -> None:
    """Workers read them where the driver may."""
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    folder = models.network("llama", 1).write(tmp_path / "m")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with allow_pickles():
        source = source_of(folder)
        commitment, opening = engine.commit(source, engine="ray")
    assert recommit(source.whole(), opening) == commitment


def test_a_cluster_that_is_not_there(deep: Path, huref: Here, tmp_path: Path) -> None:
    command = ("commit", deep, "-o", tmp_path / "c", "--opening", tmp_path / "o", "--format", "quiet")
    assert_sentence(huref(*command, "--engine", "ray", "--address", "127.0.0.1:1"), 7, "Ray at 127.0.0.1:1", "refused")
    assert contents(tmp_path) == set()


def test_what_can_be_asked_for(deep: Path, huref: Here, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'slurm' is not known"):
        engine.commit(source_of(deep), engine="slurm")
    command = ("commit", deep, "-o", tmp_path / "c", "--opening", tmp_path / "o", "--format", "quiet")
    assert_sentence(huref(*command, "--address", "a:1"), 2, "only engine 'ray' has an address")
