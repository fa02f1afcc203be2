"""A section of a model card about a bundle, and a badge: text that points to the proof and claims nothing beyond it.

Anybody can copy or change a card. So it never says that something is verified; it says what to run.
"""

from __future__ import annotations

import json
import re
import shlex
from urllib.parse import quote

from ..artefacts.bundle import Bundle

#: What stands in Markdown as it is; everything else is written as an entity, so that no name becomes markup or a link.
_PLAIN = re.compile(r"[A-Za-z0-9 ]")
_SECTION = """\
---
{front}
---

## Fingerprint

{portrait}The file [{name}]({link}) holds a fingerprint, which is {numbers} numbers for each layer, and a zero-knowledge
proof that it was computed from the weights under the commitment below.

| | |
|---|---|
{rows}

This text can be copied by anybody and proves nothing. The file can be checked by anybody, without the weights:

```sh
pip install huref
huref verify {argument}
```

The file alone does not show that the weights in this repository are the committed ones
(`pip install "huref[prove]"` and `huref verify --weights` compare them), who published them, or since when.
"""


def section(bundle: Bundle, security_bits: int, name: str, portrait: str | None, address: str = "") -> str:
    """YAML front matter and a section in Markdown, for the README.md of a model on a hub.

    `name`: that of the bundle's file; `portrait`: that of its picture, if it has one; `address`: of the folder that has
    both, ending with a slash, if that is not the card's own; `security_bits`: those of the proof.
    """
    shown = bundle.statement
    fields = {
        "bundle": name,
        "bundle_sha256": bundle.file_digest,
        "commitment": shown.commitment.id,
        "profile": shown.profile,
        **({"vector_sha256": digest} if (digest := shown.vector_digest) else {}),
    }
    front = ["tags:", "- huref", "huref:", *(f"  {key}: {json.dumps(value)}" for key, value in fields.items())]
    layers = ", ".join(map(str, shown.shape.layers))
    rows = {
        "commitment": f"`{shown.commitment.id}`",
        "profile": f"{_text(shown.profile)}, {security_bits} bits of security",
        "computed over": f"layers {layers} and {len(shown.shape.tokens)} tokens, as the prover chose",
        **({"owner, as the prover says": _text(shown.context.owner)} if shown.context.owner else {}),
        "SHA-256 of the file": f"`{bundle.file_digest}`",
    }
    return _SECTION.format(
        front="\n".join(front),
        portrait="" if portrait is None else f"![Portrait drawn from the fingerprint]({address}{quote(portrait)})\n\n",
        name=_text(name),
        link=address + quote(name),
        rows="\n".join(f"| {key} | {value} |" for key, value in rows.items()),
        numbers=len(shown.outputs[0].vectors[0]),
        argument=f"{shlex.quote(name)} --commitment FILE" if bundle.by_reference else shlex.quote(name),
    )


def _text(text: str) -> str:
    return "".join(char if _PLAIN.match(char) else f"&#{ord(char)};" for char in text)


def badge(commitment: str) -> str:
    """A picture in SVG that names a commitment, given by its id. It stands for no check."""
    label, value = "huref commitment", commitment[:16]
    left, right = 112, 122
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{label} {value}">
  <title>{label} {value}: a name, not a check</title>
  <rect width="{left}" height="20" fill="#444"/>
  <rect x="{left}" width="{right}" height="20" fill="#205f7a"/>
  <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
    <text x="{left // 2}" y="14" textLength="{left - 14}">{label}</text>
    <text x="{left + right // 2}" y="14" textLength="{right - 14}" font-family="monospace">{value}</text>
  </g>
</svg>
"""
