"""The same numbers on a GPU as on the processor, and the time of both: python -m benchmarks.gpu [SHAPE]

Makes a model of that shape (default: two layers of LLaMA-7B's), and computes on both devices the sketches of two draws,
which must be equal bit for bit; the sketches once more layer by layer; and the full terms and the exact ICS of the two
layers, which must agree within 1e-12. Writes benchmarks/gpu.json and the section of docs/performance.md that shows it.

It needs torch with a GPU, what `huref fingerprint` needs, and the native module; neither a compiler nor a network.
Where only the module is at hand, `PYTHONPATH=python python3 -m benchmarks.gpu` does what `make gpu-check` does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from huref.errors import UsageError
from huref.model import open_model
from huref.profile import DEFAULT, named
from huref.similarity import ics
from huref.stages import sketch
from huref.stages.quantise import Quantised, Source, choose
from huref.stages.terms import centred, factors
from huref.stages.tokens import select

from . import measure
from .shapes import SHAPES, write

RESULTS = Path(__file__).with_suffix(".json")
HEADING = "## On a GPU"
#: How far apart full terms (of their largest entry) and exact ICS may be on two devices.
NEAR = 1e-12
#: The seed of an owner's draw.
SEED = bytes(range(32))
T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What the work gives, and its seconds. It ends with a result in the processor's memory, so nothing is pending."""
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def terms(quantised: Quantised, library: ics.Library) -> Iterator[np.ndarray[Any, Any]]:
    """The full K x K terms, computed there."""
    x = library.put(centred(quantised))
    for term in factors(quantised, x, x, put=library.put):
        matrix: Any = term.matrix()
        yield matrix if library.device is None else matrix.cpu().numpy()


def agreement(layers: list[Quantised], library: ics.Library) -> list[float]:
    """Exact ICS of the first layer with the second and with itself."""
    frames = [ics.cores(layer, library=library) for layer in layers]
    return [*ics.ics(frames[0], frames[1]), *ics.ics(frames[0], frames[0])]


def apart(here: Iterator[np.ndarray[Any, Any]], there: Iterator[np.ndarray[Any, Any]]) -> float:
    """The largest difference of two entries, as a part of the largest entry of the term."""
    return max(float(abs(a - b).max() / abs(a).max()) for a, b in zip(here, there, strict=True))


def compare(source: Source, device: str = "cuda") -> dict[str, Any]:
    """Both devices on one model of two layers. SystemExit where they differ; UsageError without such a device."""
    other = ics.library(device)
    both, layers = source.whole(), [source.alone(index) for index in range(2)]
    seeds = (None, SEED)
    sketch.sketch(layers[0], device)  # the driver's own start is nobody's time
    cpu, cpu_seconds = timed(lambda: sketch.sketch(both, "cpu", seeds=seeds))
    gpu, gpu_seconds = timed(lambda: sketch.sketch(both, device, seeds=seeds))
    if cpu != gpu:
        sys.exit("the sketches differ")
    one, one_seconds = timed(lambda: sketch.streamed(source, "cpu", seeds=seeds))
    other_one, other_seconds = timed(lambda: sketch.streamed(source, device, seeds=seeds))
    if not cpu == one == other_one:
        sys.exit("the sketches made layer by layer differ")
    distance = apart(terms(layers[0], ics.NUMPY), terms(layers[0], other))
    here, here_seconds = timed(lambda: agreement(layers, ics.NUMPY))
    there, there_seconds = timed(lambda: agreement(layers, other))
    difference = max(abs(a - b) for a, b in zip(here, there, strict=True))
    if not max(distance, difference) <= NEAR:
        sys.exit(f"full terms differ by {distance:.1e} of their largest entry, exact ICS by {difference:.1e}")
    return {
        "sketches": {"cpu": cpu_seconds, "gpu": gpu_seconds, "draws": len(seeds)},
        "streamed": {"cpu": one_seconds, "gpu": other_seconds},
        "ics": {"cpu": here_seconds, "gpu": there_seconds, "difference": difference},
        "terms": {"difference": distance},
    }


def chosen(folder: Path, name: str) -> Source:
    """A model of that shape, written to the folder."""
    write(SHAPES[name], folder)
    model, rules = open_model(folder), named(DEFAULT)
    return choose(model, select(model, rules), (0, 1), rules)


def card() -> dict[str, Any]:
    """The GPU, what drives it, and the MiB that torch had on it at most."""
    import torch

    peak = torch.cuda.max_memory_allocated() / 2**20
    return {"card": torch.cuda.get_device_name(), "torch": torch.__version__, "peak": peak}


def section(result: dict[str, Any] | None) -> str:
    """The text of docs/performance.md."""
    if result is None:
        return (
            "No GPU was at hand, so nothing was measured on one. With torch and CUDA, `huref fingerprint --device "
            "cuda` computes the sketches on the GPU, layer by layer, one block of a matrix at a time. Tests on torch's "
            "CPU device show that the integers are the same; `make gpu-check` compares and measures on a GPU.\n"
        )
    about, f = result["machine"], result["figures"]
    return (
        f"{f['card']}, torch {f['torch']}, beside {about['cores']} cores of the same machine "
        f"({about['processor']}), measured on {about['date']}; `make gpu-check`. A model of the shape {f['shape']}, "
        f"two layers, sketches of {f['sketches']['draws']} draws. Sketches were equal bit for bit, whole and layer by "
        f"layer; full terms differed by at most {f['terms']['difference']:.1e} of their largest entry, exact ICS by "
        f"{f['ics']['difference']:.1e}. The GPU held at most {f['peak']:.0f} MiB.\n\n"
        "|  | GPU | processor |\n| --- | --- | --- |\n"
        f"| sketches, the model in memory | {f['sketches']['gpu']:.2f} s | {f['sketches']['cpu']:.2f} s |\n"
        "| reading, canonical form (on the processor) and sketches, layer by layer "
        f"| {f['streamed']['gpu']:.2f} s | {f['streamed']['cpu']:.2f} s |\n"
        f"| exact ICS of two layers | {f['ics']['gpu']:.2f} s | {f['ics']['cpu']:.2f} s |\n"
    )


def main() -> None:
    """Measure, and write the results."""
    shape = sys.argv[1] if len(sys.argv) > 1 else "llama-7b"
    try:
        ics.library("cuda")
    except UsageError as why:
        sys.exit(f"nothing was checked: {why}")

    def figures(folder: Path) -> dict[str, Any]:
        return {"shape": shape} | compare(chosen(folder / "model", shape)) | card()

    measure.record(RESULTS, HEADING, figures, section)


if __name__ == "__main__":
    main()
