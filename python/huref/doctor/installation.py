"""Whether what is installed works: the core on a bundle that is kept, and which optional packages there are."""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Iterator
from importlib import metadata, resources

from ..artefacts import bundle as bundles
from ..errors import HurefError, InternalError
from ..extras import EXTRAS
from ..verifier.both import rejection
from .finding import Finding, found

#: A bundle of a small model, one of proofs/vectors.
KEPT = "kept.huref.json"


def findings() -> Iterator[Finding]:
    """Every check of the installation, one after the other."""
    yield found("program", lambda: f"huref {metadata.version('huref')}, Python {platform.python_version()}")
    yield found("core", _core)
    yield found("extras", _extras)


def _core() -> str:
    """Both verifiers accept the bundle that is kept, and refuse it when a byte of its proof is another."""
    try:
        bundle = bundles.parse((resources.files(__package__) / KEPT).read_bytes())
    except (HurefError, OSError) as why:
        raise InternalError(f"the bundle that is kept cannot be read ({why}); install huref again") from None
    changed = bytearray(bundle.proof)
    changed[-1] ^= 1
    if rejection(bundle.statement, bundle.proof, "both") or not rejection(bundle.statement, bytes(changed), "both"):
        raise InternalError("a bundle that is kept gets another verdict than it must; install huref again")
    return "both verifiers accept a bundle that is kept, and refuse it changed"


def _extras() -> str:
    """Which extras are there whole, and which are not."""
    lacking = {extra for package, extra in EXTRAS.items() if not _is_there(package)}
    there = [extra for extra in dict.fromkeys(EXTRAS.values()) if extra not in lacking]
    words = f"installed: {', '.join(sorted(there)) or 'none'}"
    return words if not lacking else f"{words}; not installed, or not whole: {', '.join(sorted(lacking))}"


def _is_there(package: str) -> bool:
    """Whether a package can be imported. Nothing is."""
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:  # a finder that knows it
        return False
