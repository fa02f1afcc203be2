"""Changes of weights that look at data: activations, gradients, representations. Small imitations of published ones.

surgery       Model Surgery: rows along a probe's direction (Wang et al. 2024, arXiv 2407.08770)
sparse        Wanda (Sun et al. 2023, arXiv 2306.11695), GBLM-Pruner (Das et al. 2023, arXiv 2311.04902)
structured    LLM-Pruner: coupled heads, neurons, hidden dimensions (Ma et al. 2023, arXiv 2305.11627)
clusters      CRaSh: which neighbouring layers are alike (Zhang et al. 2023, arXiv 2310.15477)
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import torch

from lab.lineage import corpus, train

#: Batches of text that are looked at.
CALIBRATION = 8


def surgery(at: Path, source: Path, *, share: float, strength: float) -> None:
    """A probe tells the two texts apart in the hidden state behind a block; the rows that open neurons (the gate, or
    what there is) and lie most along it are moved along it, by `strength` of their length.
    """
    model, tokenizer = train.load(source)
    states = [_states(model, tokenizer, text) for text in ("python", "packages")]
    for index, layer in enumerate(_layers(model)):
        probe = states[0][index].mean((0, 1)) - states[1][index].mean((0, 1))
        probe = probe / probe.norm()
        rows = layer.mlp.gate_proj.weight if hasattr(layer.mlp, "gate_proj") else layer.mlp.dense_h_to_4h.weight
        with torch.no_grad():
            along = (rows @ probe) / rows.norm(dim=1)
            chosen = along.topk(int(share * len(rows))).indices
            rows[chosen] += strength * rows[chosen].norm(dim=1, keepdim=True) * probe
    train.save(model, at, source)


def sparse(at: Path, source: Path, *, rule: Literal["wanda", "gblm"]) -> None:
    """Half of the weights of every row become zero: those of least |weight| times the size of what they are multiplied
    with (Wanda), and that of their gradient besides (GBLM-Pruner).
    """
    model, tokenizer = train.load(source)
    layers = train.linear(model)
    inputs = {name: torch.zeros(layer.in_features) for name, layer in layers}

    def watch(name: str) -> Any:
        def hook(_layer: Any, given: tuple[torch.Tensor, ...], _found: Any) -> None:
            inputs[name] += given[0].detach().flatten(0, -2).square().sum(0)

        return hook

    hooks = [layer.register_forward_hook(watch(name)) for name, layer in layers]
    squares = _gradients(model, tokenizer)
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for name, layer in layers:
            size = inputs[name].sqrt() / inputs[name].sqrt().mean()
            if rule == "gblm":
                gradient = squares[name + ".weight"].sqrt()
                size = size + gradient / gradient.mean()
            score = layer.weight.abs() * size
            least = score.argsort(dim=1)[:, : layer.in_features // 2]
            layer.weight.scatter_(1, least, 0.0)
    train.save(model, at, source)


def structured(at: Path, source: Path, *, neurons: float, groups: float, hidden: float, seed: int) -> None:
    """Of a LLaMA these shares of neurons, of key/value groups with their query heads, and of hidden dimensions are
    kept: those that the loss would miss most (first order, |weight x gradient| summed over what goes together); then a
    short recovery.
    """
    torch.manual_seed(seed)
    model, tokenizer = train.load(source)
    _gradients(model, tokenizer)
    config = model.config
    worth = {name: (part * part.grad).detach().abs() for name, part in model.named_parameters()}
    felt = [
        value.reshape(-1, config.hidden_size).sum(0) if _reads(name) else value.sum(1) for name, value in worth.items()
    ]
    dimensions = _best(sum(felt), hidden)
    inside: dict[str, torch.Tensor] = {}
    for layer in range(config.num_hidden_layers):
        inside |= _kept_inside(f"model.layers.{layer}.", worth, config, neurons, groups)
    tensors = {}
    for name, part in model.named_parameters():
        places = inside.get(name, torch.arange(part.shape[0 if _reads(name) else -1]))
        rows, columns = (places, dimensions) if _reads(name) else (dimensions, places)
        tensors[name] = part.detach()[rows][:, columns] if part.ndim == 2 else part.detach()[dimensions]
    config.hidden_size = len(dimensions)
    config.intermediate_size = int(neurons * config.intermediate_size)
    config.num_key_value_heads = int(groups * config.num_key_value_heads)
    config.num_attention_heads = int(groups * config.num_attention_heads)
    smaller = type(model)(config)
    smaller.load_state_dict(tensors)
    train.learn(smaller, train.blocks(corpus.ids(tokenizer, "python"), seed), 50, 5e-4)
    train.save(smaller, at, source)


def _kept_inside(
    layer: str, worth: dict[str, torch.Tensor], config: Any, neurons: float, groups: float
) -> dict[str, torch.Tensor]:
    """For each matrix of a layer the heads' or neurons' places that are kept."""
    width, hidden = config.head_dim, config.hidden_size
    group = config.num_attention_heads // config.num_key_value_heads * width
    q, k, v, o = (f"{layer}self_attn.{part}_proj.weight" for part in "qkvo")
    gate, up, down = (f"{layer}mlp.{part}_proj.weight" for part in ("gate", "up", "down"))
    best = _best(worth[gate].sum(1) + worth[up].sum(1) + worth[down].sum(0), neurons)
    heads = worth[q].view(-1, group, hidden).sum((1, 2)) + worth[o].view(hidden, -1, group).sum((0, 2))
    heads = heads + sum(worth[part].view(-1, width, hidden).sum((1, 2)) for part in (k, v))
    wide, narrow = (_spread(_best(heads, groups), size) for size in (group, width))
    return {gate: best, up: best, down: best, q: wide, o: wide, k: narrow, v: narrow}


def clusters(source: Path, count: int) -> list[list[int]]:
    """Layers in runs of neighbours whose outputs are most alike (linear CKA), until there are `count` runs."""
    model, tokenizer = train.load(source)
    states = [state.flatten(0, 1) for state in _states(model, tokenizer, "python")]
    runs = [[index] for index in range(len(states))]
    while len(runs) > count:
        alike = [_cka(states[one[-1]], states[two[0]]) for one, two in pairwise(runs)]
        place = max(range(len(alike)), key=alike.__getitem__)
        runs[place : place + 2] = [runs[place] + runs[place + 1]]
    return runs


def _cka(x: torch.Tensor, y: torch.Tensor) -> float:
    """Linear CKA (Kornblith et al. 2019) of two tables of samples."""
    x, y = x - x.mean(0), y - y.mean(0)
    return float((x.T @ y).norm() ** 2 / ((x.T @ x).norm() * (y.T @ y).norm()))


def _reads(name: str) -> bool:
    """Whether the hidden dimensions are the columns of a tensor (or all of it); otherwise they are its rows."""
    return not name.endswith(("o_proj.weight", "down_proj.weight"))


def _best(worth: Any, share: float) -> torch.Tensor:
    """The places of that share of the largest, ascending."""
    found: torch.Tensor = worth.topk(int(share * len(worth))).indices.sort().values
    return found


def _spread(blocks: torch.Tensor, size: int) -> torch.Tensor:
    """The rows of blocks of that size."""
    return (blocks[:, None] * size + torch.arange(size)).flatten()


def _layers(model: Any) -> Any:
    return model.gpt_neox.layers if hasattr(model, "gpt_neox") else model.model.layers


@torch.no_grad()
def _states(model: Any, tokenizer: Any, text: str) -> list[torch.Tensor]:
    """What each block gives out over some batches of a text: blocks x length x hidden, one for each layer."""
    source = train.blocks(corpus.ids(tokenizer, text), 0)
    batch = torch.cat([next(source) for _ in range(CALIBRATION)])
    return list(model(input_ids=batch, output_hidden_states=True).hidden_states[1:])


def _gradients(model: Any, tokenizer: Any) -> dict[str, torch.Tensor]:
    """Leaves the gradient of the loss over some batches in every parameter; returns the sums of squares by batch."""
    source = train.blocks(corpus.ids(tokenizer, "python"), 0)
    total = {name: torch.zeros_like(part) for name, part in model.named_parameters()}
    squares = {name: torch.zeros_like(part) for name, part in model.named_parameters()}
    for _ in range(CALIBRATION):
        model.zero_grad()
        train.next_token(model, next(source)).backward()
        for name, part in model.named_parameters():
            total[name] += part.grad
            squares[name] += part.grad.square()
    for name, part in model.named_parameters():
        part.grad = total[name]
    return squares
