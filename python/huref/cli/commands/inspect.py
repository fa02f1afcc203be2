"""`huref inspect`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts import context as contexts
from ...artefacts.claims import Claims
from ...artefacts.document import RESULTS, Part, Result
from ...artefacts.drift import PROTOCOL as DRIFT_PROTOCOL
from ...artefacts.drift import DriftBundle
from ...artefacts.drift_lines import drift_lines
from ...artefacts.drifted import Drifted
from ...artefacts.drifted import shown as far
from ...artefacts.intervals import Near
from ...artefacts.intervals import shown as said
from ...artefacts.near_lines import near_lines
from ...artefacts.nearness import PROTOCOL, NearBundle
from ...artefacts.report import Drawn, Identity, MadeFor
from ...artefacts.shape import Shape
from ...artefacts.words import Block, count, files, listed, size
from ...errors import shown
from ...planning.sizes import Sizes
from ...profile import named
from ...verifier.check import drawn, made_for, security_terms
from ...verifier.drift import security_terms as drift_terms
from ...verifier.near import security_terms as near_terms
from .. import options
from ..app import Command
from ..files import load_proved
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


@dataclass(frozen=True)
class ProofSizes(Part):
    """Bytes of the proof, and of the commitment's rows."""

    proof: int
    commitment: int


@dataclass(frozen=True, kw_only=True)
class InspectedNearness(Result):
    """What `huref inspect` prints of a nearness file, of which nothing was checked."""

    schema: str = f"{RESULTS}/inspect-nearness/v1"
    checked: bool = False
    nearness: Identity
    protocol: str
    profile: str
    shape: Dimensions
    tokens: int
    token_digest: str
    commitment: str
    said: Near
    made_for: MadeFor | None = None
    claimed: Claims
    sizes: ProofSizes
    security: Security


@dataclass(frozen=True, kw_only=True)
class InspectedDrift(Result):
    """What `huref inspect` prints of a drift file, of which nothing was checked. `security`: None if it is about a
    public model, without which that is not computed.
    """

    schema: str = f"{RESULTS}/inspect-drift/v1"
    checked: bool = False
    drift: Identity
    protocol: str
    profile: str
    shape: Dimensions
    tokens: int
    token_digest: str
    commitment: str
    said: Drifted
    made_for: MadeFor | None = None
    claimed: Claims
    sizes: ProofSizes
    security: Security | None = None


