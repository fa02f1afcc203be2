"""The driver of a cluster, with workers that live in this process: what they compute is real, only Ray is absent."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from huref.errors import ClusterError
from huref.model import open_model
from huref.profile import named
from huref.progress import silent
from huref.stages.commit import ray
from huref.stages.commit.ray import Description, Worker, _Run
from huref.stages.commit.work import Store
from huref.stages.quantise import choose
from huref.stages.tokens import select
from tests.support import models


class Here(_Run):
    """A run whose workers are objects of this process."""

    def _hire(self) -> Worker:
        source = self.source
        family = source.model.family
        return Worker(
            Description(source.model.path, source.selection, source.layers, source.profile.name, family, pickles=False)
        )

    def _get(self, method: Any, *arguments: object) -> Any:
        return method(*arguments)


def summed(folder: Path) -> Here:
    """A run that has all sums."""
    model, rules = open_model(folder), named("toy-2")
    source = choose(model, select(model, rules), model.working_layers(), rules)
    run = Here(ray=None, source=source, store=Store())
    for index in range(source.count):
        run._sum(run._hire(), index)
    return run


def test_a_worker_that_sums_wrongly_is_noticed(tmp_path: Path) -> None:
    run = summed(models.network("llama", layers=2).write(tmp_path / "model"))
    for _ in range(5):
        run._spot_check()
    run.known = dict.fromkeys(run.known, bytes(33))
    with pytest.raises(ClusterError, match="two workers disagree about block"):
        run._spot_check()


def test_a_worker_that_reads_other_files_is_noticed(tmp_path: Path) -> None:
    folder = models.network("llama", layers=2).write(tmp_path / "model")
    run = summed(folder)
    models.network("llama", seed=9, layers=2).write(tmp_path / "other")
    (tmp_path / "other" / "model.safetensors").replace(folder / "model.safetensors")
    with pytest.raises(ClusterError, match="reads other files"):
        run._spot_check()


class Still(Worker):
    """A worker that answers nothing until it is let go."""

    gone = Event()

    def load(self, index: int) -> list[bytes]:
        self.gone.wait()
        return super().load(index)


class WithOneStill(Here):
    """A run whose first worker stands still."""

    hired = 0

    def _hire(self) -> Worker:
        worker = super()._hire()
        with self.changed:
            self.hired += 1
            self.workers += 1
            if self.hired == 1:
                worker.__class__ = Still
        return worker


def test_the_piece_of_a_worker_that_stands_still_is_given_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray, "STILL", 0.3)
    whole = summed(models.network("llama", layers=3).write(tmp_path / "model"))
    run = WithOneStill(ray=None, source=whole.source, store=Store())
    run.todo = list(range(run.source.count))
    threads = [Thread(target=run._guarded, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    run._watch(silent)
    assert (run.known, run.leaves) == (whole.known, whole.leaves)
    Still.gone.set()  # what it brings now is no news
    for thread in threads:
        thread.join(20)
    assert (run.known, run.leaves, run.failure) == (whole.known, whole.leaves, None)
