"""Commitments to models that are read layer by layer: all layers, stopped and gone on with, in one memory."""

from __future__ import annotations

import random
import shutil
import signal
import time
from pathlib import Path
from typing import Literal

import pytest

from huref.artefacts.commitment import POINT
from huref.artefacts.commitment import dump as dump_commitment
from huref.artefacts.opening import read as read_opening
from huref.model import open_model
from huref.profile import named
from huref.stages import commit as engine
from huref.stages.commit import recommit
from huref.stages.commit.work import JOB, SUMS, Work
from huref.stages.quantise import Source, choose
from huref.stages.tokens import select
from tests.support import models
from tests.support.cli import Here, assert_sentence, contents, process, running

TOY = ("--profile", "toy-2")


def source_of(folder: Path, layers: Literal["all"] | None = "all") -> Source:
    opened, rules = open_model(folder), named("toy-2")
    return choose(opened, select(opened, rules), opened.chosen_layers(layers, rules.layers), rules)


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """Forty layers, so forty-one blocks at least."""
    return models.network("llama", 7, layers=40).write(tmp_path / "model")


def test_pieces_give_what_the_whole_gives(deep: Path) -> None:
    source = source_of(deep)
    reports: list[tuple[str, int, int]] = []
    commitment, opening = engine.commit(source, progress=lambda *report: reports.append(report))
    assert commitment.rows == recommit(source.whole(), opening).rows
    assert len(commitment.rows) == POINT * source.rows
    assert reports[0] == ("commit", 0, source.rows)
    assert reports[-1] == ("commit", source.rows, source.rows)
    assert [done for _, done, _ in reports] == sorted(done for _, done, _ in reports)


def test_all_layers_go_the_whole_road(huref: Here, tmp_path: Path, toys: Path) -> None:
    """All active layers: one of five is not."""
    net = models.network("gpt2", 8, layers=5)
    for name in ("o", "down"):
        getattr(net.blocks[2], name)[:] = 0
    model = net.write(tmp_path / "model")
    commitment, opening, bundle = (tmp_path / name for name in ("commitment", "opening", "bundle"))
    everything = (*TOY, "--layers", "all")
    ran = huref("commit", model, *everything, "-o", commitment, "--opening", opening, "--json")
    assert ran.json["layers"] == [0, 1, 3, 4]
    assert huref("fingerprint", model, *everything, "--json").json["layers"] == [0, 1, 3, 4]
    assert huref("plan", model, *everything, "--json").json["rows"] == ran.json["rows"]
    assert huref("prove", model, "--opening", opening, "-o", bundle).code == 0
    proved = huref(*("verify", bundle, "--policy", toys, "--weights", model, "--opening", opening, "--json"))
    assert proved.json["verified"]["weights"]["commitment"]
    assert proved.json["verified"]["commitment"] == ran.json["commitment"]


def test_a_model_without_an_active_layer(huref: Here, tmp_path: Path) -> None:
    net = models.network("llama", layers=1)
    for name in ("o", "down"):
        getattr(net.blocks[0], name)[:] = 0
    model = net.write(tmp_path / "model")
    assert_sentence(huref("fingerprint", model, "--layers", "all", "--format", "quiet"), 3, "no active layer")


def test_sigkill_at_many_points(deep: Path, tmp_path: Path) -> None:
    """However often it is killed, the same command ends at a commitment, whose seed was never in the work folder."""
    commitment, opening = tmp_path / "commitment", tmp_path / "opening"
    work = tmp_path / "commitment.work"
    command = ("commit", deep, *TOY, "--layers", "all", "-o", commitment, "--opening", opening)
    rng, sizes = random.Random(1), [0]
    while sizes[-1] < 50_000:  # records of 1636 bytes, 40 of them
        with running(*command) as program:
            grown = sizes[-1] + rng.randrange(1, 7000)
            while program.poll() is None and _size(work) < grown:
                time.sleep(0.0005)
            program.send_signal(signal.SIGKILL)
            program.wait()
        assert not commitment.exists()
        assert not opening.exists()
        assert contents(work) <= {JOB, SUMS}
        assert b"seed" not in (work / JOB).read_bytes()
        sizes.append(_size(work))
    assert len(sizes) > 8
    shutil.copytree(work, tmp_path / "copy")
    assert process(*command).code == 0
    made = read_opening(opening)
    assert not work.exists()
    undisturbed = recommit(source_of(deep).whole(), made)
    assert commitment.read_bytes() == dump_commitment(undisturbed)
    assert made.commitment == undisturbed.id
    # killed at the very end: all is written, the work folder still there
    before = opening.read_bytes()
    (tmp_path / "copy").rename(work)
    assert process(*command).code == 0
    assert (opening.read_bytes(), commitment.read_bytes()) == (before, dump_commitment(undisturbed))
    assert contents(tmp_path) == {"model", "commitment", "opening"}


@pytest.fixture
def finished(huref: Here, tmp_path: Path) -> tuple[object, ...]:
    """A command that was killed after it wrote opening and commitment, while it removed its work folder."""
    model = models.network("llama", 7).write(tmp_path / "model")
    commitment, opening = tmp_path / "commitment", tmp_path / "opening"
    command = ("commit", model, *TOY, "-o", commitment, "--opening", opening, "--format", "quiet")
    assert huref(*command).code == 0
    with Work.at(tmp_path / "commitment.work", source_of(model, None)) as work:
        work.add(bytes(32), bytes(POINT))
    return command


def test_killed_before_the_commitment_was_written(finished: tuple[object, ...], huref: Here, tmp_path: Path) -> None:
    """The opening stays, and the same commitment is made for it."""
    commitment, opening = tmp_path / "commitment", tmp_path / "opening"
    before = commitment.read_bytes(), opening.read_bytes()
    commitment.unlink()
    assert huref(*finished).code == 0
    assert (commitment.read_bytes(), opening.read_bytes()) == before
    assert contents(tmp_path) == {"model", "commitment", "opening"}


def test_a_model_that_changed_after_its_commitment_was_written(
    finished: tuple[object, ...], huref: Here, tmp_path: Path
) -> None:
    """The commitment may have been published: it is never replaced by one that the opening does not open."""
    commitment, opening = tmp_path / "commitment", tmp_path / "opening"
    before = commitment.read_bytes(), opening.read_bytes()
    models.network("llama", 8).write(tmp_path / "model")
    ran = huref(*finished)
    assert ran.code == 1
    assert "do not give commitment" in ran.err
    assert (commitment.read_bytes(), opening.read_bytes()) == before


def test_a_published_commitment_is_not_overwritten(huref: Here, tmp_path: Path) -> None:
    model = models.network("llama", 7).write(tmp_path / "model")
    commitment = tmp_path / "commitment"
    command = ("commit", model, *TOY, "-o", commitment, "--format", "quiet", "--opening")
    assert huref(*command, tmp_path / "one").code == 0
    before = commitment.read_bytes()
    assert_sentence(huref(*command, tmp_path / "two"), 6, "is not overwritten")
    assert commitment.read_bytes() == before
    assert contents(tmp_path) == {"model", "commitment", "one"}
    commitment.write_text("notes")
    assert huref(*command, tmp_path / "two").code == 0


def _size(work: Path) -> int:
    try:
        return (work / SUMS).stat().st_size
    except FileNotFoundError:
        return 0
