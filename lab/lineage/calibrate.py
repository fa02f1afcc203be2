"""P-values of many independent pairs: are they uniform? Tiny models, untrained, and trained on one text."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from lab.lineage import corpus, train
from lab.lineage.family import Recipe
from lab.lineage.scores import Score

#: Models of each kind: 210 pairs.
MODELS, STEPS = 21, 60
KINDS = {"untrained": 0, "trained on one text": STEPS}
P_VALUES = ("vector", "order", "partners", "terms", "comparison")
#: The largest distance, times sqrt(n), that Kolmogorov and Smirnov allow at level 0.01.
LEVEL = 1.628


def tiny(at: Path, *, seed: int, steps: int) -> None:
    """A LLaMA of two small layers with a random start of its own, trained for some steps."""
    torch.manual_seed(seed)
    tokenizer = corpus.tokenizer("first")
    sizes = {"hidden_size": 32, "intermediate_size": 80, "num_hidden_layers": 2, "num_attention_heads": 2}
    model = LlamaForCausalLM(LlamaConfig.from_dict({"vocab_size": tokenizer.get_vocab_size(), **sizes}))
    if steps:
        train.learn(model, train.blocks(corpus.ids(tokenizer, "python"), seed), steps, 3e-3)
    model.save_pretrained(at)
    tokenizer.save(str(at / "tokenizer.json"))


def recipes() -> dict[str, list[Recipe]]:
    """The models of each kind."""
    return {
        kind: [
            Recipe(f"tiny {seed}, {kind}", "tiny", kind, tiny, (), {"seed": 1000 + seed, "steps": steps})
            for seed in range(MODELS)
        ]
        for kind, steps in KINDS.items()
    }


def pairs(paths: list[Path]) -> list[tuple[Path, Path]]:
    """Every model with every other."""
    return list(combinations(paths, 2))


def table(found: dict[str, list[Score]]) -> str:
    """A row for each kind of model and p-value: distance from uniform, with the sign of what is wrong."""
    lines = [
        "| models | p-value | pairs | distance × √n | too small | smallest | below 0.01 | uniform at level 0.01 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind, scores in found.items():
        for name in P_VALUES:
            values = np.sort([score["p-values"][name] for score in scores])
            n = len(values)
            below = float((np.arange(1, n + 1) / n - values).max() * np.sqrt(n))
            above = float((values - np.arange(n) / n).max() * np.sqrt(n))
            word = "yes" if max(below, above) < LEVEL else "an upper bound" if below < LEVEL else "no"
            lines.append(
                f"| {kind} | {name} | {n} | {max(below, above):.2f} | {below:.2f} | {values[0]:.1g} | "
                f"{(values <= 0.01).mean():.1%} | {word} |"
            )
    return "\n".join(lines)


def cosines(scores: list[Score]) -> str:
    """Mean and standard deviation of the vector's cosines."""
    values = [score["scores"]["vector"] for score in scores]
    return f"mean {np.mean(values):+.3f}, standard deviation {np.std(values):.3f}, largest {max(values):.3f}"
