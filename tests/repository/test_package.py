"""What is published: the schemas with the package, addresses that agree, a page that needs no other file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
from importlib import metadata
from importlib.resources import files
from pathlib import Path

from huref import _native
from huref.errors import ADDRESS

ROOT = Path(__file__).parents[2]
SCHEMAS = {str(path.relative_to(ROOT / "proofs")) for path in (ROOT / "proofs" / "schemas").rglob("*.json")}


def test_the_package_holds_the_schemas(tmp_path: Path) -> None:
    """In the source distribution and in wheels, and where the package is used from a clone."""
    assert SCHEMAS
    (included,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["maturin"]["include"]
    assert included == {"path": "python/huref/schemas/**/*.json", "format": ["sdist", "wheel"]}
    assert all((files("huref") / name).is_file() for name in SCHEMAS)
    command = [sys.executable, "-m", "maturin", "sdist", "--out", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"CARGO_NET_OFFLINE": "true"}, capture_output=True, check=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        packed = {member.name.partition("/python/huref/")[2] for member in archive.getmembers() if member.isfile()}
    assert packed >= SCHEMAS
    assert "py.typed" in packed


def test_the_image_is_built_of_them_too() -> None:
    """A link that leads nowhere would leave them out."""
    assert "!proofs/schemas" in (ROOT / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    assert "COPY proofs/schemas" in (ROOT / "docker" / "Dockerfile").read_text()


def test_there_is_one_address() -> None:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
    repository = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["repository"]
    assert {"Homepage", "Documentation", "Source", "Changelog"} <= urls.keys()
    assert all(url.startswith(f"{ADDRESS}/") for url in (*urls.values(), repository))


def test_there_is_one_version() -> None:
    assert metadata.version("huref") == _native.RELEASE


def test_the_page_of_the_package_needs_no_other_file() -> None:
    """An index shows it without the files around it: links and pictures are whole addresses."""
    text = (ROOT / "python" / "README.md").read_text()
    found = re.findall(r"\]\(([^)]*)\)|(?:src|href)=[\"']([^\"']*)", text)
    assert found
    assert all("".join(link).startswith("https://") for link in found)
