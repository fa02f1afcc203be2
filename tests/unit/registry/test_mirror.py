"""A mirror takes nothing at a service's word: every file is what the log names, and the log goes on from before."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from huref.artefacts import bundle as bundles
from huref.artefacts import commitment as commitments
from huref.errors import LogError, ServiceError, SplitViewError, UsageError
from huref.registry import fsck, mirror
from huref.registry.blobs import Folder
from huref.registry.checkpoint import Checkpoint
from huref.registry.entry import Entry, of_bundle
from huref.registry.log import Log
from huref.registry.mirror import Pulled, pull
from huref.registry.note import Note
from tests.support import http, logs
from tests.support.bundles import toy

Answer = tuple[int, bytes]
ONE, TWO = toy(1), replace(toy(2), by_reference=True)


class Service:
    """What a service shows: its log, and files by their addresses; `changed` are answers in place of these."""

    def __init__(self, folder: Path) -> None:
        self.log = Log(Folder(folder), [logs.LOG])
        self.files: dict[str, bytes] = {}
        self.changed: dict[str, Answer] = {}
        self.asked: list[str] = []

    def keep(self, *entries: Entry, data: bytes) -> None:
        self.log.append(entries)
        for one in entries:
            self.files[f"v1/{one.kind}s/{one.sha256}"] = data

    def bundle(self, bundle: bundles.Bundle) -> None:
        of, committed = of_bundle(bundle)
        self.keep(committed, data=commitments.dump(bundle.statement.commitment))
        self.keep(of, data=bundles.dump(bundle))

    def __call__(self, path: str, _: bytes) -> Answer:
        self.asked.append(path)
        if path in self.changed:
            return self.changed[path]
        found = self.log.static(path.removeprefix("log/")) if path.startswith("log/") else self.files.get(path)
        return (404, b"") if found is None else (200, found)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    made = Service(tmp_path / "log")
    made.bundle(ONE)
    made.bundle(TWO)
    return made


def pulled(service: Callable[[str, bytes], Answer], folder: Path) -> Pulled:
    with http.answering(service) as address:
        return pull(address, folder, logs.policy())


def mirrored(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "objects").rglob("*") if path.is_file()}


def test_everything_once(service: Service, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    first = pulled(service, folder)
    assert (first.head.size, first.files, first.new, first.withheld) == (4, 4, 4, ())
    assert mirrored(folder) == {path.rpartition("/")[2]: data for path, data in service.files.items()}
    assert (folder / "log" / "checkpoint").read_bytes() == service.log.static("checkpoint")
    service.asked.clear()
    assert pulled(service, folder).new == 0
    assert not [path for path in service.asked if path.startswith("v1/")]
    service.log.append(logs.entries(700))  # of which there are no files
    again = pulled(service, folder)
    assert (again.head.size, again.files, again.new, len(again.withheld)) == (704, 704, 0, 700)
    tiles = {path.relative_to(folder / "log") for path in (folder / "log" / "tile").rglob("*") if path.is_file()}
    kept = {path.relative_to(tmp_path / "log") for path in (tmp_path / "log" / "tile").rglob("*") if path.is_file()}
    assert tiles >= {path for path in kept if ".p" not in str(path)}
    assert all((folder / "log" / path).read_bytes() == (tmp_path / "log" / path).read_bytes() for path in tiles & kept)
    assert not list(fsck.faults(Folder(tmp_path / "log")))


def test_a_pull_goes_on_where_it_was(service: Service, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    place = f"v1/bundles/{TWO.digest}"
    service.changed[place] = (500, b"")
    with pytest.raises(ServiceError, match="answered with 500"):
        pulled(service, folder)
    assert TWO.digest not in mirrored(folder)
    service.changed.clear()
    service.asked.clear()
    assert pulled(service, folder).files == 4
    assert place in service.asked
    assert f"v1/commitments/{ONE.statement.commitment.id}" not in service.asked
    shutil.rmtree(folder / "log" / "tile")
    assert pulled(service, folder).new == 0


def test_a_service_that_is_busy_is_asked_again(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "_PAUSE", 0.01)
    left = [429, 503, 503]

    def busy(path: str, body: bytes) -> Answer:
        return (left.pop(), b"") if left and path.startswith("v1/") else service(path, body)

    assert pulled(busy, tmp_path / "mirror").new == 4
    monkeypatch.setattr(mirror, "_TRIES", 2)
    service.changed["log/checkpoint"] = (503, b"")
    with pytest.raises(ServiceError, match="503"):
        pulled(service, tmp_path / "other")


def test_files_that_are_withheld_are_named_and_all_others_kept(service: Service, tmp_path: Path) -> None:
    del service.files[f"v1/bundles/{ONE.digest}"]
    found = pulled(service, tmp_path / "mirror")
    assert (found.new, found.withheld) == (3, (f"bundle {ONE.digest}",))


@pytest.mark.parametrize("kind", ["bundle", "commitment", "attestation"])
@pytest.mark.parametrize(
    "wrong", [b"", b"{}", b"\xff", bundles.dump(toy(3)), commitments.dump(toy(3).statement.commitment), b"[" * 100_000]
)
def test_other_bytes_than_those_that_the_log_names(service: Service, tmp_path: Path, kind: str, wrong: bytes) -> None:
    service.keep(Entry("attestation", "ab" * 32), data=wrong)
    names = {"bundle": ONE.digest, "commitment": ONE.statement.commitment.id, "attestation": "ab" * 32}
    service.changed[f"v1/{kind}s/{names[kind]}"] = (200, wrong)
    with pytest.raises(ServiceError):
        pulled(service, tmp_path / "mirror")
    assert names[kind] not in mirrored(tmp_path / "mirror")


def test_a_bundle_with_another_vector_than_its_entry_says(tmp_path: Path) -> None:
    service = Service(tmp_path / "log")
    service.keep(Entry("bundle", ONE.digest, "cd" * 32), data=bundles.dump(ONE))
    with pytest.raises(ServiceError, match="not the bundle"):
        pulled(service, tmp_path / "mirror")


def test_answers_without_an_end(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "_FILE", 1 << 16)
    service.changed[f"v1/bundles/{ONE.digest}"] = (200, bytes(1 << 20))
    with pytest.raises(ServiceError, match="larger than"):
        pulled(service, tmp_path / "mirror")
    service.changed = {"log/tile/entries/000.p/4": (200, bytes(1 << 20))}
    with pytest.raises(ServiceError, match="larger than"):
        pulled(service, tmp_path / "other")
    monkeypatch.setattr(mirror, "MOST", 3)
    service.changed = {}
    with pytest.raises(LogError, match="are not pulled"):
        pulled(service, tmp_path / "third")


def test_a_log_that_nobody_trusts_signed_or_that_does_not_lead_to_its_head(service: Service, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    head = service.log.static("checkpoint") or b""
    for shown in (b"", b"{}", head.replace(b"\n4\n", b"\n5\n"), head.replace(b"log.example", b"dog.example")):
        service.changed["log/checkpoint"] = (200, shown)
        with pytest.raises(LogError):
            pulled(service, folder)
    service.changed = {"log/checkpoint": (404, b"")}
    with pytest.raises(ServiceError, match="no log"):
        pulled(service, folder)
    other = Service(tmp_path / "other")
    other.log.append(logs.entries(4))
    entries = other.log.static("tile/entries/000.p/4") or b""
    for shown in (entries, b"", b"\xff\xff", b"\0\3../" * 4):
        service.changed = {"log/tile/entries/000.p/4": (200, shown)}
        with pytest.raises(LogError):
            pulled(service, folder)
    assert not (folder / "objects").exists()
    with http.answering(service) as address, pytest.raises(LogError, match="not one of the policy"):
        pull(address, folder, logs.policy(logs=[replace(logs.LOG, name="another")]))
    with pytest.raises(UsageError):
        pull("ftp://x", folder, logs.policy())


def test_entries_are_names_of_files_only_by_their_digests(tmp_path: Path) -> None:
    """What a log's operator could sign, and no path follows from."""
    for data in (
        b"huref/registry-entry/v1\nbundle\n../../../../etc/passwd\n",
        b"huref/registry-entry/v1\n../x\n" + b"a" * 64 + b"\n",
        b"",
    ):
        kept, tiles = logs.tiled([data])
        head = Note(Checkpoint(logs.ORIGIN, 1, logs.root(tiles)).text).signed(logs.LOG, 1)
        shown = {f"log/{name}": tile for name, tile in kept.items()} | {"log/checkpoint": head.data}
        with http.answering(http.files(shown.get)) as address, pytest.raises(LogError, match="no entry of a huref log"):
            pull(address, tmp_path / "mirror", logs.policy())
        shutil.rmtree(tmp_path / "mirror")


def test_witnesses_that_the_policy_demands(service: Service, tmp_path: Path) -> None:
    with http.answering(service) as address, pytest.raises(LogError, match="cosignatures"):
        pull(address, tmp_path / "mirror", logs.policy([logs.witness(1)]))


@pytest.mark.parametrize("size", [2, 4, 9])
def test_two_histories_and_smaller_trees_are_an_alarm(service: Service, tmp_path: Path, size: int) -> None:
    folder = tmp_path / "mirror"
    pulled(service, folder)
    before = mirrored(folder)
    other = Service(tmp_path / "other")
    other.log.append(logs.entries(size))
    with pytest.raises(SplitViewError, match="evidence/"):
        pulled(other, folder)
    assert len(list((folder / "seen" / "evidence").rglob("*"))) == 3
    assert mirrored(folder) == before
    assert pulled(service, folder).new == 0
