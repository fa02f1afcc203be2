"""The page's verifier on mutated statements, proofs and bundle files: the verdict of the others, at the same check.

python -m tests.fuzz.browser --count 10000 --seed 1
"""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from functools import cache

from huref.artefacts import bundle as bundle_files
from huref.artefacts import nearness, proved
from huref.artefacts.bundle import Bundle
from huref.artefacts.commitment import Commitment
from huref.artefacts.context import Context
from huref.artefacts.draw import Draw
from huref.artefacts.nearness import Answer, NearBundle, Nearness
from huref.artefacts.outputs import Outputs
from huref.artefacts.policy import Policy
from huref.artefacts.shape import Shape
from huref.artefacts.statement import Statement
from huref.errors import TABLE, Exit, HurefError, InputError
from huref.verifier import near, reference
from huref.verifier.check import check
from tests.browser.node import Node
from tests.browser.vectors import asked
from tests.conformance.vectors import Vector, load
from tests.fuzz.campaign import run
from tests.fuzz.differential import BASE_CASES, agree
from tests.fuzz.differential import KINDS as STATEMENTS
from tests.fuzz.mutate import mutated
from tests.support import bundles, tampering

VERDICTS = {Exit.OK: "Verified", Exit.REJECTED: "Refused"}


def statement(node: Node, seed: int, index: int, cases: list[Vector] = BASE_CASES) -> str:
    """The check by which all three refuse a changed statement or proof; AssertionError if they differ."""
    case = mutated(seed, index, cases)
    expected = agree(case)
    found = node.ask("check", **asked(case))
    assert found == (None if expected == "unchanged" else expected), f"statement: {expected}, the page {found}"
    return expected


def bundle(node: Node, seed: int, index: int) -> str:
    """Code and check of both for a changed file; AssertionError if they differ."""
    data = changed(random.Random(f"bundle {seed}/{index}"))
    found = node.ask("verify", bundle=base64.b64encode(data).decode(), policy=bundles.TOY_POLICY.to_json())
    expected = verdict(data)
    assert (found["verdict"], found["code"], found["check"]) == expected, f"bundle: {expected}, the page {found}"
    return f"bundle: {expected[1]} {expected[2]}".strip()


def verdict(data: bytes, policy: Policy = bundles.TOY_POLICY) -> tuple[str, str, str]:
    """Verdict, code and check of `huref verify`, in the page's words, which has one for all files that are none."""
    try:
        read = proved.parse(data, max_bytes=policy.max_bundle_bytes)
        report = near.check(read, policy) if isinstance(read, NearBundle) else check(read, policy)
    except HurefError as why:
        code, name = "malformed-bundle" if isinstance(why, InputError) else why.code, ""
    else:
        code, name = report.code, "" if report.failure is None else report.failure.check
    return VERDICTS.get(TABLE[code].exit if code in TABLE else Exit.OK, "Not verified"), code, name


#: Vectors that are bundles to start from, one of each kind.
KINDS = ("common", "own-three-layers", "own-beacon", "both-beacon", "challenge", "context-identity", "custom")
NEAR = ("near-rounded", "near-below", "near-at-least")


@cache
def files() -> tuple[bytes, ...]:
    """The same bytes every time, because vectors are; the last bundle names its commitment by its id alone."""
    vectors = {vector.name: vector for vector in load("valid")}
    made = [bundle_of(vectors[name]) for name in KINDS]
    bundles_ = map(bundle_files.dump, (*made, replace(made[0], by_reference=True)))
    return *bundles_, *(nearness.dump(near_file(vectors[name])) for name in NEAR)


def bundle_of(vector: Vector) -> Bundle:
    """A valid vector as a bundle."""
    given = vector.statement()
    assert isinstance(given, reference.Statement)
    shape = Shape(**{name: getattr(given.shape, name) for name in Shape.__dataclass_fields__})
    statement = Statement(
        Commitment(given.profile, shape, given.commitment),
        tuple(map(_draw, given.draws)),
        tuple(Outputs.of((found.z, found.e, found.a, found.c)) for found in given.outputs),
        Context(given.context.owner, given.context.audience, given.context.nonce),
    )
    return Bundle(statement, bundles.CLAIMS, vector.proof, image=None)


def _draw(draw: reference.Draw) -> Draw:
    if draw.kind == "custom":
        return Draw.custom(draw.network)
    return Draw(draw.kind, draw.beacon, draw.other)  # type: ignore[arg-type]  # one of three


def near_file(vector: Vector) -> NearBundle:
    """A valid vector of nearness as a file."""
    given = vector.statement()
    assert isinstance(given, reference.Nearness)
    shape = Shape(**{name: getattr(given.shape, name) for name in Shape.__dataclass_fields__})
    (draw,), said, context = given.draws, given.answer, given.context
    statement = Nearness(
        given.profile,
        shape,
        given.commitment,
        _draw(draw),
        given.theirs,
        Answer(said.kind, said.cosines, said.pair),  # type: ignore[arg-type]  # one of three
        Context(context.owner, context.audience, context.nonce),
    )
    return NearBundle(statement, replace(bundles.CLAIMS, files={}, their_bundle="ab" * 32), vector.proof)


def changed(rng: random.Random) -> bytes:
    """A bundle with bytes, a field, or the proof changed."""
    data, kind = rng.choice(files()), rng.randrange(4)
    if kind == 0:
        return text(rng, data)
    document = json.loads(data)
    if kind == 1:
        fields = [path for path in tampering.fields(document) if path != ("image",)]
        edit = rng.choice((tampering.changed, tampering.removed))
        document = edit(document, rng.choice(fields))
    elif kind == 2:
        proof = bytearray(base64.b64decode(document["proof"]))
        proof[rng.randrange(len(proof))] ^= 1 << rng.randrange(8)
        document["proof"] = base64.b64encode(proof).decode()
    else:
        path = rng.choice([path for path in tampering.fields(document) if isinstance(path[-1], str)])
        holder = document
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = rng.choice((None, True, 0, -1, 2**32, "", "é", [], {}, [None], 10**15))
    return json.dumps(document, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def text(rng: random.Random, data: bytes) -> bytes:
    """One to three changes of the bytes of a file, in places that are not all inside of the proof."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        top = rng.choice((300, 3000, len(data)))
        at, length = rng.randrange(min(top, len(data))), rng.choice((1, 1, 2, 8, 40))
        new = rng.choice((b"", rng.randbytes(length), data[at : at + length] * 2, rng.choice(PIECES)))
        data = data[:at] + new + data[at + length * rng.randrange(2) :]
    return data


PIECES = (b" ", b"\n", b",", b'"', b"\\", b"\\u0041", b"\\ud800", b"{", b"}", b"[", b"]", b":", b"-0", b"0", b"1e3",
          b"1.0", b"null", b"true", b"\xef\xbb\xbf", b"\xff", b"=", b"==", b"99999999999999999")  # fmt: skip


def main() -> None:
    """Runs cases of all kinds."""
    with Node() as node:

        def answers(seed: int, index: int) -> list[str]:
            return [*(statement(node, seed, index, cases) for cases in STATEMENTS), bundle(node, seed, index)]

        run(__doc__, "all verifiers agree", answers)


if __name__ == "__main__":
    main()
