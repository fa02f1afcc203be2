"""SmolLM2-135M from the file that a package ships (GGUF, as llama.cpp writes it) to a model folder.

The output matrix is stored beside the embedding, so that disguises that need it apart can be put on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huref.model.containers import open_container
from huref.model.formats.gguf import Part
from lab.lineage.folder import write

#: The type of control tokens.
CONTROL = 3


def from_gguf(at: Path, source: Path) -> None:
    """A folder with the tensors of a GGUF file."""
    model = open_container(source)
    place = model.checkpoint.place
    tensors = {name: entry.tensor().read() for name, entry in place.items()}
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
    facts = Part(source).metadata
    tokenizer = json.dumps(_tokenizer(facts["tokenizer.ggml.tokens"], facts)).encode()
    write(at, tensors, {**model.config.fields, "tie_word_embeddings": False}, tokenizer)


def _tokenizer(pieces: list[str], facts: Mapping[str, Any]) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    control = [number for number, kind in enumerate(facts["tokenizer.ggml.token_type"]) if kind == CONTROL]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "added_tokens": [{"id": n, "content": pieces[n], "special": True, **flags} for n in control],
        "pre_tokenizer": level,
        "decoder": level,
        "model": {
            "type": "BPE",
            "vocab": {piece: number for number, piece in enumerate(pieces)},
            "merges": facts["tokenizer.ggml.merges"],
        },
    }