@click.command(cls=Command)
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(allow_dash=True))
@options.commitments
@formatted
def command(bundle_path: str, commitments: tuple[Path, ...], out: Out) -> None:
    """Show what a bundle, nearness or drift file says, and how secure its proof would be. Checks nothing.

    Security is computed term by term from profile and shape; what a network that is not of this release adds is not in
    it. 'huref verify' does the checking. BUNDLE may be - for stdin.
    """
    found = load_proved(bundle_path, commitments=commitments)
    if isinstance(found, NearBundle):
        _near(found, out)
        return
    if isinstance(found, DriftBundle):
        _drift(found, out)
        return
    statement, claims, shape = found.statement, found.claims, found.statement.shape
    security = _security(security_terms(statement))
    sizes = Sizes(statement.profile, shape, len(statement.draws))
    image = 0 if found.image is None else len(found.image.png)
    document = Inspected(
        bundle=Identity(found.digest, found.file_digest, found.version),
        protocol=named(statement.profile).protocol,
        profile=statement.profile,
        shape=_dimensions(shape),
        tokens=len(shape.tokens),
        token_digest=shape.token_digest,
        commitment=statement.commitment.id,
        rows=sizes.rows,
        integers=sizes.integers,
        draws=drawn(statement),
        made_for=made_for(statement.context),
        vector_digest=statement.vector_digest,
        claimed=claims,
        sizes=InspectedSizes(len(found.proof), len(statement.commitment.rows), image),
        security=security,
    )
    out.result(
        document,
        WARNING,
        (
            "Statement",
            [
                ("profile", statement.profile),
                ("layers", listed(shape.layers)),
                ("shape", _words(shape)),
                ("tokens", f"{len(shape.tokens):,}"),
                ("weights", f"{sizes.integers:,} integers in {count(sizes.rows, 'committed row')}"),
                ("commitment", statement.commitment.id),
                *(
                    (draw.kind, f"{count(len(shape.layers), 'vector')}, digest {draw.digest[:16]}")
                    for draw in document.draws
                ),
                *([] if statement.custom is None else [("network", statement.custom.network_id.hex())]),
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
        _strength(security),
    )


def _near(found: NearBundle, out: Out) -> None:
    """What a nearness file says."""
    statement, shape = found.statement, found.statement.shape
    document = InspectedNearness(
        nearness=Identity(found.digest, found.file_digest, found.version),
        protocol=PROTOCOL,
        profile=statement.profile,
        shape=_dimensions(shape),
        tokens=len(shape.tokens),
        token_digest=shape.token_digest,
        commitment=statement.committed.id,
        said=said(statement),
        made_for=made_for(statement.context),
        claimed=found.claims,
        sizes=ProofSizes(len(found.proof), len(statement.commitment)),
        security=_security(near_terms(statement)),
    )
    out.result(
        document,
        WARNING,
        (
            "Statement of nearness",
            [
                ("profile", statement.profile),
                ("layers", listed(shape.layers)),
                ("shape", _words(shape)),
                ("tokens", f"{len(shape.tokens):,}"),
                ("commitment", statement.committed.id),
                *near_lines(document.said),
                *((name, shown(value)) for name, value in contexts.to_fields(statement.context).items()),
                ("file", found.digest),
            ],
        ),
        (
            "Claimed by its maker",
            [
                ("made", f"{found.claims.proved_at} by {found.claims.prover}"),
                ("vectors", f"taken from bundle {found.claims.their_bundle}"),
            ],
        ),
        ("Sizes", [("proof", size(len(found.proof))), ("commitment", size(len(statement.commitment)))]),
        _strength(document.security),
    )


def _drift(found: DriftBundle, out: Out) -> None:
    """What a drift file says."""
    statement, shape = found.statement, found.statement.shape
    security = _security(drift_terms(statement, None)) if statement.public is None else None
    document = InspectedDrift(
        drift=Identity(found.digest, found.file_digest, found.version),
        protocol=DRIFT_PROTOCOL,
        profile=statement.profile,
        shape=_dimensions(shape),
        tokens=len(shape.tokens),
        token_digest=shape.token_digest,
        commitment=statement.commitments[0].id,
        said=far(statement),
        made_for=made_for(statement.context),
        claimed=found.claims,
        sizes=ProofSizes(len(found.proof), len(statement.commitment)),
        security=security,
    )
    unknown: Block = ("Security: computed together with the public model, by huref verify", [])
    out.result(
        document,
        WARNING,
        (
            "Statement of drift",
            [
                ("profile", statement.profile),
                ("layers", listed(shape.layers)),
                ("shape", _words(shape)),
                ("tokens", f"{len(shape.tokens):,}"),
                ("commitment", statement.commitments[0].id),
                *drift_lines(document.said),
                *((name, shown(value)) for name, value in contexts.to_fields(statement.context).items()),
                ("file", found.digest),
            ],
        ),
        (
            "Claimed by its maker",
            [
                ("model", found.claims.model_name),
                ("made", f"{found.claims.proved_at} by {found.claims.prover}"),
                *files(found.claims.files),
            ],
        ),
        ("Sizes", [("proof", size(len(found.proof))), ("commitment", size(len(statement.commitment)))]),
        unknown if security is None else _strength(security),
    )


def _security(terms: list[tuple[str, float]]) -> Security:
    return Security(int(min(bits for _, bits in terms)), tuple(Strength(name, round(bits, 1)) for name, bits in terms))


def _strength(security: Security) -> Block:
    title = f"Security: {security.bits} bits, the smallest of"
    return title, [(f"{term.bits:.1f}", term.name) for term in security.terms]


def _dimensions(shape: Shape) -> Dimensions:
    return Dimensions(shape.hidden, shape.heads, shape.kv_heads, shape.head_dim, shape.ffn, shape.layers)


def _words(shape: Shape) -> str:
    heads = f"{count(shape.heads, 'head')} of {shape.head_dim} ({shape.kv_heads} of keys and values)"
    return f"hidden size {shape.hidden}, {heads}, {shape.ffn} neurons"
