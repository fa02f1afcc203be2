"""A second implementation of C2SP's log formats reads what this one writes, gives the same bytes, and witnesses it.

`aics-tlog` and `aics-witness` need Python 3.12; where they are not installed these tests say so. They know
Ed25519 only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from huref.registry import checkpoint, keys, note, proof, tree, witnessing
from huref.registry import policy as policies
from huref.registry.blobs import Folder
from huref.registry.checkpoint import Checkpoint
from huref.registry.feed import Feed
from huref.registry.log import Log
from huref.registry.note import Note
from huref.registry.tiles import Tiles
from huref.registry.witness import Witness
from tests.support import http, logs

WHY = "the second implementation is not installed: pip install aics-tlog aics-witness, with Python 3.12 or later"
tlog = pytest.importorskip("aics_tlog", reason=WHY)
theirs = pytest.importorskip("aics_witness", reason=WHY)

SIZES = (1, 2, 3, 255, 256, 257, 511, 700, 1025)
WITNESS = logs.witness(1)
PRIVATE = Ed25519PrivateKey.from_private_bytes(WITNESS.seed)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A log of 1,025 entries that was published at each of these sizes."""
    log = Log(Folder(tmp_path_factory.mktemp("log")), [logs.LOG])
    for size in SIZES:
        log.append(logs.entries(size))
    return log


def read(log: Log) -> Any:
    """Their reader of our files."""
    return tlog.MemoryTileReader({name: log.static(name) for name in log._blobs.names("tile")})


def test_they_accept_our_checkpoint_and_our_keys(grown: Log) -> None:
    key = tlog.parse_vkey(logs.LOG.key.text)
    found = tlog.verify_checkpoint(tlog.parse_note(grown.static("checkpoint")), key, expected_origin=logs.ORIGIN)
    assert (found.ok, found.size, found.root) == (True, 1025, grown.published().root)
    cosigned = grown.note("checkpoint").signed(WITNESS, 1_767_225_600)
    known = [tlog.parse_vkey(WITNESS.key.text)]
    found = tlog.verify_checkpoint(tlog.parse_note(cosigned.data), key, known, quorum=1)
    assert (found.ok, found.timestamps) == (True, {WITNESS.name: 1_767_225_600})


def test_we_accept_their_checkpoint_and_their_keys() -> None:
    head = Checkpoint(logs.ORIGIN, 7, bytes(range(32)))
    log = Ed25519PrivateKey.from_private_bytes(logs.LOG.seed)
    made = tlog.sign_checkpoint(tlog.Checkpoint(head.origin, head.size, head.root), log, head.origin)
    _, line = tlog.sign_cosignature(PRIVATE, WITNESS.name, 1_767_225_600, head.origin, head.size, head.root)
    data = (
        made.text
        + "\n"
        + "".join(
            f"— {one.name} {theirs.protocol.b64_encode(one.key_id + one.signature)}\n"
            for one in (*made.signatures, line)
        )
    )
    found = note.parse(data.encode())
    assert checkpoint.parse(found.text) == head
    for secret, private, kind in ((logs.LOG, log, 1), (WITNESS, PRIVATE, 4)):
        text = tlog.format_vkey(tlog.vkey_from_ed25519(secret.name, private.public_key(), kind))
        assert keys.parse(text) == secret.key
    assert found.times([logs.LOG.key, WITNESS.key]) == {logs.LOG.key: 0, WITNESS.key: 1_767_225_600}
    assert found == Note(head.text).signed(logs.LOG, 1).signed(WITNESS, 1_767_225_600), "the same bytes"


@pytest.mark.parametrize("size", SIZES)
def test_tiles_are_the_same_bytes(size: int) -> None:
    data = [entry.data for entry in logs.entries(size)]
    assert tlog.tiles.materialise_tiles(data) == logs.tiled(data)[0]


def test_they_find_every_tile_and_every_proof(grown: Log) -> None:
    reader, head = read(grown), grown.published()
    tlog.audit_tiles(reader, head.size, head.root)
    for size in SIZES:
        assert tlog.tree_root_from_tiles(reader, size, head.size) == tree.root(size, Tiles(grown.static, 1025).node)
        ours = tree.consistency(size, 1025, Tiles(grown.static, 1025).node)
        assert tlog.consistency_proof_from_tiles(reader, size, 1025) == ours
        path = proof.parse(grown.proof(size - 1)).path
        assert tlog.inclusion_proof_from_tiles(reader, size - 1, 1025) == list(path)
        tlog.verify_leaf_inclusion(grown.entry(size - 1).data, size - 1, 1025, list(path), head.root)


@pytest.fixture
def their_witness(tmp_path: Path) -> Iterator[str]:
    from aics_witness import config, service, store

    kept = store.WitnessStore(tmp_path / "theirs.db", create=True)
    known = config.LogConfig(logs.ORIGIN, (tlog.parse_vkey(logs.LOG.key.text),))
    server = service.make_server(service.Witness(WITNESS.name, PRIVATE, kept, [known]))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.url
    server.shutdown()
    server.server_close()


def test_their_witness_cosigns_our_log(tmp_path: Path, their_witness: str) -> None:
    rules = policies.parse(logs.policy_text([WITNESS], addresses=[their_witness]).encode())
    feed = Feed(rules)
    log = Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=feed)
    for size in (1, 2, 257, 300):
        log.append(logs.entries(size))
        assert feed.answers == {"w0": "cosigned"}
    leaf = tree.leaf(log.entry(299).data)
    found = proof.check(proof.parse(log.proof(299)), [leaf], rules)[1]
    assert (found.witnesses, found.size) == ((WITNESS.name,), 300)
    Log(Folder(tmp_path / "fork"), [logs.LOG], witnesses=feed).append(logs.entries(301, start=7))
    assert "422" in feed.answers["w0"]


def test_our_witness_answers_their_feeder(tmp_path: Path, grown: Log) -> None:
    from aics_witness import feeder

    witness = Witness(tmp_path / "ours.sqlite", [WITNESS], logs.policy())
    reader = read(grown)
    with http.application(witnessing.app(witness)) as address:
        old = 0
        for size in SIZES:
            head = Checkpoint(logs.ORIGIN, size, tlog.tree_root_from_tiles(reader, size, 1025))
            signed = Note(head.text).signed(logs.LOG, 1)
            steps = tlog.consistency_proof_from_tiles(reader, old, size, 1025)
            lines = feeder.submit_checkpoint(address, signed.data, (old, steps), witness_vkey=WITNESS.key.text)
            assert note.lines(lines)[0].name == WITNESS.name
            old = size
        fork = Note(Checkpoint(logs.ORIGIN, 1026, bytes(32)).text).signed(logs.LOG, 1)
        with pytest.raises(feeder.WitnessRejected):
            feeder.submit_checkpoint(address, fork.data, (1025, []), witness_vkey=WITNESS.key.text)
    witness.close()
