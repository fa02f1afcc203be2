"""Files of time-stamp tokens: what is written is read, and everything else is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from huref.artefacts import timestamps
from huref.artefacts.timestamps import Timestamps
from huref.errors import InputError
from tests.support.schemas import validate

MADE = Timestamps("ab" * 32, (b"one", b"two"))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    data = timestamps.dump(MADE)
    validate("timestamps", data)
    (tmp_path / "file").write_bytes(data)
    assert timestamps.read(tmp_path / "file") == MADE


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sha256", "AB" * 32, "'sha256'"),
        ("tokens", [], "1 to 16"),
        ("tokens", ["AAA" + letter for letter in "ABCDEFGHIJKLMNOPQ"], "1 to 16"),
        ("tokens", ["AAAA", "AAAA"], "each once"),
        ("tokens", [""], "1 to 65536 bytes"),
        ("tokens", ["A" * 87388], "1 to 65536 bytes"),
        ("tokens", [1], "base64"),
        ("tokens", ["AB=="], "canonical"),
        ("tokens", "AAAA", "a list"),
        ("more", 1, "unknown field"),
    ],
)
def test_other_values(field: str, value: Any, words: str) -> None:
    file = json.loads(timestamps.dump(MADE)) | {field: value}
    with pytest.raises(InputError, match=words):
        timestamps.parse(json.dumps(file).encode())
