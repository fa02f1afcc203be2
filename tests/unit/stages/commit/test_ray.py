"""The driver of a cluster, with workers that live in this process: what they compute is real, only Ray is absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from huref.errors import ClusterError
from huref.model import open_model
from huref.profile import named
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
