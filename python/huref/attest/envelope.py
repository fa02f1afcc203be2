"""The file of an attestation: a DSSE envelope in a Sigstore bundle (v0.3), one signature, by a key of the signer's own.

The layout is that of model signing (OMS 1.0): `publicKey.hint` names the key, and the log has no entry. Formats:
https://github.com/sigstore/protobuf-specs and https://github.com/secure-systems-lab/dsse.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from .. import disk
from ..artefacts import strict

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
#: Largest file: a statement may name a thousand files.
MAX_BYTES = 4 << 20


@dataclass(frozen=True)
class Envelope:
    """`payload`: the bytes of the statement; `signature` over `signed`; `hint`: which key made it."""

    payload: bytes
    signature: bytes
    hint: str

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return pre_authentication(self.payload)


def pre_authentication(payload: bytes) -> bytes:
    """DSSE's encoding of a payload of our one type, to be signed."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def dump(envelope: Envelope) -> bytes:
    """The file."""
    return strict.dump(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {"publicKey": {"hint": envelope.hint}, "tlogEntries": []},
            "dsseEnvelope": {
                "payload": base64.b64encode(envelope.payload).decode(),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": base64.b64encode(envelope.signature).decode(), "keyid": ""}],
            },
        }
    )


def parse(data: bytes, where: str) -> Envelope:
    """The envelope in a file; `where` names it in messages. Checks the form, and no signature.

    Raises:
        InputError: the bytes are not a Sigstore bundle of a statement with exactly one signature by a key; the message
            names the field.

    """
    fields = strict.parse(data, where)
    fields.must_be("mediaType", MEDIA_TYPE)
    material = fields.fields("verificationMaterial")
    if not material.has("publicKey"):
        material.refuse("only signatures by a key can be checked; this one is by a certificate")
    key = material.fields("publicKey")
    hint = key.hexadecimal("hint", 32).hex()
    key.done()
    if material.has("tlogEntries") and material.items("tlogEntries"):
        material.refuse("entries of a log cannot be checked beside a key")
    material.done()
    envelope = fields.fields("dsseEnvelope")
    fields.done()
    envelope.must_be("payloadType", PAYLOAD_TYPE)
    payload = envelope.base64("payload")
    signatures = envelope.objects("signatures")
    envelope.done()
    if len(signatures) != 1:
        envelope.refuse(f"one signature is expected, there are {len(signatures)}")
    (signature,) = signatures
    made = signature.base64("sig")
    if signature.has("keyid"):
        signature.must_be("keyid", "")
    signature.done()
    return Envelope(payload, made, hint)


def read(path: Path) -> Envelope:
    """The envelope in that file. NotFoundError if there is none; InputError as for `parse`."""
    return parse(disk.read(path, MAX_BYTES), str(path))
