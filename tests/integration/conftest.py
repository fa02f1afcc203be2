from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.bundles import TOY_RULES
from tests.support.cli import Here


@pytest.fixture
def huref(capsys: pytest.CaptureFixture[str]) -> Here:
    """The command line, run in this process."""
    return Here(capsys)


@pytest.fixture(scope="session")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy file that accepts bundles of profile toy-2, which have no security."""
    path = tmp_path_factory.mktemp("policy") / "toys.toml"
    path.write_text(TOY_RULES)
    return path
