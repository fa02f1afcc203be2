"""Parts of the reference verifier against oracles: py_ecc for the curve, plain sums for everything else."""

import ast
import hashlib
import random
import sys
from pathlib import Path

import pytest
from py_ecc.secp256k1 import secp256k1 as oracle

from huref.verifier import reference
from huref.verifier.reference import poly
from huref.verifier.reference.claims import Bits, Claims
from huref.verifier.reference.commit import generators
from huref.verifier.reference.commit.ipa import coefficients
from huref.verifier.reference.commit.open import RowWeights
from huref.verifier.reference.context import Context
from huref.verifier.reference.curve import P, Point, Q, decode, decode_scalar, encode, on_curve
from huref.verifier.reference.draw import Draw, streams
from huref.verifier.reference.layout import Group, Integers
from huref.verifier.reference.msm import add, msm
from huref.verifier.reference.pads import Form, Ledger, Sent
from huref.verifier.reference.profile import TOY_2
from huref.verifier.reference.statement import Outputs, Shape, Statement
from huref.verifier.reference.ternary import Ternary
from huref.verifier.reference.tokens import sketch_matrices
from huref.verifier.reference.transcript import Transcript
from huref.verifier.reference.wire import statement_bytes

RANDOM = random.Random(5)


def some_points(count: int) -> list[Point]:
    return [oracle.multiply(oracle.G, RANDOM.randrange(1, P)) for _ in range(count)]


def opposite(point: Point) -> Point:
    return (point[0], Q - point[1])


def test_constants() -> None:
    assert (Q, P) == (oracle.P, oracle.N)
    assert on_curve(oracle.G) and decode(encode(oracle.G)) == oracle.G


def test_addition() -> None:
    a, b = some_points(2)
    assert add(a, b) == oracle.add(a, b)
    assert add(a, a) == oracle.multiply(a, 2)
    assert add(a, opposite(a)) is None
    assert add(a, None) == add(None, a) == a


@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_msm(count: int) -> None:
    points = some_points(count)
    points[-1] = points[0]  # equal points fall into one bucket, and so do opposite ones
    if count > 4:
        points[3] = opposite(points[2])
    scalars = [RANDOM.choice([0, 1, P - 1, RANDOM.randrange(P)]) for _ in points]
    scalars[-1] = scalars[0] = RANDOM.randrange(1, P)
    expected = None
    for point, scalar in zip(points, scalars, strict=True):
        expected = add(expected, oracle.multiply(point, scalar) if scalar else None)
    assert msm(points, scalars) == expected
    assert msm(points * 2, scalars + [-x for x in scalars]) is None


@pytest.mark.parametrize(
    "data",
    [
        bytes(33),
        b"\x04" + encode(oracle.G)[1:],
        b"\x02" + Q.to_bytes(32, "big"),
        b"\x02" + (Q + 1).to_bytes(32, "big"),  # names the point of x = 1 a second time
        b"\x02" + (5).to_bytes(32, "big"),  # 5^3 + 7 is no square
    ],
)
def test_other_encodings_are_refused(data: bytes) -> None:
    assert decode(data) is None


def test_scalars() -> None:
    assert decode_scalar((P - 1).to_bytes(32, "big")) == P - 1
    assert decode_scalar(P.to_bytes(32, "big")) is None


def test_challenges_are_frozen() -> None:
    # the same statement, messages and challenges as in rust/circuits/tests/transcript.rs
    shape = Shape(6, 4, 2, 2, 12, layers=(0,), tokens=tuple(b"token-%d" % i for i in range(16)))
    points = generators.generators(9, TOY_2.generators).g[: sum(shape.commitment_rows(TOY_2))]
    scales = {"e": (20, 21, 22), "a": (20_000, 20_001, 20_002), "c": (1 << 32,)}
    outputs = tuple(Outputs(z=tuple(range(first, first + 8)), **scales) for first in (-4, 3))
    context = Context("name:Alice", "court of Utrecht, case 7", bytes(range(16)))
    rows = b"".join(map(encode, points))
    statement = Statement("toy-2", shape, rows, (Draw("common"), Draw("own")), outputs, context)
    transcript = Transcript(TOY_2.protocol, statement_bytes(statement, TOY_2))
    drawn = [transcript.challenge()]
    for message in (b"one", b"two"):
        transcript.absorb(message)
        drawn.append(transcript.challenge())
    assert [f"{challenge:064x}" for challenge in drawn] == [
        "cfe24c33f05dbf313c64dab8ae955cad4af9b1d88035ea4c3a45424a54d4c992",
        "3825c36eef3815f9597129c338939991c6b1e74eead3be7ee329c19aa12e324f",
        "36cd6af146c7918f69e516e900ddea5a401bfae30f4ea68b02263a9821a47216",
    ]


def test_squeezes_continue_and_absorbs_begin_a_stream() -> None:
    tag = b"irtf-cfrg-fiat-shamir/session-id".ljust(168, b"\0") + TOY_2.protocol
    session = hashlib.shake_128(tag).digest(32)
    stream = session.ljust(168, b"\0") + b"ab"
    transcript = Transcript(TOY_2.protocol, b"a")
    transcript.challenge()
    transcript.absorb(b"b")
    out = hashlib.shake_128(stream).digest(128)
    assert transcript.challenge() == int.from_bytes(out[:64], "big") % P
    assert transcript.challenge() == int.from_bytes(out[64:], "big") % P


