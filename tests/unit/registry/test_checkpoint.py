"""Checkpoints: one spelling."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.errors import LogError
from huref.registry import checkpoint
from huref.registry.checkpoint import Checkpoint

ROOT = base64.b64encode(bytes(range(32))).decode()


@given(st.integers(0, (1 << 63) - 1), st.binary(min_size=32, max_size=32))
def test_what_is_written_is_read(size: int, root: bytes) -> None:
    found = Checkpoint("example.com/log", size, root)
    assert checkpoint.parse(found.text) == found


def test_extension_lines_are_left_out() -> None:
    found = checkpoint.parse(f"example.com/log\n7\n{ROOT}\nmore\nand more\n")
    assert found == Checkpoint("example.com/log", 7, bytes(range(32)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"log\n7\n{ROOT}",
        f"log\n7\n{ROOT}\n\n",
        f"log\n7\n{ROOT}\n\nmore\n",
        f"\n7\n{ROOT}\n",
        f"a log\n7\n{ROOT}\n",
        f"a+log\n7\n{ROOT}\n",
        f"a\u2003log\n7\n{ROOT}\n",
        f"{'l' * 256}\n7\n{ROOT}\n",
        f"log\n07\n{ROOT}\n",
        f"log\n-7\n{ROOT}\n",
        f"log\n7 \n{ROOT}\n",
        f"log\n٧\n{ROOT}\n",
        f"log\n{1 << 63}\n{ROOT}\n",
        f"log\n7\n{ROOT[:-4]}\n",
        f"log\n7\n {ROOT}\n",
        f"log\n7\n{ROOT[:-2]}9=\n",
        f"log\n7\n{ROOT.replace('=', '')}\n",
        f"log\n7\n{base64.b64encode(bytes(33)).decode()}\n",
    ],
)
def test_every_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(LogError):
        checkpoint.parse(text)
