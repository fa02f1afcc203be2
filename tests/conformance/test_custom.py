"""Custom draws: networks that belong to no release. Core and reference verifier agree; what such vectors are worth."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huref import _native
from huref.artefacts.shape import Shape
from huref.verifier import reference
from huref.verifier.reference.network import network_of
from huref.verifier.reference.profile import PROFILES
from huref.verifier.reference.security import degrees, security
from huref.verifier.reference.wire import statement_bytes
from tests.conformance.test_reference import ALICE, OWN, native_verdict, proved, tokens, verdict
from tests.support import networks, toys
from tests.support.toys import SHAPE

NETWORKS = {
    "overlapping windows": networks.TOY,
    "windows apart": networks.drawn([(4, 3, 1, 3, 3), (2, 4, 1, 1, 0)]),
    "four convolutions": networks.drawn([(6, 3, 1, 1, 5), (6, 6, 1, 1, 9), (4, 6, 2, 2, 8), (2, 4, 1, 1, 0)]),
    "sums that nothing rounds": networks.drawn([(8, 3, 4, 1, 0), (8, 8, 1, 1, 0)]),
}


def draw(network: bytes) -> reference.Draw:
    return reference.Draw("custom", network=network)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_any_network_is_proved(network: bytes) -> None:
    for draws, layers in (((draw(network), OWN), (0, 1)), ((draw(network),), (0, 1, 5))):
        statement, proof = proved(replace(SHAPE, layers=layers), draws=draws)
        assert verdict(statement, proof) is native_verdict(statement, proof) is None
        first, *others = statement.outputs
        changed = replace(statement, outputs=(replace(first, z=(first.z[0] + 1, *first.z[1:])), *others))
        assert verdict(changed, proof) == native_verdict(changed, proof) == "linear constraints"
        data = statement_bytes(statement, PROFILES["toy-2"])
        assert hashlib.sha256(data).digest() == _native.statement_digest(statement)
        assert b"huref/custom/encoder/cnn" + hashlib.sha256(network).digest() in data


def test_a_network_at_full_size() -> None:
    network = networks.drawn([(8, 3, 4, 4, 12), (8, 8, 1, 1, 0)])
    statement, proof = proved(Shape(64, 2, 1, 16, 80, layers=(4,), tokens=tokens(96)), "robust-2", (draw(network),))
    assert verdict(statement, proof) is native_verdict(statement, proof) is None


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_what_a_network_adds_to_the_error(network: bytes) -> None:
    rules, shape = PROFILES["toy-2"], reference.Shape(**asdict(SHAPE))
    found = network_of(rules, [draw(network)])
    terms = _native.security("toy-2", SHAPE, 2, network)
    assert dict(terms) == pytest.approx(dict(security(rules, degrees(shape, rules, 2, found))))
    assert dict(terms) != dict(_native.security("toy-2", SHAPE, 2))


BASE = proved(Shape(2, 1, 1, 2, 3, layers=(0,), tokens=tokens(8)), draws=(draw(NETWORKS["overlapping windows"]), OWN))


def given_network(network: bytes) -> Sequence[str | None]:
    """What core and reference say of the statement with this network instead."""
    statement, proof = BASE
    changed = replace(statement, draws=(draw(network), OWN))
    return native_verdict(changed, proof), verdict(changed, proof)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(position=st.integers(0, 250), length=st.sampled_from([0, 1, 1, 4, 20]), inserted=st.binary(max_size=24))
def test_any_bytes_have_the_same_verdict(position: int, length: int, inserted: bytes) -> None:
    network = NETWORKS["overlapping windows"]
    changed = network[:position] + inserted + network[position + length :]
    native, pure = given_network(changed)
    assert native == pure
    assert (native is None) == (changed == network)


@pytest.mark.parametrize(
    "network",
    [
        networks.drawn([(16, 3, 1, 1, 0)] * 1),
        networks.drawn([(2, 3, 1, 1, 20), *[(2, 2, 1, 1, 20)] * 8, (8, 2, 4, 1, 0)]),
        networks.drawn([(5000, 3, 1, 1, 20), (8, 5000, 4, 1, 0)]),  # 80,000 hidden sums
        networks.drawn([(1000, 3, 1, 1, 20), (5000, 1000, 1, 4, 20), (8, 5000, 1, 1, 0)]),  # 5 million weights
        networks.drawn([(200, 3, 1, 1, 20), (14, 200, 4, 1, 0)]),  # 14 outputs
        b"",
        b"huref/cnn/v1",
        b"huref/cnn/v1\0",
        b"huref/cnn/v1\2" + b"\xff" * 20,
    ],
    ids=["one", "ten", "sums", "weights", "outputs", "empty", "no count", "none", "no end"],
)
def test_what_is_no_network(network: bytes) -> None:
    assert given_network(network) == ("encoder", "encoder")
    with pytest.raises(ValueError, match=r"network|convolution|come out|computes"):
        _native.check_network("toy-2", network)
    with pytest.raises(ValueError, match=r"network|convolution|come out|computes"):
        _native.encode("toy-2", _native.sketches(toys.quantised().weights), None, network)


def test_a_network_gives_two_models_the_same_vectors() -> None:
    """Why such vectors are no evidence: without weights, a network's outputs are its biases."""
    network = networks.encoded(
        [((2, 3, 1, 1, 9), bytes(6), [1, 2]), ((8, 2, 4, 1, 0), bytes(256), range(0, 720_000, 90_000))]
    )
    found = []
    for seed in (1, 2):
        weights = toys.quantised(seed, SHAPE).weights
        commitment = toys.rows("toy-2", SHAPE, weights, bytes(32))
        numbers, proof = _native.prove(weights, bytes(32), commitment, (draw(network),), ALICE)
        outputs = tuple(reference.Outputs(*map(tuple, of_draw)) for of_draw in numbers)
        shape = reference.Shape(**asdict(SHAPE))
        statement = reference.Statement("toy-2", shape, commitment, (draw(network),), outputs, ALICE)
        assert native_verdict(statement, proof) is None
        found.append(outputs[0].z)
    assert found[0] == found[1]
