"""`huref registry append`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ... import disk
from ...artefacts import commitment, kinds
from ...artefacts.document import RESULTS, Part, Result
from ...errors import UsageError
from .. import options
from ..app import Command
from ..files import check_writable, load_bundle, place, write
from ..show import Out, formatted
from . import places

if TYPE_CHECKING:
    from ...registry.entry import Entry


@dataclass(frozen=True)
class Appended(Part):
    """A file that the log has: what of it was logged, and where."""

    file: str
    kind: str
    sha256: str
    index: int


@dataclass(frozen=True, kw_only=True)
class Grown(Result):
    """What `huref registry append` prints: the log, its size, the entries of the files, and what witnesses answered."""

    schema: str = f"{RESULTS}/registry-append/v1"
    log: str
    size: int
    entries: tuple[Appended, ...]
    witnesses: Mapping[str, str]
    proof: str | None = None


@click.command("append", cls=Command)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=places.PATH)
@places.log
@places.keys
@places.asked
@options.commitments
@options.output(required=False, text="Where the proof is written, for one FILE alone.")
@formatted
def command(
    *,
    paths: tuple[Path, ...],
    log_place: str,
    key_paths: tuple[Path, ...],
    log_policy: Path | None,
    commitments: tuple[Path, ...],
    output: Path | None,
    out: Out,
) -> None:
    """Add files to a log: commitments, bundles or attestations, by their digests alone.

    In an empty place the log begins. When this ends, the entries are in the published checkpoint; a file that the log
    has stays where it is. Nothing is verified here: an entry says that somebody knew the digest, no more.
    """
    if output is not None and len(paths) > 1:
        raise UsageError(f"-o is the proof of one file, and {len(paths)} were given")
    check_writable(output)
    log, feed = places.opened(log_place, key_paths, log_policy, begin=True)
    entries = [entry_of(path, commitments) for path in paths]
    indices = log.append(entries)
    if output is not None:
        write(output, log.proof(indices[0]))
    found = tuple(
        Appended(str(path), one.kind, one.sha256, index)
        for path, one, index in zip(paths, entries, indices, strict=True)
    )
    size = log.published().size
    document = Grown(
        log=log.origin,
        size=size,
        entries=found,
        witnesses={} if feed is None else feed.answers,
        proof=None if output is None else str(output),
    )
    lines = [("entry", f"{one.index:,}: the {one.kind} {one.sha256}") for one in found]
    if output is not None:
        lines.append(("proof", place(output)))
    lines += [] if feed is None else places.witness_lines(feed)
    out.result(document, f"Log {log.origin} has {size:,} entries", ("", lines))


def entry_of(path: Path, commitments: tuple[Path, ...]) -> Entry:
    """The entry of a file. Errors as for the readers of bundles, commitments and attestations."""
    from ...registry.entry import Entry

    match kinds.at(path):
        case kinds.COMMITMENT:
            return Entry("commitment", commitment.read(path).id)
        case kinds.BUNDLE:
            found = load_bundle(str(path), commitments=commitments)
            return Entry("bundle", found.digest, found.statement.vector_digest or "")
        case None:
            from ...attest import envelope

            data = disk.read(path, envelope.MAX_BYTES)
            envelope.parse(data, str(path))
            return Entry("attestation", hashlib.sha256(data).hexdigest())
        case other:
            raise UsageError(f"{path}: this is {other.words}; a log has commitments, bundles and attestations")
