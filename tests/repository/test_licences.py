"""Every dependency that a user gets has a permissive licence."""

from __future__ import annotations

import json
import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.licenses import canonicalize_license_expression
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PERMISSIVE = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python",
    "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Unicode-3.0", "Unlicense", "Zlib",
}  # fmt: skip
#: Words that older packages use instead of an SPDX expression.
SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "Dual License": "Apache-2.0 OR BSD-3-Clause",  # dateutil's
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
}
#: Copyleft for their own files only, neither changed nor shipped: the first two come with the tokenizer libraries and
#: with Ray, the others with dbos, in an extra of its own (docs/decisions/0011).
EXCEPTIONS = {
    "tqdm": "MPL-2.0 AND MIT",
    "certifi": "MPL-2.0",
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
}


def permissive(expression: str) -> bool:
    """Whether an SPDX expression can be met with permissive licences alone."""
    parts = re.split(r"(\(|\)| AND | OR )", canonicalize_license_expression(expression.replace("/", " OR ")))
    words = [
        p if p in ("", "(", ")") else {" AND ": " and ", " OR ": " or "}.get(p, str(p in PERMISSIVE)) for p in parts
    ]
    return bool(eval("".join(words), {"__builtins__": {}}))


def distributions(name: str, extras: tuple[str, ...], seen: dict[str, metadata.Distribution]) -> None:
    """Collects a distribution and everything that it requires here."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return
    seen[key] = metadata.distribution(name)
    for text in seen[key].requires or []:
        needed = Requirement(text)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            distributions(needed.name, tuple(needed.extras), seen)


def licence(package: metadata.Distribution) -> str:
    """The licence as the package states it, as an SPDX expression."""
    fields = package.metadata
    stated = fields.get("License-Expression") or fields.get("License") or ""
    classifiers = [c.split(" :: ")[-1] for c in fields.get_all("Classifier") or [] if c.startswith("License :: OSI")]
    return SPELLINGS.get(stated) or stated or " OR ".join(SPELLINGS[c] for c in classifiers)


def test_python_dependencies_are_permissive() -> None:
    found: dict[str, metadata.Distribution] = {}
    distributions("huref", ("prove", "serve", "ray", "registry"), base := {})
    assert not {"dbos", "psycopg"} & set(base), "they come where they are asked for alone"
    distributions("huref", ("prove", "serve", "ray", "registry", "jobs"), found)
    assert {"click", "numpy", "fastapi", "safetensors"} <= set(found)
    other = {name: licence(package) for name, package in found.items() if not permissive(licence(package))}
    assert other == EXCEPTIONS


def test_rust_dependencies_are_permissive() -> None:
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    packages = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)["packages"]
    assert {"huref-circuits", "ark-ff", "pyo3"} <= {package["name"] for package in packages}
    assert [p["name"] for p in packages if not permissive(p["license"])] == []


@pytest.mark.parametrize("expression", ["GPL-3.0-only", "MIT AND LGPL-2.1-or-later", "SSPL-1.0 OR AGPL-3.0-only"])
def test_copyleft_is_noticed(expression: str) -> None:
    assert not permissive(expression)
