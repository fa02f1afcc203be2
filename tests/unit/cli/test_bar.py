"""Progress on stderr: its stages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import huref
from huref.cli.bar import STAGES, Stages

PACKAGE = Path(huref.__file__).parent
CORE = Path(__file__).parents[3] / "rust" / "circuits" / "src"


def reported(source: str) -> Iterator[str]:
    """The stages that a module reports: first of the three arguments of a progress function."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and len(node.args) == 3):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in {"progress", "stages"}:
            stage = call.args[0]
            if isinstance(stage, ast.Constant):
                yield str(stage.value)
            else:  # passes on what the core reported
                assert isinstance(stage, ast.Name)
                assert stage.id == "stage"


def test_every_stage_that_is_reported_anywhere_has_words_and_no_other() -> None:
    python = {stage for path in PACKAGE.rglob("*.py") for stage in reported(path.read_text("utf-8"))}
    core = next(CORE.rglob("progress.rs")).read_text("utf-8")
    rust = set(re.findall(r'Self::\w+ => "(\w+)"', core))
    assert rust == {"quantise", "commit", "sketch", "prove"}
    assert "parameters" in python
    assert python | rust == set(STAGES)


def test_times_of_stages_that_come_twice_are_added() -> None:
    stages = Stages()
    for stage in ("sketch", "image", "sketch"):
        stages(stage, 1, 1)
    stages.end()
    assert list(stages.seconds) == ["sketch", "image"]
    assert stages.total >= 0
