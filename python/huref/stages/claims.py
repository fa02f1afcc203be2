"""What a bundle claims about the files that it was made from: names and digests, which no proof covers."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib import metadata

from ..artefacts.claims import MAX_FILES, MAX_TEXT, Claims, is_file_name
from ..errors import ModelError
from ..model import Model
from ..model.hub.remote import behind
from ..progress import Progress


def claims(model: Model, progress: Progress) -> Claims:
    """Name of the model, number of layers, and digests of its config and weight files: claimed, because no proof
    covers files. Digests of weights on a hub are those that it states; revisions are in the name.
    """
    files = model.files()
    unfit = [path for path in files if not is_file_name(path.name)]
    if unfit or len(files) > MAX_FILES:
        what = f"the file name {unfit[0].name!a}" if unfit else f"{len(files)} files"
        raise ModelError(f"{model.path}: a bundle cannot list {what}; rename or join the files")
    total, done, digests = sum(path.stat().st_size for path in files), 0, {}
    for path in files:
        if (remote := behind(path)) is not None:
            digests[path.name] = remote.sha256
            continue
        hasher = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(1 << 22):
                hasher.update(block)
                done += len(block)
                progress("read", done, total)
        digests[path.name] = hasher.hexdigest()
    name = model.name
    if not (name.isprintable() and 0 < len(name) <= MAX_TEXT):
        name = "model"
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Claims(name, model.architecture.layers, digests, f"huref {metadata.version('huref')}", now)
