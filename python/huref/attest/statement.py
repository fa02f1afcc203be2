"""The statement that is signed: in-toto's, with the predicate *model fingerprint*.

Subjects are looked up by digest: the bundle's file, its commitment's file, the portrait, every file of the release, and
the root digest of its folder. The predicate repeats what the bundle shows, so that policies can be written over it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..artefacts import commitment as commitments
from ..artefacts import kinds, strict
from ..artefacts.bundle import Bundle
from ..errors import ADDRESS, InputError, shown
from ..profile import named
from . import release

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = f"{ADDRESS}/attestation/model-fingerprint/v1"
#: A release with more files is named by its root digest alone.
MOST_FILES = 400
#: What no attestation of this kind says.
NON_CLAIMS = (
    "not-a-licence-statement",
    "not-a-proof-of-independent-training",
    "not-a-quality-measure",
    "not-bound-to-a-running-endpoint",
)


@dataclass(frozen=True)
class Statement:
    """Subjects by name, SHA-256 in hexadecimal digits; the type of the predicate, and the predicate."""

    subjects: Mapping[str, str]
    predicate_type: str
    predicate: Mapping[str, Any]


def about(bundle: Bundle, files: Mapping[str, str] | None = None, folder: Path | None = None) -> Statement:
    """The statement about a bundle and the files of its release, digests by name.

    The name of `folder` is that of the release; "model" where there is none, or a subject has it already.
    """
    subjects = of_bundle(bundle)
    if files:
        own = "" if folder is None else folder.resolve().name
        whole = own if own and own not in subjects else "model"
        if len(files) <= MOST_FILES:
            subjects |= {f"{whole}/{name}": digest for name, digest in files.items()}
        subjects[whole] = release.root(files)
    return Statement(subjects, PREDICATE, predicate(bundle))


def of_bundle(bundle: Bundle) -> dict[str, str]:
    """The subjects that follow from the bundle."""
    found = {
        "bundle": bundle.file_digest,
        "commitment": hashlib.sha256(commitments.dump(bundle.statement.commitment)).hexdigest(),
    }
    if bundle.image is not None:
        found["portrait"] = hashlib.sha256(bundle.image.png).hexdigest()
    return found


def predicate(bundle: Bundle) -> dict[str, Any]:
    """What the bundle shows, and what an attestation of it does not say."""
    statement, shape = bundle.statement, bundle.statement.shape
    owner = statement.context.owner
    return {
        "bundle": {"mediaType": kinds.BUNDLE.media_type, "contentDigest": {"sha256": bundle.digest}},
        "commitment": {"id": statement.commitment.id, "hiding": True},
        "profile": statement.profile,
        "protocol": named(statement.profile).protocol,
        "layers": list(shape.layers),
        "tokens": {"count": len(shape.tokens), "digest": {"sha256": shape.token_digest}},
        "draws": [draw.kind for draw in statement.draws],
        **({"vector": {"digest": {"sha256": digest}}} if (digest := statement.vector_digest) else {}),
        **({"owner": owner} if owner else {}),
        "prover": {"id": f"{ADDRESS}/prover", "version": bundle.claims.prover},
        "provedAt": bundle.claims.proved_at,
        "nonClaims": list(NON_CLAIMS),
    }


def dump(statement: Statement) -> bytes:
    """The payload of an envelope."""
    subjects = [{"name": name, "digest": {"sha256": digest}} for name, digest in statement.subjects.items()]
    return json.dumps(
        {
            "_type": STATEMENT,
            "subject": subjects,
            "predicateType": statement.predicate_type,
            "predicate": statement.predicate,
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode()


def checksums(statement: Statement) -> bytes:
    """The subjects in lines, as sha256sum writes them. InputError: a name cannot stand in a line."""
    for name in statement.subjects:
        if not name.isprintable() or "\\" in name:
            raise InputError(f"{shown(name)}: a file of this name cannot stand in a list of checksums")
    return "".join(f"{digest}  {name}\n" for name, digest in statement.subjects.items()).encode()


def parse(data: bytes, where: str) -> Statement:
    """The statement in a payload, of any predicate. InputError: it is none, or a subject has two digests or none."""
    fields = strict.parse(data, where)
    fields.must_be("_type", STATEMENT)
    predicate_type = fields.text("predicateType")
    subjects: dict[str, str] = {}
    for subject in fields.objects("subject"):
        name, digest = subject.text("name"), subject.fields("digest")
        sha256 = digest.hexadecimal("sha256", 32).hex()
        digest.done()
        subject.done()
        if name in subjects:
            raise InputError(f"{where}: two subjects are named {name!a}")
        subjects[name] = sha256
    found = fields.take_value("predicate")
    if not isinstance(found, dict):
        fields.refuse("field 'predicate' must be a JSON object")
    fields.done()
    return Statement(subjects, predicate_type, found)
