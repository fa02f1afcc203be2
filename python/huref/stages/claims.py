"""What a bundle claims about the files that it was made from: names and digests, which no proof covers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import metadata

import numpy as np

from ..artefacts.claims import MAX_FILES, MAX_TEXT, Claims, is_file_name, time_text
from ..beside import beside
from ..errors import ModelError
from ..model import Model
from ..model.formats.file import File
from ..progress import Progress

#: Bytes that are read at a time.
PIECE = 1 << 20
#: In place of a name.
UNNAMED = "not said"
#: Seconds between two reports.
REPORT = 0.1


class Hashing:
    """Digests of files, made beside other work. `total`: bytes to hash; `done`: those hashed so far."""

    def __init__(self, files: Sequence[File]) -> None:
        """Starts it."""
        self.total, self.done = sum(file.size for file in files if not file.stated), 0
        self._digests = beside(lambda: {file.path.name: self._digest(file) for file in files})

    def _digest(self, file: File) -> str:
        """SHA-256 in hexadecimal digits; as the hub states it, where the file is on one."""
        if file.stated:
            return file.stated
        hasher, buffer = hashlib.sha256(), np.empty(PIECE, np.uint8)
        for start in range(0, file.size, PIECE):
            piece = buffer[: file.size - start]
            file.fill([(start, piece)])
            hasher.update(piece.data)
            self.done += len(piece)
        return hasher.hexdigest()

    def digests(self, progress: Progress) -> dict[str, str]:
        """Waits for all of them. ModelError: a file has changed, or cannot be read."""
        while True:
            try:
                return self._digests.result(REPORT)
            except TimeoutError:
                progress("read", self.done, self.total)


def claims(model: Model) -> Callable[[Progress], Claims]:
    """Name of the model, number of layers, and digests of its config and weight files: claimed, because no proof
    covers files. Digests of weights on a hub are those that it states; revisions are in the name.

    The files are read beside the caller's work, from now on; what waits for that is returned.

    Raises:
        ModelError: a bundle cannot list these files; when waiting: one has changed, or cannot be read.

    """
    files = model.files()
    unfit = [path for path in files if not is_file_name(path.name)]
    if unfit or len(files) > MAX_FILES:
        what = f"the file name {unfit[0].name!a}" if unfit else f"{len(files)} files"
        raise ModelError(f"{model.path}: a bundle cannot list {what}; rename or join the files")
    hashing = Hashing([File(path) for path in files])

    def claimed(progress: Progress) -> Claims:
        digests, name = hashing.digests(progress), model.name
        if not (name.isprintable() and 0 < len(name) <= MAX_TEXT):
            name = "model"
        return Claims(name, model.architecture.layers, digests, *_prover())

    return claimed


def nameless(model: Model, their_bundle: str | None = None) -> Claims:
    """Claims that tell nothing of which model it is: no name, and no digests of files, which could be those of a public
    model. `their_bundle`: as in `Claims`.
    """
    return Claims(UNNAMED, model.architecture.layers, {}, *_prover(), their_bundle)


def _prover() -> tuple[str, str]:
    """The program, and the time."""
    return f"huref {metadata.version('huref')}", time_text(datetime.now(UTC))
