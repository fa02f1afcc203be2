"""Keeping an object is a row of steps; wherever it breaks off, nothing half is seen and the next start finishes it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from huref.errors import LogError, StoreError
from huref.serve.settings import Settings
from huref.serve.store import Store, fsck, log_of

SHA256 = "a" * 64
FOUND = {"sha256": SHA256, "commitment": SHA256, "vector": None, "about": {}}


class BrokenOffError(Exception):
    """The process ends here."""


def opened(settings: Settings) -> Store:
    store = Store.of(settings)
    assert store is not None
    return store


@pytest.mark.parametrize(
    ("step", "finished"),
    [("_objects.create", False), ("entries.add", False), ("log.append", True), ("entries.publish", True)],
)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_wherever_it_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, finished: bool, after: bool
) -> None:
    settings = Settings(data=tmp_path)
    store = opened(settings)
    part, name = step.split(".")
    owner = getattr(store, part)
    real = getattr(owner, name)

    def breaking(*arguments: Any, **more: Any) -> None:
        if after:
            real(*arguments, **more)
        raise BrokenOffError

    monkeypatch.setattr(owner, name, breaking)
    with pytest.raises(BrokenOffError):
        store.keep("commitment", FOUND, b"bytes")
    whole = step == "entries.publish" and after
    assert (store.entries.get(SHA256) is not None) == whole
    store.close()
    again = opened(settings)
    begun = finished or (step == "entries.add" and after)
    assert (again.entries.get(SHA256) is not None) == begun
    assert list(fsck.faults(again, log_of(settings))) == []
    entry, new = again.keep("commitment", FOUND, b"bytes")
    assert new != begun
    assert (entry.position, again.bytes_of(entry)) == (0, b"bytes")
    assert again.log.published().size == 1
    again.close()


def test_a_log_that_was_lost_is_not_begun_again(tmp_path: Path) -> None:
    store = opened(Settings(data=tmp_path))
    store.keep("commitment", FOUND, b"bytes")
    store.close()
    (tmp_path / "log").rename(tmp_path / "elsewhere")
    with pytest.raises(LogError, match="the rows know of 1"):
        Store.of(Settings(data=tmp_path))


def test_the_first_spelling_stays(tmp_path: Path) -> None:
    store = opened(Settings(data=tmp_path))
    store._objects.create(f"commitment/aa/{SHA256}", b"first")
    entry, _ = store.keep("commitment", FOUND, b"second")
    assert (store.bytes_of(entry), entry.file) == (b"first", hashlib.sha256(b"first").hexdigest())
    store.close()


def test_a_store_that_is_gone_accepts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(Settings(data=tmp_path))

    def gone(*_: object) -> None:
        raise StoreError("gone")

    monkeypatch.setattr(store._objects, "create", gone)
    with pytest.raises(StoreError):
        store.keep("commitment", FOUND, b"bytes")
    assert store.entries.unpublished() == []
    store.close()
