from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from huref.artefacts import bundle as bundle_files
from tests.support import bundles
from tests.support.installed import build


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That in HUREF_WHEEL, or one that is built here: once, also where tests run in several processes."""
    if "HUREF_WHEEL" in os.environ:
        return Path(os.environ["HUREF_WHEEL"]).resolve()
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if parallel else base) / "wheel"
    with FileLock(f"{folder}.lock"):
        return next(folder.glob("*.whl"), None) or build(folder)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "model.huref.json"
    path.write_bytes(bundle_files.dump(bundles.robust()))
    return path
