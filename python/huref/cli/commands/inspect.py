"""`huref inspect`."""

from __future__ import annotations

import click

from ... import _native
from ...artefacts.challenge import values
from ...planning.sizes import Sizes, security
from ..app import Command
from ..files import load_bundle
from ..show import Out, count, files, formatted, listed, size

WARNING = "Nothing was checked: this is what the file says. Check it with: huref verify"


@click.command(cls=Command)
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(allow_dash=True))
@formatted
def command(bundle_path: str, out: Out) -> None:
    """Show what a bundle says, and how secure its proof would be. Checks nothing.

    Security is computed term by term from profile and shape. 'huref verify' does the checking. BUNDLE may be - for
    stdin.
    """
    found = load_bundle(bundle_path)
    statement, claims, shape = found.statement, found.claims, found.statement.shape
    terms = security(statement)
    level = int(min(bits for _, bits in terms))
    sizes = Sizes(statement.profile, shape)
    image = 0 if found.image is None else len(found.image.png)
    document = {
        "ok": True,
        "checked": False,
        "bundle": {"sha256": found.digest, "version": found.version},
        "statement": {
            "profile": statement.profile,
            "shape": {key: value for key, value in shape.native().items() if key != "tokens"},
            "tokens": {"count": len(shape.tokens), "digest": _native.token_digest(list(shape.tokens)).hex()},
            "commitment": {"id": statement.commitment_id, "rows": sizes.rows, "integers": sizes.integers},
            "challenge": None if statement.challenge is None else values(statement.challenge),
            "vector": {"digest": statement.public.vector_digest, "count": len(statement.public.z)},
        },
        "claimed": {
            "modelName": claims.model_name,
            "files": dict(claims.files),
            "prover": claims.prover,
            "provedAt": claims.proved_at,
        },
        "sizes": {"proof": len(found.proof), "commitment": len(statement.commitment), "image": image},
        "security": {"bits": level, "terms": [{"name": name, "bits": round(bits, 1)} for name, bits in terms]},
    }
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
                ("commitment", statement.commitment_id),
                *([] if statement.challenge is None else [("answers", f"challenge {statement.challenge.seed.hex()}")]),
                ("vector", f"{count(len(statement.public.z), 'number')}, digest {statement.public.vector_digest[:16]}"),
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
                ("commitment", size(len(statement.commitment))),
                ("image", size(image) if image else "none"),
            ],
        ),
        (
            f"Security: {level} bits, the smallest of",
            [(f"{bits:.1f}", name) for name, bits in terms],
        ),
    )
