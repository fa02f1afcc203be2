"""Verifying against the caller's own files: a picture, or the model itself.

A proof speaks of committed integers, not of files. With the files at hand that gap can be closed: the same canonical
form, rounding, sketches and encoding give the public outputs again, and with the opening every row of the commitment.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import disk
from . import image as images
from .artefacts.bundle import Bundle
from .artefacts.opening import Opening
from .artefacts.portrait import portrayed
from .artefacts.report import Picture, Weights
from .artefacts.shape import Shape
from .errors import ImageMismatchError, InputError, UsageError, WeightsMismatchError
from .profile import named
from .progress import Progress, silent
from .verifier.check import no_portrait


def generator_of(bundle: Bundle, path: Path) -> images.Renderer:
    """What draws the image of a bundle again, from the file of its generator.

    Raises:
        UsageError: the image is by a different generator, or by none; torch or safetensors is not installed.
        NotFoundError, InputError: the file is missing, or holds no generator.

    """
    named = None if bundle.image is None else bundle.image.generator
    if named is None:
        raise UsageError(f"the image of this bundle is drawn without a generator; leave {path} out")
    found = images.renderer("stylegan2", path)
    if found.generator != named:
        raise UsageError(f"{path} is not the generator of the bundle's image: its SHA-256 is not {named}")
    return found


def same_image(bundle: Bundle, path: Path, generator: images.Renderer | None = None) -> Picture:
    """Compare a PNG file with the image of a bundle's vector, pixel by pixel: the portrait, or that by the generator.

    Raises:
        ImageMismatchError: the file shows a different picture.
        NotFoundError, InputError: the file is missing, cannot be read, or is not a plain PNG file.
        UsageError: the vector has no portrait, or the generator of the bundle's image is not at hand.

    """
    vector = portrayed(bundle.statement)
    if vector is None:
        raise UsageError(f"{no_portrait(bundle.statement)}; there is nothing to compare {path} with")
    if generator is None and bundle.image is not None and bundle.image.generator is not None:
        raise UsageError(
            f"the image of this bundle is by a generator; give it too, to compare {path}: --generator FILE"
        )
    try:
        given = images.decode(disk.read(path, images.MAX_BYTES))
    except ValueError as why:
        raise InputError(f"{path}: {why}") from None
    by = images.PORTRAIT if generator is None else generator
    if not np.array_equal(given, by.draw(vector)):
        what = "the portrait" if generator is None else "the generator's image"
        raise ImageMismatchError(f"{path} is not {what} of the proved vector")
    return Picture(images.rgb_digest(given))


def same_weights(
    bundle: Bundle,
    folder: Path,
    opening: Opening | None,
    progress: Progress = silent,
    *,
    base: str | Path | None = None,
) -> Weights:
    """Compute the public outputs of a bundle again from a model folder and, with the opening, its commitment.

    Tokens, layers and draws are those of the bundle; `base`: the model that its commitment was aligned to, if it was. A
    match shows that these files have these vectors; a match of the commitment shows that the proof is about these very
    files.

    Raises:
        WeightsMismatchError: something differs; the message says what.
        UsageError: the opening says that the commitment was aligned and there is no base, or the reverse.
        NotFoundError, ModelError: a folder is missing or cannot be used.

    """
    from .model import open_model
    from .similarity import cosine
    from .stages.base import must_fit
    from .stages.commit import recommit
    from .stages.encode import encode
    from .stages.quantise import choose
    from .stages.sketch import sketch
    from .stages.tokens import match_all

    if opening is not None:
        must_fit(opening, base)
    model = open_model(folder)
    statement = bundle.statement
    shape = statement.shape
    selection = match_all(model, shape.tokens)
    if shape.layers[-1] >= model.architecture.layers:
        count = model.architecture.layers
        raise WeightsMismatchError(
            f"{model.path}: it has {count} layers, but the bundle is about layer {shape.layers[-1]}"
        )
    source = choose(model, selection, shape.layers, named(statement.profile))
    if source.shape != shape:
        raise WeightsMismatchError(
            f"{model.path}: its sizes are not those of the bundle: {_sizes(source.shape, shape)}"
        )
    if base is not None:
        source = source.aligned_to(open_model(base), None if opening is None else opening.aligned_to)
    quantised = source.whole(progress)
    seeds = [draw.seed(statement.commitment.id) for draw in statement.draws]
    sketches = sketch(quantised, "auto", progress, seeds)
    networks = [draw.network for draw in statement.draws]
    for sketched, seed, network, stated in zip(sketches, seeds, networks, statement.outputs, strict=True):
        found = encode(quantised, sketched, seed, network).outputs
        if found != stated:
            likeness = min(map(cosine, found.vectors, stated.vectors))
            why = f"the files give other vectors; the least cosine with the bundle's is {likeness:.4f}"
            if base is None:
                why += "; if the commitment was aligned to a base, give the base's folder too: --aligned-to"
            raise WeightsMismatchError(f"{model.path}: {why}")
    if opening is not None:
        if opening.commitment != statement.commitment.id:
            raise WeightsMismatchError("the opening does not belong to the commitment of the bundle")
        recommit(quantised, opening, progress)
    return Weights(commitment=opening is not None)


def _sizes(found: Shape, expected: Shape) -> str:
    names = ("hidden", "heads", "kv_heads", "head_dim", "ffn")
    pairs = ((name, getattr(found, name), getattr(expected, name)) for name in names)
    return ", ".join(f"{name} {got} instead of {want}" for name, got, want in pairs if got != want)
