"""The file of an attestation: a DSSE envelope in a Sigstore bundle (v0.3) with one signature.

By a key of the signer's own, the layout is that of model signing (OMS 1.0): `publicKey.hint` names the key, and the log
has no entry. By an identity, it is that of Sigstore: a certificate, and the entry of a transparency log. Formats:
https://github.com/sigstore/protobuf-specs and https://github.com/secure-systems-lab/dsse.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import disk
from ..artefacts import strict
from ..artefacts.timestamps import MOST

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
#: Largest file: a statement may name a thousand files.
MAX_BYTES = 4 << 20


@dataclass(frozen=True)
class Envelope:
    """`payload`: the bytes of the statement; `signature` over `signed`; `hint`: which key made it, None if that stands
    in a certificate; `tokens`: what time-stamp authorities say about the signature; `file`: the bytes that this was
    read from, for `sigstore`, which checks a certificate; `where` names it in messages.
    """

    payload: bytes
    signature: bytes
    hint: str | None
    tokens: tuple[bytes, ...] = ()
    file: bytes = b""
    where: str = field(default="the attestation", compare=False)

    @property
    def signature_digest(self) -> str:
        """SHA-256 of the signature, which tokens are over, in hexadecimal digits."""
        return hashlib.sha256(self.signature).hexdigest()

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return pre_authentication(self.payload)


def pre_authentication(payload: bytes) -> bytes:
    """DSSE's encoding of a payload of our one type, to be signed."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def dump(envelope: Envelope) -> bytes:
    """The file. That of a signature by certificate is kept as it was read."""
    if envelope.hint is None:
        return envelope.file
    material: dict[str, Any] = {"publicKey": {"hint": envelope.hint}, "tlogEntries": []}
    if envelope.tokens:
        tokens = [{"signedTimestamp": token} for token in strict.encoded(envelope.tokens)]
        material["timestampVerificationData"] = {"rfc3161Timestamps": tokens}
    return strict.dump(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": material,
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
    hint, tokens = _material(fields.fields("verificationMaterial"))
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
    return Envelope(payload, made, hint, tokens, data, where)


def _material(material: strict.Fields) -> tuple[str | None, tuple[bytes, ...]]:
    """The hint at a key, None beside a certificate; and the tokens of authorities."""
    hint = None
    if material.has("certificate"):
        certificate = material.fields("certificate")
        certificate.base64("rawBytes")
        certificate.done()
        material.items("tlogEntries", 1)
    elif not material.has("publicKey"):
        material.refuse("there is neither a key nor a certificate")
    else:
        key = material.fields("publicKey")
        hint = key.hexadecimal("hint", 32).hex()
        key.done()
        if material.has("tlogEntries") and material.items("tlogEntries"):
            material.refuse("entries of a log cannot be checked beside a key")
    tokens = _tokens(material)
    material.done()
    return hint, tokens


def _tokens(material: strict.Fields) -> tuple[bytes, ...]:
    """What time-stamp authorities say about the signature; nothing, if the field is left out."""
    if not material.has("timestampVerificationData"):
        return ()
    data = material.fields("timestampVerificationData")
    items = data.objects("rfc3161Timestamps") if data.has("rfc3161Timestamps") else []
    data.done()
    tokens = tuple(item.base64("signedTimestamp") for item in items)
    if len(tokens) > MOST or len(set(tokens)) < len(tokens):
        data.refuse(f"there are more than {MOST} timestamps, or one comes twice")
    for item in items:
        item.done()
    return tokens


def read(path: Path) -> Envelope:
    """The envelope in that file. NotFoundError if there is none; InputError as for `parse`."""
    return parse(disk.read(path, MAX_BYTES), str(path))
