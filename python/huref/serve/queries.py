"""What a worker does for a search: it reads what is looked for, and scans an index.

Like `jobs`, of which these are a part; `parsed` there reads a bundle.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..artefacts import kinds, strict
from ..artefacts.shape import read_layers
from ..errors import IncomparableError, InputError, StoreError
from ..similarity.database import common as common_of
from ..similarity.stored import Stored
from .common import NONE, Common, vectors_of
from .jobs import VERIFIED, Done, parsed, reported

_SEARCHED = "a bundle, a fingerprint, or an object with profile, tokens, layers and vectors"


def vectors(data: bytes, *given: bytes) -> Done:
    """The common vectors of a bundle that is kept."""
    return Done(VERIFIED, VERIFIED, common=vectors_of(parsed(data, given)).to_json())


def query(data: bytes, *given: bytes) -> Done:
    """The common vectors that are looked for: those of a bundle, which is verified, of a fingerprint, or as they are,
    with the digest of their list of tokens. `found`: the commitment of a bundle.

    Raises:
        InputError, MalformedBundleError: none of these.
        IncomparableError: there are no common vectors.

    """
    kind = kinds.of(data)
    if kind is None and not (fields := strict.parse(data, "request")).has("mediaType"):
        return Done(VERIFIED, VERIFIED, common=_plain(fields).to_json())
    if kinds.one_of(data, "request", kinds.BUNDLE, kinds.FINGERPRINT) is kinds.FINGERPRINT:
        found = kinds.FINGERPRINT.parse(data, "request")
        return Done(VERIFIED, VERIFIED, common=_sound(Common.of(found)).to_json())
    bundle = parsed(data, given)
    if common_of(bundle) is None:
        raise IncomparableError("the bundle has no common vectors, which alone can be searched")
    done = reported(bundle)
    if done.code != VERIFIED:
        return done
    return Done(
        VERIFIED,
        VERIFIED,
        found={"commitment": bundle.statement.commitment.id},
        common=_sound(vectors_of(bundle)).to_json(),
    )


def scan(asked: bytes, numbers: bytes) -> Done:
    """Candidates in an index: what `Stored.candidates` returns, as `found`. This is asked by the service alone.

    StoreError: the files of the index are gone, or shorter than they were.
    """
    fields = json.loads(asked)
    index = Stored(Path(fields["stem"]), fields["length"])
    wanted = np.frombuffer(numbers, "<i4").reshape(-1, index.length)
    try:
        best, count = index.candidates(
            fields["size"], wanted, fields["least"], fields["most"], by_signs=fields["bySigns"]
        )
    except (OSError, ValueError) as why:
        raise StoreError(f"{index.stem}: the index cannot be read ({why})") from None
    return Done(VERIFIED, VERIFIED, found={"best": best, "count": count})


def _plain(fields: strict.Fields) -> Common:
    profile = fields.profile()
    digest = fields.hexadecimal("tokens", 32).hex()
    layers = read_layers(fields)
    top = profile.units * profile.outputs
    found = fields.vectors("vectors", -top, top, len(layers), profile.outputs)
    fields.done()
    return _sound(Common(profile.name, digest, layers, np.array(found, "<i4").tobytes()))


def _sound(found: Common) -> Common:
    """Those vectors. InputError: one is zero."""
    if found == NONE or not found.vectors.any(axis=1).all():
        raise InputError("request: one of the vectors is zero, which no model has")
    return found


#: These jobs, by the names of their functions.
QUERIES: dict[str, Any] = {job.__name__: job for job in (vectors, query, scan)}
