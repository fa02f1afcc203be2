"""A revision of a model on the Hub as a folder: small files whole, weights as pointers behind which `remote` reads."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ... import disk
from ...errors import HubError, ModelError
from ...place import Hub
from ..tokenizer import READERS
from .remote import Remote
from .requests import SHA256, asking, fetched, offline

#: Of these a model has most: they are fetched as a whole, and no larger ones are.
SMALL = (
    *("config.json", "model.safetensors.index.json", "adapter_config.json", "special_tokens_map.json"),
    *("quantize_config.json", "hf_quant_config.json", "params.json", "model_index.json", "README.md"),
)
LARGEST = 1 << 28
WEIGHTS = (".safetensors", ".gguf")
COMMIT = re.compile(r"[0-9a-f]{40}", re.ASCII)
POINTER = re.compile(r"version https://git-lfs\S+\noid sha256:([0-9a-f]*)\nsize (\d{1,14})\n", re.ASCII)
#: No file has so many bytes.
MOST = 1 << 44


@dataclass(frozen=True)
class Snapshot:
    """`folder` looks like that of the model; `name` is the model's, with the revision that was read."""

    folder: Path
    name: str


@dataclass(frozen=True)
class Listed:
    """A file as the Hub lists it: bytes, and SHA-256 where it is stored with Git LFS."""

    name: str
    size: int
    sha256: str


def snapshot(hub: Hub, cache: Path) -> Snapshot:
    """The model of that name, as it is now, or at its revision. `cache`: the folder in which it is kept.

    Raises:
        NotFoundError: there is no such model or revision.
        HubError: the Hub cannot be reached, refuses, or answers with no list of files.
        ModelError: it is larger than a model's files are.
        OutputError: the cache cannot be written.

    """
    if offline():
        return _kept(hub, cache)
    commit, files = _list(hub)
    name = f"hf:{hub.repository}@{commit}"
    folder = cache / hub.repository.replace("/", "--") / commit
    with disk.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _note(hub, cache).parent.mkdir(exist_ok=True)
        disk.write(_note(hub, cache), commit.encode())
    for file in [*(one for one in SMALL if one in files), *_tokenizer(files)]:
        if files[file].size > LARGEST:
            raise ModelError(f"{name}/{file}: {files[file].size} bytes; such a file has at most {LARGEST}")
        _link(folder / file, fetched(hub.repository, commit, file, f"{name}/{file}"))
    for file, one in files.items():
        if file.endswith(WEIGHTS):
            _weights(hub.repository, commit, folder / file, one, cache)
    return Snapshot(folder, name)


def _kept(hub: Hub, cache: Path) -> Snapshot:
    """What is here of that model: in the library's cache, or in parts in ours."""
    note = _note(hub, cache)
    revision = note.read_text() if note.is_file() else hub.revision
    with asking(str(hub)) as library:
        found = library.try_to_load_from_cache(hub.repository, "config.json", revision=revision)
    if not isinstance(found, str):
        raise HubError(f"{hub}: HF_HUB_OFFLINE is set, and the model is not in the cache")
    whole = Path(found).parent
    commit, folder = whole.name, cache / hub.repository.replace("/", "--") / whole.name
    for pointer in (one for one in folder.glob("*") if one.suffix in WEIGHTS and not one.is_symlink()):
        text = POINTER.fullmatch(pointer.read_text())
        if text is not None:
            with asking(str(hub)):
                _weights(hub.repository, commit, pointer, Listed(pointer.name, int(text[2]), text[1]), cache)
    return Snapshot(folder if folder.is_dir() else whole, f"hf:{hub.repository}@{commit}")


def _note(hub: Hub, cache: Path) -> Path:
    """Where the commit is noted that a revision was, when it was last asked for."""
    return cache / "revisions" / f"{hub.repository}@{hub.revision or 'main'}".replace("/", "--")


def _list(hub: Hub) -> tuple[str, dict[str, Listed]]:
    """The revision, and the files beside config.json, by name."""
    with asking(str(hub)) as library:
        try:
            info = library.HfApi().model_info(hub.repository, revision=hub.revision, files_metadata=True)
            found = [_listed(one) for one in info.siblings if "/" not in one.rfilename]
            commit = info.sha if COMMIT.fullmatch(info.sha) else None
        except (AttributeError, KeyError, TypeError):
            commit = None
        if commit is None or not all(found):
            raise HubError(f"{hub}: the Hub answers with no list of files")
    return commit, {one.name: one for one in found if one is not None}


def _listed(one: Any) -> Listed | None:
    """None for an entry that makes no sense."""
    name, size, lfs = one.rfilename, one.size, one.lfs
    plain = name.isprintable() and "\\" not in name and name not in ("", ".", "..") and len(name.encode()) < 250
    if not plain or type(size) is not int or not 0 <= size < MOST:
        return None
    if lfs is None:
        return Listed(name, size, "")
    return Listed(name, size, lfs.sha256) if SHA256.fullmatch(lfs.sha256) and lfs.size == size else None


def _tokenizer(files: dict[str, Listed]) -> list[str]:
    """The file that the vocabulary is read from."""
    for pattern in READERS:
        found = sorted(name for name in files if Path(name).match(pattern))
        if found:
            return found[:1]
    return []


def _weights(repository: str, commit: str, pointer: Path, one: Listed, cache: Path) -> None:
    """A pointer to weights; a link to them, where the library has them all."""
    name = f"hf:{repository}@{commit}/{one.name}"
    with asking(name) as library:
        whole = library.try_to_load_from_cache(repository, one.name, revision=commit)
        url = library.hf_hub_url(repository, one.name, revision=commit)
    if isinstance(whole, str):
        _link(pointer, Path(whole))
        return
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{one.sha256}\nsize {one.size}\n"
    with disk.writing(pointer):
        if pointer.is_symlink() or not pointer.is_file() or pointer.read_text() != text:
            pointer.unlink(missing_ok=True)
            disk.write(pointer, text.encode())
    key = one.sha256 or hashlib.sha256(name.encode()).hexdigest()
    Remote(name, url, one.size, one.sha256, cache / "parts" / key).stands_behind(pointer)


def _link(at: Path, target: Path) -> None:
    """A link to a file of the library's cache, in the place of what is there."""
    with disk.writing(at):
        if not (at.is_symlink() and at.exists() and at.samefile(target)):
            at.unlink(missing_ok=True)
            at.symlink_to(target.resolve())
