"""Which models the lab makes: bases, and what is derived from them. A recipe says how a folder comes to be."""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch
import transformers

from lab.lineage import corpus, cut, derive, disguise, extend, folder, prefer, prune, train

#: What makes models.
MODULES = (corpus, derive, disguise, extend, folder, prefer, prune, train)
STEPS = 400
#: Steps of continued pretraining after which a model is kept, in all.
LENGTHS = (50, 100, 200, 400)


@dataclass(frozen=True)
class Recipe:
    """A model: `make(folder, *folders of parents, **arguments)`. `what` it is to its base; `line`: the base's name."""

    name: str
    what: str
    line: str
    make: Callable[..., None]
    parents: tuple[str, ...] = ()
    arguments: dict[str, Any] = field(default_factory=dict)

    def digest(self, parents: list[str]) -> str:
        """SHA-256 of all that decides about the model: code, texts, versions, parents, arguments."""
        facts = [_code(), corpus.digest(), torch.__version__, transformers.__version__]
        facts += [self.make.__qualname__, json.dumps(self.arguments, sort_keys=True), *parents]
        if sys.modules[self.make.__module__] not in MODULES:
            facts.append(meaning(Path(str(sys.modules[self.make.__module__].__file__))))
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()


@dataclass(frozen=True)
class Base:
    """A model of its own random start. `hard`: its embeddings are tied (see docs/quality.md)."""

    name: str
    kind: str
    seed: int
    tokens: str = "first"

    @property
    def hard(self) -> bool:
        """Whether input and output embeddings are one matrix."""
        return self.kind in ("gpt2", "tied")


BASES = (
    *(Base(f"llama {seed}", "llama", seed) for seed in range(4)),
    Base("llama 4, other tokenizer", "llama", 4, "other"),
    Base("neox 5", "neox", 5),
    Base("neox 6", "neox", 6),
    Base("gpt2 7", "gpt2", 7),
    Base("gpt2 8", "gpt2", 8),
    Base("tied llama 9", "tied", 9),
    Base("tied llama 10", "tied", 10),
)
#: Base -> the stranger of its kind that its descendants are compared with.
STRANGERS = {
    "llama 0": "llama 1",
    "llama 1": "llama 2",
    "neox 5": "neox 6",
    "gpt2 7": "gpt2 8",
    "tied llama 9": "tied llama 10",
}
#: The stranger that takes part in merges, and is compared with nothing that came from one.
MERGED = "llama 3"
#: The base whose descendants are all disguised as well.
DISGUISED = "llama 0"


def recipes() -> list[Recipe]:
    """All of them, parents before children."""
    made = []
    for one in BASES:
        arguments = {"kind": one.kind, "seed": one.seed, "tokens": one.tokens, "steps": STEPS}
        made.append(Recipe(one.name, "base", one.name, train.base, (), arguments))
    for one in BASES:
        if one.name in STRANGERS:
            made += _descendants(one)
    return made


def disguises() -> list[Recipe]:
    """The base that is disguised, under each disguise alone, under all of them, and with half of its vocabulary."""
    alone: dict[str, list[str] | None] = {name: [name] for name in disguise.DISGUISES}
    made = [
        Recipe(f"{DISGUISED}, {what}", what, DISGUISED, disguise.disguised, (DISGUISED,), {"seed": 100, "names": names})
        for what, names in (alone | {"all of these": None}).items()
    ]
    what, half = "vocabulary cut to half", corpus.TOKENIZERS["first"][1] // 2
    return [*made, Recipe(f"{DISGUISED}, {what}", what, DISGUISED, cut.cut, (DISGUISED,), {"tokens": half})]


def _descendants(base: Base) -> list[Recipe]:
    line: list[Recipe] = []

    def add(what: str, make: Callable[..., None], *parents: str, **arguments: Any) -> str:
        line.append(Recipe(f"{base.name}, {what}", what, base.name, make, parents or (base.name,), arguments))
        return line[-1].name

    seed = 100 + base.seed
    fine = add("fine-tuned", train.tuned, text="packages", seed=seed, steps=150, rate=5e-4)
    before, done = base.name, 0
    for length in LENGTHS:
        what = f"trained on for {length / STEPS:.0%} of its steps"
        before = add(what, train.tuned, before, text="packages", seed=seed + length, steps=length - done, rate=2e-3)
        done = length
    add("8 bits and back", derive.rounded, levels=127)
    add("4 bits and back", derive.rounded, levels=7)
    if not base.hard:
        _with_linear_layers(add, seed)
    if base.kind == "llama":
        _of_llama(base, add, seed, fine)
        add("disguised", disguise.disguised, seed=seed)
        if base.name == DISGUISED:
            for recipe in [recipe for recipe in line if recipe.what not in ("four experts", "disguised")]:
                add(f"{recipe.what}, disguised", disguise.disguised, recipe.name, seed=seed)
    return line


def _with_linear_layers(add: Callable[..., str], seed: int) -> None:
    add("LoRA, merged", train.tuned, text="packages", seed=seed, steps=150, rate=3e-3, rank=4)
    add("preferences tuned", prefer.preferred, seed=seed, steps=60, rate=5e-4)
    add("self-play, two rounds", prefer.self_played, seed=seed, rounds=2, steps=30, rate=5e-4)
    add("fingerprint taught", prefer.instructed, seed=seed, steps=60, rate=1e-3)
    add("parameters edited", prune.surgery, share=0.1, strength=0.5)
    add("half pruned by size", derive.half_pruned)
    add("half pruned, Wanda", prune.sparse, rule="wanda")
    add("half pruned, GBLM", prune.sparse, rule="gblm")
    add("vocabulary extended", extend.extended, tokens=300, seed=seed, steps=150, rate=1e-3)


def _of_llama(base: Base, add: Callable[..., str], seed: int, fine: str) -> None:
    add("neurons cut to 40 %", prune.structured, neurons=0.4, groups=1.0, hidden=1.0, seed=seed)
    add("heads and neurons cut by half", prune.structured, neurons=0.5, groups=0.5, hidden=1.0, seed=seed)
    add("all widths cut to 3/4", prune.structured, neurons=0.75, groups=1.0, hidden=0.75, seed=seed)
    add("layers clustered, dropped", derive.clustered, shared=False)
    add("layers clustered, shared", derive.clustered, shared=True)
    add("last layer dropped", derive.layered, order=(0, 1, 2))
    add("layers reordered", derive.layered, order=(0, 2, 1, 3))
    add("merged with a relative", derive.merged, fine, f"{base.name}, preferences tuned", share=0.5)
    add("merged, a quarter a stranger", derive.merged, base.name, MERGED, share=0.25)
    add("merged, half a stranger", derive.merged, base.name, MERGED, share=0.5)
    add("four experts", derive.mixture)


@cache
def _code() -> str:
    return "\n".join(meaning(Path(str(module.__file__))) for module in MODULES)


def meaning(file: Path) -> str:
    """What a module does; comments, docstrings and layout do not count."""
    tree = ast.parse(file.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            del node.body[0]
    return ast.dump(tree)
