"""`huref inspect`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts import context as contexts
from ...artefacts import tokens
from ...artefacts.claims import Claims
from ...artefacts.document import RESULTS, Part, Result
from ...artefacts.report import Drawn, Identity, MadeFor
from ...artefacts.words import count, files, listed, size
from ...errors import shown
from ...planning.sizes import Sizes
from ...profile import named
from ...verifier.check import drawn, made_for, security_terms
from .. import options
from ..app import Command
from ..files import load_bundle
from ..show import Out, formatted

WARNING = "Nothing was checked: this is what the file says. Check it with: huref verify"


@dataclass(frozen=True)
class Dimensions(Part):
    """The shape of a statement, as in bundles."""

    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    layers: tuple[int, ...]


@dataclass(frozen=True)
class InspectedSizes(Part):
    """Bytes of the proof, of the commitment's rows, of the PNG file."""

    proof: int
    commitment: int
    image: int


@dataclass(frozen=True)
class Strength(Part):
    """One term of the soundness error: -log2 of its probability, or of the work."""

    name: str
    bits: float


@dataclass(frozen=True)
class Security(Part):
    """The smallest of the terms in whole bits, and all of them."""

    bits: int
    terms: tuple[Strength, ...]


@dataclass(frozen=True, kw_only=True)
class Inspected(Result):
    """What `huref inspect` prints: what the bundle says, of which nothing was checked."""

    schema: str = f"{RESULTS}/inspect/v1"
    checked: bool = False
    bundle: Identity
    protocol: str
    profile: str
    shape: Dimensions
    tokens: int
    token_digest: str
    commitment: str
    rows: int
    integers: int
    draws: tuple[Drawn, ...]
    made_for: MadeFor | None = None
    vector_digest: str | None = None
    claimed: Claims
    sizes: InspectedSizes
    security: Security


@click.command(cls=Command)
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(allow_dash=True))
@options.commitments
@formatted
def command(bundle_path: str, commitments: tuple[Path, ...], out: Out) -> None:
    """Show what a bundle says, and how secure its proof would be. Checks nothing.

    Security is computed term by term from profile and shape. 'huref verify' does the checking. BUNDLE may be - for
    stdin.
    """
    found = load_bundle(bundle_path, commitments=commitments)
    statement, claims, shape = found.statement, found.claims, found.statement.shape
    terms = security_terms(statement)
    level = int(min(bits for _, bits in terms))
    sizes = Sizes(statement.profile, shape, len(statement.draws))
    image = 0 if found.image is None else len(found.image.png)
    document = Inspected(
        bundle=Identity(found.digest, found.file_digest, found.version),
        protocol=named(statement.profile).protocol,
        profile=statement.profile,
        shape=Dimensions(shape.hidden, shape.heads, shape.kv_heads, shape.head_dim, shape.ffn, shape.layers),
        tokens=len(shape.tokens),
        token_digest=tokens.digest(shape.tokens),
        commitment=statement.commitment.id,
        rows=sizes.rows,
        integers=sizes.integers,
        draws=drawn(statement),
        made_for=made_for(statement.context),
        vector_digest=statement.vector_digest,
        claimed=claims,
        sizes=InspectedSizes(len(found.proof), len(statement.commitment.rows), image),
        security=Security(level, tuple(Strength(name, round(bits, 1)) for name, bits in terms)),
    )
    heads = f"{count(shape.heads, 'head')} of {shape.head_dim} ({shape.kv_heads} of keys and values)"
    out.result(
        document,
        WARNING,
        (
            "Statement",
            [
                ("profile", statement.profile),
                ("layers", listed(shape.layers)),
                ("shape", f"hidden size {shape.hidden}, {heads}, {shape.ffn} neurons"),
                ("tokens", f"{len(shape.tokens):,}"),
                ("weights", f"{sizes.integers:,} integers in {count(sizes.rows, 'committed row')}"),
                ("commitment", statement.commitment.id),
                *(
                    (draw.kind, f"{count(len(shape.layers), 'vector')}, digest {draw.digest[:16]}")
                    for draw in document.draws
                ),
                *([] if statement.challenge is None else [("answers", f"challenge {statement.challenge.seed.hex()}")]),
                *((name, shown(value)) for name, value in contexts.to_fields(statement.context).items()),
                ("bundle", found.digest),
            ],
        ),
        (
            "Claimed by its maker",
            [
                ("model", claims.model_name),
                ("made", f"{claims.proved_at} by {claims.prover}"),
                *files(claims.files),
            ],
        ),
        (
            "Sizes",
            [
                ("proof", size(len(found.proof))),
                ("commitment", size(len(statement.commitment.rows))),
                ("image", size(image) if image else "none"),
            ],
        ),
        (
            f"Security: {level} bits, the smallest of",
            [(f"{bits:.1f}", name) for name, bits in terms],
        ),
    )
