"""`huref version`."""

from __future__ import annotations

import platform
from importlib import metadata

import click

from ... import _native, profile
from ...extras import EXTRAS
from ..app import Command
from ..show import Out, formatted


@click.command(cls=Command)
@formatted
def command(out: Out) -> None:
    """Show the versions that a bug report needs."""
    version = metadata.version("huref")
    packages = {name: _installed(name) for name in ("numpy", "pillow", *EXTRAS)}
    generators = {name: _native.generators_digest(name) for name in profile.KNOWN}
    document = {
        "ok": True,
        "huref": version,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": packages,
        "generators": generators,
    }
    lines = [
        ("python", f"{platform.python_version()} on {platform.platform()}"),
        ("packages", ", ".join(f"{name} {number}" for name, number in packages.items() if number)),
        *((f"{name}", f"generators {digest}") for name, digest in generators.items()),
    ]
    out.result(document, f"huref {version}", ("", lines))


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
