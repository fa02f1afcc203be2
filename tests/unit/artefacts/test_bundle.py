"""Bundles: what is written can be read, and everything under `statement` is fixed.

The toy has common and own vectors and a context, so that every field is there.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from huref.artefacts import bundle, commitment, strict
from huref.artefacts.context import Context
from huref.artefacts.kinds import COMMITMENT, KINDS, WORK
from huref.errors import (
    BundleTooLargeError,
    HurefError,
    InputError,
    MalformedBundleError,
    NotFoundError,
    UnsupportedVersionError,
    UsageError,
)
from huref.verifier.check import check
from tests.support.bundles import CLAIMS, TOY_POLICY, answer, robust, toy, whole
from tests.support.schemas import FOLDER

SCHEMA = json.loads(Path("proofs/schemas/bundle.v2.json").read_text("utf-8"))
Path_ = tuple[str | int, ...]
OUTPUTS = {"vectors", "shifts", "scales", "vectorScales"}


def document() -> dict[str, Any]:
    """A fresh toy bundle, with every field, as JSON values."""
    value: dict[str, Any] = json.loads(bundle.dump(whole()))
    return value


def leaves(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every value that is no object, with its path; of a list its first and last item too."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
        return
    yield path, value
    if isinstance(value, list) and value:
        for index in sorted({0, len(value) - 1}):
            yield from leaves(value[index], (*path, index))


def objects(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Every object, with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from objects(item, (*path, key))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects(item, (*path, index))


def at(value: Any, path: Path_) -> Any:
    for key in path:
        value = value[key]
    return value


def changed(path: Path_, value: object) -> dict[str, Any]:
    """The toy bundle with another value at a path."""
    made = document()
    at(made, path[:-1])[path[-1]] = value
    return made


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


def test_what_is_written_can_be_read() -> None:
    for written in (toy(), whole(), answer(), robust(), replace(robust(), image=None)):
        data = bundle.dump(written)
        assert bundle.parse(data) == written
        assert bundle.dump(bundle.parse(data)) == data
        assert data.isascii()
        assert set(json.loads(data)) == {"mediaType", "statement", "claims", "proof", "image", "attestations"}


def test_format_is_in_the_schema() -> None:
    validator = Draft202012Validator(SCHEMA)
    Draft202012Validator.check_schema(SCHEMA)
    for written in (
        toy(),
        whole(),
        replace(whole(), by_reference=True),
        answer(),
        robust(),
        replace(robust(), image=None),
    ):
        validator.validate(json.loads(bundle.dump(written)))


def test_other_white_space_and_order_are_the_same_bundle() -> None:
    other = bundle.parse(json.dumps(document(), indent=3, sort_keys=True).encode())
    assert other == whole()
    assert other.digest == whole().digest
    assert other.file_digest == whole().file_digest


def test_a_commitment_file_is_the_commitment_of_a_bundle_byte_for_byte() -> None:
    for made in (toy(), answer(), robust()):
        part = json.loads(bundle.dump(made))["statement"]["commitment"]
        assert strict.dump(part) == commitment.dump(made.statement.commitment)
        assert commitment.parse(strict.dump(part)) == made.statement.commitment


def test_schemas_spell_the_same_things_in_the_same_way() -> None:
    schemas = {
        kind.name: json.loads((FOLDER / f"{kind.name}.v{kind.version}.json").read_bytes())
        for kind in KINDS.values()
        if kind is not WORK
    }
    part = SCHEMA["$defs"]["commitment"]
    assert {key: schemas["commitment"][key] for key in part} == part
    for schema in schemas.values():
        named = schema.get("$defs", {})
        shared = named.keys() & SCHEMA["$defs"].keys()
        assert {name: named[name] for name in shared} == {name: SCHEMA["$defs"][name] for name in shared}


@pytest.mark.parametrize("made", [toy(), whole(), answer()], ids=["common", "common and own", "challenge"])
def test_a_bundle_may_name_its_commitment_by_id_alone(made: bundle.Bundle, tmp_path: Path) -> None:
    short, own = replace(made, by_reference=True), made.statement.commitment
    data = bundle.dump(short)
    assert json.loads(data)["statement"]["commitment"] == {"mediaType": COMMITMENT.media_type, "id": own.id}
    assert len(data) < len(bundle.dump(made)) - len(own.rows)
    assert bundle.parse(data, commitments=[own]) == short
    (tmp_path / "x").write_bytes(data)
    assert bundle.load(tmp_path / "x", commitments=[own]) == short
    assert check(short, TOY_POLICY).ok


def test_the_content_digest_is_that_of_either_way_and_the_file_digest_is_not() -> None:
    short = replace(whole(), by_reference=True)
    assert short.digest == whole().digest
    assert short.file_digest != whole().file_digest
    for made in (short, whole()):
        assert made.file_digest == hashlib.sha256(bundle.dump(made)).hexdigest()
    report = check(short, TOY_POLICY)
    assert (report.bundle.sha256, report.bundle.file_sha256) == (short.digest, short.file_digest)


def test_a_commitment_that_is_not_the_named_one_is_refused() -> None:
    data, other = bundle.dump(replace(whole(), by_reference=True)), toy(2).statement.commitment
    with pytest.raises(UsageError, match=f"names commitment {whole().statement.commitment.id} by its id alone; give"):
        bundle.parse(data)
    with pytest.raises(UsageError, match=f"by its id alone; given: {other.id[:16]}"):
        bundle.parse(data, commitments=[other])
    # and one that holds its commitment needs none: that which is given beside it changes nothing
    assert bundle.parse(bundle.dump(whole()), commitments=[other]) == whole()
    with pytest.raises(UsageError, match=r"^stdin: names commitment"):
        bundle.load(io.BytesIO(data))


@pytest.mark.parametrize(
    "part",
    [
        {"id": "AB" * 32},
        {"id": "ab" * 31},
        {"id": 1},
        {"id": None},
        {"profile": "toy-2"},
        {"rows": None},
        {"rows": ""},
        {"mediaType": "application/vnd.huref.bundle.v2+json"},
        {"mediaType": None},
    ],
    ids=str,
)
def test_references_are_read_strictly(part: dict[str, Any]) -> None:
    made = json.loads(bundle.dump(replace(whole(), by_reference=True)))
    made["statement"]["commitment"] |= part
    with pytest.raises((MalformedBundleError, UnsupportedVersionError)):
        bundle.parse(encoded(made), commitments=[whole().statement.commitment])
    assert not Draft202012Validator(SCHEMA).is_valid(made)


COMMON_DRAW, OWN_DRAW = document()["statement"]["draws"]
CHALLENGE_DRAW = json.loads(bundle.dump(answer()))["statement"]["draws"][0]


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        ([], "must hold common, own, challenge, custom, or common or custom and own"),
        ([COMMON_DRAW] * 2, "must hold common"),
        ([OWN_DRAW] * 2, "must hold common"),
        ([OWN_DRAW, COMMON_DRAW], "must hold common"),
        ([COMMON_DRAW, CHALLENGE_DRAW], "must hold common"),
        ([CHALLENGE_DRAW, OWN_DRAW], "must hold common"),
        ([COMMON_DRAW, OWN_DRAW, OWN_DRAW], "must hold common"),
        ([COMMON_DRAW | {"seed": OWN_DRAW["seed"]}], "unknown field 'seed'"),
        ([COMMON_DRAW | {"beacon": "00" * 32}], "unknown field 'beacon'"),
        ([OWN_DRAW | {"kind": "common"}], "unknown field 'seed'"),
        ([OWN_DRAW | {"seed": "00" * 32}], "'seed' is not the one that follows"),
        ([OWN_DRAW | {"beacon": "00" * 32}], "'seed' is not the one that follows"),
        ([OWN_DRAW | {"beacon": "00" * 31}], "'beacon' must hold 32 to 64 bytes"),
        ([OWN_DRAW | {"beacon": ""}], "'beacon' must hold 32 to 64 bytes"),
        ([OWN_DRAW | {"commitments": ["0a" * 32, "b0" * 32]}], "unknown field 'commitments'"),
        ([CHALLENGE_DRAW | {"kind": "own"}], "'seed' is not the one|unknown field 'commitments'"),
        ([CHALLENGE_DRAW | {"commitments": CHALLENGE_DRAW["commitments"][::-1]}], "ascending order"),
        ([CHALLENGE_DRAW | {"commitments": ["0a" * 32, "b0" * 32]}], "does not name the commitment"),
        ([COMMON_DRAW | {"kind": "fresh"}], "'kind' must be common, own, challenge or custom"),
        ([COMMON_DRAW | {"kind": None}], "'kind' must be a string"),
        ({"0": COMMON_DRAW}, "must be a list"),
        ([[COMMON_DRAW]], "must be a JSON object|must hold objects"),
    ],
)
def test_other_lists_of_draws_are_refused(drawn: object, words: str) -> None:
    with pytest.raises(MalformedBundleError, match=words):
        bundle.parse(encoded(changed(("statement", "draws"), drawn)))


@pytest.mark.parametrize("drawn", [("own",), ("common",)], ids=lambda kinds: kinds[0])
def test_a_draw_taken_out_does_not_verify(drawn: tuple[str, ...]) -> None:
    left = [draw for draw in document()["statement"]["draws"] if draw["kind"] in drawn]
    parsed = bundle.parse(encoded(changed(("statement", "draws"), left)))
    assert check(parsed, TOY_POLICY).code == "proof-rejected"


@pytest.mark.parametrize(
    "context",
    [
        {},
        None,
        [],
        {"owner": ""},
        {"owner": "name:Alice", "more": 1},
        {"owner": "x" * 601},
        {"owner": "name:\ud800"},
        {"audience": "\udfff"},
        {"audience": ""},
        {"audience": 1},
        {"nonce": ""},
        {"nonce": "0"},
        {"nonce": "AB" * 16},
        {"nonce": None},
    ],
    ids=str,
)
def test_contexts_are_read_strictly(context: object) -> None:
    with pytest.raises(MalformedBundleError, match=r"context|nonce|owner|audience"):
        bundle.parse(encoded(changed(("statement", "context"), context)))
    assert not Draft202012Validator(SCHEMA).is_valid(changed(("statement", "context"), context))


@pytest.mark.parametrize("verifier", ["rust", "python"])
@pytest.mark.parametrize(
    "context",
    [
        {"owner": "Alice"},
        {"owner": "name: Alice"},
        {"owner": "name:Alicé"},
        {"owner": "name:" + "x" * 201},
        {"owner": "ed25519:" + "AB" * 32},
        {"owner": "http://a b"},
        {"owner": "https://a b c"},
        {"audience": "a "},
        {"audience": "\n"},
        {"audience": "x" * 201},
        {"nonce": "ab" * 15},
        {"nonce": "ab" * 65},
    ],
    ids=str,
)
def test_contexts_outside_of_the_grammar_are_malformed(context: dict[str, str], verifier: Any) -> None:
    """The file is read, and both verifiers refuse its form; never is such a name shown as verified."""
    parsed = bundle.parse(encoded(changed(("statement", "context"), context)))
    with pytest.raises(MalformedBundleError):
        check(parsed, TOY_POLICY, verifier)
    assert not Draft202012Validator(SCHEMA).is_valid(changed(("statement", "context"), context))


def test_digest_covers_statement_proof_and_image_alone() -> None:
    one = toy()
    renamed = replace(one, claims=replace(CLAIMS, model_name="other"))
    assert renamed.digest == one.digest
    assert renamed.file_digest != one.file_digest
    assert replace(one, proof=one.proof + b"\0").digest != one.digest
    (outputs,) = one.statement.outputs
    outputs = replace(outputs, vector_scales=(outputs.vector_scales[0] + 1,))
    assert replace(one, statement=replace(one.statement, outputs=(outputs,))).digest != one.digest
    assert replace(one, statement=replace(one.statement, context=Context("name:Mallory"))).digest != one.digest
    image = robust().image
    assert image is not None
    assert replace(robust(), image=replace(image, png=image.png + b"\0")).digest != robust().digest
    assert replace(robust(), image=None).digest != robust().digest


def other_value(value: Any) -> list[Any]:
    """Values of the same type, near the one that stands there."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1, -value]
    if isinstance(value, str):
        swapped = {"A": "B", "a": "b", "0": "1"}
        return [
            value + "0",
            value[:-1],
            value[:-1] + swapped.get(value[-1], value[-1].swapcase() + "x"),
            value.upper(),
            "",
        ]
    return [value[:-1], value[::-1], [*value, value[-1]] if value else [0], []]


