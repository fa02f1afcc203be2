"""The lineage lab's changes of weights, on a small model: each gives a folder that is read, and recognised."""

from pathlib import Path

import pytest

import huref
from benchmarks.lineage import derive
from tests import models


@pytest.mark.parametrize("name", derive.CHANGES)
def test_changes(name: str, tmp_path: Path) -> None:
    base = models.network("llama", seed=1, layers=3, tied=False).write(tmp_path / "base")
    derive.derive(base, tmp_path / "child", derive.CHANGES[name])
    found = huref.compare(base, tmp_path / "child")
    assert found.verdict == "related"
    if name in ("four experts", "disguised"):
        assert found.cosine > 0.999
    else:
        assert found.cosine < 1


def test_merging_with_a_stranger(tmp_path: Path) -> None:
    folders = [models.network("llama", seed=seed, tied=False).write(tmp_path / str(seed)) for seed in (1, 2)]
    derive.derive(folders[0], tmp_path / "all of it", derive.merged(folders[1], 1.0))
    derive.derive(folders[0], tmp_path / "nothing of it", derive.merged(folders[1], 0.0))
    assert huref.compare(tmp_path / "all of it", folders[1]).cosine == pytest.approx(1, abs=1e-3)
    assert huref.compare(tmp_path / "nothing of it", folders[0]).cosine == pytest.approx(1, abs=1e-3)
