"""Trained encoders: inference, their files, and the network of the package."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from huref import cnn
from huref.cnn.network import Convolution, Network
from huref.errors import InputError
from huref.profile import named

RULES = named("robust-2-cnn")
FILE = cnn.FOLDER / "robust-2-cnn.safetensors"


def test_the_network_of_a_profile_is_the_one_that_it_names() -> None:
    network = cnn.network_of(RULES)
    data = FILE.read_bytes()
    assert len(data) < 200_000
    assert network.to_bytes() == data
    assert network.recipe == {"seed": 1, "steps": 1000}


def test_another_file_in_its_place_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = bytearray(FILE.read_bytes())
    data[-1] ^= 1
    (tmp_path / FILE.name).write_bytes(data)
    monkeypatch.setattr(cnn, "FOLDER", tmp_path)
    cnn.network_of.cache_clear()
    with pytest.raises(InputError, match="not the network of profile robust-2-cnn"):
        cnn.network_of(RULES)


def test_the_name_is_of_what_it_computes_and_not_of_its_recipe() -> None:
    network = cnn.network_of(RULES)
    first, *rest = network.convolutions
    assert replace(network, recipe={}).id == network.id == RULES.network
    others = [
        replace(first, weights=first.weights.copy()),
        replace(first, bias=first.bias + np.int32(1)),
        replace(first, stride=2),
        replace(first, shift=first.shift + 1),
    ]
    others[0].weights[0, 0, 0, 0] ^= 1
    ids = {Network((other, *rest), network.recipe).id for other in others}
    assert len(ids) == 4
    assert network.id not in ids


def test_the_file_has_one_name_of_metadata() -> None:
    header = json.loads(FILE.read_bytes()[8:].split(b"\0")[0].split(b"}}")[0] + b"}}")
    assert set(header) == {"__metadata__", *(f"{i}.{part}" for i in range(3) for part in ("weight", "bias"))}


def network(shift: int = 3) -> Network:
    random = np.random.default_rng(4)
    first = random.integers(-127, 128, (4, 3, 8, 8), dtype=np.int8)
    second = random.integers(-127, 128, (2, 4, 4, 4), dtype=np.int8)
    bias = np.array([1, -2, 3, -4], dtype=np.int32)
    return Network((Convolution(first, bias, 8, shift), Convolution(second, bias[:2], 1, 0)), {"seed": 0})


def test_files_are_read_again() -> None:
    made = network()
    data = made.to_bytes()
    read = Network.from_bytes(data, "x")
    assert read.to_bytes() == data
    assert read.bounds() == made.bounds()
    x = np.random.default_rng(5).integers(-4096, 4097, (3, 3, 32, 32))
    assert (read.apply(x) == made.apply(x)).all()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"huref/cnn/v1", b"huref/cnn/v2"),
        (b'"I8"', b'"U8"'),
        (b'\\"shifts\\": [3, 0]', b'\\"shifts\\": [40,0]'),
        (b'\\"strides\\": [8, 1]', b'\\"strides\\": [0, 1]'),
        (b'"0.weight"', b'"0.WEIGHT"'),
        (b'"huref"', b'"HUREF"'),
    ],
)
def test_other_files_are_refused(old: bytes, new: bytes) -> None:
    data = network().to_bytes()
    assert old in data
    with pytest.raises(InputError, match="x: no encoder of this release"):
        Network.from_bytes(data.replace(old, new), "x")
    with pytest.raises(InputError, match="x: no encoder of this release"):
        Network.from_bytes(data[:-1], "x")


def test_bounds_hold_and_are_reached() -> None:
    made = network()
    first = made.convolutions[0]
    # the worst input for one window of the first convolution
    worst = 4096 * np.sign(first.weights.astype(np.int64))
    reached = [int(first.sums(np.tile(w, (1, 1, 4, 4))).max()) for w in worst]
    assert max(reached) + 8 >= made.bounds()[0] >= max(reached)


def test_networks_that_could_overflow_are_refused() -> None:
    heavy = np.full((512, 512, 1, 1), 127, dtype=np.int8)
    bias = np.zeros(512, dtype=np.int32)
    first = Convolution(np.full((512, 3, 1, 1), 127, dtype=np.int8), bias, 1, 0)
    with pytest.raises(ValueError, match=r"could reach 2\^44"):
        Network((first, Convolution(heavy, bias, 1, 0), Convolution(heavy, bias, 1, 0)), {})


def test_facts_that_nest_without_end_break_nothing() -> None:
    data = bytes(save({"0.bias": np.zeros(1, np.int32)}, metadata={"huref": "[" * 100_000}))
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)  # some packages do that
    try:
        with pytest.raises(InputError, match="brackets"):
            Network.from_bytes(data, "x")
    finally:
        sys.setrecursionlimit(before)