def test_eq_and_lagrange() -> None:
    point, other = [RANDOM.randrange(P) for _ in range(5)], [RANDOM.randrange(P) for _ in range(5)]
    table = poly.eq_table(point)
    assert sum(table) % P == 1
    assert poly.eq_at(point, other) == poly.dot(table, poly.eq_table(other))
    assert table[0b10110] == poly.eq_at(point, [1, 0, 1, 1, 0])  # the first variable is the most significant bit
    values = [3 + 5 * x - 7 * x**2 + 2 * x**3 for x in range(4)]
    at = RANDOM.randrange(P)
    assert poly.dot(values, poly.lagrange(3, at)) == (3 + 5 * at - 7 * at**2 + 2 * at**3) % P


def test_combine() -> None:
    rows, columns = 11, 23
    codes = [bytes(RANDOM.randrange(4) for _ in range(columns)) for _ in range(rows)]
    weights = [RANDOM.randrange(P) for _ in range(rows)]
    values = (0, 0, 1, -1)
    expected = [sum(w * values[row[j]] for w, row in zip(weights, codes, strict=True)) % P for j in range(columns)]
    assert poly.combine(codes, values, weights) == expected


def test_ternary_entries() -> None:
    rows, columns = 3, 5  # a row does not end with a byte
    stream = hashlib.shake_128((77).to_bytes(32, "big") + b"A").digest(4)
    entries = [(0, 0, 1, -1)[stream[i // 4] >> (2 * (i % 4)) & 3] for i in range(rows * columns)]
    units = [[int(i == k) for i in range(rows)] for k in range(rows)]
    matrix = Ternary(77, b"A", rows, columns)
    assert [x for unit in units for x in matrix.combine(unit)] == [x % P for x in entries]


def test_rows_of_the_sketch_matrices_sum_to_zero() -> None:
    tokens = [b"token-%d" % i for i in range(16)]
    for matrix in sketch_matrices(TOY_2, streams(Draw("own"), TOY_2, bytes(32)), tokens):
        weights = [RANDOM.randrange(P) for _ in range(TOY_2.sketch)]
        assert any(matrix.combine(weights)) and sum(matrix.combine(weights)) % P == 0


def test_product_of_sent_secrets() -> None:
    pads = [RANDOM.randrange(P) for _ in range(2)]
    secrets = [RANDOM.randrange(P) for _ in range(2)]
    ledger = Ledger()
    sent = [Sent((v + s) % P, ledger.next()) for v, s in zip(secrets, pads, strict=True)]
    product: Form = ledger.product(*sent)
    pads.append(pads[0] * pads[1] % P)
    assert (product.constant + product.linear(pads)) % P == secrets[0] * secrets[1] % P
    assert ledger.triples == [(0, 1, 2)]


def test_weights_of_integers_that_run_over_the_end_of_a_row() -> None:
    class Packed:
        hidden = 4

        def slots(self, _: object) -> int:
            return 2

        def commitment_rows(self, _: object) -> list[int]:
            return [1]

    class Instance:
        shape = Packed()

        class profile:  # noqa: N801
            n, y_rows = 8, 1

        class layout:  # noqa: N801
            rows = 4

        committed = 1

    sigma = [RANDOM.randrange(P) for _ in range(3)]
    eq = poly.eq_table(sigma)
    rows = RowWeights(Instance(), Claims(), sigma, eq)  # type: ignore[arg-type]
    group, weights, low = Group(3, 2, 11), [RANDOM.randrange(P), RANDOM.randrange(P)], 2
    rows.add(Bits([Integers(group, weights, low)]), 9)
    flat = [0] * 32
    for i, weight in enumerate(weights):
        for b in range(low, group.width):
            flat[group.start + i * group.width + b] = 9 * weight << (b - low)
    assert rows.bits == [poly.dot(flat[m * 8 : m * 8 + 8], eq) for m in range(4)]


def test_coefficients_of_the_inner_product_argument() -> None:
    x, y = 5, 7
    inverse_x, inverse_y = pow(x, -1, P), pow(y, -1, P)
    products = [inverse_x * inverse_y, inverse_x * y, x * inverse_y, x * y]
    assert coefficients([(x, inverse_x), (y, inverse_y)]) == [product % P for product in products]


def test_a_damaged_cache_of_generators_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    generators.generators.cache_clear()
    expected = generators.generators(9, TOY_2.generators)
    path = generators.cache_file(9)
    assert path is not None
    good = path.read_bytes()
    assert generators.read_cache(path, 9, TOY_2.generators) == [*expected.g, expected.h, expected.u]
    swapped = good[64:128] + good[:64] + good[128:]
    off_curve = good[:63] + bytes([good[63] ^ 1]) + good[64:]
    other_sign = good[:32] + (Q - int.from_bytes(good[32:64], "big")).to_bytes(32, "big") + good[64:]
    for bad in (b"", good[:-64], good + good[:64], swapped, off_curve, other_sign):
        path.write_bytes(bad)
        assert generators.read_cache(path, 9, TOY_2.generators) is None
        generators.generators.cache_clear()
        assert generators.generators(9, TOY_2.generators) == expected
        assert path.read_bytes() == good
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "huref").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    generators.generators.cache_clear()
    assert len(generators.generators(9, TOY_2.generators).g) == 512


def test_it_imports_nothing_but_the_standard_library_and_itself() -> None:
    """But for the one module that reads public models, which needs numpy."""
    folder = Path(reference.__file__).parent
    for file in folder.rglob("*.py"):
        depth = len(file.relative_to(folder).parts)
        # a public model has hundreds of millions of integers
        allowed = sys.stdlib_module_names | ({"numpy"} if file.name == "published.py" else set())
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                assert {alias.name.partition(".")[0] for alias in node.names} <= allowed, file
            if isinstance(node, ast.ImportFrom):
                inside = 0 < node.level <= depth
                assert inside or (node.module or "").partition(".")[0] in allowed, file


def test_no_home_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may run as a user that its own tables do not know."""

    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    generators.generators.cache_clear()
    assert len(generators.generators(9, TOY_2.generators).g) == 512
