"""Tokenizers for tests, as small as they can be."""

import json
from pathlib import Path
from typing import Any

from huref.model import Model, open_model
from huref.model.tokenizer import read_vocabulary
from tests.support import models


def texts(folder: Path) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for token in read_vocabulary(folder)[0]:
        found.setdefault(token.text, []).append(token.id)
    return found


def write_tokenizer(folder: Path, model: dict[str, Any], **parts: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps({"model": model, "added_tokens": [], **parts}))
    return folder


def toy(tmp_path: Path, vocabulary: dict[str, int], rows: int = 40, **parts: Any) -> Model:
    """A model with a WordPiece tokenizer of just that vocabulary."""
    net = models.network("bert", layers=1)
    net.words = net.words[:rows]
    tmp_path.mkdir(exist_ok=True)
    folder = net.write(tmp_path / "toy")
    write_tokenizer(folder, {"type": "WordPiece", "vocab": vocabulary, "unk_token": "[UNK]"}, **parts)
    return open_model(folder)
