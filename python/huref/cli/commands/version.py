"""`huref version`."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

import click

from ...artefacts.document import RESULTS, Result
from ...extras import EXTRAS
from ...profile import PROFILES
from ..app import Command
from ..show import Out, formatted


@dataclass(frozen=True, kw_only=True)
class Versions(Result):
    """What `huref version` prints: packages that are installed, digests of the generators of each profile, and the
    SHA-256 of the `page` that `huref page` writes.
    """

    schema: str = f"{RESULTS}/version/v1"
    huref: str
    python: str
    platform: str
    packages: Mapping[str, str]
    generators: Mapping[str, str]
    page: str


@click.command(cls=Command)
@formatted
def command(out: Out) -> None:
    """Show the versions that a bug report needs."""
    from ...serve import single

    version = metadata.version("huref")
    found = {name: _installed(name) for name in ("numpy", "pillow", *EXTRAS)}
    packages = {name: number for name, number in found.items() if number is not None}
    generators = {name: profile.generators for name, profile in PROFILES.items()}
    document = Versions(
        huref=version,
        python=platform.python_version(),
        platform=platform.platform(),
        packages=packages,
        generators=generators,
        page=single.digest(),
    )
    lines = [
        ("python", f"{platform.python_version()} on {platform.platform()}"),
        ("packages", ", ".join(f"{name} {number}" for name, number in packages.items())),
        *((f"{name}", f"generators {digest}") for name, digest in generators.items()),
        ("page", f"{single.NAME}, SHA-256 {document.page}"),
    ]
    out.result(document, f"huref {version}", ("", lines))


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
