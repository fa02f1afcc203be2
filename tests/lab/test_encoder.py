"""Encoder cnn: training, export, and what the shipped one is worth."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from huref import cnn
from huref.errors import InputError
from huref.profile import named
from lab.encoder import synthetic, train
from lab.encoder.__main__ import main
from lab.encoder.measure import CRITICAL, anderson_darling, measure, of_network
from lab.encoder.plot import svg


def test_what_the_shipped_encoder_keeps_and_that_it_is_gaussian() -> None:
    found = measure(of_network(cnn.network_of(named("robust-2-cnn"))), 400)
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


def test_the_plot_is_a_picture_of_all_losses() -> None:
    picture = ElementTree.fromstring(svg([(1.0, 2.0, 0.5 + i / 1000) for i in range(500)]))
    lines = [e.attrib["points"].split() for e in picture.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(line) for line in lines] == [100, 100, 100]
    assert len(svg([(1.0, 2.0, 3.0)])) > 500


def test_an_encoder_is_trained_and_plotted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.safetensors"
    main([str(path), "--steps", "3", "--seed", "2"])
    assert {p.name for p in tmp_path.iterdir()} == {"mine.safetensors", "mine.svg"}
    assert cnn.Network.from_bytes(path.read_bytes(), "x").recipe == {"steps": 3, "seed": 2}
    assert "0.850 of 0.85" in capsys.readouterr().out
