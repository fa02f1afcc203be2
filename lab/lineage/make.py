"""Makes the models of the recipes, two at a time; what is there and was made alike is not made again."""

from __future__ import annotations

import shutil
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

import torch

from lab.lineage.family import Recipe

#: The last file of a finished folder; it holds the digest of the recipe.
MARK = "recipe.sha256"


def make(folder: Path, recipes: list[Recipe], workers: int) -> dict[str, Path]:
    """The folder of every recipe, by name."""
    digests: dict[str, str] = {}
    for recipe in recipes:
        digests[recipe.name] = recipe.digest([digests[parent] for parent in recipe.parents])
    paths = places(folder, recipes)
    missing = [recipe for recipe in recipes if not _made(paths[recipe.name], digests[recipe.name])]
    running: dict[Future[float], Recipe] = {}
    with ProcessPoolExecutor(workers, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        while missing or running:
            absent = {recipe.name for recipe in (*missing, *running.values())}
            for recipe in [recipe for recipe in missing if not absent & set(recipe.parents)]:
                missing.remove(recipe)
                parents = [paths[parent] for parent in recipe.parents]
                running[pool.submit(_make, recipe, paths[recipe.name], parents, digests[recipe.name])] = recipe
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                print(f"{running.pop(done).name}: {done.result():.0f} s", file=sys.stderr, flush=True)
    return paths


def places(folder: Path, recipes: list[Recipe]) -> dict[str, Path]:
    """Where the model of every recipe is kept, by name."""
    return {recipe.name: folder / _plain(recipe.name) for recipe in recipes}


def _make(recipe: Recipe, at: Path, parents: list[Path], digest: str) -> float:
    """Seconds that it took."""
    start = time.perf_counter()
    if at.exists():
        shutil.rmtree(at)
    recipe.make(at, *parents, **recipe.arguments)
    (at / MARK).write_text(digest)
    return time.perf_counter() - start


def _made(at: Path, digest: str) -> bool:
    return (at / MARK).is_file() and (at / MARK).read_text() == digest


def _plain(name: str) -> str:
    """A name for a folder."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name).split())
