"""The page draws portraits pixel for pixel as `huref.image` does, and reads the same PNG files."""

from __future__ import annotations

import base64
import json
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from huref import image
from huref.artefacts import bundle as bundle_files
from huref.errors import HurefError, MalformedBundleError
from huref.verifier.check import check, redraw
from tests.browser.node import Node

WHOLE = Path(__file__).parents[2] / "proofs" / "vectors" / "bundles" / "v2" / "whole.huref.json"
PNG = base64.b64decode(json.loads(WHOLE.read_bytes())["image"]["png"])
LARGEST = 1 << 20


def vectors() -> Iterator[list[int]]:
    """Of fingerprints, of fingerprints that are too wide or too narrow, and with entries as far out as they may be."""
    dice = np.random.default_rng(20261129)
    for width in (1.0, 1.0, 1.0, 0.1, 4.0, 30.0):
        yield np.rint(dice.standard_normal(512) * 4096 * width).clip(-LARGEST, LARGEST).astype(int).tolist()
    yield [0] * 512
    yield dice.choice([-LARGEST, LARGEST], 512).tolist()


def test_every_pixel_of_portraits(node: Node) -> None:
    drawn = node.ask("portraits", vectors=list(vectors()))
    assert drawn == [image.rgb_digest(image.render(vector)) for vector in vectors()]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(raw: bytes, level: int = 6, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> bytes:
    pack = zlib.compressobj(level, zlib.DEFLATED, 15, 9, strategy)
    return pack.compress(raw) + pack.flush()


def file(data: bytes, header: bytes = PNG[16:29], before: bytes = b"") -> bytes:
    parts = b"".join(chunk(b"IDAT", data[at : at + 60_000]) for at in range(0, len(data), 60_000))
    return PNG[:8] + chunk(b"IHDR", header) + before + parts + chunk(b"IEND", b"")


def interlaced(pixels: image.NDArray[np.uint8]) -> bytes:
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    return b"".join(b"\0" + row.tobytes() for x, y, dx, dy in passes for row in pixels[y::dy, x::dx])


def files() -> Iterator[bytes]:
    """PNG files of the portrait, by many writers; and files that are damaged, cut, or not what they say."""
    pixels, dice = image.decode(PNG), random.Random(20261129)
    raw = b"".join(b"\0" + row.tobytes() for row in pixels)
    yield PNG
    yield from (file(packed(raw, level)) for level in (0, 1, 9))
    yield from (file(packed(raw, 6, strategy)) for strategy in (zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE))
    for step in (1, 2):
        yield file(packed(interlaced(pixels)), PNG[16:28] + bytes([step]))
    whole = packed(raw)
    yield from (file(whole + b"more"), file(whole[:-4]), file(whole[:-400]), file(packed(raw + bytes(9))))
    yield from (file(packed(raw[:-1])), file(packed(b"\7" + raw[1:])), file(whole, before=chunk(b"gAMA", bytes(4))))
    yield from (b"", PNG[:8], PNG[:-1], PNG[:-12], PNG + b"x")
    for at in range(13):
        yield file(whole, bytes(byte ^ (place == at) for place, byte in enumerate(PNG[16:29])))
    for _ in range(100):
        data = bytearray(dice.choice((PNG, PNG[:120])) if dice.random() < 0.5 else PNG)
        at = dice.randrange(min(len(data), dice.choice((90, len(data)))))
        data[at] ^= 1 << dice.randrange(8)
        yield bytes(data)


def decoded(data: bytes) -> str | None:
    """SHA-256 of the pixels, as Python reads them; None for what is refused, or of a different size."""
    try:
        pixels = image.decode(data)
    except ValueError:
        return None
    return image.rgb_digest(pixels) if pixels.shape == (512, 512, 3) else None


def test_png_files(node: Node) -> None:
    read = node.ask("images", files=[base64.b64encode(data).decode() for data in files()])
    assert read == [decoded(data) for data in files()]
    assert 10 < read.count(read[0]) < len(read) - 50


def test_the_image_of_a_bundle(node: Node) -> None:
    document = json.loads(WHOLE.read_bytes())
    given = document["image"]
    png = base64.b64encode(image.png(image.render([0] * 512))).decode()
    found = []
    for picture in (given, None, given | {"rgbSha256": "0" * 64}, given | {"renderer": "huref/portrait/v2"}):
        data = json.dumps(document | {"image": picture}).encode()
        try:
            expected = redraw(bundle_files.parse(data))
            assert expected is not None
            found.append(expected.to_json())
        except HurefError as why:
            found.append({"code": why.code, "check": "image" if why.code == "image-mismatch" else ""})
        assert node.ask("redraw", bundle=base64.b64encode(data).decode()) == found[-1]
    assert [list(drawing) for drawing in found] == [["sha256", "inBundle"]] * 2 + [["code", "check"]] * 2
    drawn = {"renderer": "huref/stylegan2/v1", "generatorSha256": "ab" * 32}
    for picture, code in (
        (given | drawn, None),
        (given | {"renderer": "huref/stylegan2/v1"}, "malformed-bundle"),
        (given | {"generatorSha256": "ab" * 32}, "malformed-bundle"),
        (given | drawn | {"generatorSha256": "AB" * 32}, "malformed-bundle"),
    ):
        data = json.dumps(document | {"image": picture}).encode()
        judged = node.ask("verify", bundle=base64.b64encode(data).decode(), portrait=True)
        if code is not None:
            assert judged["code"] == code
            with pytest.raises(MalformedBundleError):
                bundle_files.parse(data)
            continue
        report = check(bundle_files.parse(data)).to_json()
        assert (judged["code"], judged["portrait"]) == ("verified", None)
        assert judged["report"]["verified"] == report["verified"]
        assert judged["report"]["notChecked"] == report["notChecked"]
        assert judged["report"]["bundle"] == report["bundle"]
        assert judged["notChecked"][0].startswith("image: generator not at hand")
    # and with the proof
    data = json.dumps(document | {"image": given | {"png": png}}).encode()
    judged = node.ask("verify", bundle=base64.b64encode(data).decode(), portrait=True)
    report = check(bundle_files.parse(data))
    assert (judged["code"], judged["check"], judged["verdict"]) == (report.code, "image", "Refused")
    assert judged["report"]["verified"] == report.to_json()["verified"]
    assert judged["report"]["notChecked"] == report.to_json()["notChecked"]
