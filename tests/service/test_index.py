"""The index of a search finds what a comparison with every vector finds: in files, and in PostgreSQL by pgvector."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from huref.errors import StoreError, TimeLimitError
from huref.serve.common import Common
from huref.serve.index import MOST, Index, Near
from huref.serve.index.files import Files
from huref.serve.index.pgvector import Columns
from huref.serve.pool import Pool
from huref.serve.settings import Settings
from huref.serve.store.database import Database, beside, migrate
from huref.serve.store.vectors import Vectors
from huref.similarity.vectors import cosines
from tests.support import postgres

GROUP, OTHER = ("robust-2", "ab" * 32), ("robust-2", "cd" * 32)
Rows = NDArray[np.int32]


@dataclass
class World:
    """A table of vectors and what scans it; `kept`: all bundles of a group by the numbers of their rows."""

    vectors: Vectors
    make: Callable[[Pool], Index]
    kept: dict[int, Rows]

    def add(self, group: tuple[str, str], rows: Rows) -> None:
        name = hashlib.sha256(rows.tobytes()).hexdigest()
        self.vectors.add(name, Common(*group, tuple(range(len(rows))), rows.astype("<i4").tobytes()))
        found = self.vectors.get(name)
        assert found is not None
        if group == GROUP:
            self.kept[found.number] = rows

    def asked(self, *questions: Any) -> list[Any]:
        """What one service answers, in this order; each question is asked of its index."""

        async def ask() -> list[Any]:
            pool = Pool(Settings(workers=1))
            await pool.open()
            try:
                index = self.make(pool)
                return [await question(index) for question in questions]
            finally:
                await pool.close()

        return asyncio.run(ask())

    def reached(self, wanted: Rows, least: float) -> dict[int, float]:
        """Bundles with a cosine of that size, by comparison with every vector."""
        one = tuple(map(tuple, wanted.tolist()))
        found = {n: float(np.abs(cosines(tuple(map(tuple, r.tolist())), one)).max()) for n, r in self.kept.items()}
        return {number: value for number, value in found.items() if value >= least}


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with postgres.server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql", "pgvector"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    address = beside(tmp_path)
    if request.param != "sqlite":
        address = postgres.database(request.getfixturevalue("server"))
    database = Database(address)
    if request.param == "pgvector":
        with database.writing() as connection:
            connection.execute(sa.text("CREATE EXTENSION vector"))
    vectors = Vectors(database)
    with_extension = Columns.is_there(vectors)
    assert with_extension == (request.param == "pgvector")
    made = (
        (lambda _: Columns(vectors, 60)) if with_extension else (lambda pool: Files(tmp_path / "index", vectors, pool))
    )
    yield World(vectors, made, {})
    database.close()


def random_rows(random: np.random.Generator, count: int) -> Rows:
    return np.rint(4096 * random.standard_normal((count, 512))).astype(np.int32)


def near(wanted: Rows, least: float, group: tuple[str, str] = GROUP, *, by_signs: bool = False) -> Any:
    return lambda index: index.near(group, wanted, least, by_signs=by_signs)


def test_the_same_as_a_comparison_with_every_vector(world: World) -> None:
    random = np.random.default_rng(3)
    wanted = random_rows(random, 3)
    for number in range(60):
        rows = random_rows(random, 1 + number % 4)
        cosine = random.uniform(-0.95, 0.95)
        rows[-1] = np.rint(cosine * wanted[number % 3] + np.sqrt(1 - cosine**2) * rows[-1])
        world.add(GROUP, rows)
        world.add(OTHER, random_rows(random, 1))
    levels = (0.25, 0.4, 0.7)
    *answers, alone, size, other, nobody = world.asked(
        *(near(wanted, least) for least in levels),
        near(wanted[:1], 0.5),
        lambda index: index.size(GROUP),
        lambda index: index.size(OTHER),
        near(wanted, 0.3, ("robust-2", "ef" * 32)),
    )
    for least, found in zip((*levels, 0.5), (*answers, alone), strict=True):
        true = world.reached(wanted[:1] if found is alone else wanted, least)
        assert true.keys() <= set(found.best)
        assert found.count == len(found.best) <= len(true) + 3
        values = [true[number] for number in found.best if number in true]
        assert all(before >= after - 0.03 for before, after in pairwise(values))
    assert (size, other) == (sum(map(len, world.kept.values())), 60)
    assert nobody == Near((), 0)


def test_it_follows_the_table_and_a_second_service_goes_on(world: World) -> None:
    random = np.random.default_rng(4)
    rows = [random_rows(random, 2) for _ in range(6)]
    for one in rows[:2]:
        world.add(GROUP, one)

    async def more(index: Index) -> Near:
        for one in rows[2:4]:
            world.add(GROUP, one)
        return await index.near(GROUP, rows[3], 0.9, by_signs=False)

    first, second = world.asked(near(rows[0], 0.9), more)
    assert (len(first.best), len(second.best)) == (1, 1)
    world.add(GROUP, rows[4])
    third, size = world.asked(near(rows[4], 0.9, by_signs=True), lambda index: index.size(GROUP))
    assert (third.count, size) == (1, 10)


def test_many_candidates_are_counted(world: World) -> None:
    random = np.random.default_rng(5)
    one = random_rows(random, 1)
    for number in range(MOST + 5):
        world.add(GROUP, one + np.int32(number % 7) + np.eye(1, 512, number, dtype=np.int32))
    (found,) = world.asked(near(one, 0.9))
    assert (len(found.best), found.count) == (MOST, MOST + 5)


def test_rows_that_are_gone_are_not_found(world: World) -> None:
    """The rows were removed and written again, under other numbers."""
    random = np.random.default_rng(6)
    rows = [random_rows(random, 2) for _ in range(3)]
    for one in rows:
        world.add(GROUP, one)
    assert len(world.asked(near(rows[1], 0.9))[0].best) == 1
    with world.vectors.database.writing() as connection:
        connection.execute(sa.text("DELETE FROM vectors"))
    world.kept.clear()
    for one in rows[::-1]:
        world.add(GROUP, one)
    again, size = world.asked(near(rows[1], 0.9), lambda index: index.size(GROUP))
    assert again.best == tuple(world.reached(rows[1], 0.9))
    assert size == 6


def test_tables_go_also_with_an_index(world: World) -> None:
    world.add(GROUP, random_rows(np.random.default_rng(7), 1))
    world.asked(lambda index: index.size(GROUP))
    migrate(world.vectors.database.engine, "0001")
    names = set(sa.inspect(world.vectors.database.engine).get_table_names())
    assert not names & {"vectors", "lists", "vector_index"}


def test_a_scan_that_takes_too_long_is_ended(world: World) -> None:
    random = np.random.default_rng(8)
    for _ in range(20):
        world.add(GROUP, random_rows(random, 40))
    wanted = random_rows(random, 400)

    async def late(index: Index) -> Near:
        await index.size(GROUP)
        if isinstance(index, Columns):
            index._seconds = 0.001
            return await index.near(GROUP, wanted, 0.9, by_signs=False)
        pool = Pool(Settings(workers=1, seconds=0.001))
        await pool.open()
        try:
            index._pool = pool  # type: ignore[attr-defined]
            return await index.near(GROUP, wanted, 0.9, by_signs=False)
        finally:
            await pool.close()

    with pytest.raises(TimeLimitError):
        world.asked(late)


def test_an_index_that_cannot_be_written(tmp_path: Path) -> None:
    database = Database(beside(tmp_path))
    (tmp_path / "index").write_bytes(b"")
    world = World(Vectors(database), lambda pool: Files(tmp_path / "index", world.vectors, pool), {})
    world.add(GROUP, random_rows(np.random.default_rng(9), 1))
    with pytest.raises(StoreError, match="index"):
        world.asked(lambda index: index.size(GROUP))
    database.close()
