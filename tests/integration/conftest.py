from __future__ import annotations

import pytest

from tests.support.cli import Here


@pytest.fixture
def huref(capsys: pytest.CaptureFixture[str]) -> Here:
    """The command line, run in this process."""
    return Here(capsys)