@pytest.mark.parametrize("path", [path for path, _ in leaves(document()["statement"], ("statement",))], ids=str)
def test_nothing_under_statement_can_be_changed(path: Path_) -> None:
    before = at(document(), path)
    for value in other_value(before):
        if value == before:
            continue
        try:
            report = check(bundle.parse(encoded(changed(path, value))), TOY_POLICY)
        except (MalformedBundleError, UnsupportedVersionError):
            continue
        assert not report.ok, value


@pytest.mark.parametrize("path", [path for path, _ in leaves(document())], ids=str)
def test_wrong_types_are_refused_by_parser_and_schema(path: Path_) -> None:
    validator = Draft202012Validator(SCHEMA)
    for value in (None, True, 0.5, 10**30, [], {}, [[]], [None]):
        wrong = changed(path, value)
        if value == at(document(), path):
            continue
        with pytest.raises((MalformedBundleError, UnsupportedVersionError)):
            bundle.parse(encoded(wrong))
        # how long these lists must be is not in the schema, because profile and layers decide it
        assert (value in ([], [[]]) and set(path) & OUTPUTS) or not validator.is_valid(wrong), value


@pytest.mark.parametrize("path", [path for path, _ in objects(document())], ids=str)
def test_missing_and_unknown_fields_are_named(path: Path_) -> None:
    validator = Draft202012Validator(SCHEMA)
    for key in at(document(), path):
        if path in (("claims", "files"), ("statement", "context")) or key in ("context", "beacon"):
            continue  # these may be left out
        if key == "rows":
            continue  # without it the commitment is named by its id, beside which nothing may stand
        wrong = document()
        del at(wrong, path)[key]
        with pytest.raises(MalformedBundleError, match=f"'{key}'"):
            bundle.parse(encoded(wrong))
        assert not validator.is_valid(wrong)
    wrong = document()
    at(wrong, path)["surplus"] = "x"
    with pytest.raises(MalformedBundleError, match="'surplus'"):
        bundle.parse(encoded(wrong))
    assert not validator.is_valid(wrong)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("mediaType",), "application/vnd.huref.bundle.v1+json"),
        (("statement", "version"), 1),
        (("statement", "protocol"), "huref/fingerprint/v1"),
        (("statement", "commitment", "profile"), "robust-3"),
    ],
)
def test_versions_must_agree(path: Path_, value: object) -> None:
    with pytest.raises(UnsupportedVersionError):
        bundle.parse(encoded(changed(path, value)))


