"""The layout of the package is what CONTRIBUTING says, and no public function hides a module."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from pathlib import Path
from types import ModuleType

import huref

ROOT = Path(__file__).parents[2]


def test_no_name_hides_a_module() -> None:
    for found in pkgutil.walk_packages(huref.__path__, "huref."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        parent, _, name = found.name.rpartition(".")
        assert getattr(importlib.import_module(parent), name) is module, found.name
        assert isinstance(module, ModuleType)


def test_every_public_name_is_there() -> None:
    assert [name for name in huref.__all__ if isinstance(getattr(huref, name), ModuleType)] == []


def test_contributing_explains_the_layers_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    checked = [
        [name.strip(" ()").removeprefix("huref.") for name in layer.split("|")]
        for layer in next(contract for contract in contracts if contract["type"] == "layers")["layers"]
    ]
    table = (ROOT / "CONTRIBUTING.md").read_text().split("| layer |")[1].split("\n\n")[0]
    explained = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines()[2:]]
    assert explained == checked


def test_contributing_names_files_that_exist() -> None:
    for name in re.findall(r"`((?:huref|rust|docs)/[\w/.]+)`", (ROOT / "CONTRIBUTING.md").read_text()):
        assert (ROOT / "python" / name).exists() or (ROOT / name).exists(), name
