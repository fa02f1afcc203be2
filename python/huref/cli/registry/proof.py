"""`huref registry proof`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Result
from .. import options
from ..app import Command
from ..files import check_writable, place, write
from ..show import Out, formatted
from . import places


@dataclass(frozen=True, kw_only=True)
class ProofWritten(Result):
    """What `huref registry proof` prints: the file, and the entry that it is about."""

    schema: str = f"{RESULTS}/registry-proof/v1"
    proof: str
    kind: str
    sha256: str
    index: int


@click.command("proof", cls=Command)
@click.argument("digest", metavar="DIGEST")
@places.log
@options.output(required=True, text="The proof, a file .tlog-proof.")
@formatted
def command(*, digest: str, log_place: str, output: Path, out: Out) -> None:
    """Write the proof that a log has an entry, named by its digest in hexadecimal digits.

    The digest is the id of a commitment, the content digest of a bundle ('huref inspect' shows both), or the SHA-256 of
    an attestation. The proof is under the first checkpoint that has the entry and enough cosignatures, so that its date
    is the earliest. It needs no key; 'huref verify BUNDLE --log-proof FILE --log-policy FILE' checks it offline.
    """
    places.need_registry()
    from ...registry import blobs
    from ...registry.proof import parse
    from ...registry.reader import Reader

    check_writable(output)
    reader = Reader(blobs.opened(log_place))
    data = reader.proof(digest.lower())
    one = reader.entry(parse(data).index)
    write(output, data)
    document = ProofWritten(proof=str(output), kind=one.kind, sha256=one.sha256, index=parse(data).index)
    out.result(document, f"Proof in {place(output)}: the {one.kind} is entry {document.index:,}")
