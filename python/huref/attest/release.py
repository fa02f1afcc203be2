"""The files of a release: their digests, and the one root digest that model signing (OMS 1.0) gives a folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from ..absent import absent
from ..errors import InputError
from ..progress import Progress, silent

#: What OMS leaves out, and files of signatures, which come after what they sign.
IGNORED = frozenset({".git", ".gitattributes", ".github", ".gitignore"})
SIGNATURES = (".sig", ".sigstore.json")
_BLOCK = 1 << 22


def digests(folder: Path, progress: Progress = silent) -> dict[str, str]:
    """SHA-256, in hexadecimal digits, of every file below a folder, by its name from there, in order of names.

    Raises:
        NotFoundError: there is no such folder.
        InputError: a file cannot be read, or is a link, which can point out of the folder.

    """
    if not folder.is_dir():
        raise absent(folder, "folder")
    names = sorted(_names(folder))
    total, done, found = sum((folder / name).stat().st_size for name in names), 0, {}
    for name in names:
        hasher = hashlib.sha256()
        try:
            with (folder / name).open("rb") as file:
                while block := file.read(_BLOCK):
                    hasher.update(block)
                    done += len(block)
                    progress("read", done, total)
        except OSError as why:
            raise InputError(f"{folder / name}: cannot be read ({why.strerror})") from None
        found[name] = hasher.hexdigest()
    return found


def _names(folder: Path) -> list[str]:
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in IGNORED]
        for name in (*folders, *files):
            path = Path(place, name)
            if path.is_symlink():
                raise InputError(f"{path}: a link; a release is made of plain files")
        names = (name for name in files if name not in IGNORED and not name.endswith(SIGNATURES))
        found += [Path(place, name).relative_to(folder).as_posix() for name in names]
    return found


def root(files: Mapping[str, str]) -> str:
    """OMS's digest of all of them together: SHA-256 over their digests in the order of their paths: that of folders and
    names, one after the other, so that `a/b` comes before `a.b`.
    """
    ordered = sorted(files, key=lambda name: name.split("/"))
    return hashlib.sha256(b"".join(bytes.fromhex(files[name]) for name in ordered)).hexdigest()
