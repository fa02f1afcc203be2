"""An environment that holds a wheel of this project and what it depends on, and nothing else: no pip, no compiler.

Dependencies are the files of the environment that runs the tests, copied: what pip would have installed, without asking
an index.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def build(folder: Path) -> Path:
    """The wheel of this tree. Compiles what has changed; asks no registry."""
    command = [sys.executable, "-m", "maturin", "build", "--release", "--locked", "-i", sys.executable, "-o"]
    remap = f"--remap-path-prefix={Path(os.environ.get('CARGO_HOME', Path.home() / '.cargo'))}/registry/src=crates"
    environment = {"RUSTFLAGS": remap, **os.environ, "CARGO_NET_OFFLINE": "true"}  # as in the Makefile
    subprocess.run([*command, str(folder)], cwd=ROOT, env=environment, capture_output=True, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def alone() -> tuple[str, ...]:
    """What starts a program in a network of its own, where there is nothing; empty where this system forbids that."""
    command = ("/usr/bin/unshare", "--map-root-user", "--net")
    if sys.platform != "linux" or subprocess.run([*command, "/bin/true"], capture_output=True, check=False).returncode:
        return ()
    return command


@dataclass(frozen=True)
class Installed:
    """The environment in `folder`; `packages`: names of the distributions in it."""

    folder: Path
    packages: frozenset[str]

    def run(
        self, *command: object, around: tuple[str, ...] = (), cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A program of the environment, in a world where nothing else is on PATH; `around`: what starts it."""
        program, *arguments = map(str, command)
        return subprocess.run(
            [*around, str(self.folder / "bin" / program), *arguments],
            env={"PATH": str(self.folder / "bin"), "HOME": str(self.folder)},
            cwd=cwd or self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    @property
    def size(self) -> int:
        """Bytes of all files of the packages, compiled modules included."""
        return sum(path.stat().st_size for path in (self.folder / "lib").rglob("*") if path.is_file())


def install(wheel: Path, folder: Path, *extras: str, compiled: bool = True) -> Installed:
    """A new environment with the wheel and what these extras add; its modules `compiled`, as pip leaves them."""
    venv.create(folder, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "-q"]
    subprocess.run([*pip, "--no-index", "--no-deps", str(wheel)], capture_output=True, check=True)
    (place,) = (folder / "lib").glob("python*/site-packages")
    (found,) = metadata.distributions(name="huref", path=[str(place)])
    names: dict[str, metadata.Distribution] = {}
    for name in _needed(found, extras):
        _collect(name, names)
    for distribution in names.values():
        for file in distribution.files or ():
            source = Path(str(distribution.locate_file(file)))
            if ".." not in file.parts and source.suffix != ".pyc" and source.is_file():
                target = place / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    if compiled:
        command = [str(folder / "bin" / "python"), "-m", "compileall", "-q", str(place)]
        subprocess.run(command, capture_output=True, check=True)
    return Installed(folder, frozenset(path.name for path in place.glob("*.dist-info")))


def _needed(distribution: metadata.Distribution, extras: tuple[str, ...]) -> Iterator[Requirement]:
    for text in distribution.requires or ():
        wanted = Requirement(text)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield wanted


def _collect(wanted: Requirement, names: dict[str, metadata.Distribution]) -> None:
    key = re.sub(r"[-_.]+", "-", wanted.name).lower()
    if key not in names:
        names[key] = metadata.distribution(wanted.name)
        for more in _needed(names[key], tuple(wanted.extras)):
            _collect(more, names)
