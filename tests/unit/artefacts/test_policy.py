"""Policies: defaults, files, digests."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from huref.artefacts.policy import DEFAULT, Policy, read
from huref.errors import InputError, NotFoundError
from tests.support.schemas import schema

ROOT = Path(__file__).parents[3]
PAGE, POLICY_SCHEMA = ROOT / "docs/reference/bundle.md", ROOT / "proofs/schemas/policy.v1.json"


def written(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text, "utf-8")
    return path


def test_default_accepts_the_profile_with_security_alone() -> None:
    assert DEFAULT.profiles == ("robust-2",)
    assert DEFAULT.security_bits >= 120


def test_files(tmp_path: Path) -> None:
    assert read(written(tmp_path, 'name = "default"')) == DEFAULT
    text = """
        name = "mine"
        profiles = ["toy-2", "robust-2"]
        security-bits = 100
        max-bundle-bytes = 1000
        max-image-bytes = 10
        hidden = 512
        tokens = 256
        layers = 4
        side-percent = 40
        own-vectors = true
        owners = ["name:Bob", "name:Alice"]
        audience = "court of Utrecht"
        signers = ["https://issuer.example alice@example.org", "p256:{key}"]
        files = ["model.safetensors", "original/config.json"]
        dated-before = "2026-01-31T12:00:00Z"
        authorities = ["Some TSA (0123456789abcdef)"]
        images = ["stylegan2:{key}", "portrait"]
        thresholds = [128, 64]
        networks = ["{key}"]
    """.replace("{key}", "ab" * 32)
    expected = Policy(
        "mine",
        ("robust-2", "toy-2"),
        100,
        1000,
        10,
        512,
        256,
        4,
        40,
        True,
        ("name:Alice", "name:Bob"),
        "court of Utrecht",
        ("https://issuer.example alice@example.org", "p256:" + "ab" * 32),
        ("model.safetensors", "original/config.json"),
        "2026-01-31T12:00:00Z",
        ("Some TSA (0123456789abcdef)",),
        ("portrait", "stylegan2:" + "ab" * 32),
        (64, 128),
        ("ab" * 32,),
    )
    assert read(written(tmp_path, text)) == expected
    schema("policy").validate(expected.to_json())
    assert set(expected.to_json()) == set(json.loads(POLICY_SCHEMA.read_bytes())["properties"])


def test_the_files_that_the_docs_show(tmp_path: Path) -> None:
    default, more = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert read(written(tmp_path, default)) == DEFAULT
    found = read(written(tmp_path, more.replace("…", "ab" * 32)))
    assert (found.demands_attestation, found.demands_date, len(found.owners)) == (True, True, 1)


def test_what_a_file_names_is_what_reports_show(tmp_path: Path) -> None:
    policy = replace(DEFAULT, own_vectors=True, owners=("name:Alice",))
    shown = policy.to_json()
    assert (shown["own-vectors"], shown["owners"], shown["side-percent"]) == (True, ["name:Alice"], 25)
    assert not {"audience", "signers", "files", "dated-before"} & shown.keys()
    schema("policy").validate(shown)
    text = "\n".join(f"{key} = {json.dumps(value)}" for key, value in shown.items())
    assert read(written(tmp_path, text)) == policy


def test_default_demands_what_a_verdict_needs() -> None:
    """Over few tokens, or few on a side, strangers are alike by chance. Own vectors and names, verifiers ask for."""
    assert (DEFAULT.hidden, DEFAULT.tokens, DEFAULT.layers, DEFAULT.side_percent) == (16, 64, 1024, 25)
    assert (DEFAULT.own_vectors, DEFAULT.owners, DEFAULT.audience) == (False, (), None)
    assert not DEFAULT.demands_attestation
    assert not DEFAULT.demands_date


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        'name = ""',
        'name = "a\\u001b"',
        "name = 1",
        'name = "x"\nprofile = ["robust-2"]',
        'name = "x"\nprofiles = []',
        'name = "x"\nprofiles = "robust-2"',
        'name = "x"\nprofiles = ["robust-9"]',
        'name = "x"\nprofiles = [[]]',
        'name = "x"\nsecurity-bits = true',
        'name = "x"\nsecurity-bits = 120.0',
        'name = "x"\nsecurity-bits = -1',
        'name = "x"\nmax-bundle-bytes = 0',
        'name = "x"\nmax-image-bytes = 99999999',
        'name = "x"\nhidden = 0',
        'name = "x"\ntokens = 0',
        'name = "x"\ntokens = 65537',
        'name = "x"\nlayers = 0',
        'name = "x"\nside-percent = -1',
        'name = "x"\nside-percent = 51',
        'name = "x"\nside_percent = 5',
        'name = "x"\nown-vectors = 1',
        'name = "x"\nown-vectors = "true"',
        'name = "x"\nowner = "name:Alice"',
        'name = "x"\nowners = "name:Alice"',
        'name = "x"\nowners = ["Alice"]',
        'name = "x"\nowners = []',
        'name = "x"\nowners = ["name:Alice", 1]',
        'name = "x"\nowners = ["name:\\u00c4"]',
        'name = "x"\nsigners = ["name:Alice"]',
        'name = "x"\nsigners = ["p256:ab"]',
        'name = "x"\nsigners = []',
        'name = "x"\nfiles = ["../model"]',
        'name = "x"\nfiles = ["/model"]',
        'name = "x"\nfiles = ["a\\\\b"]',
        'name = "x"\nfiles = [""]',
        'name = "x"\nfiles = "model"',
        'name = "x"\ndated-before = "2026-01-31"',
        'name = "x"\ndated-before = "2026-02-30T12:00:00Z"',
        'name = "x"\ndated-before = 2026-01-31T12:00:00Z',
        'name = "x"\nauthorities = ["Some TSA"]',
        'name = "x"\nauthorities = 2',
        'name = "x"\nimages = []',
        'name = "x"\nimages = "portrait"',
        'name = "x"\nimages = ["stylegan2"]',
        'name = "x"\nimages = ["portrait:" ]',
        'name = "x"\naudience = " court"',
        'name = "x"\naudience = 1',
        'name = "x"\nthresholds = [0]',
        'name = "x"\nthresholds = [257]',
        'name = "x"\nthresholds = 64',
        "x = " + "[" * 5000,
    ],
)
def test_bad_files_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"policy\.toml"):
        read(written(tmp_path, text))


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read(tmp_path / "none.toml")
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError):
        read(path)


def test_every_field_changes_the_digest() -> None:
    others = {
        "name": "other",
        "profiles": ("toy-2",),
        "own_vectors": True,
        "owners": ("name:Alice",),
        "audience": "name:Alice",
        "signers": ("p256:" + "ab" * 32,),
        "files": ("config.json",),
        "images": ("portrait",),
        "dated_before": "2026-01-31T12:00:00Z",
        "authorities": ("Some TSA (0123456789abcdef)",),
        "thresholds": (64,),
        "networks": ("ab" * 32,),
        **dict.fromkeys(("security_bits", "max_bundle_bytes", "max_image_bytes"), 1),
        **dict.fromkeys(("hidden", "tokens", "layers", "side_percent"), 1),
    }
    assert set(others) == {field.name for field in fields(Policy)}
    digests = {replace(DEFAULT, **{name: value}).digest for name, value in others.items()}  # type: ignore[arg-type]
    assert len(digests | {DEFAULT.digest}) == len(others) + 1
