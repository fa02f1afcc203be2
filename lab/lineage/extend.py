"""A model with a larger vocabulary: its tokenizer learns more tokens, its embedding more rows; then it is tuned."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer

from lab.lineage import corpus, train


def extended(at: Path, source: Path, *, tokens: int, seed: int, steps: int, rate: float) -> None:
    """`tokens` more tokens, from the other text; the row of each is the mean of the rows of what it was made of."""
    torch.manual_seed(seed)
    model, small = train.load(source)
    large = _larger(small, tokens)
    names = {number: piece for piece, number in large.get_vocab().items()}
    before = small.get_vocab_size()
    made_of = [small.encode(large.decoder.decode([names[number]])).ids for number in range(before, len(names))]
    model.resize_token_embeddings(len(names), mean_resizing=False)
    with torch.no_grad():
        for table in (model.get_input_embeddings().weight, model.get_output_embeddings().weight):
            for row, parts in enumerate(made_of, start=before):
                table[row] = table[parts].mean(0)
    train.learn(model, train.blocks(corpus.ids(large, "packages"), seed), steps, rate)
    model.save_pretrained(at)
    large.save(str(at / "tokenizer.json"))


def _larger(small: Tokenizer, tokens: int) -> Tokenizer:
    """The merges of a tokenizer of the other text, as far as they build on what is there, behind those it has."""
    fields = json.loads(small.to_str())
    vocabulary, merges = fields["model"]["vocab"], fields["model"]["merges"]
    end = len(vocabulary) + tokens
    for one, two in json.loads(corpus.tokenizer("other").to_str())["model"]["merges"]:
        if one in vocabulary and two in vocabulary and one + two not in vocabulary and len(vocabulary) < end:
            vocabulary[one + two] = len(vocabulary)
            merges.append([one, two])
    return Tokenizer.from_str(json.dumps(fields))
