"""A folder and an object store do the same, also for many callers at once and where one ends in the middle."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.errors import InputError, StoreError, UsageError
from huref.registry import blobs
from huref.registry.blobs import Blobs, Folder
from tests.support import s3


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with s3.store() as address:
        yield address


@pytest.fixture(params=["folder", "objects"])
def place(request: pytest.FixtureRequest, tmp_path: Path, address: str) -> Blobs:
    return Folder(tmp_path / "blobs") if request.param == "folder" else s3.objects(address)


def test_a_name_has_the_bytes_that_it_was_given_last(place: Blobs) -> None:
    assert place.get("a/b") is None
    place.put("a/b", b"one")
    place.put("a/b", b"two")
    assert place.get("a/b") == b"two"
    assert place.get("a") is None
    place.delete("a/b")
    place.delete("a/b")
    assert place.get("a/b") is None


def test_create_takes_a_free_name_only(place: Blobs) -> None:
    assert place.create("x", b"1")
    assert not place.create("x", b"2")
    assert place.get("x") == b"1"


def test_swap_replaces_what_the_caller_knows(place: Blobs) -> None:
    assert not place.swap("x", b"0", b"1")
    assert place.swap("x", None, b"1")
    assert not place.swap("x", None, b"2")
    assert not place.swap("x", b"2", b"3")
    assert place.swap("x", b"1", b"2")
    assert place.get("x") == b"2"


def test_names_are_in_order_and_within_the_folder(place: Blobs) -> None:
    names = ["a.p/1", "a/000", "a/b/c", "a/b.d", "ab", "b", "c/x001/002"]
    for name in names:
        place.put(name, b"")
    assert list(place.names()) == sorted(names)
    assert list(place.names("a")) == ["a/000", "a/b.d", "a/b/c"]
    assert list(place.names("a", "a/000")) == ["a/b.d", "a/b/c"]
    assert list(place.names("", "a/b/b")) == ["a/b/c", "ab", "b", "c/x001/002"]
    assert list(place.names("nothing")) == []


@given(
    st.lists(st.from_regex(r"[ab.]{1,2}(/[ab.]{1,2}){0,2}", fullmatch=True), max_size=8), st.text("ab./", max_size=5)
)
def test_names_of_a_folder_are_those_after_a_name(
    tmp_path_factory: pytest.TempPathFactory, given: list[str], after: str
) -> None:
    folder, kept = Folder(tmp_path_factory.mktemp("blobs")), set()
    for name in filter(blobs.is_name, given):
        try:
            folder.put(name, b"", lasting=False)
            kept.add(name)
        except StoreError:  # a file and a folder of one name
            pass
    assert list(folder.names("", after)) == sorted(name for name in kept if name > after)


def test_of_many_at_once_one_succeeds(place: Blobs) -> None:
    place.put("x", b"before")
    won: list[tuple[str, int]] = []

    def ask(number: int) -> None:
        if place.create("new", b"%d" % number):
            won.append(("new", number))
        if place.swap("x", b"before", b"%d" % number):
            won.append(("x", number))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for name, _ in won) == ["new", "x"]
    assert all(place.get(name) == b"%d" % number for name, number in won)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        "a/",
        "/a",
        "..",
        "a/../b",
        ".lock",
        "a/.b",
        "a//b",
        "a b",
        "a\n",
        "ä",
        "a\0",
        "a" * 101,
        "a/" * 12 + "a",
    ],
)
def test_what_is_no_name_reaches_nothing(place: Blobs, name: str) -> None:
    for ask in (place.get, place.delete, lambda name: place.put(name, b""), lambda name: place.create(name, b"")):
        with pytest.raises(InputError, match="under this name"):
            ask(name)


def test_what_never_got_its_name_is_seen_by_nobody_and_goes(tmp_path: Path) -> None:
    Folder(tmp_path).put("x", b"")
    for name, age in (("old", 7200.0), ("young", 0.0)):
        (tmp_path / ".new" / name).write_bytes(b"half")
        moment = (tmp_path / ".new" / name).stat().st_mtime - age
        os.utime(tmp_path / ".new" / name, (moment, moment))
    folder = Folder(tmp_path)
    assert list(folder.names()) == ["x"]
    assert [path.name for path in (tmp_path / ".new").iterdir()] == ["young"]


def test_a_folder_that_is_a_file_or_full_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be read or written"):
        Folder(tmp_path / "file")
    folder = Folder(tmp_path / "blobs")
    folder.put("a", b"")
    with pytest.raises(StoreError):
        folder.put("a/b", b"")
    with pytest.raises(StoreError):
        folder.delete("a/b")


def test_a_store_that_is_away_is_an_error() -> None:
    with s3.store() as address:
        objects = s3.opened(address, s3.bucket(address), retry_config={"max_retries": 0})
        objects.put("x", b"1")
    for ask in (lambda: objects.get("x"), lambda: objects.put("x", b""), lambda: list(objects.names())):
        with pytest.raises(StoreError, match="did not do what was asked"):
            ask()


def test_places(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(blobs.opened(str(tmp_path / "folder")), Folder)
    for name, value in s3.environment(address).items():
        monkeypatch.setenv(name, value)
    found = blobs.opened(f"s3://{s3.bucket(address)}/some/prefix")
    found.put("x", b"1")
    assert found.get("x") == b"1"
    for place in ("http://example.org/x", "s3://", "s3:///x"):
        with pytest.raises(UsageError):
            blobs.opened(place)
