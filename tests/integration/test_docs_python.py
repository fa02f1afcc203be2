"""The code of docs/reference/python.md runs, from top to bottom, as it stands there."""

import re
from pathlib import Path

import pytest

from tests.support import models

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "python.md"


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    models.network("llama", 1).write(tmp_path / "my-model")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 4
    exec("\n".join(blocks), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].endswith(" my-model")
    assert printed[1].startswith("related 1.0 ")
    assert (tmp_path / "my-model.secret").stat().st_mode & 0o777 == 0o600
