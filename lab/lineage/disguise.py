"""Changes of a LLaMA's weights that keep what it computes, one by one and all together: what a thief would try."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab.lineage.folder import Array, Config, Tensors, read, read_tokenizer, write

EMBEDDING, HEAD, LAST = "model.embed_tokens.weight", "lm_head.weight", "model.norm.weight"


@dataclass
class Model:
    """A model folder in memory: tensors in float64, configuration, tokenizer."""

    tensors: Tensors
    config: Config
    tokenizer: Any

    def layers(self) -> Iterator[dict[str, str]]:
        """For every layer the names of its tensors, by what they are called here."""
        for layer in range(self.config["num_hidden_layers"]):
            at = f"model.layers.{layer}."
            yield {
                **{part: f"{at}self_attn.{part}_proj.weight" for part in "qkvo"},
                **{part: f"{at}mlp.{part}_proj.weight" for part in ("gate", "up", "down")},
                "before attention": f"{at}input_layernorm.weight",
                "before neurons": f"{at}post_attention_layernorm.weight",
            }

    def norms(self) -> Iterator[tuple[str, list[str]]]:
        """Every norm with the matrices that read what it lets through."""
        for names in self.layers():
            yield names["before attention"], [names[part] for part in "qkv"]
            yield names["before neurons"], [names["gate"], names["up"]]
        yield LAST, [HEAD]

    def written(self) -> Iterator[tuple[str, bool]]:
        """Every matrix that writes hidden dimensions, and whether these are its rows."""
        yield EMBEDDING, False
        for names in self.layers():
            yield from ((names[part], True) for part in ("o", "down"))

    def grouped(self, names: dict[str, str]) -> dict[str, Array]:
        """The rows of q, k, v and of o transposed: groups x heads of one x head size x hidden."""
        groups, size, hidden = (self.config[key] for key in ("num_key_value_heads", "head_dim", "hidden_size"))
        rows = {part: self.tensors[names[part]] for part in "qkv"} | {"o": self.tensors[names["o"]].T}
        return {part: values.reshape(groups, -1, size, hidden) for part, values in rows.items()}

    def regroup(self, names: dict[str, str], **parts: Array) -> None:
        """The reverse of `grouped`, for some of the four."""
        for part, values in parts.items():
            rows = values.reshape(-1, self.config["hidden_size"])
            self.tensors[names[part]] = rows.T if part == "o" else rows


Disguise = Callable[[Model, np.random.Generator], None]


def _turn(model: Model, turn: Array) -> None:
    """Hidden states times an orthogonal matrix; whatever reads them turns them back."""
    for name, rows in model.written():
        values = model.tensors[name]
        model.tensors[name] = turn.T @ values if rows else values @ turn
    for _, readers in model.norms():
        for name in readers:
            model.tensors[name] = model.tensors[name] @ turn


def permuted(model: Model, rng: np.random.Generator) -> None:
    """Hidden dimensions in another order."""
    order = np.eye(model.config["hidden_size"])[:, rng.permutation(model.config["hidden_size"])]
    _turn(model, order)
    for norm, _ in model.norms():
        model.tensors[norm] = model.tensors[norm] @ order


def flipped(model: Model, rng: np.random.Generator) -> None:
    """Signs of hidden dimensions."""
    signs = np.diag(rng.choice([-1.0, 1.0], model.config["hidden_size"]))
    _turn(model, signs)


def folded(model: Model, rng: np.random.Generator) -> None:
    """Norm weights times random factors, which are taken out of what reads them."""
    for norm, readers in model.norms():
        scale = np.exp(rng.uniform(-1, 1, model.config["hidden_size"]))
        model.tensors[norm] = model.tensors[norm] * scale
        for name in readers:
            model.tensors[name] = model.tensors[name] / scale


def rotated(model: Model, rng: np.random.Generator) -> None:
    """Norm weights into what reads them, then any rotation of the hidden space."""
    for norm, readers in model.norms():
        for name in readers:
            model.tensors[name] = model.tensors[name] * model.tensors[norm]
        model.tensors[norm] = np.ones_like(model.tensors[norm])
    _turn(model, np.linalg.qr(rng.standard_normal((model.config["hidden_size"],) * 2))[0])


def louder(model: Model, _rng: np.random.Generator) -> None:
    """Everything that is written times eight, which the norms take out again."""
    for name, _ in model.written():
        model.tensors[name] = model.tensors[name] * 8
    model.config["rms_norm_eps"] *= 64


def neurons_permuted(model: Model, rng: np.random.Generator) -> None:
    """Neurons in another order."""
    for names in model.layers():
        order = rng.permutation(len(model.tensors[names["up"]]))
        for part in ("gate", "up"):
            model.tensors[names[part]] = model.tensors[names[part]][order]
        model.tensors[names["down"]] = model.tensors[names["down"]][:, order]


def neurons_scaled(model: Model, rng: np.random.Generator) -> None:
    """What neurons read times a factor each, what they write divided by it."""
    for names in model.layers():
        scale = np.exp(rng.uniform(-3, 3, len(model.tensors[names["up"]])))
        model.tensors[names["up"]] = model.tensors[names["up"]] * scale[:, None]
        model.tensors[names["down"]] = model.tensors[names["down"]] / scale


def heads_permuted(model: Model, rng: np.random.Generator) -> None:
    """Key/value groups in another order, and the heads of each."""
    for names in model.layers():
        parts = model.grouped(names)
        groups, heads = (rng.permutation(size) for size in parts["q"].shape[:2])
        inner = {part: heads if part in "qo" else [0] for part in parts}
        model.regroup(names, **{part: values[groups][:, inner[part]] for part, values in parts.items()})


def keys_scaled(model: Model, rng: np.random.Generator) -> None:
    """Queries of a group times a factor, its keys divided by it."""
    for names in model.layers():
        parts = model.grouped(names)
        scale = np.exp(rng.uniform(-2, 2, (len(parts["k"]), 1, 1, 1)))
        model.regroup(names, q=parts["q"] * scale, k=parts["k"] / scale)


def pairs_turned(model: Model, rng: np.random.Generator) -> None:
    """Each pair of rotary dimensions turned, in queries and keys of a group alike."""
    for names in model.layers():
        parts = model.grouped(names)
        half = parts["k"].shape[2] // 2
        angle = rng.uniform(0, 2 * np.pi, (len(parts["k"]), 1, half, 1))

        def turned(values: Array, angle: Array = angle, half: int = half) -> Array:
            first, second = values[:, :, :half], values[:, :, half:]
            cos, sin = np.cos(angle), np.sin(angle)
            return np.concatenate([cos * first - sin * second, sin * first + cos * second], axis=2)

        model.regroup(names, q=turned(parts["q"]), k=turned(parts["k"]))


def values_mixed(model: Model, rng: np.random.Generator) -> None:
    """Values of a group times any invertible matrix, undone in the output matrix."""
    for names in model.layers():
        parts = model.grouped(names)
        groups, _, size, _ = parts["v"].shape
        mix = rng.standard_normal((groups, 1, size, size)) + 3 * np.eye(size)
        model.regroup(names, v=mix @ parts["v"], o=np.linalg.inv(mix).swapaxes(-1, -2) @ parts["o"])


def renumbered(model: Model, rng: np.random.Generator) -> None:
    """Other ids for all tokens."""
    table = model.tokenizer["model"]["vocab"]
    order = rng.permutation(len(table))
    place = np.argsort(order)
    model.tokenizer["model"]["vocab"] = {piece: int(place[number]) for piece, number in table.items()}
    for name in (EMBEDDING, HEAD):
        model.tensors[name] = model.tensors[name][order]


#: Each disguise by its name, in an order in which all can be put on.
DISGUISES: dict[str, Disguise] = {
    "hidden dimensions permuted": permuted,
    "signs of hidden dimensions flipped": flipped,
    "norm weights moved": folded,
    "hidden space rotated": rotated,
    "hidden states scaled": louder,
    "neurons permuted": neurons_permuted,
    "neurons scaled": neurons_scaled,
    "heads permuted": heads_permuted,
    "queries scaled against keys": keys_scaled,
    "rotary pairs turned": pairs_turned,
    "values mixed with outputs": values_mixed,
    "tokens renumbered": renumbered,
}


def disguised(at: Path, source: Path, *, seed: int, names: list[str] | None = None) -> None:
    """The disguises of those names (default: all), one on top of the other."""
    tensors, config = read(source)
    model = Model(
        {name: values.astype(np.float64) for name, values in tensors.items()},
        config,
        json.loads(read_tokenizer(source)),
    )
    rng = np.random.default_rng(seed)
    for name in DISGUISES if names is None else names:
        DISGUISES[name](model, rng)
    write(at, model.tensors, model.config, json.dumps(model.tokenizer).encode())
