"""P-values of many independent pairs: are they uniform? Tiny models, untrained, and trained on one text."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from huref.similarity.weigh import WEIGHTS
from lab.lineage import corpus, train
from lab.lineage.family import Recipe
from lab.lineage.scores import Score

#: Models of each kind: 210 pairs.
MODELS, STEPS = 21, 60
KINDS = {"untrained": 0, "trained on one text": STEPS}
P_VALUES = ("vector", "own vectors", *(name for name in WEIGHTS if name != "vector"), "terms", "comparison")
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
            values = np.sort([score["p-values"][name] for score in scores if name in score["p-values"]])
            if not len(values):
                continue
            n = len(values)
            below = float((np.arange(1, n + 1) / n - values).max() * np.sqrt(n))
            above = float((values - np.arange(n) / n).max() * np.sqrt(n))
            word = "yes" if max(below, above) < LEVEL else "an upper bound" if below < LEVEL else "no"
            lines.append(
                f"| {kind} | {name} | {n} | {max(below, above):.2f} | {below:.2f} | {values[0]:.1g} | "
                f"{(values <= 0.01).mean():.1%} | {word} |"
            )
    return "\n".join(lines)


def widths(found: dict[str, list[Score]]) -> str:
    """How far the cosines of independent models spread, over all draws: of two layers; of the vectors of all layers
    together; and, under a further draw, the mean over the layers that the common draw matched.
    """
    lines = [
        "| models | cosines | number | mean | standard deviation | smallest | largest |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, scores in found.items():
        seen = [score["draws"] for score in scores]
        values = {
            "two layers": [cosine for draws in seen for draw in draws for row in draw["table"] for cosine in row],
            "all layers together": [draw["summed"] for draws in seen for draw in draws],
            "own draw, mean of two matched layers": [draw["mean"] for draws in seen for draw in draws[1:]],
        }
        for name, cosines in values.items():
            lines.append(
                f"| {kind} | {name} | {len(cosines)} | {np.mean(cosines):+.3f} | {np.std(cosines):.3f} | "
                f"{min(cosines):.3f} | {max(cosines):.3f} |"
            )
    return "\n".join(lines)
