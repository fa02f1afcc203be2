"""A revision of a model on the Hub as a folder: small files whole, weights as pointers behind which `remote` reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ... import disk
from ...errors import ModelError
from ...place import Hub
from ..tokenizer import READERS
from .remote import Remote
from .requests import asking, fetched

#: Of these a model has most: they are fetched as a whole, and no larger ones are.
SMALL = (
    *("config.json", "model.safetensors.index.json", "adapter_config.json", "special_tokens_map.json"),
    *("quantize_config.json", "hf_quant_config.json", "params.json", "model_index.json"),
)
LARGEST = 1 << 28
WEIGHTS = (".safetensors", ".gguf")


@dataclass(frozen=True)
class Snapshot:
    """`folder` looks like that of the model; `name` is the model's, with the revision that was read."""

    folder: Path
    name: str


def snapshot(hub: Hub, cache: Path) -> Snapshot:
    """The model of that name, as it is now, or at its revision. `cache`: the folder in which it is kept.

    Raises:
        NotFoundError: there is no such model or revision.
        HubError: the Hub cannot be reached, or refuses.
        ModelError: it is larger than a model's files are.
        OutputError: the cache cannot be written.

    """
    with asking(str(hub)) as library:
        info = library.HfApi().model_info(hub.repository, revision=hub.revision, files_metadata=True)
    commit = str(info.sha)
    name = f"hf:{hub.repository}@{commit}"
    files = {one.rfilename: one for one in info.siblings or () if "/" not in one.rfilename}
    folder = cache / hub.repository.replace("/", "--") / commit
    with disk.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for file in [*(one for one in SMALL if one in files), *_tokenizer(files)]:
        if (files[file].size or 0) > LARGEST:
            raise ModelError(f"{name}/{file}: {files[file].size} bytes; such a file has at most {LARGEST}")
        _link(folder / file, fetched(hub.repository, commit, file, f"{name}/{file}"))
    for file, one in files.items():
        if file.endswith(WEIGHTS):
            _weights(hub, commit, folder / file, one, cache, library)
    return Snapshot(folder, name)


def _tokenizer(files: dict[str, Any]) -> list[str]:
    """The file that the vocabulary is read from."""
    for pattern in READERS:
        found = sorted(name for name in files if Path(name).match(pattern))
        if found:
            return found[:1]
    return []


def _weights(hub: Hub, commit: str, pointer: Path, one: Any, cache: Path, library: Any) -> None:
    """A pointer to weights; a link to them, where the library has them all."""
    whole = library.try_to_load_from_cache(hub.repository, one.rfilename, revision=commit)
    if isinstance(whole, str):
        _link(pointer, Path(whole))
        return
    size, lfs = int(one.size or 0), one.lfs
    digest = str(lfs.sha256) if lfs is not None else ""
    key = digest or f"{commit}-{one.rfilename}"
    if not (key.replace("-", "").replace(".", "").replace("_", "").isalnum() and len(key) < 200):
        raise ModelError(f"hf:{hub.repository}: no name of a file of weights: {one.rfilename!a}")
    url = library.hf_hub_url(hub.repository, one.rfilename, revision=commit)
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {size}\n"
    if pointer.is_symlink() or not pointer.is_file() or pointer.read_text() != text:
        pointer.unlink(missing_ok=True)
        disk.write(pointer, text.encode())
    name = f"hf:{hub.repository}@{commit}/{one.rfilename}"
    Remote(name, url, size, digest, cache / "parts" / key).stands_behind(pointer)


def _link(at: Path, target: Path) -> None:
    """A link to a file of the library's cache, in the place of what is there."""
    with disk.writing(at):
        if not (at.is_symlink() and at.exists() and at.samefile(target)):
            at.unlink(missing_ok=True)
            at.symlink_to(target.resolve())