def duplicate(key: str) -> bytes:
    """The toy bundle with one field twice, the second one as an honest parser would take it."""
    text = bundle.dump(whole()).decode()
    assert f'"{key}":' in text
    return text.replace(f'"{key}":', f'"{key}":null,"{key}":', 1).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" " * (8 << 20),
        b"\xef\xbb\xbf" + bundle.dump(toy()),
        bundle.dump(toy()).decode().encode("utf-16"),
        bundle.dump(toy())[:-3],
        bundle.dump(toy()) + b"{}",
        bundle.dump(toy()) * 2,
        b"not json",
        b"null",
        b"[]",
        b'"x"',
        b"{}",
        b"[" * 10**6,
        b'{"a":' * 10**6,
        b"[" * 200 + b"]" * 200,
        b"[" + b"0," * (2 << 20) + b"0]",
        b"{" + b",".join(b'"%d":0' % i for i in range(1 << 18)) + b',"0":0}',
        b"1" * 10**6,
        b'{"mediaType": ' + b"9" * 5000 + b"}",
        b'{"mediaType": NaN}',
        b'{"mediaType": -Infinity}',
        b'{"mediaType": 1.0}',
        b'{"mediaType": 1e2}',
        b'{"mediaType": "\xff"}',
        b'{"mediaType": "\xed\xa0\x80"}',
        b"\0" * 100,
        *map(
            duplicate,
            (
                "mediaType",
                "proof",
                "version",
                "hidden",
                "draws",
                "kind",
                "vectors",
                "seed",
                "owner",
                "rows",
                "files",
                "config.json",
            ),
        ),
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedBundleError):
        bundle.parse(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("claims", "modelName"), "a\x1b[31m"),
        (("claims", "modelName"), "a\u202eb"),
        (("claims", "modelName"), "\ud800"),
        (("claims", "modelName"), "x" * 201),
        (("claims", "modelName"), ""),
        (("claims", "provedAt"), "2026-02-30T00:00:00Z"),
        (("claims", "provedAt"), "2026-01-01T00:00:00+00:00"),
        (("claims", "provedAt"), "٢٠٢٦-01-01T00:00:00Z"),
        (("claims", "files"), {"../x": "ab" * 32}),
        (("claims", "files"), {"..": "ab" * 32}),
        (("claims", "files"), {"C:x": "ab" * 32}),
        (("claims", "files"), {"a\\b": "ab" * 32}),
        (("claims", "files"), {"a": "AB" * 32}),
        (("claims", "files"), {"a": "ab" * 31}),
        (("claims", "files"), {str(i): "ab" * 32 for i in range(1025)}),
        (("proof",), "AA"),
        (("proof",), "AA=="[::-1]),
        (("proof",), "AB=="),
        (("proof",), "AA==\n"),
        (("proof",), "_-__"),
        (("image",), {"png": "", "rgbSha256": "ab" * 32, "renderer": "x"}),
        (("image",), {"png": "", "rgbSha256": "ab" * 32, "renderer": "x", "generatorSha256": "ab" * 32}),
        (("attestations",), [{}]),
        (("statement", "commitment", "tokens", "list", 0), "7A"),
        (("statement", "commitment", "tokens", "list", 0), "7 a"),
        (("statement", "commitment", "tokens", "list", 0), "7"),
        (("statement", "commitment", "shape", "hidden"), 65537),
        (("statement", "commitment", "shape", "hidden"), 65536),  # wider than a commitment row of the profile
        (("statement", "commitment", "shape", "layers"), []),
    ],
    ids=str,
)
def test_values_out_of_bounds_are_refused(path: Path_, value: object) -> None:
    with pytest.raises(MalformedBundleError):
        bundle.parse(encoded(changed(path, value)))


