"""Training from scratch, fine-tuning, continued pretraining, LoRA: language models on blocks of text."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer
from torch.nn.utils import parametrize
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
)

from lab.lineage import corpus

LENGTH, BATCH = 64, 16
HIDDEN, LAYERS, HEADS = 64, 4, 4

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def base(at: Path, *, kind: str, seed: int, tokens: str, steps: int) -> None:
    """A model of its own random start, trained on Python's documentation."""
    torch.manual_seed(seed)
    tokenizer = corpus.tokenizer(tokens)
    model = _fresh(kind, len(tokenizer.get_vocab()))
    learn(model, blocks(corpus.ids(tokenizer, "python"), seed), steps, 3e-3)
    model.save_pretrained(at)
    tokenizer.save(str(at / "tokenizer.json"))


def tuned(at: Path, source: Path, *, text: str, seed: int, steps: int, rate: float, rank: int | None = None) -> None:
    """A model trained further; with `rank` by LoRA on every linear layer inside the blocks, merged."""
    torch.manual_seed(seed)
    model, tokenizer = load(source)
    adapted = [] if rank is None else _adapt(model, rank)
    learn(model, blocks(corpus.ids(tokenizer, text), seed), steps, rate)
    for layer in adapted:
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=True)
    save(model, at, source)


def load(folder: Path) -> tuple[Any, Tokenizer]:
    """A model in float32 and its tokenizer."""
    return AutoModelForCausalLM.from_pretrained(folder), Tokenizer.from_file(str(folder / "tokenizer.json"))


def save(model: Any, at: Path, source: Path) -> None:
    """A model with the tokenizer of the one it was made from."""
    model.save_pretrained(at)
    shutil.copy(source / "tokenizer.json", at)


def learn(
    model: Any,
    batches: Iterator[Any],
    steps: int,
    rate: float,
    loss: Callable[[Any, Any], torch.Tensor] | None = None,
) -> None:
    """AdamW, a warm-up and a linear decay. `loss` of the model on a batch; by default that of the next token."""
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=rate, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, anneal_strategy="linear")
    for _ in range(steps):
        optimiser.zero_grad()
        next_token(model, next(batches)).backward() if loss is None else loss(model, next(batches)).backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        schedule.step()


def next_token(model: Any, batch: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of every token after those before it."""
    found: torch.Tensor = model(input_ids=batch, labels=batch).loss
    return found


def blocks(numbers: list[int], seed: int) -> Iterator[torch.Tensor]:
    """Batches of blocks from anywhere in the text."""
    data, generator = torch.tensor(numbers), torch.Generator().manual_seed(seed)
    while True:
        starts = torch.randint(len(data) - LENGTH, (BATCH, 1), generator=generator)
        yield data[starts + torch.arange(LENGTH)]


def _fresh(kind: str, vocabulary: int) -> Any:
    if kind == "gpt2":
        small: dict[str, Any] = {"n_embd": HIDDEN, "n_layer": LAYERS, "n_head": HEADS, "n_positions": LENGTH}
        return GPT2LMHeadModel(GPT2Config(vocab_size=vocabulary, bos_token_id=0, eos_token_id=0, **small))
    sizes: dict[str, Any] = {
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "max_position_embeddings": LENGTH,
    }
    if kind == "neox":
        return GPTNeoXForCausalLM(GPTNeoXConfig(vocab_size=vocabulary, intermediate_size=4 * HIDDEN, **sizes))
    sizes |= {"num_key_value_heads": HEADS // 2, "head_dim": HIDDEN // HEADS}
    tied = kind == "tied"
    return LlamaForCausalLM(
        LlamaConfig(vocab_size=vocabulary, intermediate_size=5 * HIDDEN // 2, tie_word_embeddings=tied, **sizes)
    )


class _LowRank(torch.nn.Module):
    """weight + B A, of which only A and B learn."""

    def __init__(self, rows: int, columns: int, rank: int) -> None:
        super().__init__()
        self.a = torch.nn.Parameter(torch.randn(rank, columns) / columns**0.5)
        self.b = torch.nn.Parameter(torch.zeros(rows, rank))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight + self.b @ self.a


def _adapt(model: Any, rank: int) -> list[torch.nn.Linear]:
    """Adds low-rank parts to every linear layer inside the blocks; everything else is frozen."""
    model.requires_grad_(False)
    layers = [layer for _, layer in linear(model)]
    for layer in layers:
        parametrize.register_parametrization(layer, "weight", _LowRank(*layer.weight.shape, rank))
    return layers


def linear(model: Any) -> list[tuple[str, torch.nn.Linear]]:
    """Linear layers inside the blocks, with their names."""
    return [
        (name, part) for name, part in model.named_modules() if isinstance(part, torch.nn.Linear) and ".layers." in name
    ]
