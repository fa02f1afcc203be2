"""What a worker makes of kept bundles for the pages that show them: jobs as in `jobs`."""

from __future__ import annotations

from typing import Any

from .. import image
from ..artefacts.blocks import reason
from ..artefacts.portrait import portrayed
from ..attest import card as cards
from ..similarity.summary import lines
from ..verifier.check import security_bits
from .jobs import VERIFIED, Done, draw, parsed

#: Pixels of a side of a thumbnail.
SIDE = 320


def thumbnail(data: bytes, *given: bytes) -> Done:
    """The portrait of a bundle in little, a JPEG file. NotFoundError: its vectors have none."""
    return Done(VERIFIED, VERIFIED, data=image.thumbnail(image.decode(draw(data, *given).data), SIDE))


def card(data: bytes, address: bytes, *given: bytes) -> Done:
    """The section of a model card for a bundle that is kept at that address, with its portrait if it has one."""
    bundle = parsed(data, given)
    portrait = None if portrayed(bundle.statement) is None else f"{bundle.digest}/image.png"
    text = cards.section(bundle, security_bits(bundle.statement), bundle.digest, portrait, address.decode())
    return Done(VERIFIED, VERIFIED, data=text.encode())


def compare(data: bytes, other: bytes, *given: bytes) -> Done:
    """What `huref compare` says about two bundles: its verdict, its lines, and what was not checked."""
    from ..pipeline import compare as compared

    found = compared(parsed(data, given), parsed(other, given))
    said = {
        "verdict": found.verdict,
        "lines": lines(found),
        "notChecked": [(left.what, reason(left.why, left.how)) for left in found.not_checked],
    }
    return Done(VERIFIED, VERIFIED, found=said)


#: These jobs, by the names of their functions.
VIEWS: dict[str, Any] = {job.__name__: job for job in (thumbnail, card, compare)}
