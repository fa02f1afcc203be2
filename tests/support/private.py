"""Files that nobody else may read."""

from pathlib import Path


def stored(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    path.chmod(0o600)
    return path
