"""The model in a bill of materials: CycloneDX 1.7, a component of type machine-learning-model.

It says what was looked at and no more. Digests of files are those of the files at hand; that the proof of the bundle is
about them is not shown, and each reference says what was checked of what it leads to.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot7

from .. import _native
from ..artefacts.bundle import Bundle
from ..errors import AttestationError
from . import checking, release, statement
from .envelope import Envelope

MEDIA_TYPE = "application/vnd.cyclonedx+json; version=1.7"


def of(
    bundle: Bundle,
    bundle_name: str,
    files: Mapping[str, str] | None = None,
    attestation: tuple[str, bytes, Envelope] | None = None,
) -> bytes:
    """The JSON file about a bundle that was verified.

    `bundle_name`: the name of its file, where readers of the BOM will find it. `files`: digests of the release's files
    by name. `attestation`: name, SHA-256 and envelope of an attestation.

    Raises:
        AttestationError: the attestation is of another bundle.
        InputError: its payload is no in-toto statement.

    """
    model = Component(
        name=bundle.claims.model_name,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref="model",
        hashes=[_hash(release.root(files))] if files else None,
        components=[_file(name, digest) for name, digest in (files or {}).items()],
        external_references=_references(bundle, bundle_name, attestation),
        properties=[Property(name=f"huref:{name}", value=value) for name, value in _properties(bundle, files).items()],
    )
    tool = Component(name="huref", type=ComponentType.APPLICATION, version=_native.RELEASE)
    bom = Bom(components=[model], metadata=BomMetaData(tools=ToolRepository(components=[tool])))
    return f"{JsonV1Dot7(bom).output_as_string(indent=2)}\n".encode()


def _hash(digest: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)


def _file(name: str, digest: str) -> Component:
    return Component(name=name, type=ComponentType.FILE, bom_ref=f"file/{name}", hashes=[_hash(digest)])


def _references(bundle: Bundle, name: str, attestation: tuple[str, bytes, Envelope] | None) -> list[ExternalReference]:
    found = statement.of_bundle(bundle)
    proof = "The proof in this bundle was checked. It is about weights under its commitment, not about these files."
    references = [
        _reference(ExternalReferenceType.EVIDENCE, quote(name), found["bundle"], proof),
        _reference(
            ExternalReferenceType.EVIDENCE,
            f"{quote(name)}#/statement/commitment",
            found["commitment"],
            "The commitment; the digest is that of its own file. It shows no date.",
        ),
    ]
    if attestation is not None:
        file, digest, envelope = attestation
        of = checking.stated(envelope).subjects
        if found.items() - of.items():
            raise AttestationError("subjects", f"{file}: the attestation is of another bundle than {name}")
        signed = "An attestation that names this bundle. Its signature was not checked here."
        references.append(_reference(ExternalReferenceType.ATTESTATION, quote(file), digest.hex(), signed))
    return references


def _reference(kind: ExternalReferenceType, url: str, digest: str, comment: str) -> ExternalReference:
    return ExternalReference(type=kind, url=XsUri(url), hashes=[_hash(digest)], comment=comment)


def _properties(bundle: Bundle, files: Mapping[str, str] | None) -> dict[str, str]:
    shown = bundle.statement
    return {
        "name": "as the bundle's maker claims",
        **({"hash": "root digest of model signing (OMS 1.0) over the files of this component"} if files else {}),
        "profile": shown.profile,
        "commitment": shown.commitment.id,
        **({"vector": digest} if (digest := shown.vector_digest) else {}),
        **({"owner": f"as the prover says: {shown.context.owner}"} if shown.context.owner else {}),
    }