def test_claims_may_be_in_any_language() -> None:
    named = replace(toy(), claims=replace(CLAIMS, model_name="größer 模型", files={"模型.safetensors": "ab" * 32}))
    assert bundle.parse(bundle.dump(named)) == named


def test_messages_quote_strangers_briefly() -> None:
    with pytest.raises(MalformedBundleError) as caught:
        bundle.parse(
            b'{"mediaType":"application/vnd.huref.bundle.v2+json","\\u001b' + b"x" * 10**6 + b'":1,"\\u001bxy":2}'
        )
    assert len(str(caught.value)) < 200
    with pytest.raises(MalformedBundleError) as unknown:
        bundle.parse(encoded(changed(("mediaType",), "\x1b" * 10**6)))
    assert len(str(unknown.value)) < 400
    assert str(unknown.value).isprintable()


def test_dump_refuses_what_cannot_be_read() -> None:
    for wrong in (
        replace(toy(), claims=replace(CLAIMS, files={"/home/me/model.safetensors": "ab" * 32})),
        replace(toy(), image=robust().image),
    ):
        with pytest.raises(MalformedBundleError):
            bundle.dump(wrong)


def test_too_large() -> None:
    data = bundle.dump(toy())
    assert bundle.parse(data, max_bytes=len(data)) == toy()
    with pytest.raises(BundleTooLargeError):
        bundle.parse(data, max_bytes=len(data) - 1)


class Endless(io.RawIOBase):
    """A stream that never ends and counts what is taken from it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0
        self.taken += size
        return b" " * size


def test_no_more_is_read_than_needed(tmp_path: Path) -> None:
    stream = Endless()
    with pytest.raises(BundleTooLargeError):
        bundle.load(stream, max_bytes=1 << 16)  # type: ignore[arg-type]
    assert stream.taken == (1 << 16) + 1
    spaces = tmp_path / "spaces"
    with spaces.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(BundleTooLargeError):
        bundle.load(spaces)


def test_load(tmp_path: Path) -> None:
    path = tmp_path / "x.huref.json"
    with pytest.raises(NotFoundError):
        bundle.load(path)
    with pytest.raises(InputError):
        bundle.load(tmp_path)
    path.write_bytes(bundle.dump(toy()))
    assert bundle.load(path) == toy()
    assert bundle.load(io.BytesIO(bundle.dump(toy()))) == toy()
    path.write_bytes(b"")
    with pytest.raises(HurefError, match="empty"):
        bundle.load(path)
