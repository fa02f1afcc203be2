"""What every method says about a pair of models; kept in a file, by the content of models and code."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch

import huref
from huref.model import open_model
from huref.paper import compare as paper
from huref.similarity.verdict import p_value
from huref.stages.frequency import count, dump_ids
from lab.lineage import corpus, draws, raw, rivals
from lab.lineage.family import meaning
from lab.lineage.make import MARK

#: Methods in the order of tables.
METHODS = (
    "vector",
    "vectors summed",
    "exact ICS",
    "folders",
    "paper: vector",
    "paper: ICS",
    "PCS",
    "AWM",
    "MDIR",
    "REEF",
    "raw ICS",
)
#: Those that are only here for comparison: huref does not have them, nor has anyone published them.
SHIPPED = METHODS[:-1]
#: Tokens of profile paper: the rarest of each tokenizer, about as large a share as its authors take of 32,000.
RAREST = 512
Score = dict[str, Any]


def score(pairs: list[tuple[Path, Path]], store: Path, workers: int, *, others: bool) -> list[Score]:
    """For every pair the scores and `seconds` by method, the verdict with what decided it, all p-values, and the
    cosines under every draw; with `others` by all methods, otherwise by `huref compare` alone. `store` keeps what was
    found before.
    """
    known: dict[str, Score] = json.loads(store.read_text()) if store.exists() else {}
    keys = [_key(*pair) for pair in pairs]
    missing = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in known}
    with ProcessPoolExecutor(workers, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        scores = pool.map(_everything if others else _compare, missing.values())
        for done, (key, found) in enumerate(zip(missing, scores, strict=True), 1):
            known[key] = found
            if done % 20 == 0 or done == len(missing):
                store.write_text(json.dumps(known))
                print(f"{done} of {len(missing)} pairs compared", file=sys.stderr, flush=True)
    return [known[key] for key in keys]


def _compare(pair: tuple[Path, Path]) -> Score:
    """What huref itself says."""
    start = time.perf_counter()
    full = huref.compare(*pair)
    seconds = time.perf_counter() - start
    evidence = full.evidence
    assert evidence is not None
    found = draws.compare(*pair)
    return {
        "scores": {
            "vector": full.cosine,
            "vectors summed": found[0]["summed"],
            "exact ICS": max(layer.ics for layer in evidence.layers if layer.exact),
            "folders": -full.corrected_p_value,
        },
        "seconds": {"folders": seconds},
        "verdict": full.verdict,
        "decided by": full.decided_by,
        "p-values": {
            "vector": min(1.0, full.pairs * full.p_value),
            "own vectors": p_value(found[1]["mean"], full.null_width / len(full.layers) ** 0.5),
            **{
                finding.name: finding.p_value
                for finding in (*evidence.tests, evidence.terms)
                if finding and finding.ran
            },
            "comparison": full.corrected_p_value,
        },
        "draws": found,
    }


def _everything(pair: tuple[Path, Path]) -> Score:
    found = _compare(pair)
    others: dict[tuple[str, ...], Callable[[Path, Path], Sequence[float]]] = {
        ("paper: vector", "paper: ICS", "PCS"): _published,
        ("AWM",): lambda a, b: [rivals.awm(a, b)],
        ("MDIR",): lambda a, b: [rivals.mdir(a, b)],
        ("REEF",): lambda a, b: [rivals.reef(a, b)],
        ("raw ICS",): lambda a, b: [raw.ics(a, b)],
    }
    for names, method in others.items():
        start = time.perf_counter()
        found["scores"].update(zip(names, method(*pair), strict=True))
        found["seconds"][names[-1]] = time.perf_counter() - start
    return found


def _published(a: Path, b: Path) -> list[float]:
    """Vector, ICS and PCS by the authors' definition."""
    found = paper.compare_models(open_model(a), open_model(b), (_rarest(a), _rarest(b)))
    assert found.ics is not None
    assert found.pcs is not None
    return [found.cosine, found.ics, found.pcs.value]


def _key(a: Path, b: Path) -> str:
    return hashlib.sha256("\n".join([_code(), *((side / MARK).read_text() for side in (a, b))]).encode()).hexdigest()


@cache
def _code() -> str:
    """What a score depends on besides the models; the core is not in it, because the bytes of a profile are fixed."""
    core = Path(huref.__file__).parent
    files = [*sorted(core.glob("similarity/*.py")), core / "stages" / "terms.py", *sorted(core.glob("paper/*.py"))]
    files += [Path(str(module.__file__)) for module in (draws, raw, rivals)] + [Path(__file__)]
    return hashlib.sha256("\n".join(map(meaning, files)).encode()).hexdigest()


#: The lists of tokenizers that were met before, by their bytes.
_rarest_tokens: dict[bytes, Path] = {}


def _rarest(folder: Path) -> Path:
    """A frequency list of the model's tokenizer, cut to its rarest tokens."""
    tokenizer = (folder / "tokenizer.json").read_bytes()
    if tokenizer not in _rarest_tokens:
        place = Path(tempfile.mkdtemp())
        text = place / "text"
        text.write_text("\n".join(corpus.texts("python")[::8]))
        order, _ = count(open_model(folder), [text])
        (place / "list").write_bytes(dump_ids(order[-RAREST:]))
        _rarest_tokens[tokenizer] = place / "list"
    return _rarest_tokens[tokenizer]
