"""Policies: defaults, files, digests."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from huref.artefacts.policy import DEFAULT, Policy, read
from huref.errors import InputError, NotFoundError


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
    """
    assert read(written(tmp_path, text)) == Policy("mine", ("robust-2", "toy-2"), 100, 1000, 10)


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
        'name = "x"\nprofiles = ["robust-2"]',
        'name = "x"\nprofiles = [[]]',
        'name = "x"\nsecurity-bits = true',
        'name = "x"\nsecurity-bits = 120.0',
        'name = "x"\nsecurity-bits = -1',
        'name = "x"\nmax-bundle-bytes = 0',
        'name = "x"\nmax-image-bytes = 99999999',
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
    others = {"name": "other", "profiles": ("toy-2",), "security_bits": 0, "max_bundle_bytes": 1, "max_image_bytes": 1}
    assert set(others) == {field.name for field in fields(Policy)}
    digests = {replace(DEFAULT, **{name: value}).digest for name, value in others.items()}  # type: ignore[arg-type]
    assert len(digests | {DEFAULT.digest}) == len(others) + 1
