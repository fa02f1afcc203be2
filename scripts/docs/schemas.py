"""proofs/schemas: those of documents, from their types. The schemas of artefacts are written by hand."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from huref.artefacts.document import SCHEMAS, Document
from huref.artefacts.report import Report
from huref.cli.attest import key, predicate, sbom, sign, stamp
from huref.cli.commands import (
    answer,
    card,
    challenge,
    commit,
    compare,
    convert_generator,
    dispute,
    doctor,
    drift,
    inspect,
    page,
    profiles,
    prove,
    serve,
    terms,
    tokens,
    train_generator,
    version,
)
from huref.cli.failure import Failure
from huref.cli.registry import append, feed, fsck, monitor, proof, pull, vkey
from huref.cli.registry import key as registry_key
from huref.paper.compare import PaperComparison
from huref.planning.comparison import ComparisonPlan
from huref.planning.plan import Plan
from huref.similarity.card import CardCheck
from huref.similarity.decompose import Decomposition
from huref.similarity.scan import Scan
from huref.similarity.verdict import Comparison
from huref.verifier.batch import Outcomes

#: Documents whose schemas are made from their types.
DOCUMENTS: tuple[type[Document], ...] = (
    Report,
    Outcomes,
    Comparison,
    Decomposition,
    CardCheck,
    Scan,
    PaperComparison,
    Plan,
    ComparisonPlan,
    Failure,
    answer.Answered,
    key.KeyMade,
    sign.Signed,
    stamp.Stamped,
    predicate.Predicate,
    sbom.Listed,
    card.Card,
    challenge.Made,
    commit.Committed,
    compare.ComparisonTable,
    convert_generator.Converted,
    dispute.Opened,
    doctor.Examined,
    drift.Distance,
    inspect.Inspected,
    inspect.InspectedDrift,
    inspect.InspectedNearness,
    page.Written,
    profiles.Profiles,
    prove.Proved,
    registry_key.LogKeyMade,
    vkey.Vkey,
    append.Grown,
    proof.ProofWritten,
    feed.Fed,
    monitor.Watched,
    pull.Mirrored,
    fsck.Checked,
    serve.Created,
    serve.StoreChecked,
    serve.Tokenlist,
    terms.Terms,
    tokens.Listed,
    train_generator.Trained,
    version.Versions,
)


def json_schema(document: type[Document]) -> dict[str, Any]:
    """The schema of a document, from its types."""
    schema = _tidy(TypeAdapter(document).json_schema(by_alias=True, mode="serialization"))
    for name in ("schema", "ok", "checked", "estimate"):
        field = schema["properties"].get(name, {})
        if "default" in field:  # a constant of the document, and always there
            schema["properties"][name] = {"const": field["default"]}
            schema["required"].insert(0, name)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": document.schema, **schema}


def file(document: type[Document]) -> str:
    """The file of the schema that a document names, from proofs/schemas on."""
    name, _, version = document.schema.removeprefix(f"{SCHEMAS}/").rpartition("/")
    return f"{name}.{version}.json"


def _tidy(schema: Any) -> Any:
    """Without made-up titles, and without null: what is None is left out of a document."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema if item != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    tidy = {key: _tidy(item) for key, item in schema.items() if key != "title" and (key, item) != ("default", None)}
    (only,) = tidy.pop("anyOf", [{}])
    return tidy | only
