"""The files of proofs/vectors (format: proofs/vectors/README.md)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from huref.verifier import reference

FOLDER = Path(__file__).parents[2] / "proofs" / "vectors"


@dataclass(frozen=True)
class Vector:
    """A statement's fields as the file spells them, a proof, and the check that must refuse (`None`: valid)."""

    name: str
    check: str | None
    profile: str
    sizes: dict[str, Any]
    tokens: tuple[bytes, ...]
    commitment: bytes
    draws: list[dict[str, Any]]
    context: dict[str, str]
    proof: bytes
    theirs: list[list[int]] | None = None
    """Of nearness, which has no outputs: vectors of the other side, and the fields of the answer."""
    answer: dict[str, Any] | None = None
    drift: dict[str, Any] | None = None
    """Of drift, which has no draws: public, exponents, partition, limit."""

    def statement(self) -> reference.Statement | reference.Nearness | reference.Drift:
        """The statement as the reference verifier has it; the core reads the same fields."""
        sizes, context = self.sizes, self.context
        numbers = (sizes[key] for key in ("hidden", "heads", "kvHeads", "headDim", "ffn"))
        shape = reference.Shape(*numbers, layers=tuple(sizes["layers"]), tokens=self.tokens)
        drawn = [[bytes.fromhex(draw.get(name, "")) for name in ("beacon", "other", "network")] for draw in self.draws]
        draws = tuple(reference.Draw(draw["kind"], *found) for draw, found in zip(self.draws, drawn, strict=True))
        nonce = bytes.fromhex(context.get("nonce", ""))
        made_for = reference.Context(context.get("owner", ""), context.get("audience", ""), nonce)
        if self.drift is not None:
            theirs, limit = self.drift["public"], self.drift["limit"]
            public = None if theirs is None else tuple(matrix(bytes.fromhex(data), sizes["hidden"]) for data in theirs)
            values = tuple(map(int, limit["values"]))
            bound = values[0] if limit["kind"] == "relative" else values
            factors, partition = tuple(self.drift["exponents"]), self.drift["partition"]
            return reference.Drift(self.profile, shape, self.commitment, public, factors, partition, bound, made_for)
        if self.theirs is not None and self.answer is not None:
            pair = self.answer["pair"]
            said = reference.Answer(self.answer["kind"], tuple(self.answer["cosines"]), pair and tuple(pair))
            theirs = tuple(number for vector in self.theirs for number in vector)
            return reference.Nearness(self.profile, shape, self.commitment, draws, theirs, said, made_for)
        outputs = []
        for draw in self.draws:
            z = tuple(number for vector in draw["vectors"] for number in vector)
            outputs.append(reference.Outputs(z, *(tuple(draw[name]) for name in ("shifts", "scales", "vectorScales"))))
        return reference.Statement(self.profile, shape, self.commitment, draws, tuple(outputs), made_for)


def matrix(data: bytes, columns: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Integers of two bytes, the lower one first; in one dimension if they make no whole rows."""
    flat = np.frombuffer(data, "<i2").astype(np.int16)
    return flat if columns < 1 or len(flat) % columns else flat.reshape(-1, columns)


DRIFT = ("public", "exponents", "partition", "limit")


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def _vector(path: Path) -> Vector:
    file = _read(path)
    statement, proof = file["statement"], file["proof"]
    if "base" in file:
        base = _read(FOLDER / "valid" / f"{file['base']}.json")
        statement, spliced = base["statement"] | statement, bytearray.fromhex(base["proof"])
        for at, remove, insert in proof:
            spliced[at : at + remove] = bytes.fromhex(insert)
        proof = spliced.hex()
    return Vector(
        name=path.stem,
        check=file.get("check"),
        profile=statement["profile"],
        sizes=statement["shape"],
        tokens=tuple(map(bytes.fromhex, statement["tokens"])),
        commitment=bytes.fromhex("".join(statement["commitment"])),
        draws=statement.get("draws", []),
        context=statement.get("context") or {},
        proof=bytes.fromhex(proof),
        theirs=statement.get("theirs"),
        answer={"pair": None} | statement["answer"] if "answer" in statement else None,
        drift={name: statement[name] for name in DRIFT} if "limit" in statement else None,
    )


def load(folder: str) -> list[Vector]:
    """All vectors of `valid` or `invalid`, by name."""
    return [_vector(path) for path in sorted((FOLDER / folder).glob("*.json"))]
