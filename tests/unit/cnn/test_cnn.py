"""Encoder cnn: training, export, its file, and what the shipped one is worth."""

import hashlib
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from huref import cnn
from huref.cnn import synthetic, train
from huref.cnn.measure import CRITICAL, anderson_darling, measure, of_network
from huref.cnn.network import Convolution, Network
from huref.cnn.plot import svg
from huref.errors import InputError


def test_the_shipped_encoder_is_the_one_that_is_named() -> None:
    network = cnn.shipped()
    data = cnn.FILE.read_bytes()
    assert len(data) < 200_000
    assert network.to_bytes() == data
    assert network.recipe == {"seed": 1, "steps": 1000}


def test_another_file_in_its_place_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = bytearray(cnn.FILE.read_bytes())
    data[-1] ^= 1
    changed = tmp_path / "changed"
    changed.write_bytes(data)
    monkeypatch.setattr(cnn, "FILE", changed)
    cnn.shipped.cache_clear()
    with pytest.raises(InputError, match="not the encoder of this release"):
        cnn.shipped()


def test_what_the_shipped_encoder_keeps_and_that_it_is_gaussian() -> None:
    found = measure(of_network(cnn.shipped()), 400)
    for correlation, kept in found.kept.items():
        assert kept == pytest.approx(correlation, abs=0.01)
    assert 0.043 < found.null_width < 0.046
    assert found.rejected < 0.04


def test_anderson_and_darling_tell_gaussians_from_others() -> None:
    random = np.random.default_rng(1)
    gaussian = anderson_darling(5 + 3 * random.standard_normal((300, 2000)))
    assert 0.004 < (gaussian > CRITICAL).mean() < 0.02
    assert 0.035 < (gaussian > 0.752).mean() < 0.065  # the 5 % point of the same table
    assert (anderson_darling(random.random((300, 100))) > CRITICAL).mean() > 0.95
    assert (anderson_darling(random.standard_t(4, (300, 100))) > CRITICAL).mean() > 0.6


def test_copies_are_of_the_same_terms() -> None:
    random = np.random.default_rng(2)
    terms = synthetic.terms(random, 200)
    assert (terms**2).mean((2, 3)) == pytest.approx(1, abs=1e-4)
    copies = synthetic.copies(random, terms, 0.8)
    assert (terms * copies).mean() == pytest.approx(0.8, abs=0.01)
    assert (terms[1:] * copies[:-1]).mean() == pytest.approx(0, abs=0.01)
    assert np.abs(synthetic.integers(terms)).max() <= 1 << 12
    effective = [np.sum(s**2) ** 2 / np.sum(s**4) for s in np.linalg.svd(terms[:, 0], compute_uv=False)]
    assert min(effective) < 4
    assert max(effective) > 11


def test_a_training_that_was_stopped_ends_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "SAVED_EVERY", 2)
    monkeypatch.setattr(train, "BATCH", 8)
    whole, state = train.train(tmp_path / "whole", 5, 7)

    class StoppedError(Exception):
        pass

    def stop(_stage: str, done: int, _total: int) -> None:
        if done == 3:
            raise StoppedError

    path = tmp_path / "checkpoint"
    with pytest.raises(StoppedError):
        train.train(path, 5, 7, stop)
    with pytest.raises(InputError, match="of 5 steps with seed 7"):
        train.train(path, 5, 8)
    begun: list[int] = []
    again, continued = train.train(path, 5, 7, lambda _stage, done, _total: begun.append(done))
    assert begun == [2, 3, 4, 5]
    assert again.to_bytes() == whole.to_bytes()
    assert continued.losses == state.losses
    assert not path.exists()
    other, _ = train.train(path, 5, 8)
    assert other.to_bytes() != whole.to_bytes()


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    path.write_bytes(b"not one")
    with pytest.raises(InputError, match="delete it to begin again"):
        train.train(path, 5, 7)
    assert path.read_bytes() == b"not one"


def test_training_brings_random_kernels_to_keep_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The losses do what they are for: from a start that is not the looks-linear one, copies come closer."""
    monkeypatch.setattr(train, "BATCH", 16)
    state = train.State.new(3)
    for layer in state.encoder[:-1:2]:
        layer.reset_parameters()
    with train.one_core():
        for step in range(40):
            train._step(state, step, 40, np.random.default_rng([3, step]))
    contrast = np.array(state.losses)[:, 0]
    assert contrast[-10:].mean() < 0.9 * contrast[:5].mean()


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


def test_the_plot_is_a_picture_of_all_losses() -> None:
    picture = ElementTree.fromstring(svg([(1.0, 2.0, 0.5 + i / 1000) for i in range(500)]))
    lines = [e.attrib["points"].split() for e in picture.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(line) for line in lines] == [100, 100, 100]
    assert len(svg([(1.0, 2.0, 3.0)])) > 500


def test_the_digest_is_that_of_the_file() -> None:
    assert hashlib.sha256(cnn.FILE.read_bytes()).hexdigest() == cnn.DIGEST
    header = json.loads(cnn.FILE.read_bytes()[8:].split(b"\0")[0].split(b"}}")[0] + b"}}")
    assert set(header) == {"__metadata__", *(f"{i}.{part}" for i in range(3) for part in ("weight", "bias"))}
