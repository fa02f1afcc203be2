"""What a bundle claims about the files that it was made from: names and digests, which no proof covers."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib import metadata

from ..artefacts.claims import MAX_FILES, MAX_TEXT, Claims, is_file_name
from ..errors import ModelError
from ..model import Model
from ..model.formats.file import File
from ..progress import Progress

#: Bytes that are read at a time.
PIECE = 1 << 22


def claims(model: Model, progress: Progress) -> Claims:
    """Name of the model, number of layers, and digests of its config and weight files: claimed, because no proof
    covers files. Digests of weights on a hub are those that it states; revisions are in the name.
    """
    files = model.files()
    unfit = [path for path in files if not is_file_name(path.name)]
    if unfit or len(files) > MAX_FILES:
        what = f"the file name {unfit[0].name!a}" if unfit else f"{len(files)} files"
        raise ModelError(f"{model.path}: a bundle cannot list {what}; rename or join the files")
    opened = [File(path) for path in files]
    total, done, digests = sum(file.size for file in opened if not file.stated), 0, {}
    for file in opened:
        hasher = hashlib.sha256()
        for start in range(0, 0 if file.stated else file.size, PIECE):
            hasher.update(file.read(start, PIECE))
            done += min(PIECE, file.size - start)
            progress("read", done, total)
        digests[file.path.name] = file.stated or hasher.hexdigest()
    name = model.name
    if not (name.isprintable() and 0 < len(name) <= MAX_TEXT):
        name = "model"
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Claims(name, model.architecture.layers, digests, f"huref {metadata.version('huref')}", now)
