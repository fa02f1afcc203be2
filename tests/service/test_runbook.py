"""The steps of docs/runbook.md that lose something if they are wrong, as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from huref.serve.settings import PREFIX, Settings
from huref.serve.store.database import address_of
from tests.service.test_faults import commitment, keep, process, whole
from tests.support.cli import Here

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Path]:
    """A folder with `huref` and `python3`, those of this test."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name, words in (("huref", "-m huref"), ("python3", "")):
        (folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        (folder / name).chmod(0o755)
    yield folder


def follow(title: str, programs: Path, **names: object) -> None:
    """Run the steps under a title that a test runs."""
    section = re.split(r"^#+ ", RUNBOOK, flags=re.MULTILINE)
    (text,) = (part for part in section if part.startswith(f"{title}\n"))
    block = re.split(r"test\s+runs\s+this", text)[1].split("```sh\n")[1].split("```")[0]
    given = os.environ | {name: str(value) for name, value in names.items()}
    given["PATH"] = f"{programs}:{given['PATH']}"
    done = subprocess.run(["sh", "-c", block], env=given, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done


def test_a_back_up_of_a_running_service_is_restored(tmp_path: Path, programs: Path, huref: Here) -> None:
    """What was accepted before is there; what came while it was copied is sent again, and is where it was."""
    data, copy = tmp_path / "data", tmp_path / "copy"
    with process(data) as (_, address):
        before = [number for number in range(3) if keep(address, number).status_code == 201]
        writer = threading.Thread(target=lambda: [keep(address, number) for number in range(3, 9)])
        writer.start()
        follow("Back up", programs, DATA=data, TO=copy)
        writer.join()
        first = whole(address)
    size = int((copy / "log" / "checkpoint").read_text().splitlines()[1])
    follow("Restore", programs, DATA=data, TO=copy)
    with process(data) as (_, address):
        for number in before:
            assert keep(address, number).status_code == 200
        known = [commitment(number).id for number in range(9)]
        for sha256 in first:
            assert keep(address, known.index(sha256)).status_code in (200, 201)
        assert whole(address) == first, "every entry has the position that it had"
        assert len(before) <= size <= len(first)
    assert huref("serve", "fsck", "--data", data, "--json").json["faults"] == []


def test_a_log_that_is_lost_begins_anew(tmp_path: Path, programs: Path, huref: Here) -> None:
    data = tmp_path / "data"
    with process(data) as (_, address):
        assert [keep(address, number).status_code for number in range(3)] == [201] * 3
        origin = httpx.get(f"{address}/log/checkpoint").text.splitlines()[0]
    follow("The log is lost", programs, DATA=data)
    with process(data) as (_, address):
        assert httpx.get(f"{address}/log/checkpoint").text.splitlines()[0] != origin
        assert whole(address) == [commitment(number).id for number in range(3)]
        assert keep(address, 3).status_code == 201
    assert huref("serve", "fsck", "--data", data, "--json").json["faults"] == []


def test_the_way_back_of_a_migration(tmp_path: Path, programs: Path, huref: Here) -> None:
    assert huref("serve", "token", "create", "name", "--data", tmp_path).code == 0
    follow("Migrations", programs, DATABASE=address_of(Settings(data=tmp_path)), REVISION="0001")
    assert "name" in huref("serve", "token", "list", "--data", tmp_path).out
    follow("Migrations", programs, DATABASE=address_of(Settings(data=tmp_path)), REVISION="base")
    assert "revision none" in huref("doctor", "--data", tmp_path).out


@pytest.mark.parametrize("name", ["compose.yaml", "kubernetes.yaml"])
def test_examples_of_deployment(name: str) -> None:
    """They are of their format, and every setting in them is one."""
    text = (ROOT / "docker" / name).read_text()
    documents = list(yaml.safe_load_all(text))
    assert documents
    fields = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", text)) - {f"{PREFIX}NAME"} <= fields
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", RUNBOOK)) <= fields
    assert not re.search(r"image: \S+:latest", text)
