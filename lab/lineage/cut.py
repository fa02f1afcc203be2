"""A vocabulary cut down to its most frequent pieces, as owners do to save memory."""

from __future__ import annotations

import json
from pathlib import Path

from lab.lineage.folder import read, read_tokenizer, write


def cut(at: Path, source: Path, *, tokens: int) -> None:
    """The first `tokens` tokens only. A byte-level tokenizer numbers them in the order in which it learnt them."""
    tensors, config = read(source)
    tokenizer = json.loads(read_tokenizer(source))
    model = tokenizer["model"]
    model["vocab"] = {piece: number for piece, number in model["vocab"].items() if number < tokens}
    model["merges"] = [pair for pair in model["merges"] if "".join(pair) in model["vocab"]]
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        tensors[name] = tensors[name][:tokens]
    write(at, tensors, config | {"vocab_size": tokens}, json.dumps(tokenizer).encode())
