"""Training from scratch, fine-tuning, continued pretraining, LoRA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.nn.utils import parametrize
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from benchmarks.lineage import corpus

LENGTH, BATCH = 64, 16


def base(folder: Path, kind: str, seed: int, vocabulary: int, steps: int) -> None:
    """A model of its own random start, trained on the first half of the corpus."""
    torch.manual_seed(seed)
    model = _fresh(kind, len(corpus.tokenizer(vocabulary).get_vocab()))
    _train(model, corpus.ids(vocabulary, 0, 0.5), seed, steps, 3e-3)
    _save(model, folder, vocabulary)


def descendant(
    source: Path, folder: Path, *, vocabulary: int, seed: int, steps: int, rate: float, rank: int | None = None
) -> None:
    """A model trained further on the second half of the corpus; with `rank` by LoRA on every linear layer, merged."""
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(source)
    adapted = [] if rank is None else _adapt(model, rank)
    _train(model, corpus.ids(vocabulary, 0.5, 1), seed, steps, rate)
    for layer in adapted:
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=True)
    _save(model, folder, vocabulary)


def _fresh(kind: str, vocabulary: int) -> Any:
    if kind == "gpt2":
        config = GPT2Config(vocab_size=vocabulary, n_embd=64, n_layer=3, n_head=4, n_positions=LENGTH)
        return GPT2LMHeadModel(config)
    sizes = {"hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 3}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": LENGTH}
    return LlamaForCausalLM(LlamaConfig(vocab_size=vocabulary, tie_word_embeddings=kind == "tied", **sizes, **heads))


class _LowRank(torch.nn.Module):
    """weight + B A, of which only A and B learn."""

    def __init__(self, rows: int, columns: int, rank: int) -> None:
        super().__init__()
        self.a = torch.nn.Parameter(torch.randn(rank, columns) / columns**0.5)
        self.b = torch.nn.Parameter(torch.zeros(rows, rank))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight + self.b @ self.a


def _adapt(model: Any, rank: int) -> list[torch.nn.Module]:
    """Adds low-rank parts to every linear layer inside the blocks; everything else is frozen."""
    model.requires_grad_(False)
    layers = [part for name, part in model.named_modules() if isinstance(part, torch.nn.Linear) and "layers" in name]
    for layer in layers:
        parametrize.register_parametrization(layer, "weight", _LowRank(*layer.weight.shape, rank))
    return layers


def _train(model: Any, numbers: tuple[int, ...], seed: int, steps: int, rate: float) -> None:
    data, generator = torch.tensor(numbers), torch.Generator().manual_seed(seed)
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=rate, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    for _ in range(steps):
        starts = torch.randint(len(data) - LENGTH, (BATCH,), generator=generator)
        batch = torch.stack([data[start : start + LENGTH] for start in starts])
        optimiser.zero_grad()
        model(input_ids=batch, labels=batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        schedule.step()


def _save(model: Any, folder: Path, vocabulary: int) -> None:
    model.save_pretrained(folder)
    corpus.tokenizer(vocabulary).save(str(folder / "tokenizer.json"))
