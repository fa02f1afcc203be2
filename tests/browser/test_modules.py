"""Modules of the page fit together: what one imports, the other exports; and none of them evaluates text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import huref.serve

PAGE = Path(huref.serve.__file__).parent / "page"
MODULES = sorted(PAGE.rglob("*.js"))
IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"([^"]+)";', re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function\*?|class|const) (\w+)", re.MULTILINE)
EVALUATES = re.compile(r"\beval\(|\bnew Function\b|\bset(?:Timeout|Interval)\(\s*[\"'`]")


def test_there_are_modules() -> None:
    assert len(MODULES) > 40


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PAGE).as_posix())
def test_module(path: Path) -> None:
    text = path.read_text("utf-8")
    for names, source in IMPORT.findall(text):
        exported = EXPORT.findall((path.parent / source).read_text("utf-8"))
        assert {name.split(" as ")[0].strip() for name in names.split(",") if name.strip()} <= {*exported}, source
    assert len(IMPORT.findall(text)) == len(re.findall(r"^import\b", text, re.MULTILINE))
    assert EVALUATES.search(text) is None
