"""Pages and schemas that follow from the code are up to date, and the table of errors is sound."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from huref import errors
from scripts.docs.__main__ import ROOT, pages

CLASSES = [
    kind
    for kind in vars(errors).values()
    if inspect.isclass(kind) and issubclass(kind, errors.HurefError) and kind is not errors.HurefError
]


@pytest.mark.parametrize(("path", "text"), pages().items(), ids=lambda value: getattr(value, "name", ""))
def test_page(path: Path, text: str) -> None:
    assert path.read_text("utf-8") == text, f"run: make docs (writes {path.relative_to(ROOT)})"


def test_every_error_has_its_own_row() -> None:
    codes = [kind.code for kind in CLASSES if "code" in vars(kind)]  # others are a case of their base
    assert len(set(codes)) == len(codes)
    # the service makes this one alone, from the routes that it has
    assert set(errors.TABLE) == set(codes) | {"method-not-allowed"}


def test_rows_are_complete() -> None:
    for name, row in errors.TABLE.items():
        assert row.name == name
        assert row.exit is not errors.Exit.OK
        assert 400 <= row.http < 600
        assert row.title
        assert row.remedy.endswith(".")
