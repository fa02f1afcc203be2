"""The steps of docs/runbook.md that lose something if they are wrong, as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import compose_spec
import httpx
import kubernetes_validate
import pytest
import yaml
from pydantic import SecretStr

from huref.registry.blobs import opened
from huref.serve.settings import PREFIX, Settings
from huref.serve.store import Store, fsck, log_of
from huref.serve.store.database import address_of
from tests.service.conftest import serving
from tests.service.test_faults import commitment, keep, process, whole
from tests.support import postgres, s3
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


@pytest.mark.parametrize(
    "page",
    [f"docker/{name}" for name in ("compose.yaml", "kubernetes.yaml", "Dockerfile")]
    + [f"docs/{name}.md" for name in ("runbook", "reference/service")],
)
def test_every_setting_that_is_named_is_one(page: str) -> None:
    fields = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    named = set(re.findall(rf"{PREFIX}[A-Z_]+", (ROOT / page).read_text()))
    assert named - {f"{PREFIX}NAME"} <= fields


def test_the_example_for_compose() -> None:
    """Compose's own rules, once its variables are filled in: also that what is named is there."""
    text = (ROOT / "docker" / "compose.yaml").read_text()
    assert "$" in text
    filled = re.sub(r"\$\{\w+(:\?[^}]*)?\}", "0" * 48, text)
    assert "$" not in yaml.safe_dump(yaml.safe_load(filled))
    read = compose_spec.PyCompose.from_yaml(filled)
    read.validate()
    assert set(read.service_names()) == {"huref", "database", "store", "bucket"}
    volumes = {
        place.split(":")[0] for one in yaml.safe_load(text)["services"].values() for place in one.get("volumes", [])
    }
    assert volumes == set(yaml.safe_load(text)["volumes"])
    assert not re.search(r"image: \S+:latest", text)
    with pytest.raises(ValueError, match="read_onli"):
        compose_spec.PyCompose.from_yaml(filled.replace("read_only", "read_onli"))


@pytest.mark.parametrize("release", ["1.31", "1.37"])
def test_the_example_for_kubernetes(release: str) -> None:
    documents = list(yaml.safe_load_all((ROOT / "docker" / "kubernetes.yaml").read_text()))
    assert [one["kind"] for one in documents] == ["Deployment", "Service"]
    for one in documents:
        kubernetes_validate.validate(one, release, strict=True)
    documents[0]["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(documents[0], release, strict=True)


def test_a_back_up_of_servers_is_restored(tmp_path: Path, huref: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL by its own programs, the bucket in the order of the runbook, beside a service that accepts things."""
    order = re.search(r"then (`log/cosigned`.*?) of the\s+bucket's prefix, in this order", RUNBOOK, re.DOTALL)
    assert order is not None
    parts = re.findall(r"`(?:log/)?([a-z/]+)`", order[1])
    with postgres.server() as running, s3.store() as place:
        for name, value in s3.environment(place).items():
            monkeypatch.setenv(name, value)

        def servers(data: Path) -> Settings:
            rows, bucket = SecretStr(postgres.database(running)), s3.bucket(place)
            return Settings(data=data, database=rows, objects=f"s3://{bucket}/service", writing="anyone")

        def copied(source: str, target: str) -> None:
            for folder, wanted in (("log", parts[:-1]), ("objects", [""])):
                there, here = opened(f"{source}/{folder}"), opened(f"{target}/{folder}")
                for part in wanted:
                    names = [part] if there.get(part or "none") is not None else there.names(part)
                    for name in names:
                        here.put(name, there.get(name) or b"")

        old, new, kept = servers(tmp_path / "old"), servers(tmp_path / "new"), tmp_path / "kept"
        with serving(old) as port:
            address = f"http://127.0.0.1:{port}"
            assert [keep(address, number).status_code for number in range(3)] == [201] * 3
            writer = threading.Thread(target=lambda: [keep(address, number) for number in range(3, 8)])
            writer.start()
            postgres.dump(running, address_of(old), tmp_path / "rows")
            copied(str(old.objects), str(kept))
            writer.join()
            first = whole(address)
        postgres.restore(running, address_of(new), tmp_path / "rows")
        copied(str(kept), str(new.objects))
        (tmp_path / "new").mkdir(mode=0o700)
        shutil.copy2(tmp_path / "old" / "log.key", tmp_path / "new" / "log.key")
        with serving(new) as port:
            address = f"http://127.0.0.1:{port}"
            rows = [one["sha256"] for one in httpx.get(f"{address}/v1/entries?limit=100").json()["entries"]]
            assert rows == first[: len(rows)]
            assert len(rows) >= 3
            known = [commitment(number).id for number in range(8)]
            assert [keep(address, known.index(sha256)).status_code for sha256 in first[:3]] == [200] * 3
            for sha256 in first[3:]:
                assert keep(address, known.index(sha256)).status_code in (200, 201)
            assert whole(address) == first
        store = Store.of(new)
        assert store is not None
        assert list(fsck.faults(store, log_of(new))) == []
        store.close()
