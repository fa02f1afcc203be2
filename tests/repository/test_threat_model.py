"""Every test and file that the threat model names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security" / "threat-model.md").read_text("utf-8")
RUST = ROOT / "rust" / "circuits" / "tests"
INVALID = ROOT / "proofs" / "vectors" / "invalid"


def exists(name: str) -> bool:
    """A path from the root, of the Rust tests, of the page's folder or of the vectors; or a function in some test."""
    pattern = name.removeprefix("proofs/vectors/").removeprefix("invalid/").removeprefix("valid/")
    if "*" in name or (INVALID / f"{pattern}.json").exists() or (INVALID.parent / "valid" / f"{pattern}.json").exists():
        return "*" not in name or any(INVALID.glob(f"{pattern}.json"))
    sources = [*RUST.rglob("*.rs"), *(ROOT / "tests").rglob("test_*.py")]
    if any((folder / name).exists() for folder in (ROOT, RUST)) or any(source.name == name for source in sources):
        return True
    return any(re.search(rf"\b(fn|def) {re.escape(name)}\b", source.read_text("utf-8")) for source in sources)


def test_what_the_threat_model_names_exists() -> None:
    named = re.findall(r"`([A-Za-z0-9_*./-]+)`", PAGE)
    words = {"toy-2", "wire", "claims", "attestations", "soundness/", "zk/"}
    missing = [name for name in named if name not in words and not name.startswith("--") and not exists(name)]
    assert len(named) > 50
    assert not missing
