"""The work folder: private, of one commitment, and nothing in it is believed that was not finished."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from huref.artefacts.commitment import POINT
from huref.errors import InputError, OutputError, UsageError
from huref.model import open_model
from huref.profile import named
from huref.stages import commit as engine
from huref.stages.commit import local, recommit
from huref.stages.commit.work import JOB, SUMS, Store, Work, discard
from huref.stages.quantise import Source, choose
from huref.stages.tokens import Selection, select
from tests.support import models
from tests.support.cli import contents

FIRST, SECOND = (bytes([i]) * 32 for i in (1, 2))
ONE, TWO = b"s" * POINT, b"t" * 2 * POINT


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", 4).write(tmp_path_factory.mktemp("work") / "model")


def source_of(folder: Path, layers: tuple[int, ...] = (0, 1, 2), profile: str = "toy-2") -> Source:
    opened, rules = open_model(folder), named(profile)
    return choose(opened, select(opened, rules), layers, rules)


@pytest.fixture
def source(model: Path) -> Source:
    return source_of(model)


@pytest.fixture
def begun(source: Source, tmp_path: Path) -> Path:
    """A folder with two records."""
    folder = tmp_path / "work"
    with Work.at(folder, source) as work:
        assert contents(tmp_path) == set()  # nothing is finished yet
        work.add(FIRST, ONE)
        work.add(SECOND, TWO)
    return folder


def test_what_is_finished_comes_back(begun: Path, source: Source) -> None:
    assert b"seed" not in (begun / JOB).read_bytes()
    with Work.at(begun, source) as work:
        assert (work.find(FIRST), work.find(SECOND), work.find(bytes(32))) == (ONE, TWO, None)


def test_only_the_owner_may_look(begun: Path, source: Source) -> None:
    assert stat.S_IMODE(begun.stat().st_mode) == 0o700
    assert {name: stat.S_IMODE((begun / name).stat().st_mode) for name in contents(begun)} == {JOB: 0o600, SUMS: 0o600}
    begun.chmod(0o750)
    with pytest.raises(UsageError, match="chmod 700"), Work.at(begun, source):
        pass


def test_records_that_are_not_whole_are_dropped(begun: Path, source: Source) -> None:
    """Cut anywhere, as a crash does, or with any byte changed: what stands before is kept, the rest is forgotten."""
    whole = (begun / SUMS).read_bytes()
    first = len(whole) - len(TWO) - 52
    cuts = [whole[:length] for length in (*range(first, len(whole), 7), len(whole) - 1)]
    changes = [whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :] for i in range(first, len(whole), 5)]
    for damaged in cuts + changes:
        (begun / SUMS).write_bytes(damaged)
        with Work.at(begun, source) as work:
            assert (work.find(FIRST), work.find(SECOND)) == (ONE, None)
            assert (begun / SUMS).stat().st_size == first
            work.add(SECOND, TWO)
        assert (begun / SUMS).read_bytes() == whole
    (begun / SUMS).unlink()
    with Work.at(begun, source) as work:
        assert work.find(FIRST) is None


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda source: replace(source, layers=(0, 2)), "other layers"),
        (lambda source: replace(source, profile=named("robust-2")), "other profile"),
        (
            lambda source: replace(source, selection=Selection(source.selection.tokens[1:], source.selection.ids[1:])),
            "other tokens",
        ),
    ],
)
def test_work_on_another_commitment_is_refused(
    other: Callable[[Source], Source], message: str, begun: Path, source: Source
) -> None:
    with pytest.raises(UsageError, match=message), Work.at(begun, other(source)):
        pass
    assert contents(begun) == {JOB, SUMS}


def test_work_on_another_model_is_refused(begun: Path, tmp_path: Path) -> None:
    larger = models.network("llama", 4, ffn=104).write(tmp_path / "larger")
    with pytest.raises(UsageError, match="other ffn, files"), Work.at(begun, source_of(larger)):
        pass


def test_two_processes_do_not_share_a_folder(begun: Path, source: Source) -> None:
    with Work.at(begun, source), pytest.raises(UsageError, match="another process"), Work.at(begun, source):
        pass


def test_two_processes_that_begin_at_once(source: Source, tmp_path: Path) -> None:
    with Work.at(tmp_path / "work", source) as first, Work.at(tmp_path / "work", source) as second:
        first.add(FIRST, ONE)
        with pytest.raises(UsageError, match="another process"):
            second.add(FIRST, ONE)


def test_places_that_are_no_work_folder(source: Source, tmp_path: Path) -> None:
    strange, file, link = tmp_path / "strange", tmp_path / "file", tmp_path / "link"
    strange.mkdir(0o700)
    (strange / "letters").touch()
    file.touch(0o600)
    link.symlink_to(strange)
    for place in (strange, file, link):
        with pytest.raises(UsageError, match="no"), Work.at(place, source):
            pass
    assert contents(strange) == {"letters"}


def test_a_folder_of_somebody_else_is_refused(begun: Path, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its seed would be known to them, and with it the blinds."""
    monkeypatch.setattr(os, "getuid", lambda: begun.stat().st_uid + 1)
    with pytest.raises(UsageError, match="not a folder that belongs to you"), Work.at(begun, source):
        pass


def test_a_job_that_cannot_be_read(begun: Path, source: Source) -> None:
    (begun / JOB).write_text("{}")
    with pytest.raises(InputError, match=JOB), Work.at(begun, source):
        pass


def test_a_folder_whose_job_is_gone_is_begun_anew(begun: Path, source: Source) -> None:
    """So a crash leaves it that came while it was made or removed."""
    (begun / JOB).rename(begun / f".{JOB}.0123")
    with Work.at(begun, source) as work:
        assert work.find(FIRST) is None
        work.add(FIRST, ONE)
    assert contents(begun) == {JOB, SUMS}


def test_a_full_disk_leaves_nothing(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"), Work.at(tmp_path / "work", source) as work:
        work.add(FIRST, ONE)
    assert contents(tmp_path) == set()


def test_discard(begun: Path, tmp_path: Path) -> None:
    discard(begun)
    assert contents(tmp_path) == set()
    discard(begun)


class _Stopping(Store):
    """Passes on to a work folder until it is told to stop."""

    def __init__(self, work: Work, blocks: int) -> None:
        self._work, self._left = work, blocks

    def find(self, digest: bytes) -> bytes | None:
        return self._work.find(digest)

    def add(self, digest: bytes, sums: bytes) -> None:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        self._work.add(digest, sums)


def test_a_model_that_changes_meanwhile(tmp_path: Path) -> None:
    """Files of the same names and sizes, other weights: no sum of the old ones gets into the commitment."""
    folder, work = tmp_path / "model", tmp_path / "work"
    models.network("llama", 5).write(folder)
    with Work.at(work, source_of(folder)) as kept, pytest.raises(KeyboardInterrupt):
        local.sums(source_of(folder), _Stopping(kept, 2), lambda *_: None)
    models.network("llama", 6).write(folder)
    commitment, opening = engine.commit(source_of(folder), work=work)
    assert recommit(source_of(folder).whole(), opening) == commitment
